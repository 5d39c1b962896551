"""Tornado's WebSocket protocol, with our close codes where it would use its own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any, Protocol

from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketHandler, WebSocketProtocol13

from schemas.errors import CLOSE_TOO_LARGE, CLOSE_TOO_SLOW

MESSAGE_TOO_BIG = 1009
TEXT, BINARY, CLOSE = 0x1, 0x2, 0x8
MASKED = 0x80
DISCARD_SECONDS = 2.0
DISCARD_BYTES = 65_536


class Owner(Protocol):
    """What the protocol needs of the handler it belongs to."""

    def message_too_large(self) -> None:
        """A frame is refused for its length, and the socket is closing."""

    def own(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs work that belongs to the socket."""


class ClassroomProtocol(WebSocketProtocol13):
    """A message over the limit closes with 4413, and so that the client can read it: closing while its bytes
    are still arriving would reset the connection, and the code would be lost.
    """

    _too_large = False
    _frame_begins = False

    def __init__(self, owner: Owner, made: WebSocketProtocol13, most_bytes: int) -> None:
        assert isinstance(owner, WebSocketHandler)
        made.params.max_message_size = most_bytes
        super().__init__(owner, False, made.params)
        self._owner: Owner = owner

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Tornado closes with 1009 and aborts when a frame is too long, and with 1000 when its pings are not answered."""
        if code == MESSAGE_TOO_BIG:
            self._too_large = True
            self._owner.message_too_large()
            code, reason = CLOSE_TOO_LARGE.code, CLOSE_TOO_LARGE.reason
        elif code is None and reason is not None:  # nobody answered its pings: 1000 would mean that they left
            code, reason = CLOSE_TOO_SLOW.code, CLOSE_TOO_SLOW.reason
        super().close(code, reason)

    async def _receive_frame(self) -> None:
        self._frame_begins = True
        await super()._receive_frame()

    async def _read_bytes(self, n: int) -> bytes:
        """Tornado takes frames without a mask, which no client may send (RFC 6455 §5.1): they could deceive proxies."""
        data = await super()._read_bytes(n)
        if self._frame_begins:
            self._frame_begins = False
            if not data[1] & MASKED:
                self._abort()
                raise StreamClosedError
        return data

    def _handle_message(self, opcode: int, data: bytes) -> asyncio.Future[None] | None:
        """Tornado drops the connection without a word when a text, or the reason of a close, is no UTF-8."""
        if opcode == TEXT and not _is_utf8(data):
            opcode = BINARY  # which is refused as what it is: no JSON object
        if opcode == CLOSE and not _is_utf8(data[2:]):
            data = data[:2]
        if opcode == CLOSE and len(data) == 1:
            data = b""
        return super()._handle_message(opcode, data)

    def _abort(self) -> None:
        if not self._too_large or self.stream.closed():
            super()._abort()
            return
        self._too_large = False
        self.client_terminated = True  # what comes now is read, not understood
        self.server_terminated = True
        self._owner.own(self._discard())

    async def _discard(self) -> None:
        with contextlib.suppress(StreamClosedError, TimeoutError):
            async with asyncio.timeout(DISCARD_SECONDS):
                while True:
                    await self.stream.read_bytes(DISCARD_BYTES, partial=True)
        super()._abort()


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
