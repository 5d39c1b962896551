"""The connection of an open socket, taken out of Tornado's stream: one system call for what arrived, and none to find out
that there is nothing more.

It has what Tornado's WebSocket protocol asks of a stream, and no more.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque

from tornado.ioloop import IOLoop
from tornado.iostream import IOStream, StreamClosedError

READ_BYTES = 8_192
"""What is read at once of small messages, and how much may arrive while one is under way."""
LARGE_READ_BYTES = 262_144


class Line:
    """Reading is for one at a time. What was written is done when the kernel has taken all of it."""

    __slots__ = (
        "_ended",
        "_is_closed",
        "_loop",
        "_out",
        "_paused",
        "_pieces",
        "_size",
        "_waiting",
        "_wanted",
        "io_loop",
        "socket",
    )

    def __init__(self, stream: IOStream) -> None:
        """Takes the connection of a stream on which nothing is under way, with what it has read already."""
        self.io_loop = IOLoop.current()
        self._loop = asyncio.get_running_loop()
        self._out: deque[tuple[memoryview, asyncio.Future[None]]] | None = None
        self._waiting: asyncio.Future[None] | None = None
        self._wanted = 1
        self._pieces: list[bytes] = []
        self._size = 0
        self._paused = self._ended = False
        self._is_closed = True
        self.socket: socket.socket = stream.socket
        self._take_over(stream)

    def closed(self) -> bool:
        """Whether it was closed from here; the other side's end is found by reading."""
        return self._is_closed

    @property
    def unsent(self) -> int:
        """Bytes that were written, and that the kernel has not taken."""
        return sum(len(data) for data, _ in self._out or ())

    async def read(self, at_least: int = 1) -> bytes:
        """What has arrived since the last time, so much at least; StreamClosedError when there will not be so much."""
        if self._size >= at_least:  # somebody sends without a pause; the others want their turn
            await asyncio.sleep(0)
        self._wanted = at_least
        while self._size < at_least:
            if self._ended or self._is_closed:
                self.close()
                raise StreamClosedError
            self._resume()
            self._waiting = self._loop.create_future()
            try:
                await self._waiting
            finally:
                self._waiting = None
        pieces, self._pieces, self._size, self._wanted = self._pieces, [], 0, 1
        self._resume()
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def write(self, data: bytes | memoryview) -> asyncio.Future[None]:
        """Sends it after what was written before; StreamClosedError when it is closed, or will be before that."""
        if self._is_closed:
            raise StreamClosedError
        written: asyncio.Future[None] = self._loop.create_future()
        written.add_done_callback(_look_at)
        if self._out is not None:
            self._out.append((memoryview(data), written))
        else:
            self._out = deque(((memoryview(data), written),))
            self._send()
            if self._out is not None:
                self._loop.add_writer(self.socket, self._send)
        return written

    def close(self) -> None:
        """Ends it; what the kernel has not taken is lost."""
        if self._is_closed:
            return
        self._is_closed = True
        self._loop.remove_reader(self.socket)
        self._loop.remove_writer(self.socket)
        self.socket.close()
        self._wake()
        out, self._out = self._out or (), None
        for _, written in out:
            if not written.done():
                written.set_exception(StreamClosedError())

    def set_nodelay(self, value: bool) -> None:
        """Whether small packets leave at once."""
        if self.socket.family != socket.AF_UNIX:
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, value)

    def _take_over(self, stream: IOStream) -> None:
        early = asyncio.ensure_future(stream.read_bytes(LARGE_READ_BYTES, partial=True))
        if stream.closed() or stream.writing():
            early.add_done_callback(_look_at)
            stream.close()
            return
        if early.done():  # the stream had something
            self._pieces.append(early.result())
            self._size = len(self._pieces[0])
        stream.io_loop.remove_handler(self.socket)
        stream.socket = None  # type: ignore[assignment]  # as Tornado does it where a stream goes over to TLS
        self._is_closed = False
        self._loop.add_reader(self.socket, self._receive)

    def _receive(self) -> None:
        missing = self._wanted - self._size
        try:
            data = self.socket.recv(READ_BYTES if missing <= READ_BYTES else min(missing, LARGE_READ_BYTES))
        except (BlockingIOError, InterruptedError):
            return
        except OSError:  # the connection was reset, or has timed out
            data = b""
        self._pieces.append(data)
        self._size += len(data)
        self._ended = not data
        if self._ended or self._size >= self._wanted:
            self._wake()
        if self._ended or (self._waiting is None and self._size >= READ_BYTES):
            self._paused = True
            self._loop.remove_reader(self.socket)

    def _resume(self) -> None:
        if self._paused and not self._ended and not self._is_closed:
            self._paused = False
            self._loop.add_reader(self.socket, self._receive)

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def _send(self) -> None:
        out = self._out
        while out:
            data, written = out[0]
            try:
                sent = self.socket.send(data)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                self.close()
                return
            if sent < len(data):
                out[0] = data[sent:], written
                return
            out.popleft()
            if not written.done():
                written.set_result(None)
        self._out = None
        self._loop.remove_writer(self.socket)


def _look_at(written: asyncio.Future[bytes] | asyncio.Future[None]) -> None:
    """Whoever does not wait for it need not know that it failed."""
    if written.done() and not written.cancelled():
        written.exception()
