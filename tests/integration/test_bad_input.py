"""Whatever comes in that is wrong: a 4xx with a code and a sentence, or a close code, never a 5xx, and no effect."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from marshmallow import Schema
from tornado.ioloop import IOLoop

from handlers.messages import MESSAGES
from handlers.rest import Route
from handlers.routes import AREAS
from schemas.bookings import BookingIn
from schemas.errors import ERRORS
from server import Server
from tests.support.fuzz_lesson import HOST, PLATFORM, STRANGER, Lesson, config_for, started
from tests.support.fuzz_values import DEEP, right_body, wrong_bodies
from tests.support.fuzz_wire import BINARY, CLOSE, PING, TEXT, RawSocket, Reply, dropped, frame, head

KIB = 1024
_SENTENCE = re.compile(r"(?s)[`A-Z].+[.!]")
ROUTES = [(area, route) for area, routes in AREAS.items() for route in routes]
POSTS = [(area, route) for area, route in ROUTES if route.method == "POST"]
GETS = [(area, route) for area, route in ROUTES if route.method == "GET"]
NO_OBJECT = (
    b"{", b"}", b"\xff\xfe", b"\x00", b"nul", b"null", b"true", b"17", b'"text"', b"[]", b'[{"user_id": 8}]',
    b"{} {}", b'{"a": NaN}', b'{"a": Infinity}', b'{"a": -Infinity}', b'{"a": 1e999}', b'{"a": 01}', b"{'a': 1}",
    b'{"a": "\\ud800"}', b'{"a": "\\udc00\\ud800"}', b'{"a": "\xed\xa0\x80"}', b'{"a": 1,}', b'{"a": "\n"}',
    b'\xef\xbb\xbf{"a": 1}', b'{"a":' * 65 + b"1" + b"}" * 65, b"[" * 30_000, b'{"a": ' + b"9" * 60_000,
)  # fmt: skip


def name(case: tuple[str, Route]) -> str:
    """How a route is called in a test's id."""
    return f"{case[1].method} {case[1].path}"


@pytest.fixture
def server(io_loop: IOLoop, redis_url: str) -> Iterator[Server]:
    """A server in this process."""

    async def made() -> Server:
        return Server(config_for(redis_url))

    running = io_loop.run_sync(made)
    yield running
    io_loop.run_sync(running.stop)


@pytest.fixture
def lesson(io_loop: IOLoop, server: Server, caplog: pytest.LogCaptureFixture) -> Iterator[Lesson]:
    """A lesson on it; afterwards, nothing may have been logged as a failure."""

    async def made() -> Lesson:
        return await started(server)

    running = io_loop.run_sync(made)
    yield running
    io_loop.run_sync(running.close)
    told = [record.getMessage() for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")]
    assert not told, told


def address(lesson: Lesson, area: str, route: Route) -> str:
    """The route's address in the lesson, with people and versions that are there."""
    known = {"uuid": lesson.uuid, "booking_id": lesson.booking, "user_id": "8", "version": "0"}
    return f"/api/v1/{area}/{route.path.format_map(known)}"


def caller(area: str) -> int | str:
    """Somebody who is allowed everything there."""
    return HOST if area == "classroom" else PLATFORM


def check(reply: Reply, what: object, *statuses: int) -> dict[str, Any]:
    """Fails unless the reply is a refusal as the contract wants it."""
    assert 400 <= reply.status < 500, (what, reply)
    assert not statuses or reply.status in statuses, (what, reply)
    problem = reply.problem
    assert problem["status"] == reply.status, (what, problem)
    assert ERRORS[problem["code"]].http == reply.status, (what, problem)
    assert _SENTENCE.fullmatch(problem["detail"]), (what, problem)
    assert problem["request_id"] == reply.headers["x-request-id"], (what, problem)
    return problem


def schema_of(route: Route) -> tuple[Schema, bool]:
    """What the body of a route must be, and whether unknown fields are wrong in it."""
    return (BookingIn(), False) if route.described_body else (route.body(), True)


@pytest.mark.parametrize("case", POSTS, ids=name)
async def test_every_field_of_every_body(case: tuple[str, Route], lesson: Lesson) -> None:
    """A body with anything wrong in it is refused with the field's name, and nothing has happened."""
    area, route = case
    before, headers = await lesson.everything(), lesson.bearer(caller(area))
    schema, unknown = schema_of(route)
    for what, body in wrong_bodies(schema, unknown=unknown):
        reply = await lesson.wire.request(
            "POST", address(lesson, area, route), json.dumps(body).encode(), headers
        )
        problem = check(reply, what, 400, 413)
        if problem["code"] == "validation_failed":
            assert all(isinstance(told, list) and told for told in problem["errors"].values()), (what, problem)
            assert problem["errors"], what
    assert await lesson.everything() == before


@pytest.mark.parametrize("case", POSTS, ids=name)
async def test_bodies_that_are_no_objects(case: tuple[str, Route], lesson: Lesson) -> None:
    """What is no strict JSON object is malformed, everywhere; other kinds of bodies are not understood."""
    area, route = case
    target, headers = address(lesson, area, route), lesson.bearer(caller(area))
    before = await lesson.everything()
    for body in NO_OBJECT:
        check(await lesson.wire.request("POST", target, body, headers), body[:40], 400)
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "json"):
        reply = await lesson.wire.request("POST", target, b'{"a": 1}', {**headers, "Content-Type": kind})
        assert check(reply, kind, 415)["code"] == "unsupported_media_type"
    assert await lesson.everything() == before


