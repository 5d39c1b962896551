"""Whatever is wrong in a request: a 4xx with a code and a sentence, never a 5xx, and no effect."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator

import pytest
from marshmallow import Schema
from tornado.ioloop import IOLoop

from handlers.rest import Route
from handlers.routes import AREAS
from schemas.bookings import BookingIn
from tests.support.fuzz_lesson import PLATFORM, STRANGER, Lesson, assert_no_failures, check, running
from tests.support.fuzz_values import NO_OBJECT, right_body, wrong_bodies
from tests.support.fuzz_wire import Reply, dropped, head

KIB = 1024
ROUTES = [(area, route) for area, routes in AREAS.items() for route in routes]
POSTS = [(area, route) for area, route in ROUTES if route.method == "POST"]
GETS = [(area, route) for area, route in ROUTES if route.method == "GET"]


def name(case: tuple[str, Route]) -> str:
    """How a route is called in a test's id."""
    return f"{case[1].method} {case[1].path}"


@pytest.fixture
def lesson(io_loop: IOLoop, redis_url: str, caplog: pytest.LogCaptureFixture) -> Iterator[Lesson]:
    """A lesson on a server in this process; afterwards, nothing may have been logged as a failure."""
    with running(io_loop, redis_url) as lesson:
        yield lesson
    assert_no_failures(caplog)


def address(lesson: Lesson, area: str, route: Route) -> str:
    """The route's address in the lesson, with people and versions that are there."""
    known = {"uuid": lesson.uuid, "booking_id": lesson.booking, "user_id": lesson.student, "version": "0"}
    return f"/api/v1/{area}/{route.path.format_map(known)}"


def caller(lesson: Lesson, area: str) -> int | str:
    """Somebody who is allowed everything there."""
    return lesson.host if area == "classroom" else PLATFORM


def schema_of(route: Route) -> tuple[Schema, bool]:
    """What the body of a route must be, and whether unknown fields are wrong in it."""
    return (BookingIn(), False) if route.described_body else (route.body(), True)


@pytest.mark.parametrize("case", POSTS, ids=name)
async def test_every_field_of_every_body(case: tuple[str, Route], lesson: Lesson) -> None:
    """A body with anything wrong in it is refused with the field's name, and nothing has happened."""
    area, route = case
    before, headers = await lesson.everything(), lesson.bearer(caller(lesson, area))
    schema, unknown = schema_of(route)
    for what, body in wrong_bodies(schema, unknown=unknown):
        reply = await lesson.wire.request(
            "POST", address(lesson, area, route), json.dumps(body).encode(), headers
        )
        problem = check(reply, what, 400, 413)
        if problem["code"] == "validation_failed":
            assert all(isinstance(told, list) and told for told in problem["errors"].values()), (
                what,
                problem,
            )
            assert problem["errors"], what
    assert await lesson.everything() == before


@pytest.mark.parametrize("case", POSTS, ids=name)
async def test_bodies_that_are_no_objects(case: tuple[str, Route], lesson: Lesson) -> None:
    """What is no strict JSON object is malformed, everywhere; other kinds of bodies are not understood."""
    area, route = case
    target, headers = address(lesson, area, route), lesson.bearer(caller(lesson, area))
    before = await lesson.everything()
    for body in NO_OBJECT:
        check(await lesson.wire.request("POST", target, body, headers), body[:40], 400)
    for kind in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "json",
    ):
        reply = await lesson.wire.request("POST", target, b'{"a": 1}', {**headers, "Content-Type": kind})
        assert check(reply, kind, 415)["code"] == "unsupported_media_type"
    assert await lesson.everything() == before


@pytest.mark.parametrize("case", [POSTS[0], *[case for case in POSTS if case[1].takes_board]], ids=name)
@pytest.mark.parametrize("factor", [1.001, 1.9, 2.1, 6])
async def test_bodies_that_are_too_large(case: tuple[str, Route], factor: float, lesson: Lesson) -> None:
    """A body over the limit is 413 whether its size is told before or not. The answer reaches the client, who sends all of
    it first, and the connection goes on.
    """
    area, route = case
    target, headers = address(lesson, area, route), lesson.bearer(caller(lesson, area))
    allowed = 4096 * KIB if route.takes_board else 64 * KIB
    body = json.dumps({"a": "x" * int(allowed * factor)}).encode()
    told = lesson.another_wire()
    reply = await told.request("POST", target, body, headers)
    assert check(reply, "length told", 413)
    assert reply.headers.get("connection") != "close"
    pieces = [body[begin : begin + 16 * KIB] for begin in range(0, len(body), 16 * KIB)]
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    begin = head("POST", target, {**headers, "Transfer-Encoding": "chunked"}, None)
    assert check(await lesson.another_wire().raw(begin + chunks + b"0\r\n\r\n"), "chunked", 413)


