"""Whatever is wrong on a socket or on the way to one: an error or a close code that says so, and no effect."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from marshmallow import Schema
from tornado.ioloop import IOLoop

from handlers.connection import Kind
from handlers.messages import MESSAGES
from tests.support.fuzz_lesson import SENTENCE, Lesson, assert_no_failures, check, running
from tests.support.fuzz_values import DEEP, NO_OBJECT, wrong_bodies
from tests.support.fuzz_wire import BINARY, CLOSE, PING, TEXT, UPGRADE, RawSocket, Reply, dropped, frame, head

KIB = 1024
CHANNELS = ("", "system/", "board/", "webrtc/")
Values = tuple[Any, ...]
NO_TYPES: Values = (1, None, True, [], {}, "", "x" * 60_000, "__class__", "ping\x00", "PING")
NO_EVENT_TYPES: Values = (None, 1, [], {}, "", "x" * 65, "a\x00b", True)
NO_VERSIONS: Values = ("1", -1, 1.5, True, [], 2**60)
NO_IDS: Values = ("", "x" * 129, [], {}, True)
NO_ELEMENTS: Values = tuple({"id": bad} for bad in (*NO_IDS[2:], None, ""))


@pytest.fixture
def lesson(io_loop: IOLoop, redis_url: str, caplog: pytest.LogCaptureFixture) -> Iterator[Lesson]:
    """A lesson on a server in this process; afterwards, nothing may have been logged as a failure."""
    with running(io_loop, redis_url) as lesson:
        yield lesson
    assert_no_failures(caplog)


NO_MESSAGES: tuple[tuple[str, bytes], ...] = (
    *((repr(text[:20]), frame(TEXT, text)) for text in NO_OBJECT if len(text) < 64 * KIB),
    ("empty", frame(TEXT, b"")),
    ("binary", frame(BINARY, b'{"type": "ping"}')),
    ("deep", frame(TEXT, b'{"type": "ping", "a": ' + b"[" * 64 + b"]" * 64 + b"}")),
)


@pytest.mark.parametrize("channel", CHANNELS)
async def test_messages_that_are_no_objects(channel: str, lesson: Lesson) -> None:
    """What is no JSON object closes the socket with 4400, so that the client's author notices."""
    sockets = [await lesson.socket(channel) for _ in NO_MESSAGES] if channel == "" else []
    for index, (what, data) in enumerate(NO_MESSAGES):
        socket = sockets[index] if sockets else await lesson.socket(channel)  # one closes its siblings, too
        socket.write(data)
        assert await socket.closed_with() == 4400, what
        await socket.drop()


async def test_every_field_of_every_message(lesson: Lesson) -> None:
    """A message of a wrong shape is answered with an error that names it, and the socket stays open."""
    before = await lesson.everything()
    for kind, rows in MESSAGES.items():
        socket = await lesson.socket("" if kind is Kind.FULL else f"{kind}/")
        for message_type, row in rows.items():
            for what, body in _wrong_messages(row.schema):
                socket.say({"type": message_type, **body})
                told = await socket.hear_type("error")
                codes = ("bad_message", "payload_too_large") if kind is Kind.PRESENCE else ("bad_message",)
                assert told["code"] in codes, (what, told)
                assert told["for"] == message_type, (what, told)
                assert SENTENCE.fullmatch(told["message"]), told
        await socket.drop()
    assert _without_presence(await lesson.everything()) == _without_presence(before)


def _wrong_messages(schema: Schema) -> Iterator[tuple[str, Any]]:
    """Messages with one field wrong each; `id` is left alone, and `data` may be anything."""
    wrong: Iterator[tuple[str, Any]] = wrong_bodies(schema, unknown=False)
    return (
        (what, {"id": "m", **body}) for what, body in wrong if not what.startswith(("id ", "data ", "ts "))
    )


def _without_presence(seen: list[Any]) -> Any:
    """Sockets come and go here, and that is seen of their owner."""
    text = json.dumps(seen)
    return re.sub(r'"(connected|reconnecting|disconnected|joining)"', '"there"', text)


UNTYPED: tuple[dict[str, Any], ...] = (
    *({"type": wrong} for wrong in NO_TYPES),
    *({"type": not_theirs} for not_theirs in ("welcome", "kicked", "board_update")),
    {},
)


@pytest.mark.parametrize("channel", CHANNELS)
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


NO_DATA: dict[str, tuple[Any, ...]] = {
    "stroke_add": (
        None,
        0,
        "",
        "x",
        [],
        [{}],
        {},
        {"stroke": 1},
        *NO_ELEMENTS,
    ),
    "erase_stroke": (None, 0, "", [], {}, {"strokeId": {}}, {"id": []}),
    "object:update": (None, [], {}, {"objectId": []}, {"id": "o", "changes": 1}),
    "state:full": ({"state": 1}, {"state": {"strokes": {}}}),  # two at once are within the limits
    "webrtc:offer": (None, [], {}, {"targetUserId": []}, {"targetUserId": 1.5}),
}
RIGHT: dict[str, Any] = {"event_type": "stroke_add", "data": {"id": "s"}}
NO_EVENTS: tuple[dict[str, Any], ...] = (
    *({"event_type": kind, "data": bad} for kind, values in NO_DATA.items() for bad in values),
    *({**RIGHT, "event_type": bad} for bad in NO_EVENT_TYPES),
    *({**RIGHT, "version": bad} for bad in NO_VERSIONS),
    *({**RIGHT, "id": bad} for bad in NO_IDS),
)


@pytest.mark.parametrize("channel", ["", "board/"])
async def test_board_events(channel: str, lesson: Lesson) -> None:
    """A board event that cannot be applied is refused, and the board keeps its version."""
    before = await lesson.everything()
    socket = await lesson.socket(channel)
    for event in NO_EVENTS:
        socket.say({"type": "board_event", **event})
        told = await socket.hear_type("error")
        assert told["code"] in ("bad_event", "bad_message"), (event, told)
    await socket.drop()
    assert _without_presence(await lesson.everything()) == _without_presence(before)


async def test_large_messages(lesson: Lesson) -> None:
    """A message over the limit closes with 4413, whatever it is, and however it is cut."""
    large = json.dumps({"type": "ping", "a": "x" * 64 * KIB}).encode()
    huge = json.dumps({"type": "board_event", "event_type": "state:full", "a": "x" * (4 << 20)}).encode()
    for channel in ("", "board/", "system/", "webrtc/"):
        for data in (
            frame(TEXT, large),
            frame(TEXT, large[:9], final=False) + frame(0, large[9:]),
            frame(TEXT, huge),
            frame(TEXT, b"x" * (64 * KIB + 1)),
        ):
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


@pytest.mark.parametrize("channel", CHANNELS)
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
    *(({"since": value}, 400, 4400) for value in ("", "-1", "1.5", "x", "1e3", " 1x", "\u0663", b"\xff")),
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


async def test_clients_that_vanish_in_the_handshake(lesson: Lesson) -> None:
    """Somebody who is gone before their socket was open is not there, and nothing of it stays behind."""
    target = f"/ws/classroom/{lesson.uuid}/?token={lesson.classroom_token}"
    for turns in range(12):
        _, writer = await asyncio.open_connection("127.0.0.1", lesson.port)
        writer.write(head("GET", target, UPGRADE, None))
        for _ in range(turns):
            await asyncio.sleep(0)
        await dropped(writer)
    await lesson.until_nobody_is_connected()