@pytest.mark.parametrize("case", [POSTS[0], *[case for case in POSTS if case[1].body_bytes > 64 * KIB]], ids=name)
@pytest.mark.parametrize("factor", [1.001, 1.9, 2.1, 6])
async def test_bodies_that_are_too_large(case: tuple[str, Route], factor: float, lesson: Lesson) -> None:
    """A body over the limit is 413 whether its size is told before or not, and the answer reaches the client."""
    area, route = case
    target, headers = address(lesson, area, route), lesson.bearer(caller(area))
    body = json.dumps({"a": "x" * int(route.body_bytes * factor)}).encode()
    assert check(await lesson.another_wire().request("POST", target, body, headers), "length told", 413)
    pieces = [body[begin : begin + 16 * KIB] for begin in range(0, len(body), 16 * KIB)]
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    begin = head("POST", target, {**headers, "Transfer-Encoding": "chunked"}, None)
    assert check(await lesson.another_wire().raw(begin + chunks + b"0\r\n\r\n"), "chunked", 413)


async def test_a_body_that_never_ends(lesson: Lesson) -> None:
    """A body that comes slowly, or stops, holds up nobody else, and leaves nothing behind."""
    target = f"/api/v1/classroom/sessions/{lesson.uuid}/event/"
    before = await lesson.everything()
    begin = head("POST", target, lesson.bearer(HOST), 1_000)
    slow = [await asyncio.open_connection("127.0.0.1", lesson.port) for _ in range(20)]
    for _, writer in slow:
        writer.write(begin + b'{"event_type": "error"')
    assert await lesson.everything() == before
    for _, writer in slow:
        await dropped(writer)
    assert await lesson.everything() == before


@pytest.mark.parametrize("case", GETS, ids=name)
async def test_queries(case: tuple[str, Route], lesson: Lesson) -> None:
    """A parameter that is unknown, given twice or of a wrong value is refused by name."""
    area, route = case
    target, headers = address(lesson, area, route), lesson.bearer(HOST)
    wrong = ["no_such=1", "no_such=1&no_such=2", "%00=1", "a=%ff", "%ff=1", "user_id=8"]
    for field in route.query().load_fields:
        values = ["x" * 200, "%00", "%ff", "9" * 400, "-1", "%20", "1.5", "[]", "a,b", "%F0%9F%98%80"]
        wrong += [f"{field}=1&{field}=1", f"{field}[]=1"]
        wrong += [f"{field}={value}" for value in values if not (field in ("type", "event_type") and len(value) < 20)]
    for query in wrong:
        check(await lesson.wire.request("GET", f"{target}?{query}", headers=headers), query, 400)


