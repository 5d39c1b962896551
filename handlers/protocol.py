"""Tornado's WebSocket protocol, with our close codes where it would use its own."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketProtocol13

from schemas.errors import CLOSE_TOO_LARGE

if TYPE_CHECKING:
    from handlers.socket import SocketHandler

MESSAGE_TOO_BIG = 1009
DISCARD_SECONDS = 2.0
DISCARD_BYTES = 65_536


class ClassroomProtocol(WebSocketProtocol13):
    """A message over the limit closes with 4413, and so that the client can read it: closing while its bytes
    are still arriving would reset the connection, and the code would be lost.
    """

    handler: SocketHandler
    _too_large = False

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Tornado closes with 1009 and aborts when a frame is too long."""
        if code == MESSAGE_TOO_BIG:
            self._too_large = True
            self.handler.message_too_large()
            code, reason = CLOSE_TOO_LARGE.code, CLOSE_TOO_LARGE.reason
        super().close(code, reason)

    def _abort(self) -> None:
        if not self._too_large or self.stream.closed():
            super()._abort()
            return
        self._too_large = False
        self.client_terminated = True  # what comes now is read, not understood
        self.server_terminated = True
        self.handler.own(self._discard())

    async def _discard(self) -> None:
        with contextlib.suppress(StreamClosedError, TimeoutError):
            async with asyncio.timeout(DISCARD_SECONDS):
                while True:
                    await self.stream.read_bytes(DISCARD_BYTES, partial=True)
        super()._abort()
