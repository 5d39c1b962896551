"""The way to sentinels, to the nodes that they name, and to all nodes of a cluster is encrypted if `redis.url` says so."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.store_url import parse_store_url
from store.sentinel import Sentinels
from tests.support.store_cluster import Cluster
from tests.support.store_watched import Watched
from tests.support.stores import HOST, Stores, eventually
from tests.support.tls import Authority, Doors

pytestmark = pytest.mark.gen_test(timeout=60)
PROMOTED_SECONDS = 20.0


@pytest.fixture
def doors(tmp_path: Path) -> Iterator[Doors]:
    """The program may have been built without TLS; so it is in front of it."""
    made = Doors(Authority(tmp_path / "authority"))
    yield made
    made.close()


async def test_sentinels_and_the_nodes_that_they_name(tmp_path: Path, doors: Doors) -> None:
    """Commands, broadcasts and the questions to sentinels are encrypted, before and after a failover; who does not know the
    authority trusts nobody.
    """
    nodes = Watched(tmp_path / "nodes", 1, doors)
    stores = Stores(nodes.url)
    try:
        await asyncio.to_thread(nodes.create)
        await stores.start()
        uuid = await watched_lesson(stores)
        await asyncio.to_thread(nodes.kill_primary)
        await eventually(lambda: not stores.client.available)
        async with asyncio.timeout(PROMOTED_SECONDS):
            await stores.client.wait_available()
        await stores.sessions.transition(uuid, HOST, "pause")
        await stores.seen.until(lambda: stores.seen.numbers(uuid)[-1:] == [2])
        assert all(node.door is not None and node.door.encrypted for node in (*nodes.nodes, *nodes.sentinels))
        stranger = parse_store_url(nodes.url.partition("?")[0])
        assert stranger is not None
        assert await Sentinels(stranger).primary() is None
    finally:
        await stores.relay.stop()
        await stores.stop()
        nodes.close()


async def test_all_nodes_of_a_cluster(tmp_path: Path, doors: Doors) -> None:
    """Also those that the URL does not name, and that were found by asking the others."""
    cluster = Cluster(tmp_path / "nodes", doors=doors)
    stores = Stores(cluster.url)
    try:
        await asyncio.to_thread(cluster.create)
        await stores.start()
        await asyncio.gather(*(watched_lesson(stores) for _ in range(12)))
        assert all(node.door is not None and node.door.encrypted for node in cluster.nodes)
    finally:
        await stores.stop()
        cluster.close()


async def watched_lesson(stores: Stores) -> str:
    """A lesson that has begun; that it has was broadcast."""
    stores.relay.start()
    uuid = await stores.lesson()
    await stores.follow(uuid)
    await stores.sessions.transition(uuid, HOST, "start")
    await stores.seen.until(lambda: bool(stores.seen.numbers(uuid)))
    return uuid
