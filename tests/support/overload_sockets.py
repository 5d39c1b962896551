"""Sockets for load, as cheap as Python has them: hundreds in one process, some of them as rude as clients get."""

from __future__ import annotations

import asyncio
import os
import socket as sockets
import struct
from collections.abc import Callable

HANDSHAKE = (
    "GET /ws/classroom/{uuid}/{channel}?token={token}{query} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
SEND_BUFFER_BYTES = 8_192
PONG = b"\x8a\x80\0\0\0\0"
PONG_SECONDS = 10.0
TEXT, CLOSE, PING = 1, 8, 9
_MASK = b"\0\0\0\0"


def handshake(uuid: str, token: str, channel: str = "", query: str = "") -> bytes:
    """The request that opens a socket."""
    return HANDSHAKE.format(uuid=uuid, token=token, channel=channel, query=query).encode()


def client_frame(payload: bytes) -> bytes:
    """A masked text frame; with a mask of zeros, which costs nothing."""
    size = len(payload)
    if size < 126:
        return struct.pack("!BB", 0x81, 0x80 | size) + _MASK + payload
    if size < 1 << 16:
        return struct.pack("!BBH", 0x81, 0xFE, size) + _MASK + payload
    return struct.pack("!BBQ", 0x81, 0xFF, size) + _MASK + payload


class LoadSocket(asyncio.Protocol):
    """A socket that hands every text to `on_text`; without one, what comes is thrown away unlooked at."""

    def __init__(self, request: bytes, on_text: Callable[[bytes], None] | None = None) -> None:
        loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[bytes] = loop.create_future()
        self.closed: asyncio.Future[int] = loop.create_future()
        self.may_write = True
        self.received_bytes = 0
        self._request = request
        self._on_text = on_text
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self._ponging: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asks for the socket."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.get_extra_info("socket").setsockopt(
            sockets.SOL_SOCKET, sockets.SO_SNDBUF, SEND_BUFFER_BYTES
        )
        transport.set_write_buffer_limits(high=SEND_BUFFER_BYTES)
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """The answer to the handshake, then frames."""
        self.received_bytes += len(data)
        if self.opened.done():
            if self._on_text is not None:
                self._take(data)
            return
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if found:
            self.opened.set_result(head.split(b"\r\n")[0])
            self._buffer = b""
            self._pong()
            self.data_received(rest)

    def connection_lost(self, exc: Exception | None) -> None:
        """Gone, without a close frame if none was seen."""
        if self._ponging is not None:
            self._ponging.cancel()
        if not self.opened.done():
            self.opened.set_result(b"")
        if not self.closed.done():
            self.closed.set_result(1006)

    def pause_writing(self) -> None:
        """The server does not read."""
        self.may_write = False

    def resume_writing(self) -> None:
        """It does again."""
        self.may_write = True

    def send(self, payload: bytes) -> None:
        """Sends a text."""
        assert self._transport is not None
        self._transport.write(client_frame(payload))

    def close(self) -> None:
        """Ends it."""
        if self._transport is not None:
            self._transport.abort()

    def _pong(self) -> None:
        """Pings are not looked for where everything is thrown away; a pong that nobody asked for will do."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(PONG)
            self._ponging = asyncio.get_running_loop().call_later(PONG_SECONDS, self._pong)

    def _take(self, data: bytes) -> None:
        buffer, at, on_text = self._buffer + data, 0, self._on_text
        assert on_text is not None
        while len(buffer) - at >= 2:
            size, begins = buffer[at + 1], at + 2
            if size == 126:
                size, begins = int.from_bytes(buffer[at + 2 : at + 4]), at + 4
            elif size == 127:
                size, begins = int.from_bytes(buffer[at + 2 : at + 10]), at + 10
            if len(buffer) < begins + size:
                break
            opcode = buffer[at] & 15
            if opcode == TEXT:
                on_text(buffer[begins : begins + size])
            elif opcode == CLOSE and not self.closed.done():
                self.closed.set_result(int.from_bytes(buffer[begins : begins + 2]))
            at = begins + size
        self._buffer = buffer[at:]


async def open_load_socket(
    port: int, request: bytes, on_text: Callable[[bytes], None] | None = None
) -> LoadSocket:
    """A socket that is open; AssertionError when it was refused."""
    loop = asyncio.get_running_loop()
    _, socket = await loop.create_connection(lambda: LoadSocket(request, on_text), "127.0.0.1", port)
    status = await socket.opened
    assert status.startswith(b"HTTP/1.1 101"), status
    return socket


class DeafSocket:
    """A socket whose client never reads: the system takes little for it, and nobody takes it from there. Blocks."""

    def __init__(self, port: int, request: bytes) -> None:
        self._socket = sockets.socket()
        self._socket.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
        self._socket.settimeout(10)
        self._socket.connect(("127.0.0.1", port))
        self._socket.sendall(request)
        answer = self._socket.recv(12)
        assert answer == b"HTTP/1.1 101", answer

    def send(self, payload: bytes) -> None:
        """Sends a text."""
        self._socket.sendall(client_frame(payload))

    def reset(self) -> None:
        """Is gone, without a word: a RST."""
        reset(self._socket)


def reset(socket: sockets.socket) -> None:
    """Ends a connection with a RST."""
    socket.setsockopt(sockets.SOL_SOCKET, sockets.SO_LINGER, struct.pack("ii", 1, 0))
    socket.close()


def resident_bytes(pid: int) -> int:
    """What a process has in memory."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as statm:  # noqa: PTH123 - read a hundred times a second
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
