"""Sharded pub/sub: what a session publishes stays on the node that has the session, so there is one subscriber a node.
When a slot moves, its channels move along.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from schemas.errors import STORE_UNAVAILABLE, Refused
from store import keys
from store.cluster import ClusterClient
from store.cluster_node import ClusterNode
from store.lanes import TIMEOUT_SECONDS
from store.metrics import Metrics
from store.subscriber import SHARDED, Subscriber

PLACES_TRIED = 1_000


class ClusterSubscriber:
    """The same as `Subscriber`, over all nodes of a cluster."""

    def __init__(
        self,
        client: ClusterClient,
        instance: str,
        metrics: Metrics,
        on_message: Callable[[str, bytes], None],
        on_reconnected: Callable[[], None],
    ) -> None:
        self._client = client
        self._instance = instance
        self._metrics = metrics
        self._on_message = on_message
        self._on_reconnected = on_reconnected
        self._subscribers: dict[ClusterNode, Subscriber] = {}
        self._confirmed: dict[str, asyncio.Future[None]] = {}
        self._at: dict[str, Subscriber] = {}
        self._placing: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._started = False
        client.on_rearranged.append(self._rearrange)

    @property
    def ready(self) -> bool:
        """Whether every node's subscription is alive."""
        return bool(self._subscribers) and all(one.ready for one in self._subscribers.values())

    def start(self) -> None:
        """Starts; returns at once, whether the store answers or not."""
        self._started = True
        self._rearrange()

    async def stop(self) -> None:
        """Closes the connections."""
        self._started = False
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(one.stop() for one in self._subscribers.values()))

    async def subscribe(self, channel: str) -> None:
        """Returns once the node that has it confirmed it; `Refused(STORE_UNAVAILABLE)` when that takes too long (it stays
        wanted).
        """
        if channel not in self._confirmed:
            self._confirmed[channel] = asyncio.get_running_loop().create_future()
            self._place(channel)
        try:
            async with asyncio.timeout(2 * TIMEOUT_SECONDS):
                await asyncio.shield(self._confirmed[channel])
        except TimeoutError:
            raise Refused(STORE_UNAVAILABLE) from None

    def unsubscribe(self, channel: str) -> None:
        """Messages of this channel are wanted no more."""
        self._confirmed.pop(channel, None)
        self._lift(channel)

    def _lift(self, channel: str) -> None:
        placing = self._placing.pop(channel, None)
        if placing is not None:
            placing.cancel()
        subscriber = self._at.pop(channel, None)
        if subscriber is not None:
            subscriber.unsubscribe(channel)

    def _place(self, channel: str) -> None:
        """Subscribes where the channel is now; without a node there, the next arrangement does it."""
        node = self._client.node_of(channel)
        subscriber = self._subscribers.get(node) if node is not None else None
        if subscriber is not None:
            self._at[channel] = subscriber
            self._placing[channel] = self._own(self._subscribe_at(subscriber, channel))

    async def _subscribe_at(self, subscriber: Subscriber, channel: str) -> None:
        while True:
            try:
                await subscriber.subscribe(channel)
            except Refused:  # it stays wanted there
                continue
            break
        confirmed = self._confirmed[channel]
        if confirmed.done():
            self._on_reconnected()  # it came from elsewhere, and what was said in between is lost
        else:
            confirmed.set_result(None)

    def _rearrange(self) -> None:
        if not self._started:
            return
        owners = self._client.owners
        for node in [node for node in self._subscribers if node not in owners]:
            self._own(self._subscribers.pop(node).stop())
        for node in owners:
            if node in self._subscribers:
                self._subscribers[node].probe_on(self._probe(node))
            else:
                self._subscribers[node] = self._subscriber(node)
                self._subscribers[node].start()
        for channel in self._confirmed:
            node_now = self._client.node_of(channel)
            if node_now is None or self._at.get(channel) is not self._subscribers.get(node_now):
                self._lift(channel)
                self._place(channel)

    def _lose(self, channel: str) -> None:
        """The node has the channel no more."""
        self._lift(channel)
        self._own(self._look_again())

    async def _look_again(self) -> None:
        await self._client.look()
        self._rearrange()

    def _subscriber(self, node: ClusterNode) -> Subscriber:
        return Subscriber(
            node,
            self._probe(node),
            self._metrics,
            self._on_message,
            self._on_reconnected,
            SHARDED,
            self._lose,
        )

    def _probe(self, node: ClusterNode) -> str:
        """A channel of our own that the node has."""
        names = (keys.probe(f"{self._instance}:{number}") for number in range(PLACES_TRIED))
        return next(
            (name for name in names if self._client.node_of(name) is node), keys.probe(self._instance)
        )

    def _own(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
