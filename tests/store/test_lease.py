from collections.abc import Awaitable, Callable

import pytest

from store import keys
from tests.conftest import FreshRedis
from tests.support.stores import Stores, eventually

Make = Callable[..., Awaitable[Stores]]


async def members(stores: Stores, instance: str) -> set[bytes]:
    """The sessions that somebody has to look after if this instance dies."""
    return set(await stores.client.command("SMEMBERS", keys.sessions_on(instance)))


async def heartbeat(stores: Stores, instance: str, held: int, lease_ms: int = 60_000) -> int:
    """What the store answers to a sign of life."""
    reply = await stores.client.run("instance_heartbeat", [keys.INSTANCES], [instance, lease_ms, held])
    return int(reply)


async def test_the_heartbeat(fresh_stores: Make) -> None:
    """A lease is new, held or lapsed; a lapsed one is not renewed, nor one that others have cleared away."""
    stores = await fresh_stores()
    assert await heartbeat(stores, "a", 0) == 2
    assert await heartbeat(stores, "a", 1) == 1
    await stores.client.command("ZADD", keys.INSTANCES, 1, "a")
    assert await heartbeat(stores, "a", 1) == 0
    await stores.client.command("ZREM", keys.INSTANCES, "a")
    assert await heartbeat(stores, "a", 1) == 0
    assert await stores.client.command("ZCARD", keys.INSTANCES) == 0


@pytest.mark.parametrize("cleared", [False, True])
async def test_a_lapsed_lease(fresh_stores: Make, caplog: pytest.LogCaptureFixture, cleared: bool) -> None:
    """Who was taken for dead gets a new id, keeps its sessions under it, and registers its sockets anew."""
    stores = await fresh_stores(lease_seconds=0.2)
    lapsed: list[str] = []
    lease = stores.lease
    lease.on_lapse = lambda: lapsed.append(lease.instance)
    lease.start()
    await stores.presence.open("one")
    old = lease.instance
    await eventually(lambda: lease.may_judge)
    if cleared:
        await stores.client.command("ZREM", keys.INSTANCES, old)
    else:
        await stores.client.command("ZADD", keys.INSTANCES, 1, old)
    await eventually(lambda: bool(lapsed))
    assert lapsed == [lease.instance]
    assert lease.instance != old
    assert await members(stores, lease.instance) == {b"one"}
    assert not lease.may_judge
    assert "had lapsed" in caplog.text
    await lease.stop()


async def test_only_what_is_in_use_is_kept(fresh_stores: Make) -> None:
    """A session that is not in use any more is let go with the next sign of life, and can be kept again."""
    stores = await fresh_stores(lease_seconds=0.1)
    used = {"one", "two"}
    stores.lease.in_use = used.__contains__
    for uuid in ("one", "two", "one"):
        await stores.lease.keep(uuid)
    used.discard("two")
    stores.lease.start()
    await eventually(lambda: stores.lease.may_judge)
    assert await members(stores, stores.lease.instance) == {b"one"}
    used.add("two")
    await stores.lease.keep("two")
    assert await members(stores, stores.lease.instance) == {b"one", b"two"}
    await stores.lease.stop()


@pytest.mark.parametrize("in_use, score", [(True, b"0"), (False, None)])
async def test_giving_it_up(fresh_stores: Make, in_use: bool, score: bytes | None) -> None:
    """An instance that stops leaves what still runs to the others at once, and else no trace."""
    stores = await fresh_stores()
    stores.lease.in_use = lambda _: in_use
    stores.lease.start()
    await stores.lease.keep("one")
    await stores.lease.stop()
    assert await stores.client.command("ZSCORE", keys.INSTANCES, stores.lease.instance) == score
    assert await members(stores, stores.lease.instance) == ({b"one"} if in_use else set())


async def test_nobody_is_judged_after_an_outage(fresh_stores: Make, fresh_redis: FreshRedis) -> None:
    """When the store comes back everybody's lease has lapsed: nobody is called dead before all could renew
    theirs.
    """
    stores = await fresh_stores(lease_seconds=0.2)
    stores.lease.start()
    await eventually(lambda: stores.lease.may_judge)
    fresh_redis.kill()
    await eventually(lambda: not stores.lease.may_judge)
    fresh_redis.start()
    await stores.client.wait_available()
    assert not stores.lease.may_judge
    await eventually(lambda: stores.lease.may_judge)
    await stores.lease.stop()


async def test_stopping_without_a_store(fresh_stores: Make, fresh_redis: FreshRedis) -> None:
    """An instance can stop while the store is gone; its lease ends by itself."""
    stores = await fresh_stores()
    stores.lease.start()
    fresh_redis.kill()
    await eventually(lambda: not stores.client.available)
    await stores.lease.stop()
