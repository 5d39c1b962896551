"""A cluster changes under traffic: a slot moves, a primary dies. Nothing acknowledged is lost, and no socket closes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis.crc import key_slot

from store import keys
from tests.support.people_lesson import People, Person, assert_saw_the_same, fresh_id
from tests.support.people_measure import measured
from tests.support.people_traffic import Switching, Traffic
from tests.support.process_house import OUTAGE, House
from tests.support.process_instance import Instance
from tests.support.store_cluster import Cluster, Migration

pytestmark = pytest.mark.gen_test(timeout=60)

PROMOTED_SECONDS = 20.0


@pytest.fixture
def cluster(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """Three primaries, and as many replicas of each as the test's parameter says."""
    made = Cluster(tmp_path / "cluster", replicas=request.param)
    try:
        made.create()
        yield made
    finally:
        made.close()


class Busy:
    """Three people on two instances who write all the time, over REST and sockets."""

    def __init__(self, lesson: list[Person], instances: list[Instance]) -> None:
        a, b = instances
        self.lesson = lesson
        self.traffic = [Traffic(lesson[0], [a, b]), Traffic(lesson[1], [b, a])]
        self._switching = [Switching(person) for person in lesson[:2]]
        self._everybody: list[Traffic | Switching] = [*self.traffic, *self._switching]
        self._tasks = [asyncio.create_task(one.run()) for one in self._everybody]

    async def go_on(self, count: int) -> None:
        """Returns once each has made so many more writes."""
        marks = [len(one.acknowledged) for one in self.traffic]
        await asyncio.gather(
            *(one.until(mark + count) for one, mark in zip(self.traffic, marks, strict=True))
        )

    async def end(self, instance: Instance, *, failover: bool) -> None:
        """Ends it, and asserts what everybody may rely on."""
        for busy in self._everybody:
            busy.wanted = False
        await asyncio.gather(*self._tasks)
        host = self.lesson[0]
        mark = host.socket.mark
        await host.post(instance, "media-state/", {"screen_sharing": True})
        end = await host.socket.find(
            lambda m: m["type"] == "media_state_update" and m["media_state"]["screen_sharing"], since=mark
        )
        await asyncio.gather(*(person.socket.reach(end["seq"]) for person in self.lesson))
        await asyncio.gather(*(one.assert_all_there(instance) for one in self.traffic))
        assert [person.socket.close_code for person in self.lesson] == [None] * len(self.lesson)
        assert end["seq"] in assert_saw_the_same(self.lesson, failover=failover)


async def start(house: House, people: People) -> Busy:
    """A lesson in which everybody is busy."""
    a, b = house.instances
    lesson = await people.lesson(a, fresh_id(), fresh_id(), fresh_id())
    await asyncio.gather(lesson[0].open(a), lesson[1].open(b), lesson[2].open(b, "system"))
    busy = Busy(lesson, house.instances)
    await busy.go_on(10)
    return busy


@pytest.mark.parametrize("cluster", [0], indirect=True)
async def test_slots_move_under_traffic(
    cluster: Cluster, build_house: Callable[..., House], people_of: Callable[[House], People]
) -> None:
    """The session's slot goes from node to node while everybody writes: some writes take a little longer, that is all."""
    house = build_house(redis__url=cluster.url)
    busy = await start(house, people_of(house))
    name = keys.session(busy.lesson[0].uuid)
    took: list[float] = []
    for number in range(4):
        source = cluster.owner_of(name)
        others = [node for node in cluster.primaries if node is not source]
        migration = Migration(cluster, key_slot(name.encode()), source, others[number % 2])
        began = time.monotonic()
        await asyncio.to_thread(migration.begin)
        await asyncio.to_thread(migration.move_keys, 3)
        await asyncio.to_thread(migration.move_keys)
        await asyncio.to_thread(migration.end)
        took.append(time.monotonic() - began)
        await busy.go_on(10)
    measured("a slot on its way", took)
    await busy.end(house.instances[0], failover=False)
    assert [answer for one in busy.traffic for answer in one.refused] == []


@pytest.mark.parametrize("cluster", [2], indirect=True)
async def test_a_primary_dies(
    cluster: Cluster, build_house: Callable[..., House], people_of: Callable[[House], People]
) -> None:
    """The primary that has the session is killed, and its replica takes over: with `redis.wait_replicas` nothing that was
    acknowledged is lost, and all see one story.
    """
    house = build_house(redis__url=cluster.url, redis__wait_replicas=1)
    house.allow(*OUTAGE)
    busy = await start(house, people_of(house))
    cluster.owner_of(keys.session(busy.lesson[0].uuid)).kill()
    killed_at = time.monotonic()
    for one in busy.traffic:
        await one.until(len(one.acknowledged) + 1, PROMOTED_SECONDS)
    measured("a cluster's primary killed: until writes went on", [time.monotonic() - killed_at])
    await busy.go_on(10)
    await busy.end(house.instances[0], failover=True)
    assert all(one.refused for one in busy.traffic)
