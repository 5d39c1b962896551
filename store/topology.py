"""How many nodes the store has, and what that makes of the client: decided once, by `redis.url`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from schemas.config_sections import Redis
from schemas.store_url import SENTINEL, parse_store_url
from store import keys
from store.client import Client
from store.cluster import ClusterClient
from store.cluster_subscriber import ClusterSubscriber
from store.durability import Durability
from store.metrics import Metrics
from store.sentinel import SentinelClient
from store.subscriber import Subscriber


def make_client(
    config: Redis, metrics: Metrics, url: str, revive: Callable[[], Awaitable[None]] | None = None
) -> Client:
    """The client of the store at `url` (`redis.url`, or where the embedded one is)."""
    replicas = config.wait_replicas
    durability = Durability(replicas, config.wait_ms, metrics) if replicas else None
    parts = parse_store_url(url)
    if parts is None:
        return Client(url, metrics, revive=revive, durability=durability)
    if parts.kind == SENTINEL:
        return SentinelClient(parts, metrics, durability=durability)
    return ClusterClient(parts, metrics, durability=durability)


def make_subscriber(client: Client, instance: str, *rest: Any) -> Subscriber | ClusterSubscriber:
    """What reads pub/sub for that client; `rest` are the other arguments of `Subscriber`."""
    if isinstance(client, ClusterClient):
        return ClusterSubscriber(client, instance, *rest)
    return Subscriber(client, keys.probe(instance), *rest)