@pytest.mark.parametrize("size", [100, 200 * KIB, 5_000 * KIB])
async def test_a_body_of_somebody_who_is_refused(size: int, lesson: Lesson) -> None:
    """Who has no good token, or asks in the wrong way, can send all of the body and then reads why: the connection is not
    cut before.
    """
    target = f"/api/v1/classroom/sessions/{lesson.uuid}/autosave/"
    body, known = b"x" * size, lesson.bearer(lesson.host)
    cases: tuple[tuple[str, dict[str, str], int], ...] = (
        ("POST", {}, 401),
        ("POST", {"Authorization": "Bearer forged"}, 401),
        ("PUT", known, 405),
    )
    for method, headers, status in cases:
        begin = head(method, target, {**headers, "Content-Length": str(size)}, None)
        reader, writer = await asyncio.open_connection("127.0.0.1", lesson.port)
        for at in range(0, size, 64 * KIB):
            writer.write(begin + body[at : at + 64 * KIB])
            await writer.drain()
            begin = b""
        assert (await reader.readline()).split()[1] == b"%d" % status
        await dropped(writer)


async def test_event_data_that_is_too_large(lesson: Lesson) -> None:
    """The data of an event has 8 KiB, of which not one byte more is taken."""
    target, headers = f"/api/v1/classroom/sessions/{lesson.uuid}/event/", lesson.bearer(lesson.host)
    for size, status in ((8_192, 201), (8_193, 413)):
        data = {"a": "x" * (size - len('{"a":""}'))}
        body = json.dumps({"event_type": "error", "data": data}).encode()
        assert (await lesson.wire.request("POST", target, body, headers)).status == status


async def test_a_body_that_never_ends(lesson: Lesson) -> None:
    """A body that comes slowly, or stops, holds up nobody else, and leaves nothing behind."""
    target = f"/api/v1/classroom/sessions/{lesson.uuid}/event/"
    before = await lesson.everything()
    begin = head("POST", target, lesson.bearer(lesson.host), 1_000)
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
    target, headers = address(lesson, area, route), lesson.bearer(lesson.host)
    wrong = ["no_such=1", "no_such=1&no_such=2", "%00=1", "a=%ff", "%ff=1", "user_id=8"]
    for field in route.query().load_fields:
        values = ["x" * 200, "%00", "%ff", "9" * 400, "-1", "%20", "1.5", "[]", "a,b", "%F0%9F%98%80"]
        wrong += [f"{field}=1&{field}=1", f"{field}[]=1"]
        wrong += [
            f"{field}={value}"
            for value in values
            if not (field in ("type", "event_type") and len(value) < 20)
        ]
    for query in wrong:
        check(await lesson.wire.request("GET", f"{target}?{query}", headers=headers), query, 400)


BAD_IDS = (
    "x",
    "%00",
    "%ff",
    "..",
    "%2e%2e",
    "%2F",
    "0",
    "-1",
    "9" * 300,
    "x" * 3_000,
    "%F0%9F%98%80",
    "{uuid}",
    "*",
)


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
            known = {
                "uuid": lesson.uuid,
                "booking_id": lesson.booking,
                "user_id": lesson.student,
                "version": "0",
            }
            path = route.path.format_map({**known, wrong: value})
            reply = await lesson.wire.request(
                route.method, f"/api/v1/{area}/{path}", body, lesson.bearer(caller(lesson, area))
            )
            check(reply, (wrong, value[:20]), 404, 400, 405)
    assert await lesson.everything() == before


BAD_HEADERS: tuple[tuple[str, str, int], ...] = (
    *(("Authorization", value, 401) for value in ("x", "Bearer", "Bearer ", "Basic YTpi", "Bearer a b", "Bearer ...")),
    *(("Authorization", value, 401) for value in ("Bearer " + "x" * 20_000, "Bearer \xff", "Bearer eyJ.eyJ.x")),
    ("Idempotency-Key", "", 400),
    ("Idempotency-Key", "k" * 256, 400),
)  # fmt: skip


@pytest.mark.parametrize("header, value, status", BAD_HEADERS, ids=lambda value: str(value)[:24])
async def test_headers(header: str, value: str, status: int, lesson: Lesson) -> None:
    """A header that is wrong is refused like anything else."""
    before = await lesson.everything()
    headers = {**lesson.bearer(lesson.host), header: value}
    target = f"/api/v1/classroom/sessions/{lesson.uuid}/pause/"
    check(await lesson.another_wire().request("POST", target, headers=headers), value[:40], status)
    assert await lesson.everything() == before


async def test_origins(lesson: Lesson) -> None:
    """A page of an origin that is not known gets nothing that its browser would let it read."""
    target = f"/api/v1/classroom/sessions/{lesson.uuid}/"
    for origin in ("http://[::1", "null", "x", "https://evil.example", "//", "http://lesson.test@x", "\xff"):
        for method in ("GET", "OPTIONS", "PUT"):
            reply = await lesson.another_wire().request(
                method, target, headers=lesson.bearer(lesson.host, Origin=origin)
            )
            assert reply.status in (200, 204, 405), (origin, reply)
            assert not [header for header in reply.headers if header.startswith("access-control-")], origin


async def test_request_ids(lesson: Lesson) -> None:
    """A request id that is none is replaced, in the header and in the problem alike."""
    for given in ("a b", "x" * 129, "\xe9", "", "<script>"):
        headers = lesson.bearer(lesson.host, **{"X-Request-ID": given})
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
        reply: Reply | None = await lesson.another_wire().raw(request_bytes)
    except (asyncio.IncompleteReadError, ConnectionError):
        reply = None
    assert reply is None or 400 <= reply.status < 500, reply
    assert await lesson.everything()


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
