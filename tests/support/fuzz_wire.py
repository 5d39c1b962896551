"""HTTP and WebSocket byte by byte, for requests that no well-behaved client library would send."""

from __future__ import annotations

import asyncio
import contextlib
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

PATIENCE_SECONDS = 8.0
TEXT, BINARY, CLOSE, PING = 0x1, 0x2, 0x8, 0x9
FINAL, MASKED = 0x80, 0x80
SWITCHING_PROTOCOLS = 101
MASK = b"\x01\x02\x03\x04"
UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer; `headers` by lower-case name."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def problem(self) -> dict[str, Any]:
        """The answer as a problem; fails when it is none."""
        assert self.headers.get("content-type") == "application/problem+json", self
        told: dict[str, Any] = json.loads(self.body)
        return told


def head(method: str, target: str, headers: Mapping[str, str | None], length: int | None) -> bytes:
    """The bytes of a request's head; a header without a value in `headers` is left out."""
    lines: dict[str, str | None] = {"Host": "lesson.test", **headers}
    if length is not None:
        lines.setdefault("Content-Length", str(length))
    told = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value is not None)
    return f"{method} {target} HTTP/1.1\r\n{told}\r\n".encode("latin-1")


class Wire:
    """One connection, kept open between requests and opened anew when the server closed it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def request(
        self, method: str, target: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Reply:
        """One request with a body of known length, and its answer."""
        length = len(body) if body or method == "POST" else None
        return await self.raw(head(method, target, headers or {}, length) + body)

    async def raw(self, data: bytes) -> Reply:
        """Sends these very bytes; the answer."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            reader, writer = await self._connection()
            writer.write(data)
            reply = await _read_reply(reader)
            if reply.headers.get("connection") == "close" or reader.at_eof():
                await self.close()
            return reply

    async def close(self) -> None:
        """Closes the connection, if one is open."""
        writer, self._writer, self._reader = self._writer, None, None
        if writer is not None:
            await dropped(writer)

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._reader is None or self._writer is None or self._reader.at_eof():
            await self.close()
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self._reader, self._writer


async def dropped(writer: asyncio.StreamWriter) -> None:
    """Ends a connection without a word, and waits until it is gone on this side."""
    writer.transport.abort()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


async def _read_reply(reader: asyncio.StreamReader) -> Reply:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    status = int(lines[0].split(" ")[1])
    if status == 100:
        return await _read_reply(reader)
    pairs = (line.partition(":") for line in lines[1:] if line)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    length = int(headers.get("content-length", "0"))
    return Reply(status, headers, await reader.readexactly(length))


def frame(
    opcode: int, payload: bytes, *, final: bool = True, masked: bool = True, reserved: int = 0
) -> bytes:
    """A client's frame, or what is meant to look like one."""
    first = (FINAL if final else 0) | reserved | opcode
    size, mask = len(payload), MASKED if masked else 0
    if size < 126:
        begin = struct.pack("!BB", first, mask | size)
    elif size < 65_536:
        begin = struct.pack("!BBH", first, mask | 126, size)
    else:
        begin = struct.pack("!BBQ", first, mask | 127, size)
    if not masked:
        return begin + payload
    keys = (MASK * (size // 4 + 1))[:size]
    hidden = int.from_bytes(payload, "big") ^ int.from_bytes(keys, "big")
    return begin + MASK + hidden.to_bytes(size, "big")


class RawSocket:
    """An open socket that sends whatever it is told to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, reply: Reply) -> None:
        self._reader = reader
        self._writer = writer
        self.reply = reply
        self.close_code: int | None = None

    def write(self, data: bytes) -> None:
        """Sends these very bytes."""
        self._writer.write(data)

    async def drained(self) -> None:
        """Waits while much is unsent; ConnectionError when the other side has cut the connection."""
        await self._writer.drain()

    def say(self, message: Any) -> None:
        """Sends a text message: a text as it is, anything else as JSON."""
        text = message if isinstance(message, str) else json.dumps(message)
        self.write(frame(TEXT, text.encode("utf-8", "surrogatepass")))

    async def hear(self) -> dict[str, Any] | None:
        """The next message; None when the socket was closed (`close_code`, 1006 when without a word)."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                try:
                    opcode, payload = await self._frame()
                except (asyncio.IncompleteReadError, ConnectionError):
                    self.close_code = 1006
                    return None
                if opcode == CLOSE:
                    self.close_code = struct.unpack("!H", payload[:2])[0] if payload else 1005
                    return None
                if opcode == TEXT:
                    message: dict[str, Any] = json.loads(payload)
                    return message

    async def hear_type(self, name: str) -> dict[str, Any]:
        """The next message of that type; fails when the socket closes first."""
        while True:
            message = await self.hear()
            assert message is not None, f"closed with {self.close_code} before a {name}"
            if message["type"] == name:
                return message

    async def closed_with(self) -> int | None:
        """The code with which it is closed; what comes before is not looked at."""
        while await self.hear() is not None:
            pass
        return self.close_code

    async def drop(self) -> None:
        """Is gone, without a word."""
        await dropped(self._writer)

    async def _frame(self) -> tuple[int, bytes]:
        first, size = await self._reader.readexactly(2)
        if size == 126:
            size = struct.unpack("!H", await self._reader.readexactly(2))[0]
        elif size == 127:
            size = struct.unpack("!Q", await self._reader.readexactly(8))[0]
        return first & 0x0F, await self._reader.readexactly(size)


async def open_raw(
    port: int, path: str, headers: Mapping[str, str | None] | None = None, **query: Any
) -> RawSocket | Reply:
    """The socket at `path`, or the answer that refused it. A header of None is left out."""
    target = f"{path}?{urlencode(query)}" if query else path
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head("GET", target, {**UPGRADE, **(headers or {})}, None))
    async with asyncio.timeout(PATIENCE_SECONDS):
        reply = await _read_reply(reader)
    if reply.status == SWITCHING_PROTOCOLS:
        return RawSocket(reader, writer, reply)
    await dropped(writer)
    return reply