BAD_IDS = ("x", "%00", "%ff", "..", "%2e%2e", "%2F", "0", "-1", "9" * 300, "x" * 3_000, "%F0%9F%98%80", "{uuid}", "*")


@pytest.mark.parametrize("case", [case for case in ROUTES if "{" in case[1].path], ids=name)
async def test_ids_in_paths(case: tuple[str, Route], lesson: Lesson) -> None:
    """An id that names nothing is 404, whatever it looks like."""
    area, route = case
    before = await lesson.everything()
    names = re.findall(r"\{(\w+)\}", route.path)
    body = json.dumps(right_body(schema_of(route)[0])).encode() if route.method == "POST" else b""
    for wrong in names:
        for value in BAD_IDS:
            if wrong == "version" and value == "0":
                continue
            known = {"uuid": lesson.uuid, "booking_id": lesson.booking, "user_id": "8", "version": "0"}
            path = route.path.format_map({**known, wrong: value})
            reply = await lesson.wire.request(
                route.method, f"/api/v1/{area}/{path}", body, lesson.bearer(caller(area))
            )
            check(reply, (wrong, value[:20]), 404, 400, 405)
    assert await lesson.everything() == before


BAD_HEADERS: tuple[tuple[str, str, int], ...] = (
    *(("Authorization", value, 401) for value in ("x", "Bearer", "Bearer ", "Basic YTpi", "Bearer a b", "Bearer ...")),
    *(("Authorization", value, 401) for value in ("Bearer " + "x" * 20_000, "Bearer \xff", "Bearer eyJ.eyJ.x")),
    *(("Origin", value, 403) for value in ("http://[::1", "null", "x", "https://evil.example", "//", "http://lesson.test@x")),
    ("Idempotency-Key", "", 400),
    ("Idempotency-Key", "k" * 256, 400),
)  # fmt: skip


@pytest.mark.parametrize("header, value, status", BAD_HEADERS, ids=lambda value: str(value)[:24])
async def test_headers(header: str, value: str, status: int, lesson: Lesson) -> None:
    """A header that is wrong is refused like anything else."""
    before = await lesson.everything()
    headers = {**lesson.bearer(HOST), header: value}
    target = f"/api/v1/classroom/sessions/{lesson.uuid}/pause/"
    check(await lesson.another_wire().request("POST", target, headers=headers), value[:40], status)
    assert await lesson.everything() == before


async def test_request_ids(lesson: Lesson) -> None:
    """A request id that is none is replaced, in the header and in the problem alike."""
    for given in ("a b", "x" * 129, "\xe9", "", "<script>"):
        headers = lesson.bearer(HOST, **{"X-Request-ID": given})
        reply = await lesson.wire.request("GET", "/api/v1/classroom/sessions/my/?x=1", headers=headers)
        assert re.fullmatch(r"[A-Za-z0-9._-]{1,128}", check(reply, given)["request_id"])


RAW_REQUESTS = (
    b"GET\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"\x16\x03\x01\x00\xff\x01\r\n\r\n",
    b"POST /api/v1/classroom/sessions/ HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    b"POST /api/v1/classroom/sessions/ HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 2\r\n\r\n",
    b"POST /api/v1/classroom/sessions/ HTTP/1.1\r\nHost: a\r\nContent-Length: \xb2\r\n\r\n",
    b"POST /api/v1/classroom/sessions/ HTTP/1.1\r\nHost: a\r\nContent-Length: " + b"9" * 30 + b"\r\n\r\n",
    b"POST /api/v1/classroom/sessions/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 20_000 + b"\r\n",
    b"FETCH /api/v1/classroom/sessions/ HTTP/1.1\r\nHost: a\r\n\r\n",
    b"PUT /api/v1/classroom/sessions/ HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}",
    b"GET //api//v1 HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET http://[ HTTP/1.1\r\nHost: a\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
)


