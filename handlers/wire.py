"""The way out of one socket: frames are built once for everybody, joined per turn of the loop, and sent
straight to the kernel; the line takes over where the kernel would block.

Measured per delivered 320-byte message (500 sockets): `write_message` 51 µs, the stream 28 µs, this 13 µs,
the bare system call 11 µs.
"""

from __future__ import annotations

import asyncio
import fcntl
import struct
import sys
import termios
from collections.abc import Callable
from socket import socket as Socket  # noqa: N812 - a class, and `socket` is what its instances are called

from tornado.iostream import StreamClosedError

from handlers.line import Line
from handlers.outbox import Outbox

Way = Callable[[bytes], int]
"""Sends some of what it gets, and says how much; raises OSError."""

_TEXT_FINAL = 0x81
_SHORT, _MEDIUM = 126, 1 << 16


def text_frame(payload: bytes) -> bytes:
    """An unmasked, unfragmented text frame (RFC 6455 §5.2)."""
    size = len(payload)
    if size < _SHORT:
        return struct.pack("!BB", _TEXT_FINAL, size) + payload
    if size < _MEDIUM:
        return struct.pack("!BBH", _TEXT_FINAL, 126, size) + payload
    return struct.pack("!BBQ", _TEXT_FINAL, 127, size) + payload


def _unconfirmed(socket: Socket) -> int:
    """Bytes that the kernel holds for the other side, which has not taken them."""
    try:
        return int.from_bytes(fcntl.ioctl(socket.fileno(), termios.TIOCOUTQ, bytes(4)), sys.byteorder)
    except OSError:  # this system does not tell
        return 0


class Flusher:
    """Flushes all wires of one server that got something in this turn of the loop, at its end."""

    def __init__(self) -> None:
        self._dirty: set[Wire] = set()

    def mark(self, wire: Wire) -> None:
        """`wire` has something to send."""
        if not self._dirty:
            asyncio.get_running_loop().call_soon(self._flush)
        self._dirty.add(wire)

    def _flush(self) -> None:
        dirty, self._dirty = self._dirty, set()
        for wire in dirty:
            wire.flush()


class Wire:
    """One socket's outbox and its line. `on_too_slow` is called when the client reads too slowly.

    `on_way` gets the socket's own `send` whenever nothing is before it, and None when something is, or the socket is
    closing; who used it tells `send_rest`. Whatever else is written to the line is told by `wait_for`, so that nothing is
    sent into the middle of it.
    """

    __slots__ = (
        "_flusher",
        "_is_clear",
        "_is_closed",
        "_limit_check",
        "_line",
        "_on_too_slow",
        "_on_way",
        "_socket",
        "_way",
        "outbox",
    )

    def __init__(
        self,
        line: Line,
        flusher: Flusher,
        limit_bytes: int,
        on_too_slow: Callable[[], None],
        on_way: Callable[[Way | None], None],
    ) -> None:
        self._line = line
        self._socket = line.socket
        self._flusher = flusher
        self._on_too_slow = on_too_slow
        self._limit_check: asyncio.TimerHandle | None = None
        self._on_way = on_way
        self._way = line.socket.send
        self._is_closed = self._is_clear = False
        self.outbox = Outbox(limit_bytes)
        self._clear(True)

    def send(self, frame: bytes, ephemeral: bool = False) -> None:
        """Queues a frame; it leaves at the end of this turn of the loop."""
        if not self._line.closed():
            self._clear(False)
            self.outbox.push(frame, ephemeral)
            self._flusher.mark(self)

    def send_rest(self, frames: bytes, sent: int) -> None:
        """So much of the frames has gone the direct way, none when that failed, for whatever reason."""
        self._hand_to_line(memoryview(frames)[sent:])
        self._check_speed()

    def flush(self) -> None:
        """Sends what waits, unless the line still has something before it."""
        if self.outbox and not self.outbox.in_flight and not self._line.closed():
            data = self.outbox.take()
            sent = self._send_directly(data)
            if sent < len(data):
                self._hand_to_line(memoryview(data)[sent:])
        self._clear(not (self.outbox or self.outbox.in_flight or self._is_closed))
        self._check_speed()

    def finish(self) -> None:
        """Hands everything to the line, so that what is written there afterwards comes after it."""
        if self.outbox and not self._line.closed():
            self._hand_to_line(memoryview(self.outbox.take()))

    def wait_for(self, written: asyncio.Future[None], size: int) -> None:
        """Others have written about so many bytes to the line: what comes now follows them."""
        if not written.done():
            self._clear(False)
            self.outbox.in_flight += size
            written.add_done_callback(lambda done: self._drained(size, done))

    def close(self) -> None:
        """Nothing is sent past the line any more, and there are no more timers: the socket is closing, or gone."""
        self._is_closed = True
        self._clear(False)
        if self._limit_check is not None:
            self._limit_check.cancel()

    def _clear(self, is_clear: bool) -> None:
        if is_clear != self._is_clear:
            self._is_clear = is_clear
            self._on_way(self._way if is_clear else None)

    def _send_directly(self, data: bytes) -> int:
        try:
            return self._socket.send(data)
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError:
            self._line.close()
            return len(data)

    def _hand_to_line(self, data: memoryview) -> None:
        try:
            written = self._line.write(data)
        except StreamClosedError:
            self._clear(False)
        else:
            self.wait_for(written, len(data))

    def _drained(self, size: int, done: asyncio.Future[None]) -> None:
        if not done.cancelled() and done.exception() is None:
            self.outbox.in_flight -= size
            self.flush()

    def _check_speed(self) -> None:
        if self._line.closed():
            return
        if self.outbox.in_flight or self.outbox.in_kernel:  # else the kernel takes everything
            self.outbox.in_kernel = _unconfirmed(self._socket) if self.outbox.in_flight else 0
        loop = asyncio.get_running_loop()
        if self.outbox.is_too_slow(loop.time()):
            self._on_too_slow()
        elif self.outbox.over_since is not None and self._limit_check is None:
            self._limit_check = loop.call_later(1.0, self._check_again)

    def _check_again(self) -> None:
        self._limit_check = None
        self._check_speed()
