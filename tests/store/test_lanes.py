import asyncio
from collections.abc import Callable

import pytest
from redis.asyncio import ConnectionPool
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import BusyLoadingError, ResponseError

from store import lanes as lanes_module
from store.lanes import LANES, Lane, Lanes, Outcome
from store.pipe import LOST, packed
from tests.conftest import FreshRedis
from tests.support.stores import answering, eventually

PING = packed(("PING",))


def maker(url: str) -> Callable[[], AbstractConnection]:
    """Makes connections to that store."""
    return ConnectionPool.from_url(url, protocol=2, socket_timeout=1.0).make_connection


class House:
    """Lanes, and what they told."""

    def __init__(self, url: str) -> None:
        self.freed = 0
        self.failures: list[Exception] = []
        self.lanes = Lanes(maker(url), self._count, self.failures.append)

    def _count(self) -> None:
        self.freed += 1

    async def lane(self) -> Lane:
        """A free one."""
        await eventually(lambda: self.lanes.free() is not None)
        found = self.lanes.free()
        assert found is not None
        return found


async def test_a_connection_is_used_again(redis_url: str) -> None:
    """Pipelines follow each other on the same connection; while one is under way, others have lanes of their own, a few."""
    house, outcomes = House(redis_url), list[Outcome]()
    first = await house.lane()
    assert await first.exchange(PING, 1) == [b"PONG"]
    assert house.lanes.free() is first
    taken: set[Lane] = set()
    for _ in range(LANES):
        lane = await house.lane()
        lane.send(packed(("BLPOP", "nothing", "0.3")), 1, outcomes.append)
        taken.add(lane)
    assert len(taken) == LANES
    assert house.lanes.free() is None
    assert not house.lanes._opening, "there are no more of them"
    await eventually(lambda: len(outcomes) == LANES)
    assert outcomes == [[None]] * LANES
    await house.lanes.stop()


async def test_replies_come_in_order_errors_among_them(redis_url: str) -> None:
    """An error of the store is one command's reply, and harms no other's."""
    house = House(redis_url)
    lane = await house.lane()
    commands = (("ECHO", "a"), ("NO-SUCH-COMMAND",), ("ECHO", "b"))
    asked = [lane.exchange(b"".join(packed(command) for command in commands), 3) for _ in range(3)]
    for replies in await asyncio.gather(*asked):
        assert (replies[0], replies[2]) == (b"a", b"b")
        assert isinstance(replies[1], ResponseError)
    await house.lanes.stop()


async def test_what_the_store_closed_is_not_used(redis_url: str) -> None:
    """A connection that ended while nobody used it costs nobody their call: the next one is connected anew."""
    house = House(redis_url)
    kept = await house.lane()
    (number,) = await kept.exchange(packed(("CLIENT", "ID")), 1)
    beside, freed = await house.lanes.beside(), house.freed
    assert await beside.exchange(packed(("CLIENT", "KILL", "ID", number)), 1) == [1]
    await eventually(lambda: not kept.is_open)
    assert house.freed == freed + 1, "who waits for a lane hears that one may be opened"
    again = await house.lane()
    assert again is not kept
    assert await again.exchange(PING, 1) == [b"PONG"]
    await house.lanes.stop()


async def test_a_store_that_does_not_answer(fresh_redis: FreshRedis, monkeypatch: pytest.MonkeyPatch) -> None:
    """What gets no reply in time fails, with all that follows on the same connection, whose replies may still come."""
    monkeypatch.setattr(lanes_module, "TIMEOUT_SECONDS", 0.2)
    house = House(fresh_redis.url)
    lane = await house.lane()
    assert await lane.exchange(PING, 1) == [b"PONG"]
    fresh_redis.pause()
    calls = [asyncio.create_task(lane.exchange(PING, 1)) for _ in range(3)]
    async with asyncio.timeout(1):
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(outcome, TimeoutError) for outcome in outcomes)
    assert not lane.is_open
    fresh_redis.resume()
    await house.lanes.stop()


async def test_a_store_that_answers_slowly(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipeline may take longer than the timeout, as long as replies come."""
    monkeypatch.setattr(lanes_module, "TIMEOUT_SECONDS", 0.5)
    house = House(redis_url)
    lane = await house.lane()
    slow = packed(("BLPOP", "nothing", "0.2")) * 5
    assert await lane.exchange(slow, 5) == [None] * 5
    await house.lanes.stop()


async def test_no_store(fresh_redis: FreshRedis) -> None:
    """Who waits for a lane is told when none can be opened."""
    fresh_redis.kill()
    house = House(fresh_redis.url)
    assert house.lanes.free() is None
    await eventually(lambda: bool(house.failures))
    with pytest.raises(LOST):
        await house.lanes.beside()
    await house.lanes.stop()


async def test_closing_fails_what_is_under_way(redis_url: str) -> None:
    """After a failover nothing stays on the connections to the node that was primary before, opening ones included."""
    house, outcomes = House(redis_url), list[Outcome]()
    await house.lane()
    taken = 0
    while (lane := house.lanes.free()) is not None:  # the last of these calls opens one more
        lane.send(packed(("BLPOP", "nothing", "5")), 1, outcomes.append)
        taken += 1
    house.lanes.close()
    assert len(outcomes) == taken > 0
    assert all(isinstance(outcome, ConnectionError) for outcome in outcomes)
    await house.lanes.stop()
    assert not house.lanes
    assert (await house.lane()).is_open
    await house.lanes.stop()


async def test_an_answer_nobody_asked_for(redis_url: str, caplog: pytest.LogCaptureFixture) -> None:
    """A connection whose replies cannot be told apart any more is ended, with a word in the log."""
    house = House(redis_url)
    lane = await house.lane()
    lane.send(PING + PING, 1, lambda _: None)
    await eventually(lambda: not lane.is_open)
    assert "could not be used" in caplog.text
    await house.lanes.stop()


async def test_an_error_of_the_connection() -> None:
    """Some errors are no command's: a store that loads its data, or has no place for us. What is under way is refused."""
    async with answering(b"-LOADING Redis is loading the dataset in memory\r\n") as url:
        made = ConnectionPool.from_url(url, protocol=2, driver_info=None).make_connection
        lanes = Lanes(made, lambda: None, lambda _: None)
        lane = await lanes.beside()
        with pytest.raises(BusyLoadingError):
            await lane.exchange(PING, 1)
        assert not lane.is_open
        await lanes.stop()
