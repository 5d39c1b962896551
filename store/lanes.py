"""Connections between two pipelines. Taking one out of redis-py's pool and giving it back costs more than a pipeline of one
command; so a sound one is kept at hand, and only what is new or broken goes through the pool.
"""

from __future__ import annotations

from redis.asyncio import BlockingConnectionPool
from redis.asyncio.connection import AbstractConnection


class Lanes:
    """The connections at hand, each with the pool that counts it as in use."""

    def __init__(self) -> None:
        self._at_hand: list[tuple[BlockingConnectionPool, AbstractConnection]] = []

    async def take(self, pool: BlockingConnectionPool) -> AbstractConnection:
        """A connection of `pool` that nobody else uses; waits for one as long as the pool does."""
        while self._at_hand:
            owner, connection = self._at_hand.pop()
            if owner is pool and _is_sound(connection):
                return connection
            await owner.release(connection)
        new: AbstractConnection = await pool.get_connection()  # type: ignore[no-untyped-call]  # redis-py: no type
        return new

    async def give(self, pool: BlockingConnectionPool, connection: AbstractConnection) -> None:
        """It is used no more."""
        if connection.is_connected:
            self._at_hand.append((pool, connection))
        else:
            await pool.release(connection)


def _is_sound(connection: AbstractConnection) -> bool:
    """Whether it is open, as far as this side knows, and nothing waits to be read on it."""
    reader = connection._reader
    return (
        connection.is_connected
        and reader is not None
        and reader.exception() is None
        and not reader.at_eof()
        and not reader._buffer  # type: ignore[attr-defined]  # what redis-py looks at too
    )
