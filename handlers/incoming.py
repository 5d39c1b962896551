"""What comes in on an open socket, message by message: parsed, found in the table, held to the limits, acted on, and
answered or refused (contract §1 and §4).
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import replace
from typing import Any, Protocol

from handlers import messages
from handlers.commands.call import Call
from handlers.connection import Connection, Kind
from handlers.limits import Patience, RateLimit
from handlers.services import Services
from handlers.wire import text_frame
from schemas.errors import (
    CLOSE_BAD_FRAME,
    CLOSE_RATE_LIMITED,
    CLOSE_TOO_LARGE,
    INTERNAL,
    OVERLOADED,
    PAYLOAD_TOO_LARGE,
    RATE_LIMITED,
    Close,
    Refused,
)
from schemas.frames import error_message
from schemas.jsonio import MalformedJson, dumps, loads
from store.actor import Actor, Pace

BOARDS = (Kind.FULL, Kind.BOARD)
log = logging.getLogger("lessonroom.socket")


class Sender(Protocol):
    """The socket that the messages come from."""

    @property
    def is_open(self) -> bool:
        """Whether anything may still come in."""

    def send(self, payload_frame: bytes, ephemeral: bool = False) -> None:
        """Queues a frame."""

    def give_up(self, close: Close) -> None:
        """Ends it, for something that it did."""


class Incoming:
    """One socket's messages. Only one is under way at a time."""

    __slots__ = ("_connection", "_counter", "_paced", "_participant", "_patience", "_sender", "_services")

    def __init__(self, services: Services, connection: Connection, sender: Sender) -> None:
        self._services = services
        self._connection = connection
        self._sender = sender
        self._patience = Patience()
        self._participant = f"{connection.uuid} {connection.user_key}"
        self._paced: Actor | None = None
        self._counter = services.metrics.messages_in.labels(connection.kind)

    async def take(self, text: bytes | None) -> None:
        """One message, UTF-8 as far as the client keeps to the protocol, None for one that is no text: answered, refused,
        or the end of the socket. Nothing is raised from here.
        """
        self._counter.inc()
        size = 0 if text is None else len(text)
        parsed = self._parse(text, size)
        if parsed is None:
            return
        try:
            row, fields = self._find(parsed, size)
            answer = await self._act(row, fields, size)
        except Refused as refused:
            self._refuse(refused, parsed)
            await asyncio.sleep(0)  # many may be refused in a row without a pause; the others want their turn
        except Exception:
            log.exception("a message failed on socket %s", self._connection.id)
            self._refuse(Refused(INTERNAL), parsed)
        else:
            self._answer(answer, parsed)

    def _parse(self, text: bytes | None, size: int) -> dict[str, Any] | None:
        limits, kind = self._services.config.limits, self._connection.kind
        if size > limits.state_bytes or (size > limits.message_bytes and kind not in BOARDS):
            self._sender.give_up(CLOSE_TOO_LARGE)
            return None
        try:
            parsed = None if text is None else loads(text)
        except MalformedJson:
            parsed = None
        if not isinstance(parsed, dict):
            self._sender.give_up(CLOSE_BAD_FRAME if size <= limits.message_bytes else CLOSE_TOO_LARGE)
            return None
        if size > limits.message_bytes and not messages.is_full_state(kind, parsed):
            self._sender.give_up(CLOSE_TOO_LARGE)
            return None
        return parsed

    def _find(self, parsed: dict[str, Any], size: int) -> tuple[messages.Message, dict[str, Any]]:
        try:
            return messages.find(self._connection.kind, parsed)
        except Refused:
            self._limit("other", size)  # so that a flood of nonsense comes to an end
            raise

    async def _act(self, row: messages.Message, fields: dict[str, Any], size: int) -> messages.Answer:
        """What the message leads to, unless a limit is in its way, here or over all instances."""
        kind = row.limit(fields)
        limit = self._limit(kind, size)
        if limit is None:
            return None
        if self._services.relay.is_behind(self._connection.uuid):
            if kind == "pointer":
                return None
            await self._wait_for_the_room()
        share_ms = limit.share_ms()
        actor = self._connection.actor if share_ms is None else self._at_pace(Pace(kind, share_ms))
        try:
            return await row.act(call_of(self._services, self._connection, fields, actor))
        except Refused as refused:
            if refused.error is not RATE_LIMITED:
                raise
            limit.bar(time.monotonic() + (refused.wait_seconds or 0))
            if kind == "pointer" and self._connection.kind is not Kind.PRESENCE:
                return None
            raise

    def _at_pace(self, pace: Pace) -> Actor:
        """Whose socket it is, whose act counts in that; mostly in the same as the one before."""
        if self._paced is None or self._paced.pace != pace:
            self._paced = replace(self._connection.actor, pace=pace)
        return self._paced

    def _limit(self, kind: str, size: int) -> RateLimit | None:
        """The limit that the message is within; None for a pointer beyond it, which is dropped; others are refused. A
        flood ends the socket.
        """
        is_pointer, presence = kind == "pointer", self._connection.kind is Kind.PRESENCE
        if (is_pointer or presence) and size > self._services.config.limits.pointer_bytes:
            if presence:
                raise Refused(PAYLOAD_TOO_LARGE)
            return None
        now = time.monotonic()
        limit = self._services.message_limits.of(kind, self._participant, now)
        if limit.allows(now):
            return limit
        if limit.is_flooded():
            self._sender.give_up(CLOSE_RATE_LIMITED)
        if is_pointer and not presence:
            return None
        raise Refused(RATE_LIMITED, retry_after_seconds=limit.wait_seconds(now))

    async def _wait_for_the_room(self) -> None:
        """The room gets more than can be delivered: who sends there waits, and so, by TCP, does what they send next."""
        began = time.monotonic()
        patience = self._patience.left(began)
        caught_up = await self._services.relay.until_caught_up(self._connection.uuid, patience)
        self._patience.spend(time.monotonic() - began)
        if not caught_up:
            raise Refused(OVERLOADED)
        if not self._sender.is_open:
            raise Refused(OVERLOADED, "The socket is closing.")

    def _answer(self, answer: messages.Answer, message: dict[str, Any]) -> None:
        if isinstance(answer, dict):
            if "id" in message:
                answer["id"] = message["id"]
            answer = dumps(answer).encode()
        if answer is not None:
            self._sender.send(text_frame(answer))

    def _refuse(self, refused: Refused, message: dict[str, Any]) -> None:
        self._services.metrics.errors.labels(refused.error.code).inc()
        self._sender.send(text_frame(dumps(error_message(refused, message)).encode()))


def call_of(
    services: Services, connection: Connection, fields: dict[str, Any], actor: Actor | None = None
) -> Call:
    """A command's call, by whom the socket belongs to (or `actor`, who is the same)."""
    path = {"uuid": connection.uuid}
    return Call(services, actor or connection.actor, path=path, body=fields, connection_id=connection.id)