@pytest.mark.parametrize("request_bytes", RAW_REQUESTS, ids=lambda value: repr(value[:60]))
async def test_requests_that_are_none(request_bytes: bytes, lesson: Lesson) -> None:
    """What is hardly HTTP is a 4xx or the end of the connection, and the server goes on."""
    try:
        reply = await lesson.another_wire().raw(request_bytes)
    except (asyncio.IncompleteReadError, ConnectionError):
        reply = None
    assert reply is None or 400 <= reply.status < 500, reply
    assert await lesson.everything()


NO_MESSAGES: tuple[tuple[str, bytes], ...] = (
    *((repr(text[:20]), frame(TEXT, text)) for text in NO_OBJECT if len(text) < 64 * KIB),
    ("empty", frame(TEXT, b"")),
    ("binary", frame(BINARY, b'{"type": "ping"}')),
    ("deep", frame(TEXT, b'{"type": "ping", "a": ' + json.dumps([[DEEP, DEEP]] * 3).encode() * 1 + b"}" * 1)),
)


@pytest.mark.parametrize("channel", ["", "system/", "board/", "webrtc/"])
async def test_messages_that_are_no_objects(channel: str, lesson: Lesson) -> None:
    """What is no JSON object closes the socket with 4400, so that the client's author notices."""
    sockets = [await lesson.socket(channel) for _ in NO_MESSAGES] if channel == "" else []
    for index, (what, data) in enumerate(NO_MESSAGES):
        socket = sockets[index] if sockets else await lesson.socket(channel)  # one closes its siblings, too
        if what == "deep":
            data = frame(TEXT, b'{"type": "ping", "a": ' + b"[" * 64 + b"]" * 64 + b"}")
        socket.write(data)
        assert await socket.closed_with() == 4400, what
        await socket.drop()


async def test_every_field_of_every_message(lesson: Lesson) -> None:
    """A message of a wrong shape is answered with an error that names it, and the socket stays open."""
    before = await lesson.everything()
    for kind, rows in MESSAGES.items():
        if kind == "presence":
            continue
        socket = await lesson.socket("" if kind == "full" else f"{kind}/")
        for message_type, row in rows.items():
            for number, (what, body) in enumerate(_wrong_messages(row.schema)):
                socket.say({"type": message_type, "id": f"{number}", **body})
                if message_type == "pointer_move" and len(json.dumps(body)) > 2_000:
                    continue
                told = await socket.hear_type("error")
                assert (told["code"], told["for"]) == ("bad_message", message_type), (what, told)
                assert _SENTENCE.fullmatch(told["message"]), told
        await socket.drop()
    assert _without_presence(await lesson.everything()) == _without_presence(before)


def _wrong_messages(schema: Schema) -> Iterator[tuple[str, Any]]:
    """Messages with one field wrong each; `id` is left alone, and `data` may be anything."""
    checked = type(schema).from_dict(
        {key: field for key, field in schema.load_fields.items() if type(field).__name__ in _TYPED}
    )
    return wrong_bodies(checked(), unknown=False) if checked else iter(())


_TYPED = ("Flag", "Whole", "Text", "Id", "String")


def _without_presence(seen: list[Any]) -> Any:
    """Sockets come and go here, and that is seen of their owner."""
    text = json.dumps(seen)
    return re.sub(r'"(connected|reconnecting|disconnected|joining)"', '"there"', text)


UNTYPED: tuple[Any, ...] = ({}, {"type": 1}, {"type": None}, {"type": []}, {"type": {}}, {"type": ""}, {"type": "x" * 60_000},
    {"type": "__class__"}, {"type": "ping\x00"}, {"type": "welcome"}, {"type": "kicked"}, {"type": "PING"})  # fmt: skip


@pytest.mark.parametrize("channel", ["", "system/", "board/", "webrtc/"])
async def test_unknown_types(channel: str, lesson: Lesson) -> None:
    """An unknown `type`, or none, is an error, and the socket stays open."""
    socket = await lesson.socket(channel)
    for message in UNTYPED:
        for identity in ({}, {"id": 5}, {"id": "a"}, {"id": {"a": [DEEP]}}, {"id": 10**30}):
            socket.say({**message, **identity})
            told = await socket.hear_type("error")
            assert told["code"] in ("unknown_type", "bad_message"), told
            if identity.get("id") in (5, "a"):
                assert told["id"] == identity["id"]
    socket.say({"type": "ping", "id": {"a": [1]}})
    assert (await socket.hear_type("pong"))["type"] == "pong"
    await socket.drop()


