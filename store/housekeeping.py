"""Housekeeping: what has to be done now and then, by one instance at a time, and is harmless when done twice.

Each task runs under a lease that is as long as its interval and is not given back, so that all instances
together run it about once an interval; when the holder dies, another one is next.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from schemas.errors import Refused
from store import keys
from store.bookings import Bookings
from store.client import Client
from store.presence import Presence
from store.sessions import Sessions

EXPIRE_SECONDS = 60.0
DEAD_INSTANCES_SECONDS = 2.0
SETTLE_SECONDS = 5.0
BATCH = 200
log = logging.getLogger("lessonroom.housekeeping")


@dataclass(frozen=True, slots=True)
class Chore:
    """One task, and how often all instances together do it."""

    name: str
    seconds: float
    work: Callable[[], Awaitable[int]]


class Housekeeping:
    """Runs the chores of this instance until it is stopped."""

    def __init__(self, client: Client, sessions: Sessions, bookings: Bookings, presence: Presence) -> None:
        self._client = client
        self._sessions = sessions
        self._bookings = bookings
        self._presence = presence
        self._tasks: list[asyncio.Task[None]] = []
        self.chores: tuple[Chore, ...] = (
            Chore("expire_sessions", EXPIRE_SECONDS, self.expire_sessions),
            Chore("take_over_the_dead", DEAD_INSTANCES_SECONDS, presence.take_over_the_dead),
            Chore("settle_bookings", SETTLE_SECONDS, self.settle_bookings),
        )

    def start(self) -> None:
        """Starts; returns at once."""
        self._tasks = [asyncio.create_task(self._repeat(chore), name=chore.name) for chore in self.chores]

    async def stop(self) -> None:
        """Ends; what was half done is done by the next one."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def expire_sessions(self) -> int:
        """Expires the sessions that never started and are due; how many were looked at."""
        due = (await self._client.run("index_past", [keys.DUE], [BATCH]))[::2]
        for raw in due:
            try:
                await self._expire(raw)
            except Refused:
                raise  # the store is gone again
            except Exception:  # one that cannot be expired must not keep the others from it
                log.exception("session %r cannot be expired", raw)
        return len(due)

    async def _expire(self, raw: bytes) -> None:
        later = await self._sessions.expire(raw.decode())
        if later is None:
            await self._client.command("ZREM", keys.DUE, raw)
        else:
            await self._client.command("ZADD", keys.DUE, later, raw)

    async def settle_bookings(self) -> int:
        """Does what a crash left undone after a booking was written; how many there were."""
        return await self._bookings.settle_outstanding(older_than_ms=int(SETTLE_SECONDS * 1000))

    async def _repeat(self, chore: Chore) -> None:
        while True:
            try:
                await self._client.wait_available()
                if await self._holds_lease(chore):
                    done = await chore.work()
                    log.debug("%s: %d", chore.name, done)
            except Refused as refused:
                log.info("%s is put off: %s", chore.name, refused)
            except Exception:  # one bad entry must not end the task for good
                log.exception("%s failed", chore.name)
            await asyncio.sleep(chore.seconds)

    async def _holds_lease(self, chore: Chore) -> bool:
        lifetime_ms = int(chore.seconds * 900)  # a little less, so that a lone instance always finds it free
        instance = self._presence.lease.instance
        reply = await self._client.command("SET", keys.lease(chore.name), instance, "NX", "PX", lifetime_ms)
        return bool(reply == b"OK")
