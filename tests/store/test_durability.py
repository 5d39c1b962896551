import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.errors import STORE_UNAVAILABLE
from store import keys
from tests.support.store_nodes import Node, eventually
from tests.support.stores import HOST, Stores, refusal


class Pair:
    """A primary and its replica, without sentinels."""

    def __init__(self, folder: Path) -> None:
        options = {"repl-diskless-sync-delay": 0}
        self.primary, self.replica = Node(folder / "primary", **options), Node(folder / "replica")
        self.primary.start()
        self.join()

    @property
    def url(self) -> str:
        """The primary's."""
        return f"redis://127.0.0.1:{self.primary.port}"

    def join(self) -> None:
        """Has the replica follow; returns when it does."""
        self.replica.start()
        self.replica.call("REPLICAOF", "127.0.0.1", self.primary.port)
        eventually(lambda: self.replica.told("replication")["master_link_status"] == "up", "no replica")


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    """A primary and a replica that may be killed."""
    made = Pair(tmp_path)
    yield made
    made.replica.close()
    made.primary.close()


async def test_a_write_counts_once_a_replica_has_it(pair: Pair) -> None:
    """With `wait_replicas` an acknowledged write is on the replica; without one to confirm it, it is not acknowledged, and
    reads go on. What was refused so may last: repeated with its id, it has its first outcome.
    """
    stores = Stores(pair.url, wait_replicas=1)
    await stores.start()
    uuid = await stores.lesson()
    assert pair.replica.call("HGET", keys.session(uuid), "uuid") == uuid.encode()
    pair.replica.kill()
    event = stores.events.log_event(uuid, HOST, "error", {}, "op")
    assert await refusal(event) is STORE_UNAVAILABLE
    assert (await stores.sessions.get_classroom_session(uuid, HOST)).value["uuid"] == uuid
    assert len((await stores.events.get_session_events(uuid)).events) == 1
    counted = stores.metrics.registry.get_sample_value("lessonroom_store_unconfirmed_total")
    assert counted == 1
    await asyncio.to_thread(pair.join)
    assert await stores.events.log_event(uuid, HOST, "error", {}, "op") == 1
    assert len((await stores.events.get_session_events(uuid)).events) == 1
    await stores.stop()


async def test_what_is_not_kept_waits_for_nobody(pair: Pair) -> None:
    """Reading, and passing pointers on, need no replica."""
    stores = Stores(pair.url, wait_replicas=2)
    await stores.start()
    async with asyncio.timeout(0.4):  # less than `wait_ms`
        await stores.client.command("PUBLISH", "channel", "text")
        assert await stores.client.run("index_past", [keys.INSTANCES], [1]) == []
        assert await stores.client.command("HGETALL", "nothing") == []
    assert await refusal(stores.client.command("SET", "key", "value")) is STORE_UNAVAILABLE
    await stores.stop()
