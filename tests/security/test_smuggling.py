"""Requests that a proxy and we might cut apart in different places: refused, and the connection ends."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from tornado.ioloop import IOLoop

from tests.support.fuzz_lesson import Lesson, assert_no_failures, running
from tests.support.fuzz_wire import UPGRADE, dropped, head

PATIENCE_SECONDS = 8.0
HIDDEN = b"GET /healthz HTTP/1.1\r\nHost: lesson.test\r\nX-Request-ID: hidden\r\n\r\n"
LENGTH = b"Content-Length: %d\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
NONE = b"0\r\n\r\n"
AMBIGUOUS: tuple[tuple[str, bytes, bytes], ...] = (
    ("length and chunks", LENGTH % (len(NONE) + len(HIDDEN)) + CHUNKED, NONE + HIDDEN),
    ("chunks and length", CHUNKED + LENGTH % 4, b"%x\r\n" % len(HIDDEN) + HIDDEN + b"\r\n" + NONE),
    ("two lengths", LENGTH % 0 + LENGTH % len(HIDDEN), HIDDEN),
    ("two lengths in one", LENGTH.replace(b"%d", b"0, %d") % len(HIDDEN), HIDDEN),
    ("two encodings", CHUNKED + b"Transfer-Encoding: identity\r\n", NONE + HIDDEN),
    ("a blank before the colon", b"Transfer-Encoding : chunked\r\n" + LENGTH % len(HIDDEN), HIDDEN),
    ("a strange blank", b"Transfer-Encoding:\x0bchunked\r\n" + LENGTH % len(HIDDEN), HIDDEN),
    ("an unknown encoding", b"Transfer-Encoding: xchunked\r\n" + LENGTH % len(HIDDEN), HIDDEN),
    ("a folded header", b"Transfer-Encoding:\r\n chunked\r\n" + LENGTH % len(HIDDEN), HIDDEN),
    ("a chunk of minus one", CHUNKED, b"-1\r\n\r\n" + HIDDEN),
    ("a chunk of 0x0", CHUNKED, b"0x0\r\n\r\n" + HIDDEN),
    ("a chunk of 0_0", CHUNKED, b"0_0\r\n\r\n" + HIDDEN),
    ("a huge chunk", CHUNKED, b"f" * 17 + b"\r\n" + HIDDEN),
    ("a signed length", b"Content-Length: +0\r\n", HIDDEN),
    ("a length with a line in it", b"Content-Length: 1_0\r\n", HIDDEN),
    ("a lone CR", b"X: a\r" + LENGTH % len(HIDDEN), HIDDEN),
    ("a NUL", b"Content-Length: 0\x00\r\n", HIDDEN),
    ("two hosts", b"Host: other.test\r\n" + LENGTH % 0, HIDDEN),
)


@pytest.fixture
def lesson(io_loop: IOLoop, redis_url: str, caplog: pytest.LogCaptureFixture) -> Iterator[Lesson]:
    """A lesson on a server in this process; afterwards, nothing may have been logged as a failure."""
    with running(io_loop, redis_url) as lesson:
        yield lesson
    assert_no_failures(caplog)


async def all_of(lesson: Lesson, data: bytes) -> bytes:
    """Everything that is answered until the server ends the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", lesson.port)
    writer.write(data)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        await dropped(writer)


@pytest.mark.parametrize("what, headers, rest", AMBIGUOUS, ids=[what for what, _, _ in AMBIGUOUS])
async def test_ambiguous_requests(what: str, headers: bytes, rest: bytes, lesson: Lesson) -> None:
    """A request whose end is not certain is answered once at most, and never followed by what hides in it."""
    before = await lesson.everything()
    target = f"/api/v1/classroom/sessions/{lesson.uuid}/save/"
    begin = head("POST", target, lesson.bearer(lesson.host), None)[:-2]
    answered = await all_of(lesson, begin + headers + b"\r\n" + rest)
    assert b"hidden" not in answered, answered
    assert answered.count(b"HTTP/1.1 ") <= 1, answered
    assert not answered.startswith(b"HTTP/1.1 2"), answered
    assert await lesson.everything() == before


@pytest.mark.parametrize("channel", ["system/", "presence/"])
async def test_behind_a_refused_handshake(channel: str, lesson: Lesson) -> None:
    """A proxy that takes a refused handshake for a tunnel cannot be used to ask for anything else."""
    path = f"/ws/classroom/{lesson.uuid}/{channel}"
    if channel == "presence/":
        path = f"/ws/classroom/any/session/{lesson.uuid}"
    answered = await all_of(lesson, head("GET", path, UPGRADE, None) + HIDDEN)
    assert answered.startswith(b"HTTP/1.1 401 ")
    assert b"hidden" not in answered


async def test_two_requests_in_one_packet(lesson: Lesson) -> None:
    """Two requests that are clearly two are both answered, so that what is hidden above would be seen."""
    last = HIDDEN.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    answered = await all_of(lesson, head("GET", "/healthz", {}, None) + last)
    assert answered.count(b"HTTP/1.1 200 ") == 2
    assert b"X-Request-Id: hidden" in answered
