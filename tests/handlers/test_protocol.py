"""How messages come in on an open socket: one after the other, and nobody else waits for long."""

from __future__ import annotations

import asyncio
import struct
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application
from tornado.websocket import WebSocketHandler, WebSocketProtocol13

from handlers.heartbeat import Heartbeat
from handlers.line import READ_BYTES
from handlers.protocol import DISCARD_SECONDS, ClassroomProtocol
from tests.support.fuzz_wire import CLOSE, FINAL, MASK, MASKED, PING, TEXT, RawSocket, frame, open_raw

MOST_BYTES = 1 << 20
Take = Callable[[bytes | None], Awaitable[None] | None]


class Handler(WebSocketHandler):
    """A socket whose messages go to a function."""

    def initialize(self, take: Take, gone: Callable[[], None], heartbeat: Heartbeat) -> None:
        """`take` gets each message, `gone` is called at the end."""
        self.take = take
        self.heartbeat = heartbeat
        self.on_close = gone  # type: ignore[method-assign]  # each test has its own

    def get_websocket_protocol(self) -> ClassroomProtocol:
        """Ours."""
        made = super().get_websocket_protocol()
        assert isinstance(made, WebSocketProtocol13)
        return ClassroomProtocol(self, made, MOST_BYTES, self.heartbeat)

    def message_too_large(self) -> None:
        """Nothing more is done here."""

    def writing(self, written: asyncio.Future[None], size: int) -> None:
        """Nothing else is written here."""


@asynccontextmanager
async def socket_to(
    take: Take, gone: Callable[[], None] = lambda: None, heartbeat_seconds: float = 20.0
) -> AsyncIterator[RawSocket]:
    """An open socket, whose messages `take` gets."""
    listener, port = bind_unused_port()
    options = {"take": take, "gone": gone, "heartbeat": Heartbeat(heartbeat_seconds)}
    server = HTTPServer(Application([("/", Handler, options)], log_function=lambda _: None))
    server.add_sockets([listener])
    opened = await open_raw(port, "/")
    assert isinstance(opened, RawSocket)
    try:
        yield opened
    finally:
        await opened.drop()
        server.stop()
        await server.close_all_connections()


async def test_one_after_the_other() -> None:
    """What a client does is done in its order: the next message waits until the one before is through."""
    told: list[bytes | None] = []
    gate, through = asyncio.Event(), asyncio.Event()

    async def take(text: bytes | None) -> None:
        told.append(text)
        if text == b"slow":
            await gate.wait()
        if text == b"last":
            through.set()

    async with socket_to(take) as socket:
        socket.write(frame(TEXT, b"slow") + frame(TEXT, b"next") + frame(2, b"\xff"))
        while not told:  # noqa: ASYNC110 - it is looked at what has come after a turn of the loop
            await asyncio.sleep(0.001)
        socket.write(frame(TEXT, b"last"))
        await asyncio.sleep(0.01)
        assert told == [b"slow"]
        gate.set()
        await through.wait()
    assert told == [b"slow", b"next", None, b"last"]


@pytest.mark.parametrize("size", [0, 125, 126, READ_BYTES, READ_BYTES + 1, 65_536, MOST_BYTES])
async def test_any_size(size: int) -> None:
    """A message of any size that may be arrives whole, and the one behind it too."""
    told: asyncio.Queue[bytes | None] = asyncio.Queue()
    async with socket_to(told.put) as socket:
        whole = frame(TEXT, b"x" * size) + frame(TEXT, b"next")
        for begin in range(0, len(whole), 50_001):
            socket.write(whole[begin : begin + 50_001])
            await asyncio.sleep(0)
        assert await told.get() == b"x" * size
        assert await told.get() == b"next"


async def test_a_quiet_socket_keeps_nothing() -> None:
    """A board that was sent an hour ago does not take memory until the next message."""
    gone = asyncio.Event()

    def take(_: bytes | None) -> None:
        asyncio.get_running_loop().call_later(0.01, gone.set)

    async with socket_to(take) as socket:
        tracemalloc.start()
        try:
            socket.write(frame(TEXT, b"x" * MOST_BYTES))
            await gone.wait()
            kept, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert kept < MOST_BYTES / 4


async def test_others_have_their_turn() -> None:
    """A client that sends thousands of messages at once does not stop the server for everybody else."""
    taken, turns, through = 0, 0, asyncio.Event()

    def take(text: bytes | None) -> None:
        nonlocal taken
        taken += 1
        if text == b"last":
            through.set()

    def turn() -> None:
        nonlocal turns
        if not through.is_set():
            turns += 1
            asyncio.get_running_loop().call_soon(turn)

    async with socket_to(take) as socket:
        socket.write((frame(TEXT, b"") * 900 + frame(PING, b"")) * 5 + frame(TEXT, b"last"))
        turn()
        await through.wait()
    assert taken == 4_501
    assert turns > 4_501 / 65


async def test_gone_meanwhile() -> None:
    """A client that is gone when its message is through leaves nothing behind."""
    gate, begun, gone = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def take(_: bytes | None) -> None:
        begun.set()
        await gate.wait()

    async with socket_to(take, gone.set) as socket:
        socket.write(frame(TEXT, b"1"))
        await begun.wait()
        await socket.drop()
        await asyncio.sleep(0.01)  # until the server's side has seen it
        gate.set()
        await gone.wait()


async def test_who_answers_no_ping() -> None:
    """A client that is silent for too long is told to resume, not that it had left."""
    async with socket_to(lambda _: None, heartbeat_seconds=0.05) as socket:
        assert await socket.closed_with() == 4408


async def test_a_message_that_is_far_too_large() -> None:
    """Who is still sending it when it is refused can send the rest, and reads why: the connection is not cut. It ends as
    soon as they close too.
    """
    async with socket_to(lambda _: None) as socket:
        socket.write(struct.pack("!BBQ", FINAL | TEXT, MASKED | 127, 8 * MOST_BYTES) + MASK)
        assert await socket.closed_with() == 4413
        for _ in range(8 * MOST_BYTES // READ_BYTES):
            socket.write(b"x" * READ_BYTES)
            await socket.drained()
        async with asyncio.timeout(DISCARD_SECONDS / 2):
            socket.write(frame(CLOSE, struct.pack("!H", 4413)))
            assert await socket.hear() is None


async def test_a_failure_ends_the_socket(caplog: pytest.LogCaptureFixture) -> None:
    """Should a message ever fail where nobody expects it, that socket ends, and the log says why."""

    def take(_: bytes | None) -> None:
        raise ArithmeticError("unexpected")

    async with socket_to(take) as socket:
        socket.write(frame(TEXT, b"1"))
        assert await socket.closed_with() == 1006
    assert "ArithmeticError: unexpected" in caplog.text