BOARD_EVENTS: tuple[Any, ...] = (
    *({"event_type": "stroke_add", "data": data} for data in (None, 0, "", "x", [], [{}], {}, {"stroke": 1}, {"id": None})),
    *({"event_type": "stroke_add", "data": {"id": bad}} for bad in (True, [], {}, "")),
    *({"event_type": "erase_stroke", "data": data} for data in (None, 0, "", [], {}, {"strokeId": {}}, {"id": []})),
    *({"event_type": "object:update", "data": data} for data in (None, [], {}, {"objectId": []}, {"id": "o", "changes": 1})),
    *({"event_type": "state:full", "data": data} for data in (None, [], {"state": 1}, {"state": {"strokes": {}}})),
    *({"event_type": "webrtc:offer", "data": data} for data in (None, [], {}, {"targetUserId": []}, {"targetUserId": 1.5})),
    *({"event_type": kind, "data": {"id": "s"}} for kind in (None, 1, [], {}, "", "x" * 65, "a\x00b", True)),
    *({"event_type": "stroke_add", "data": {"id": "s"}, "version": bad} for bad in ("1", -1, 1.5, True, [], 2**60)),
    *({"event_type": "stroke_add", "data": {"id": "s"}, "id": bad} for bad in ("", "x" * 129, [], {}, True)),
)  # fmt: skip


async def test_board_events(lesson: Lesson) -> None:
    """A board event that cannot be applied is refused, and the board keeps its version."""
    before = await lesson.everything()
    for channel in ("", "board/"):
        socket = await lesson.socket(channel)
        for event in BOARD_EVENTS:
            socket.say({"type": "board_event", **event})
            told = await socket.hear()
            assert told is not None, (event, socket.close_code)
            assert told["type"] == "error", (event, told)
            assert told["code"] in ("bad_event", "bad_message"), (event, told)
        await socket.drop()
    assert _without_presence(await lesson.everything()) == _without_presence(before)


async def test_large_messages(lesson: Lesson) -> None:
    """A message over the limit closes with 4413, whatever it is, and however it is cut."""
    large = json.dumps({"type": "ping", "a": "x" * 64 * KIB}).encode()
    huge = json.dumps({"type": "board_event", "event_type": "state:full", "a": "x" * (4 << 20)}).encode()
    for channel in ("", "board/", "system/", "webrtc/"):
        for data in (frame(TEXT, large), frame(TEXT, large[:9], final=False) + frame(0, large[9:]), frame(TEXT, huge)):
            socket = await lesson.socket(channel)
            socket.write(data)
            assert await socket.closed_with() == 4413, (channel, len(data))
            await socket.drop()


async def test_frames_that_are_none(lesson: Lesson) -> None:
    """Broken frames end the socket that sent them, and nothing else."""
    witness = await lesson.socket()
    for data in (
        frame(TEXT, b"{}", reserved=0x40),
        frame(0x3, b""),
        frame(0xB, b""),
        frame(PING, b"x", final=False),
        frame(PING, b"x" * 126),
        frame(0, b"nothing to continue"),
        frame(TEXT, b"{", final=False) + frame(TEXT, b"}"),
        frame(CLOSE, b"\x03"),
        frame(CLOSE, b"\x03\xe8\xff\xff"),
        frame(CLOSE, b"\xff\xff"),
        b"\x81\xff" + b"\xff" * 8,
        b"GET / HTTP/1.1\r\n\r\n",
    ):
        socket = await lesson.socket()
        socket.write(data)
        assert await socket.closed_with() is not None, data[:20]
        await socket.drop()
    witness.say({"type": "ping"})
    assert (await witness.hear_type("pong"))["type"] == "pong"
    await witness.drop()


