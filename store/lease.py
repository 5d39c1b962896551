"""An instance's lease: the sign of life by which the others know that its sockets are still open, and the
list of the sessions somebody has to look after if it dies.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
import uuid as uuids
from collections.abc import Callable, Iterable

from schemas.errors import Refused
from store import keys
from store.client import Client

BEATS_A_LEASE = 4
_LAPSED = 0
log = logging.getLogger("lessonroom.presence")


class Lease:
    """The lease of this instance. `instance` is its id in the store: a new one after the lease had lapsed,
    since others may have counted the old one's sockets as dropped; `on_lapse` then registers them anew.
    """

    def __init__(self, client: Client, lease_seconds: float) -> None:
        self._client = client
        self._seconds = lease_seconds
        self._steady_since: float | None = None
        self._was_held = False
        self._lapsed = False
        self._noted = True
        self._kept: set[str] = set()
        self._letting_go: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.instance = _new_id()
        self.on_lapse: Callable[[], None] = lambda: None
        self.in_use: Callable[[str], bool] = lambda _: True

    def start(self) -> None:
        """Begins to hold the lease; returns at once."""
        self._client.on_up.append(self._wake.set)
        self._client.on_moved.append(self._doubt)
        self._task = asyncio.create_task(self._beat_forever(), name="lease")

    async def stop(self) -> None:
        """Gives the lease up: what still runs here is taken over by another instance at once."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        try:
            if any(map(self.in_use, self._kept)):
                await self._client.command("ZADD", keys.INSTANCES, 0, self.instance)
            else:
                await self._client.command("ZREM", keys.INSTANCES, self.instance)
                await self._client.command("DEL", keys.sessions_on(self.instance))
        except Refused:
            log.info("the lease could not be given up; it ends by itself")

    @property
    def may_judge(self) -> bool:
        """Whether this instance has held its own lease long enough to call others dead: after an outage of
        the store everybody's lease has lapsed, and everybody gets the time to renew it.
        """
        return self._steady_since is not None and time.monotonic() - self._steady_since > self._seconds

    async def keep(self, uuid: str) -> None:
        """From now on this instance looks after the session."""
        if self._letting_go is not None:
            await asyncio.shield(self._letting_go)
        while uuid not in self._kept:
            instance = self.instance
            await self._client.command("SADD", keys.sessions_on(instance), uuid)
            if instance == self.instance:
                self._kept.add(uuid)

    def _doubt(self) -> None:
        """The store may have lost what was noted last."""
        self._noted = False

    async def _beat_forever(self) -> None:
        while True:
            try:
                await self._beat()
                await self._let_go([uuid for uuid in self._kept if not self.in_use(uuid)])
            except Refused:
                self._steady_since = None  # nobody is judged while we ourselves may be late
            except Exception:  # whatever it is, without a lease this instance would count as dead
                log.exception("the lease could not be renewed")
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._seconds / BEATS_A_LEASE):
                    await self._wake.wait()

    async def _beat(self) -> None:
        if not await self._renew():
            log.warning("the lease of instance %s had lapsed", self.instance)
            self.instance = _new_id()
            self._steady_since, self._was_held, self._lapsed, self._noted = None, False, True, False
            await self._renew()
        if not self._noted:  # until all of it was done: the store may go away in between
            self._noted = True
            try:
                for uuid in tuple(self._kept):
                    await self._client.command("SADD", keys.sessions_on(self.instance), uuid)
            except Refused:
                self._noted = False
                raise
        if self._lapsed:
            self._lapsed = False
            self.on_lapse()
        if self._steady_since is None:
            self._steady_since = time.monotonic()

    async def _renew(self) -> bool:
        arguments = [self.instance, int(self._seconds * 1000), int(self._was_held)]
        if await self._client.run("instance_heartbeat", [keys.INSTANCES], arguments) == _LAPSED:
            return False
        self._was_held = True
        return True

    async def _let_go(self, uuids_: Iterable[str]) -> None:
        unused = list(uuids_)
        if not unused:
            return
        self._kept.difference_update(unused)
        self._letting_go = asyncio.create_task(self._remove(unused))
        try:
            await asyncio.shield(self._letting_go)
        finally:
            self._letting_go = None

    async def _remove(self, unused: list[str]) -> None:
        await self._client.command("SREM", keys.sessions_on(self.instance), *unused)


def _new_id() -> str:
    return uuids.uuid4().hex[:12]
