"""Failover by Sentinel: who the primary is, is asked of all the sentinels, and the client follows it."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import redis.asyncio as redis
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from schemas.store_url import Address, StoreUrl
from store.metrics import Metrics
from store.pipe import LOST
from store.primary import PrimaryClient

SENTINEL_SECONDS = 0.5
log = logging.getLogger("lessonroom.store")


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

    async def primary(self) -> tuple[int, Address] | None:
        """The primary it knows, after the number of the failover that made it one; None when it does not say."""
        try:
            if not self._connection.is_connected:
                await self._connection.connect()  # type: ignore[no-untyped-call]  # redis-py gives it no type
            questions = (
                ("SENTINEL", "MASTER", self._service),
                ("SENTINEL", "GET-MASTER-ADDR-BY-NAME", self._service),  # while it fails over: the new one
            )
            await self._connection.send_packed_command(self._connection.pack_commands(questions))
            flat = await self._connection.read_response()
            host, port = await self._connection.read_response()
            facts = dict(zip(flat[::2], flat[1::2], strict=True))
            return int(facts[b"config-epoch"]), (host.decode(), int(port))
        except (*LOST, TypeError) as problem:
            log.debug("a sentinel does not say who the primary is: %r", problem)
            await self.close()
            return None

    async def close(self) -> None:
        """Ends the connection."""
        await self._connection.disconnect(nowait=True)


class Sentinels:
    """All the sentinels that the configuration names."""

    def __init__(self, url: StoreUrl) -> None:
        self._sentinels = [_Sentinel(url.sentinel(address), url.service) for address in url.hosts]
        self._failover = -1

    async def primary(self) -> Address | None:
        """Who the primary is; None when no sentinel says. A sentinel that was cut off names an old one: the latest
        failover counts, and never an earlier one than was known before.
        """
        told = await asyncio.gather(*(sentinel.primary() for sentinel in self._sentinels))
        known = [answer for answer in told if answer is not None and answer[0] >= self._failover]
        if not known:
            return None
        self._failover, address = max(known)
        return address

    async def close(self) -> None:
        """Ends all connections."""
        await asyncio.gather(*(sentinel.close() for sentinel in self._sentinels))


class SentinelClient(PrimaryClient):
    """A client of whichever node the sentinels say is the primary."""

    def __init__(self, url: StoreUrl, metrics: Metrics, **options: Any) -> None:
        super().__init__(url.node(url.hosts[0]), metrics, **options)  # a stand-in, until the primary is known
        self._url = url
        self._sentinels = Sentinels(url)
        self._address: Address | None = None

    async def stop(self) -> None:
        """Closes every connection."""
        await super().stop()
        await self._sentinels.close()

    async def _ping(self) -> bool:
        address = await self._sentinels.primary()
        if address is not None and address != self._address:
            self._go_to(address)
        return self._address is not None and await super()._ping()

    def _go_to(self, address: Address) -> None:
        log.info("the primary is %s port %d", *address)
        self._let_go()
        self._address = address
        self._connections = self._make_connections(self._url.node(address))
        self.lineage = ""
