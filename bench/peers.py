"""The two kinds of client the load is made of: bytes in, messages out. Nothing here waits."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Callable

RECEIVED_AT_ONCE = 1 << 18
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
_MASKED = 0x80
_NO_MASK = b"\0\0\0\0"  # a mask of zeros: the bytes stay as they are, and the server unmasks all the same
_HEAD_END = b"\r\n\r\n"


class Broken(Exception):
    """The server closed a connection, or answered what a benchmark cannot go on with."""


def client_frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """A whole masked frame (RFC 6455 §5.2)."""
    size = len(payload)
    first = 0x80 | opcode
    if size < 126:
        return struct.pack("!BB", first, _MASKED | size) + _NO_MASK + payload
    if size < 1 << 16:
        return struct.pack("!BBH", first, _MASKED | 126, size) + _NO_MASK + payload
    return struct.pack("!BBQ", first, _MASKED | 127, size) + _NO_MASK + payload


class Peer:
    """A connection: `received` is called when there is something to read. `hello` is sent once it is connected."""

    __slots__ = ("hello", "is_connected", "sock", "tail")

    def __init__(self, sock: socket.socket, hello: bytes = b"") -> None:
        self.sock = sock
        self.hello = hello
        self.is_connected = False
        self.tail = b""

    def connected(self) -> None:
        """The connection is there, or was refused."""
        problem = self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if problem:
            raise Broken(f"no connection: {os.strerror(problem)}")
        self.is_connected = True
        if self.hello:
            self.send(self.hello)

    def received(self) -> None:
        """Reads once, and takes what is complete."""
        try:
            data = self.sock.recv(RECEIVED_AT_ONCE)
        except BlockingIOError:
            return
        if not data:
            self.ended()
            return
        self.tail = self.take(self.tail + data if self.tail else data)

    def take(self, data: bytes) -> bytes:
        """Takes what is complete; the rest."""
        raise NotImplementedError

    def ended(self) -> None:
        """The server closed the connection."""
        raise Broken(f"the server closed a connection after {self.tail[:200]!r}")

    def send(self, data: bytes) -> None:
        """Writes it whole; what does not fit into the kernel's buffer is more than a benchmark ever sends at once."""
        sent = self.sock.send(data)
        if sent < len(data):
            raise Broken("the server does not read")


class WebSocketPeer(Peer):
    """A client's end of a WebSocket; every text goes to `on_text`, from the welcome on to what `listen` puts there."""

    __slots__ = ("listen", "may_end", "on_text", "upgraded", "welcome")

    def __init__(self, sock: socket.socket, hello: bytes) -> None:
        super().__init__(sock, hello)
        self.upgraded = False
        self.may_end = False
        self.welcome: bytes | None = None
        self.on_text: Callable[[bytes], None] = self._greeted
        self.listen: Callable[[WebSocketPeer], None] = lambda _peer: None

    def take(self, data: bytes) -> bytes:
        """Walks over the frames."""
        if not self.upgraded:
            head, found, data = data.partition(_HEAD_END)
            if not found:
                return head
            if b" 101 " not in head[:20]:
                raise Broken(f"the handshake was refused: {head[:300]!r} {data[:300]!r}")
            self.upgraded = True
        position, size = 0, len(data)
        while size - position >= 2:
            length, start = data[position + 1], position + 2
            if length >= 126:
                start += 2 if length == 126 else 8
                length = int.from_bytes(data[position + 2 : start], "big") if size >= start else size
            end = start + length
            if end > size:
                break
            opcode = data[position] & 15
            if opcode == TEXT:
                self.on_text(data[start:end])
            else:
                self._control(opcode, data[start:end])
            position = end
        return data[position:]

    def ended(self) -> None:
        """Some workloads end a server on purpose."""
        if not self.may_end:
            super().ended()

    def _control(self, opcode: int, payload: bytes) -> None:
        if opcode == PING:
            self.send(client_frame(payload, PONG))
        elif opcode == CLOSE and not self.may_end:
            raise Broken(f"the server closed a socket: {payload!r}")

    def _greeted(self, text: bytes) -> None:
        if self.welcome is None and b'"welcome"' in text[:400]:
            self.welcome = text
            self.listen(self)


class HttpPeer(Peer):
    """A keep-alive connection, one request after the other; every body goes to `on_body`."""

    __slots__ = ("on_body",)

    def __init__(self, sock: socket.socket) -> None:
        super().__init__(sock)
        self.on_body: Callable[[HttpPeer, bytes], None] = lambda _peer, _body: None

    def take(self, data: bytes) -> bytes:
        """One answer at a time."""
        head, found, body = data.partition(_HEAD_END)
        if not found:
            return data
        if b" 200 " not in head[:20]:
            raise Broken(f"refused: {head[:300]!r} {body[:300]!r}")
        at = head.lower().index(b"content-length:") + 15
        length = int(head[at:].split(b"\r\n", 1)[0])
        if len(body) < length:
            return data
        self.on_body(self, body[:length])
        return body[length:]


def post(path: str, token: str, body: bytes = b"") -> bytes:
    """The bytes of a POST."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def upgrade(path: str) -> bytes:
    """The bytes of a WebSocket handshake."""
    return (
        f"GET {path} HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ).encode()
