import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from store import housekeeping, keys
from store.housekeeping import Chore
from tests.conftest import FreshRedis
from tests.support.stores import HOST, Stores, eventually

Make = Callable[..., Awaitable[Stores]]
DAY_MS = 86_400_000


async def test_what_never_started_expires(fresh_stores: Make) -> None:
    """Sessions whose time is over expire, once, whoever looks; the others are looked at again when they are
    due.
    """
    stores = await fresh_stores()
    now = int(time.time() * 1000)
    due = await stores.lesson(status="scheduled", scheduled_start=1, scheduled_end=now - DAY_MS - 2_000)
    moved = await stores.lesson(status="scheduled", scheduled_start=1, scheduled_end=now - 2 * DAY_MS)
    await stores.move(moved, now, now)
    await stores.client.command("ZADD", keys.DUE, 1, moved, 1, "gone")
    started = await stores.lesson(status="scheduled", scheduled_start=1, scheduled_end=2)
    await stores.sessions.transition(started, HOST, "start")
    await asyncio.gather(*(stores.housekeeping.expire_sessions() for _ in range(3)))
    assert await stores.client.command("HGET", keys.session(due), "status") == b"expired"
    assert await stores.client.command("HGET", keys.session(started), "status") == b"active"
    assert await stores.client.command("ZRANGE", keys.DUE, 0, -1) == [moved.encode()]
    assert (await stores.event_types(due)).count("session_end") == 1
    assert await stores.housekeeping.expire_sessions() == 0


async def test_an_entry_that_is_broken(stores: Stores, caplog: pytest.LogCaptureFixture) -> None:
    """One session that cannot be expired does not keep the others from it."""
    uuid = await stores.lesson(status="scheduled", scheduled_start=1)
    await stores.client.command("ZADD", keys.DUE, -1, b"\xff")
    await stores.client.command("ZADD", keys.DUE, 1, uuid)
    await stores.housekeeping.expire_sessions()
    await stores.client.command("ZREM", keys.DUE, b"\xff")
    assert (await stores.sessions.get_classroom_session(uuid, HOST)).value["status"] == "expired"
    assert "cannot be expired" in caplog.text


async def test_one_instance_at_a_time(fresh_stores: Make) -> None:
    """Of two instances one does the work in an interval; the same chore is done again in the next one."""
    done: list[str] = []
    instances = [await fresh_stores() for _ in range(2)]
    for stores in instances:

        async def work(name: str = stores.lease.instance) -> int:
            done.append(name)
            return 1

        stores.housekeeping.chores = (Chore("test", 0.2, work),)
        stores.housekeeping.start()
    await eventually(lambda: bool(done))
    assert len(done) == 1
    began = time.monotonic()
    await eventually(lambda: len(done) >= 4)
    assert time.monotonic() - began > 0.4
    for stores in instances:
        await stores.housekeeping.stop()


async def test_a_chore_that_fails_is_done_again(
    fresh_stores: Make, fresh_redis: FreshRedis, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither a bug nor an outage of the store ends the housekeeping for good."""
    stores = await fresh_stores()
    tried: list[bool] = []

    async def work() -> int:
        tried.append(stores.client.available)
        if len(tried) == 1:
            raise ValueError("a bad entry")
        return int(await stores.client.command("TIME") is not None)

    stores.housekeeping.chores = (Chore("test", 0.05, work),)
    stores.housekeeping.start()
    await eventually(lambda: len(tried) >= 2)
    assert "a bad entry" in caplog.text
    fresh_redis.kill()
    await eventually(lambda: not stores.client.available)
    fresh_redis.start()
    before = len(tried)
    await eventually(lambda: len(tried) > before)
    await stores.housekeeping.stop()


def test_how_often() -> None:
    """Expired sessions are looked for every minute, dead instances often enough for their people to go in 45
    s.
    """
    assert housekeeping.EXPIRE_SECONDS == 60
    assert housekeeping.DEAD_INSTANCES_SECONDS <= 5
