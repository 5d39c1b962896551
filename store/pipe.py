"""A connection to the store that is read without a task: a reply is taken in the turn of the loop in which it arrives.

redis-py opens it (address, TLS, password, database) and would then read it with a stream, a task, and a timer for every
reply: a third of what an event cost. So its transport gets a protocol of our own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from hiredis import Reader, pack_command
from redis.asyncio.connection import AbstractConnection, DefaultParser
from redis.exceptions import InvalidResponse, RedisError

LOST = (RedisError, OSError, TimeoutError, RuntimeError)
"""What a call on a connection raises when that is lost; uvloop has a RuntimeError for a transport that is closed."""


def packed(command: Sequence[Any]) -> bytes:
    """A command as it is sent."""
    return pack_command(tuple(command))  # type: ignore[no-any-return]  # it has no declared result


def is_cancelled() -> bool:
    """Whether the running task was told to end. To be asked after calls of redis-py, in which a cancellation
    may become an error of the connection; for the same reason nothing here uses `asyncio.wait_for`, which may
    lose one before Python 3.12.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def connect(connection: AbstractConnection) -> None:
    """Opens it. Raises what is in LOST; one that is half open then, or came too late for who asked for it, is closed."""
    try:
        await connection.connect()  # type: ignore[no-untyped-call]  # redis-py gives it no type
    except BaseException:
        connection._close()  # type: ignore[no-untyped-call]  # the one way that does not wait
        raise
    if is_cancelled():
        connection._close()  # type: ignore[no-untyped-call]  # the same
        raise asyncio.CancelledError


class Pipe(asyncio.Protocol):
    """A connection that redis-py has opened. `on_reply` gets each reply, an error of the store (an exception) being one.
    `on_lost` is called once, with the reason: it was closed from here or there, what came was no reply, `on_reply` raised.
    """

    def __init__(
        self,
        opened: AbstractConnection,
        on_reply: Callable[[Any], None],
        on_lost: Callable[[Exception], None],
    ) -> None:
        assert opened._writer is not None
        self._opened = opened
        self._on_reply = on_reply
        self._on_lost = on_lost
        self._replies = Reader(protocolError=InvalidResponse, replyError=DefaultParser.parse_error)
        self._transport = opened._writer.transport
        self._transport.set_protocol(self)
        self.is_open = True

    def write(self, data: bytes) -> None:
        """Sends it."""
        try:
            self._transport.write(data)
        except LOST as problem:
            self.close(problem)

    def close(self, reason: Exception) -> None:
        """Ends the connection, whatever is under way on it."""
        if self.is_open:
            self.is_open = False
            self._opened._close()  # type: ignore[no-untyped-call]  # the one way that does not wait
            self._transport.abort()
            self._on_lost(reason)

    def data_received(self, data: bytes) -> None:
        """Something arrived."""
        try:
            self._replies.feed(data)
            while self.is_open and (reply := self._replies.gets()) is not False:
                self._on_reply(reply)
        except Exception as problem:  # noqa: BLE001 - who is told that the connection is lost is told why
            self.close(problem)

    def connection_lost(self, exc: Exception | None) -> None:
        """The other side closed it."""
        self.close(exc or ConnectionError("the store closed the connection"))
