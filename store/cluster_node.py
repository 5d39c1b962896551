"""One primary of a cluster: its commands travel as any node's do; where a slot has gone is for the cluster to find out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from redis.exceptions import OutOfMemoryError

from schemas.errors import STORE_UNAVAILABLE, Refused
from schemas.store_url import Address
from store.client import Command
from store.metrics import Metrics
from store.pipe import LOST
from store.primary import PrimaryClient

VIEW_SECONDS = 0.5
log = logging.getLogger("lessonroom.store")


class ClusterNode(PrimaryClient):
    """A client of the node at `address`."""

    publish = "SPUBLISH"
    not_now = (OutOfMemoryError,)  # MOVED, ASK, TRYAGAIN and CLUSTERDOWN reach the caller

    def __init__(self, address: Address, url: str, metrics: Metrics, **options: Any) -> None:
        super().__init__(url, metrics, **options)
        self.address = address
        self.started = False

    async def start(self) -> None:
        """Starts looking after the node."""
        self.started = True
        await super().start()

    async def view(self) -> str | None:
        """What the node says of the cluster; None when it does not."""
        try:
            async with asyncio.timeout(VIEW_SECONDS):
                told = await self._ask("CLUSTER", "NODES")
        except TimeoutError:
            return None
        return None if told is None else told.decode()

    async def writes(self, lineage: str) -> bool:
        """Whether the node is a primary at this moment, and its history is that one."""
        return self.lineage == lineage and await self._history() == lineage

    async def ask(self, command: Sequence[Any]) -> Any:
        """The reply to a command about a slot that is on its way to this node."""
        asked: list[Command] = [("ASKING",), command]
        sent = asked if self._durability is None else self._durability.asking(asked)
        try:
            lane = await self._lanes.beside()
            replies = await lane.exchange(self._packed(sent), len(sent))
        except LOST:
            self.doubt()
            raise Refused(STORE_UNAVAILABLE) from None
        if self._durability is not None:
            replies = self._durability.judged(asked, replies)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._answer(answer, replies[1])
        return await answer

    def doubt(self) -> None:
        """The node is looked at again at once."""
        self._doubt.set()

    async def _history(self) -> str | None:
        state = await self._ask("CLUSTER", "INFO")
        if state is None or b"cluster_state:ok" not in state:
            return None
        return await super()._history()

    def _announce(self, alive: bool) -> None:
        log.info("node %s port %d %s", *self.address, "answers" if alive else "is gone")
