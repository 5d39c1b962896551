"""A cluster as one store: each command goes to the node that has its key's slot, batched there as on a single node.

A command is sent again only when the node that got it has certainly not run it (MOVED, ASK, TRYAGAIN). All keys of a
session have one hash tag, so every script finds its keys on one node.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from redis.crc import key_slot
from redis.exceptions import AskError, ClusterDownError, MovedError, TryAgainError

from schemas.errors import STORE_UNAVAILABLE, Refused
from schemas.store_url import Address, StoreUrl
from store.client import RETRY_SECONDS, Client, Listener
from store.cluster_map import SLOTS, claims_in, owners
from store.cluster_node import ClusterNode
from store.durability import Durability
from store.metrics import Metrics
from store.pipe import is_cancelled
from store.script_call import ScriptCall, played

LOOK_SECONDS = 5.0
LOOK_AGAIN_SECONDS = 0.05
PATIENCE_SECONDS = 2.0
TRY_AGAIN_SECONDS = 0.02
_KEY_AT = {"EVAL": 3, "EVALSHA": 3}
log = logging.getLogger("lessonroom.store")

Make = Callable[[ClusterNode], Sequence[Any]]


class ClusterClient(Client):
    """The client of a cluster. It counts as available while every slot has a node that answers."""

    publish = "SPUBLISH"

    def __init__(self, url: StoreUrl, metrics: Metrics, *, durability: Durability | None = None) -> None:
        super().__init__(url.node(url.hosts[0]), metrics, durability=durability)  # connects to nothing itself
        self._url = url
        self._nodes: dict[Address, ClusterNode] = {}
        self._slots: list[ClusterNode | None] = [None] * SLOTS
        self._owners: frozenset[ClusterNode | None] = frozenset(self._slots)
        self.on_rearranged: list[Listener] = []
        """Told when slots have other nodes than before."""
        for address in url.hosts:
            self._node_at(address)

    @property
    def owners(self) -> set[ClusterNode]:
        """The nodes that have slots."""
        return {node for node in self._owners if node is not None}

    async def stop(self) -> None:
        """Closes every connection; calls still under way, and all later ones, are refused."""
        await super().stop()
        await asyncio.gather(*(node.stop() for node in self._nodes.values()))

    async def run(self, name: str, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
        """Runs the script `name` where its keys are; its reply as it came."""
        call = ScriptCall(self._scripts[name], keys, arguments)
        return await played(
            call,
            lambda: self._send_to(keys[0], lambda node: call.command(node.lineage), keys[0]),
            self._is_written,
        )

    async def command(self, *command: Any, room: str = "") -> Any:
        """The reply to one command, whose first argument is its key."""
        return await self._send_to(command[_KEY_AT.get(command[0], 1)], lambda _: command, room)

    def node_of(self, key: str) -> ClusterNode | None:
        """The node that has the key, or channel."""
        return self._slots[key_slot(key.encode())]

    def look_again(self) -> None:
        """Something is not where it was thought to be."""
        self._doubt.set()

    async def _send_to(self, key: str | bytes, make: Make, room: str) -> Any:
        slot = key_slot(key if isinstance(key, bytes) else key.encode())
        node = self._slots[slot]
        if node is None:
            raise Refused(STORE_UNAVAILABLE)
        try:
            return await node.command(*make(node), room=room)
        except (AskError, TryAgainError, ClusterDownError) as problem:
            return await self._follow(slot, node, problem, make)

    async def _follow(self, slot: int, node: ClusterNode, problem: Exception, make: Make) -> Any:
        """Sends the command on to where the `problem` says; `Refused` when that leads nowhere in time."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            asks = isinstance(problem, AskError) and not isinstance(problem, MovedError)
            if isinstance(problem, AskError):
                node = self._node_at((problem.host or node.address[0], problem.port))
                if not asks:
                    self.look_again()
                await self._wait_for(node)
            elif isinstance(problem, TryAgainError):  # some of the keys are on their way
                await asyncio.sleep(TRY_AGAIN_SECONDS)
                node = self._slots[slot] or node
            else:
                node.doubt()
                break
            try:
                return await (node.ask(make(node)) if asks else node.command(*make(node)))
            except (AskError, TryAgainError, ClusterDownError) as again:
                problem = again
        log.info("slot %d cannot be used now: %s", slot, problem)
        raise Refused(STORE_UNAVAILABLE)

    async def _wait_for(self, node: ClusterNode) -> None:
        if not node.started:
            await node.start()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                await node.wait_available()

    async def _is_written(self, lineage: str) -> bool:
        """Whether that history still is some primary's. It is asked now: it may have ended a moment ago."""
        told = await asyncio.gather(*(node.writes(lineage) for node in self.owners))
        return any(told)

    async def _watch(self) -> None:
        while True:
            try:
                await self.look()
            except Exception:  # whatever it is, the next round looks again
                log.exception("it could not be found out where the slots are")
            if is_cancelled():
                return
            whole = None not in self._owners and all(node.available for node in self.owners)
            if whole != self.available:
                self._change(whole)
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS if whole else RETRY_SECONDS):
                    await self._doubt.wait()
            self._doubt.clear()

    async def look(self) -> None:
        """Asks every known node how the slots are spread."""
        asked = list(self._nodes.values())
        views = await asyncio.gather(*(node.view() for node in asked))
        claims = [
            claim
            for node, view in zip(asked, views, strict=True)
            if view is not None
            for claim in claims_in(view, node.address)
        ]
        if claims:
            await self._arrange(owners(claims))

    async def _arrange(self, slots: list[Address | None]) -> None:
        arranged = [None if address is None else self._node_at(address) for address in slots]
        if arranged == self._slots:
            return
        self._slots = arranged
        self._owners = frozenset(arranged)
        for node in self.owners:
            if not node.started:
                await node.start()
        self._tell(self.on_rearranged)
        await self._forget(node for node in self._nodes.values() if node not in self._owners)

    async def _forget(self, nodes: Iterable[ClusterNode]) -> None:
        """Lets go of nodes that have no slots any more, but for those that the configuration names."""
        for node in [node for node in nodes if node.started]:
            await node.stop()
            del self._nodes[node.address]
            if node.address in self._url.hosts:
                self._node_at(node.address)

    def _lost_one(self) -> None:
        if self.available:
            self._change(False)
        self.look_again()

    def _node_at(self, address: Address) -> ClusterNode:
        node = self._nodes.get(address)
        if node is None:
            url = self._url.node(address)
            node = ClusterNode(address, url, self._metrics, durability=self._durability)
            node.on_up.append(self.look_again)
            node.on_down.append(self._lost_one)
            node.on_moved.append(lambda: self._tell(self.on_moved))
            self._nodes[address] = node
        return node
