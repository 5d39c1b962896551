"""A connection that is read where its replies arrive: whatever ends it is told once, with the reason."""

import asyncio
import contextlib
from typing import Any

import pytest
from redis.asyncio import ConnectionPool
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import InvalidResponse, ResponseError

from store.pipe import Pipe, connect, packed
from tests.support.stores import answering, eventually


class Told:
    """A pipe, and what it told; a reply `poison` is one that cannot be used."""

    def __init__(self, opened: AbstractConnection) -> None:
        self.replies: list[Any] = []
        self.reasons: list[Exception] = []
        self.pipe = Pipe(opened, self._take, self.reasons.append)

    def _take(self, reply: Any) -> None:
        if reply == b"poison":
            raise ValueError("not this")
        self.replies.append(reply)


def connection(url: str) -> AbstractConnection:
    """Not connected yet; says nothing of itself."""
    options: dict[str, Any] = {"protocol": 2, "driver_info": None}
    made: AbstractConnection = ConnectionPool.from_url(url, **options).make_connection()  # type: ignore[no-untyped-call]  # no type
    return made


async def opened(url: str) -> Told:
    """A pipe to that store."""
    made = connection(url)
    await connect(made)
    return Told(made)


async def test_replies_are_told_as_they_come(redis_url: str) -> None:
    """Each in its order, an error of the store as an exception; and a close that was asked for, once."""
    told = await opened(redis_url)
    told.pipe.write(packed(("ECHO", "a")) + packed(("NO-SUCH-COMMAND",)) + packed(("ECHO", b"b")))
    await eventually(lambda: len(told.replies) == 3)
    assert (told.replies[0], told.replies[2]) == (b"a", b"b")
    assert isinstance(told.replies[1], ResponseError)
    reason = ConnectionError("enough")
    told.pipe.close(reason)
    told.pipe.close(ConnectionError("again"))
    told.pipe.write(b"nobody hears it")
    await asyncio.sleep(0.01)
    assert told.reasons == [reason]
    assert not told.pipe.is_open


async def test_what_cannot_be_used_ends_it() -> None:
    """Nothing of what follows is taken, since it may not be the answer to what was asked."""
    async with answering(b"+poison\r\n+more\r\n") as url:
        told = await opened(url)
        told.pipe.write(packed(("PING",)))
        await eventually(lambda: bool(told.reasons))
        assert isinstance(told.reasons[0], ValueError)
        assert told.replies == []


async def test_what_is_no_reply_ends_it() -> None:
    """Something else than a store may answer at the address."""
    async with answering(b"HTTP/1.1 400 Bad Request\r\n\r\n") as url:
        told = await opened(url)
        told.pipe.write(packed(("PING",)))
        await eventually(lambda: bool(told.reasons))
        assert isinstance(told.reasons[0], InvalidResponse)


async def test_the_other_side_hangs_up() -> None:
    """Told as what it is."""
    async with answering(b"") as url:
        told = await opened(url)
        told.pipe.write(packed(("QUIT",)))
        await eventually(lambda: bool(told.reasons))
        assert isinstance(told.reasons[0], ConnectionError)
        assert len(told.reasons) == 1


async def test_whoever_gave_up_gets_no_connection(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where redis-py loses the cancellation of who opens a connection, that one is closed, and the cancellation stands."""
    made = connection(redis_url)
    plain, waiting = made.connect, asyncio.Event()

    async def deaf() -> None:
        await plain()  # type: ignore[no-untyped-call]  # redis-py gives it no type
        waiting.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()

    monkeypatch.setattr(made, "connect", deaf)
    opening = asyncio.create_task(connect(made))
    await waiting.wait()
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert not made.is_connected


async def test_half_a_connection_is_closed() -> None:
    """Whoever gives up while the store has not answered its first question leaves no socket behind."""
    async with answering(b"") as url:
        options: dict[str, Any] = {"protocol": 2, "client_name": "asks"}
        made: AbstractConnection = ConnectionPool.from_url(url, **options).make_connection()  # type: ignore[no-untyped-call]  # no type
        opening = asyncio.create_task(connect(made))
        await eventually(lambda: made.is_connected)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        assert not made.is_connected
