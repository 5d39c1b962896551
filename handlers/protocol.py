"""Tornado's WebSocket protocol, with a way in of our own, and our close codes where it would use its own.

Tornado reads each frame in five steps, and runs each message in a task. Here all that has arrived is read at once, and
its messages are taken one after the other by who reads (decision 15).
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Awaitable
from typing import Protocol

from tornado.iostream import StreamClosedError
from tornado.util import _websocket_mask
from tornado.websocket import WebSocketHandler, WebSocketProtocol13

from handlers.heartbeat import Heartbeat
from handlers.line import READ_BYTES, Line
from schemas.errors import CLOSE_TOO_LARGE, CLOSE_TOO_SLOW
from schemas.websocket import BINARY, CLOSE, TEXT, FrameReader, TooLarge, Violation, is_close_code

IN_A_ROW = 64
"""After so many messages without a pause the others have their turn."""
DISCARD_SECONDS = 2.0


class Owner(Protocol):
    """What the protocol needs of the handler it belongs to."""

    def take(self, text: bytes | None) -> Awaitable[None] | None:
        """One message; None for one that is no text. The next one comes when this is done."""

    def message_too_large(self) -> None:
        """A frame is refused for its length, and the socket is closing."""

    def writing(self, written: asyncio.Future[None], size: int) -> None:
        """A frame of so many bytes was handed to the stream: nothing may go past it."""


class ClassroomProtocol(WebSocketProtocol13):
    """A message over the limit closes with 4413, and so that the client can read it: closing while its bytes
    are still arriving would reset the connection, and the code would be lost.
    """

    def __init__(
        self, owner: Owner, made: WebSocketProtocol13, most_bytes: int, heartbeat: Heartbeat
    ) -> None:
        assert isinstance(owner, WebSocketHandler)
        super().__init__(owner, False, made.params)
        self._owner: Owner = owner
        self._reader = FrameReader(most_bytes, _websocket_mask)
        self._line: Line | None = None
        self._heartbeat = heartbeat
        self._received_pong = True  # since no ping was sent yet

    def start_pinging(self) -> None:
        """Called as soon as the handshake is answered and the stream is ours."""
        assert self.stream is not None
        self._line = Line(self.stream)
        self.stream = self._line  # type: ignore[assignment]  # it has what is asked of a stream
        self._heartbeat.add(self)

    def beat(self) -> bool:
        """Pings the client, unless it has not answered the last ping: then this is the end. Whether it goes on."""
        if self._received_pong:
            self._received_pong = False
            with contextlib.suppress(StreamClosedError):
                self.write_ping(b"")
            return True
        self.close(CLOSE_TOO_SLOW.code, CLOSE_TOO_SLOW.reason)
        return False

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """No more pings either."""
        self._heartbeat.remove(self)
        super().close(code, reason)

    def _write_frame(self, fin: bool, opcode: int, data: bytes, flags: int = 0) -> asyncio.Future[None]:
        written = super()._write_frame(fin, opcode, data, flags)
        self._owner.writing(written, len(data))
        return written

    async def _receive_frame_loop(self) -> None:
        try:
            await self._receive()
        except (StreamClosedError, Violation):
            self._abort()
        except TooLarge as problem:
            await self._refuse_length(problem.frame_bytes)
        finally:
            self.handler.on_ws_connection_close(self.close_code, self.close_reason)

    async def _receive(self) -> None:
        reader, line, in_a_row = self._reader, self._line, 0
        assert line is not None
        while not self.client_terminated:
            message = reader.next()
            if message is None:
                in_a_row = 0
                # A large message is read whole.
                reader.feed(await line.read(reader.missing if reader.missing > READ_BYTES else 1))
                continue
            await self._handle(*message)
            in_a_row += 1
            if in_a_row == IN_A_ROW:
                in_a_row = 0
                await asyncio.sleep(0)

    async def _handle(self, opcode: int, data: bytes) -> None:
        if opcode not in (TEXT, BINARY):
            self._handle_message(opcode, data)
            return
        try:
            taking = self._owner.take(data if opcode == TEXT else None)
            if taking is not None:
                await taking
        except Exception:  # noqa: BLE001 - logged, as Tornado does with what `on_message` raises
            self.handler.log_exception(*sys.exc_info())
            self._abort()

    def _handle_message(self, opcode: int, data: bytes) -> asyncio.Future[None] | None:
        """Tornado drops the connection without a word when the reason of a close is no UTF-8, or half of its code, and
        answers with any code, also those that nobody may send.
        """
        if opcode == CLOSE and not is_close_code(data[:2]):
            data = b""
        elif opcode == CLOSE and not _is_utf8(data[2:]):
            data = data[:2]
        return super()._handle_message(opcode, data)

    async def _refuse_length(self, frame_bytes: int) -> None:
        self._owner.message_too_large()
        self.close(CLOSE_TOO_LARGE.code, CLOSE_TOO_LARGE.reason)
        with contextlib.suppress(StreamClosedError, TimeoutError, Violation, TooLarge):
            async with asyncio.timeout(DISCARD_SECONDS):
                await self._pass_over(frame_bytes)
                await self._receive()  # until the client closes too
        self._abort()

    async def _pass_over(self, size: int) -> None:
        reader, line = self._reader, self._line
        assert line is not None
        while size := reader.pass_over(size):
            reader.feed(await line.read())


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