BAD_HANDSHAKES: tuple[dict[str, str | None], ...] = (
    {"Upgrade": None}, {"Upgrade": "h2c"}, {"Connection": None}, {"Connection": "close"}, {"Connection": "xupgrade"},
    {"Sec-WebSocket-Key": None}, {"Sec-WebSocket-Key": ""}, {"Sec-WebSocket-Version": None},
    {"Sec-WebSocket-Version": "12"}, {"Sec-WebSocket-Version": "x"},
)  # fmt: skip


@pytest.mark.parametrize("channel", ["", "system/", "board/", "webrtc/"])
async def test_handshakes_that_are_none(channel: str, lesson: Lesson) -> None:
    """A request that is no WebSocket handshake is 400, and nobody has come in by it."""
    before = await lesson.everything()
    for headers in BAD_HANDSHAKES:
        reply = await lesson.open(channel, headers)
        assert isinstance(reply, Reply), headers
        check(reply, headers, 400)
    for origin in ("http://[::1", "null", "https://evil.example"):
        reply = await lesson.open(channel, {"Origin": origin})
        assert isinstance(reply, Reply), origin
        check(reply, origin, 403)
    assert await lesson.everything() == before


QUERIES: tuple[tuple[dict[str, Any], int, int], ...] = (
    *(({"since": value}, 400, 4400) for value in ("", "-1", "1.5", "x", "1e3", "9" * 20, " 1x", "\u0663", b"\xff")),
    *(({"token": value}, 401, 4401) for value in ("", "x", "a.b.c", "x" * 9_000, "eyJhbGciOiJub25lIn0.e30.")),
)


@pytest.mark.parametrize("query, status, code", QUERIES, ids=lambda value: str(value)[:30])
async def test_queries_of_handshakes(query: dict[str, Any], status: int, code: int, lesson: Lesson) -> None:
    """A channel socket is refused over HTTP; the full one with a close code, which a browser can read."""
    before = await lesson.everything()
    for channel in ("system/", "board/", "webrtc/"):
        reply = await lesson.open(channel, None, **query)
        assert isinstance(reply, Reply), channel
        check(reply, query, status)
    socket = await lesson.open("", None, **query)
    assert isinstance(socket, RawSocket), socket
    assert await socket.closed_with() == code
    await socket.drop()
    assert await lesson.everything() == before


async def test_clients_that_vanish_in_the_handshake(lesson: Lesson, server: Server) -> None:
    """Somebody who is gone before their socket was open is not there, and nothing of it stays behind."""
    before = await lesson.everything()
    target = f"/ws/classroom/{lesson.uuid}/?token={lesson.classroom_token}"
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": "x", "Sec-WebSocket-Version": "13"}
    for turns in range(12):
        _, writer = await asyncio.open_connection("127.0.0.1", lesson.port)
        writer.write(head("GET", target, upgrade, None))
        for _ in range(turns):
            await asyncio.sleep(0)
        await dropped(writer)
    await _until(lambda: not server.services.hub.connections and server.services.presence.is_settled)
    uuid = lesson.uuid
    sockets = await server.services.client.command("HLEN", f"lr:{{{uuid}}}:sockets:{HOST}")
    assert sockets == 0
    assert len(before) == len(await lesson.everything())


async def test_strangers_learn_nothing(lesson: Lesson) -> None:
    """Whoever has no access is refused on every path of the lesson, with right bodies and with wrong ones."""
    before = await lesson.everything()
    for area, route in ROUTES:
        if "{" not in route.path:
            continue
        schema, _ = schema_of(route)
        for body in ({}, right_body(schema)) if route.method == "POST" else ({},):
            data = json.dumps(body).encode() if route.method == "POST" else b""
            reply = await lesson.wire.request(
                route.method, address(lesson, area, route), data, lesson.bearer(STRANGER)
            )
            check(reply, route.path, 403, *((400,) if body == {} and schema.load_fields else ()))
    assert await lesson.everything() == before


async def _until(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not reached():
            await asyncio.sleep(0.01)
