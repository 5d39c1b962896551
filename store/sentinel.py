"""Failover by Sentinel: who the primary is, is asked of all the sentinels, and the client follows it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from typing import Any, NamedTuple

import redis.asyncio as redis
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError

from schemas.store_url import Address, StoreUrl
from store.client import Waiting
from store.lanes import Outcome
from store.metrics import Metrics
from store.pipe import LOST
from store.primary import PrimaryClient

SENTINEL_SECONDS = 0.5
SILENT_SECONDS = 0.3
"""Less than any sentinel waits before it takes a primary for dead."""
log = logging.getLogger("lessonroom.store")


class Answer(NamedTuple):
    """What a sentinel says: the number of the failover that made the primary what it is, whether there is a later one that
    has made it out but not ended, where the primary is, and whether a failover is under way that has not made it out.
    """

    failover: int
    is_early: bool
    address: Address
    is_going: bool


class _Sentinel:
    """One sentinel, and the connection to it."""

    def __init__(self, url: str, service: str) -> None:
        options: dict[str, Any] = {
            "socket_timeout": SENTINEL_SECONDS,
            "socket_connect_timeout": SENTINEL_SECONDS,
            "retry": Retry(NoBackoff(), 0),
            "protocol": 2,
        }
        pool = redis.ConnectionPool.from_url(url, **options)
        self._connection: AbstractConnection = pool.make_connection()  # type: ignore[no-untyped-call]  # no type
        self._service = service
        self.others: set[Address] = set()
        """The sentinels that it knew of, as it was asked first on each connection."""

    async def primary(self) -> Answer | None:
        """The primary it knows; None when it does not say."""
        try:
            if not self._connection.is_connected:
                await self._connection.connect()  # type: ignore[no-untyped-call]  # redis-py gives it no type
                await self._learn_of_others()
            questions = (
                ("SENTINEL", "MASTER", self._service),
                ("SENTINEL", "GET-MASTER-ADDR-BY-NAME", self._service),  # while it fails over: the new one
            )
            await self._connection.send_packed_command(self._connection.pack_commands(questions))
            facts = _fields(await self._connection.read_response())
            host, port = await self._connection.read_response()
            is_early = (host, port) != (facts[b"ip"], facts[b"port"])
            is_going = not is_early and b"failover_in_progress" in facts[b"flags"].split(b",")
            return Answer(int(facts[b"config-epoch"]), is_early, (host.decode(), int(port)), is_going)
        except (*LOST, TypeError) as problem:
            log.debug("a sentinel does not say who the primary is: %r", problem)
            await self.close()
            return None

    async def _learn_of_others(self) -> None:
        await self._connection.send_command("SENTINEL", "SENTINELS", self._service)
        with contextlib.suppress(ResponseError):  # whoever asks may not be allowed to
            told = [_fields(flat) for flat in await self._connection.read_response()]
            self.others = {(other[b"ip"].decode(), int(other[b"port"])) for other in told}

    async def close(self) -> None:
        """Ends the connection."""
        await self._connection.disconnect(nowait=True)


def _fields(flat: list[bytes]) -> dict[bytes, bytes]:
    return dict(zip(flat[::2], flat[1::2], strict=True))


class Sentinels:
    """All the sentinels that the configuration names; and those that they know of, for when none of the former answers: the
    addresses at which these know one another may be of no use from here.
    """

    def __init__(self, url: StoreUrl) -> None:
        self._url = url
        self._named = {address: self._sentinel(address) for address in url.hosts}
        self._found: dict[Address, _Sentinel] = {}
        self._failover = -1
        self._one_at_a_time = asyncio.Lock()
        self.is_going = False
        """Whether, as they said last, a failover is under way whose outcome they do not know yet."""

    async def primary(self) -> Address | None:
        """Who the primary is; None when no sentinel says. A sentinel that was cut off names an old one: the latest
        failover counts, and never an earlier one than was known before.
        """
        async with self._one_at_a_time:
            known = await self._ask(self._named) or await self._ask(self._found)
        if not known:
            self.is_going = False
            return None
        latest = max(known)
        self._failover, self.is_going = (
            latest.failover,
            any(answer.is_going for answer in known if answer.address == latest.address),
        )
        return latest.address

    async def close(self) -> None:
        """Ends all connections."""
        everyone = (*self._named.values(), *self._found.values())
        await asyncio.gather(*(sentinel.close() for sentinel in everyone))

    async def _ask(self, sentinels: dict[Address, _Sentinel]) -> list[Answer]:
        """What these say, but for what is outdated."""
        asked = tuple(sentinels.values())
        told = await asyncio.gather(*(sentinel.primary() for sentinel in asked))
        for address in set().union(*(sentinel.others for sentinel in asked)) - {*self._named, *self._found}:
            self._found[address] = self._sentinel(address)
        return [answer for answer in told if answer is not None and answer.failover >= self._failover]

    def _sentinel(self, address: Address) -> _Sentinel:
        return _Sentinel(self._url.sentinel(address), self._url.service)


class SentinelClient(PrimaryClient):
    """A client of whichever node the sentinels say is the primary.

    One that hung may go on after a failover began, with the replicas that were not told yet, and they confirm what is lost
    in a moment. So the first answer after a silence is not believed before the sentinels said that it is not going.
    """

    def __init__(self, url: StoreUrl, metrics: Metrics, **options: Any) -> None:
        super().__init__(url.node(url.hosts[0]), metrics, **options)  # a stand-in, until the primary is known
        self._url = url
        self._sentinels = Sentinels(url)
        self._address: Address | None = None
        self._heard_at = -math.inf
        self._assuring: set[asyncio.Task[None]] = set()
        """Those that wait for the sentinels' word: what is answered meanwhile waits behind them."""

    async def stop(self) -> None:
        """Closes every connection."""
        await super().stop()
        await asyncio.gather(*self._assuring)
        await self._sentinels.close()

    async def _ping(self) -> bool:
        address = await self._sentinels.primary()
        if self._sentinels.is_going:
            self._let_go()
            return False
        if address is not None and address != self._address:
            self._go_to(address)
        return self._address is not None and await super()._ping()

    def _done(self, batch: list[Waiting], began: float, outcome: Outcome) -> None:
        if self._durability is None or isinstance(outcome, Exception):
            super()._done(batch, began, outcome)
            return
        heard_at, self._heard_at = self._heard_at, time.perf_counter()
        if self._heard_at - heard_at < SILENT_SECONDS and not self._assuring:
            super()._done(batch, began, outcome)
            return
        task = asyncio.create_task(self._assure(batch, began, outcome))
        self._assuring.add(task)
        task.add_done_callback(self._assuring.discard)

    async def _assure(self, batch: list[Waiting], began: float, outcome: Outcome) -> None:
        """Hands the replies on, unless the primary is one no more, or soon."""
        asked_about = self._address
        told = await self._sentinels.primary()
        if self._sentinels.is_going or told not in (None, asked_about):
            outcome = ConnectionError("the primary is being replaced")
        super()._done(batch, began, outcome)

    def _go_to(self, address: Address) -> None:
        log.info("the primary is %s port %d", *address)
        self._let_go()
        self._address = address
        self._connections = self._make_connections(self._url.node(address))
        self.lineage = ""
