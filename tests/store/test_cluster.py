import asyncio
from collections.abc import Iterator

import pytest
from redis.crc import key_slot
from redis.exceptions import ResponseError
from tornado.ioloop import IOLoop

from schemas.errors import STORE_UNAVAILABLE
from store import keys
from tests.support.store_cluster import Cluster, Migration
from tests.support.store_nodes import Node
from tests.support.stores import HOST, Stores, eventually, refusal

pytestmark = pytest.mark.gen_test(timeout=30)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Three primaries."""
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        made.create()
        yield made
    finally:
        made.close()


@pytest.fixture
def spread(io_loop: IOLoop, cluster: Cluster) -> Iterator[Stores]:
    """The stores of one instance on the cluster, its relay reading."""
    made = Stores(cluster.url)

    async def start() -> None:
        await made.start()
        made.relay.start()

    io_loop.run_sync(start)
    yield made
    io_loop.run_sync(made.stop)


def on_the_move(cluster: Cluster, key: str) -> tuple[Migration, Node]:
    """The key's slot, about to go to another node: that one."""
    source = cluster.owner_of(key)
    target = next(node for node in cluster.primaries if node is not source)
    return Migration(cluster, key_slot(key.encode()), source, target), target


async def switch(stores: Stores, uuid: str, times: int) -> None:
    """That many broadcasts."""
    for turn in range(times):
        await stores.sessions.transition(uuid, HOST, "resume" if turn % 2 else "pause")


async def test_replies_meet_their_commands(spread: Stores, cluster: Cluster) -> None:
    """Keys are spread over all nodes; each of many calls at once gets its own reply."""
    names = [f"test:{number}" for number in range(300)]
    await asyncio.gather(*(spread.client.command("SET", name, name) for name in names))
    assert await asyncio.gather(*(spread.client.command("GET", name) for name in names)) == [
        name.encode() for name in names
    ]
    assert all(node.call("DBSIZE") > 50 for node in cluster.primaries)


async def test_scripts_that_the_nodes_forgot(spread: Stores, cluster: Cluster) -> None:
    """A node that does not know a script gets its text."""
    uuids = [await spread.lesson() for _ in range(6)]
    cluster.call_all("SCRIPT", "FLUSH")
    views = await asyncio.gather(*(spread.sessions.get_classroom_session(uuid, HOST) for uuid in uuids))
    assert [view.value["uuid"] for view in views] == uuids


async def test_sessions_on_all_nodes_are_followed(spread: Stores, cluster: Cluster) -> None:
    """Broadcasts come from whichever node has the session, and what the connections lost is read from the logs."""
    uuids: list[str] = []
    while {cluster.owner_of(keys.session(uuid)).port for uuid in uuids} != {
        n.port for n in cluster.primaries
    }:
        uuids.append(await spread.lesson())
    for uuid in uuids:
        await spread.follow(uuid)
        await spread.sessions.transition(uuid, HOST, "start")
    assert sum(cluster.call_all("CLIENT", "KILL", "TYPE", "pubsub")) == 3
    for uuid in uuids:
        await switch(spread, uuid, 2)
    await eventually(lambda: all(spread.seen.numbers(uuid) == [1, 2, 3] for uuid in uuids))
    assert spread.seen.resynced == []


async def test_a_slot_that_moves(spread: Stores, cluster: Cluster) -> None:
    """While a session's keys are on their way its writes wait; then they go to the new node, and so does the subscription.
    Nothing is lost, and nobody starts anew.
    """
    uuid = await spread.lesson()
    await spread.follow(uuid)
    await spread.sessions.transition(uuid, HOST, "start")
    epoch = await spread.client.command("HGET", keys.session(uuid), "epoch")
    migration, target = on_the_move(cluster, keys.session(uuid))
    await switch(spread, uuid, 2)
    migration.begin()
    writing = asyncio.create_task(switch(spread, uuid, 4))
    await asyncio.sleep(0)
    assert migration.move_keys(2) == 2
    assert await spread.client.command("HGET", keys.session(uuid), "epoch") == epoch  # wherever it is now
    migration.move_keys()
    assert await spread.client.command("HGET", keys.session(uuid), "epoch") == epoch
    assert not writing.done()
    migration.end()
    await writing
    assert cluster.owner_of(keys.session(uuid)) is target
    await switch(spread, uuid, 2)
    await eventually(lambda: spread.seen.numbers(uuid) == list(range(1, 10)))
    await eventually(lambda: target.call("PUBSUB", "SHARDNUMSUB", keys.session(uuid))[1] == 1)
    await switch(spread, uuid, 2)
    await eventually(lambda: spread.seen.numbers(uuid) == list(range(1, 12)))
    assert spread.seen.resynced == []
    assert await spread.client.command("HGET", keys.session(uuid), "epoch") == epoch


async def test_a_slot_that_moves_in_one_step(spread: Stores, cluster: Cluster) -> None:
    """Valkey 9 moves a slot by itself, and hands it over at once: writes go on, and nobody starts anew."""
    uuid = await spread.lesson()
    await spread.follow(uuid)
    await spread.sessions.transition(uuid, HOST, "start")
    source = cluster.owner_of(keys.session(uuid))
    target = next(node for node in cluster.primaries if node is not source)
    slot, owner = key_slot(keys.session(uuid).encode()), target.call("CLUSTER", "MYID")
    try:
        source.call("CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", slot, slot, "NODE", owner)
    except ResponseError as problem:
        pytest.skip(f"the store cannot do that: {problem}")
    turns = 0
    while cluster.owner_of(keys.session(uuid)) is not target:
        await switch(spread, uuid, 2)
        turns += 2
    await switch(spread, uuid, 2)
    await eventually(lambda: spread.seen.numbers(uuid) == list(range(1, turns + 4)))
    await eventually(lambda: target.call("PUBSUB", "SHARDNUMSUB", keys.session(uuid))[1] == 1)
    assert spread.seen.resynced == []


async def test_a_slot_that_is_on_its_way_for_long(
    spread: Stores, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits long for a slot that cannot be used: the write is refused, has not happened, and can be repeated."""
    monkeypatch.setattr("store.cluster.PATIENCE_SECONDS", 0.2)
    uuid = await spread.lesson()
    migration, _ = on_the_move(cluster, keys.session(uuid))
    migration.begin()
    async with asyncio.timeout(1):
        refused = spread.sessions.transition(uuid, HOST, "start", operation="op")
        assert await refusal(refused) is STORE_UNAVAILABLE
    migration.move_keys()
    migration.end()
    session = await spread.sessions.transition(uuid, HOST, "start", operation="op")
    assert session["status"] == "active"
    assert (await spread.event_types(uuid)).count("session_start") == 1
