"""The store goes away under traffic, and comes back: degraded, not down, and nothing that was acknowledged is lost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import pytest

from tests.support.people_calls import Answer
from tests.support.people_lesson import People, Person, assert_saw_the_same, fresh_id
from tests.support.people_measure import measured
from tests.support.people_sockets import Socket
from tests.support.people_traffic import Switching, Traffic
from tests.support.process_house import OUTAGE, House

if TYPE_CHECKING:
    from tests.conftest import FreshRedis

pytestmark = pytest.mark.gen_test(timeout=40)

REFUSED_SECONDS = 4.0
HEALED_SECONDS = 3.0
OUTAGE_SECONDS = 1.5
HANG_SECONDS = 5.0


async def start_traffic(house: House, people: People) -> tuple[list[Person], list[Traffic], list[Switching]]:
    """Three people on two instances, one of them with a channel socket, and everybody is busy."""
    a, b = house.instances
    lesson = await people.lesson(a, fresh_id(), fresh_id(), fresh_id())
    await asyncio.gather(lesson[0].open(a), lesson[1].open(b), lesson[2].open(b, "system"))
    return (
        lesson,
        [Traffic(lesson[0], [a, b]), Traffic(lesson[1], [b, a])],
        [Switching(person) for person in lesson[:2]],
    )


async def through(
    house: House, people: People, outage: Callable[[], Awaitable[float]], *, noticed: bool
) -> list[Answer]:
    """Traffic before, in and after an `outage`, which returns when the store was back; what was refused. Asserts what
    everybody may rely on in any outage; `noticed` says whether it lasts long enough for the people to be told.
    """
    lesson, traffic, switching = await start_traffic(house, people)
    everybody: list[Traffic | Switching] = [*traffic, *switching]
    busy = [asyncio.create_task(one.run()) for one in everybody]
    sockets = [person.socket for person in lesson]
    await asyncio.gather(*(socket.reach(socket.welcome["seq"] + 30) for socket in sockets))
    back_at = await outage()
    if noticed:
        await asyncio.gather(*(told(socket, "recovered") for socket in sockets))
        healed = [time_of(socket, "recovered") - back_at for socket in sockets]
        measured("an outage: from the store's return to `recovered`", healed)
        assert max(healed) < HEALED_SECONDS
    marks = [len(one.acknowledged) for one in traffic]
    await asyncio.gather(*(one.until(mark + 10) for one, mark in zip(traffic, marks, strict=True)))
    for who in everybody:
        who.wanted = False
    await asyncio.gather(*busy)
    await assert_all_well(house, lesson, traffic, switching)
    codes = [[m["code"] for m in socket.of_type("notification")] for socket in sockets]
    assert codes == [["read_only", "recovered"] if noticed else []] * len(sockets)
    refused = [answer for one in traffic for answer in one.refused]
    assert all(answer.seconds < REFUSED_SECONDS for answer in refused)
    return refused


async def told(socket: Socket, code: str) -> None:
    """Returns once the notification with that code has come."""
    await socket.find(lambda message: message.get("code") == code, seconds=2 * HEALED_SECONDS + HANG_SECONDS)


def time_of(socket: Socket, code: str) -> float:
    """When it came."""
    numbers = [number for number, message in enumerate(socket.messages) if message.get("code") == code]
    return socket.times[numbers[0]]


async def assert_all_well(
    house: House, lesson: list[Person], traffic: list[Traffic], switching: list[Switching]
) -> None:
    """No socket was closed, all saw the same and all of it, and the log has what was acknowledged, once."""
    a, b = house.instances
    host = lesson[0]
    mark = host.socket.mark
    await host.post(b, "permissions/", {"user_id": lesson[1].user_id, "permissions": {"can_draw": False}})
    await host.post(b, "media-state/", {"screen_sharing": True})
    end = await host.socket.find(
        lambda m: m["type"] == "media_state_update" and m["media_state"]["screen_sharing"], since=mark
    )
    await asyncio.gather(*(person.socket.reach(end["seq"]) for person in lesson))
    assert [person.socket.close_code for person in lesson] == [None] * 3
    story = assert_saw_the_same(lesson, failover=house.fails_over)
    assert len(story) >= end["seq"] - max(person.socket.welcome["seq"] for person in lesson)
    assert set().union(*(one.codes for one in switching)) <= {"store_unavailable"}
    assert not any('"participant_left"' in text for text in story.values())
    await asyncio.gather(*(one.assert_all_there(a) for one in traffic))
    stats = await host.get(a, "events/stats/")
    assert stats["by_type"]["tool_select"] == sum(len(one.acknowledged) for one in traffic)
    updates = sum('"media_state_update"' in text for text in story.values())
    assert stats["by_type"]["media_state"] >= updates


async def test_the_embedded_store_is_killed(
    build_house: Callable[..., House], people_of: Callable[[House], People]
) -> None:
    """The instances start their store again by themselves, and nobody loses anything."""
    house = build_house()
    house.allow(*OUTAGE)

    async def outage() -> float:
        killed = house.kill_store()
        while house.store_pid in (None, killed):  # noqa: ASYNC110 - another process starts it
            await asyncio.sleep(0.005)
        return time.monotonic()

    refused = await through(house, people_of(house), outage, noticed=True)
    measured("the embedded store killed: refused writes, and how long each took", seconds_of(refused))


async def test_a_store_by_url_is_killed_and_started(
    build_house: Callable[..., House], people_of: Callable[[House], People], fresh_redis: FreshRedis
) -> None:
    """While the store is gone, sockets stay open, writes are refused at once, everybody is told; then everything heals."""
    house = build_house(redis__url=fresh_redis.url)
    house.allow(*OUTAGE)
    a, b = house.instances

    async def outage() -> float:
        await asyncio.to_thread(fresh_redis.kill)
        gone_at = time.monotonic()
        while await people.status(a, "/readyz") == 200:
            assert time.monotonic() - gone_at < REFUSED_SECONDS
        assert await people.status(b, "/healthz") == 200
        await asyncio.sleep(OUTAGE_SECONDS)  # the outage itself
        await asyncio.to_thread(fresh_redis.start)
        back_at = time.monotonic()
        while await people.status(a, "/readyz") != 200:
            assert time.monotonic() - back_at < HEALED_SECONDS
        measured("a store by URL killed: from its return to `readyz` 200", [time.monotonic() - back_at])
        return back_at

    people = people_of(house)
    refused = await through(house, people, outage, noticed=True)
    assert len(refused) >= 2
    measured("a store by URL killed: refused writes, and how long each took", seconds_of(refused))


async def test_the_store_hangs(
    build_house: Callable[..., House], people_of: Callable[[House], People]
) -> None:
    """A store that takes connections and does not answer is as good as gone: writes are refused, and everything heals."""
    house = build_house(presence__lease_seconds=10)
    house.allow(*OUTAGE, r"the store could not be started")

    async def outage() -> float:
        house.pause_store()
        await asyncio.sleep(HANG_SECONDS)  # the outage itself
        house.resume_store()
        return time.monotonic()

    refused = await through(house, people_of(house), outage, noticed=True)
    assert len(refused) >= 2
    measured("the store hangs: refused writes, and how long each took", seconds_of(refused))


async def test_lost_pubsub_connections_heal_in_place(
    build_house: Callable[..., House], people_of: Callable[[House], People]
) -> None:
    """When the connections that carry broadcasts are cut again and again, nobody notices."""
    house = build_house()

    async def outage() -> float:
        for _ in range(5):
            killed = 0
            while killed < len(house.instances):  # each of them again, once it is back
                killed += house.cut_broadcasts()
                await asyncio.sleep(0.02)
        return time.monotonic()

    assert await through(house, people_of(house), outage, noticed=False) == []


async def test_a_start_without_the_store(
    build_house: Callable[..., House], people_of: Callable[[House], People], fresh_redis: FreshRedis
) -> None:
    """An instance that starts without its store is alive and not ready, and gets ready when the store comes."""
    house = build_house(redis__url=fresh_redis.url)
    house.allow(*OUTAGE)
    a, b = house.instances
    people = people_of(house)
    (host,) = await people.lesson(b, fresh_id())
    await asyncio.to_thread(fresh_redis.kill)
    a.kill()
    a.spawn()
    await asyncio.to_thread(a.wait_listening)
    assert (await people.status(a, "/healthz"), await people.status(a, "/readyz")) == (200, 503)
    answer = await host.call(a, "POST", "start/")
    assert (answer.status, answer.code) == (503, "store_unavailable")
    await asyncio.to_thread(fresh_redis.start)
    await asyncio.to_thread(a.wait_ready)
    assert (await host.post(a, "start/"))["status"] == "active"


def seconds_of(answers: list[Answer]) -> list[float]:
    """How long each took; 0 when there is none."""
    return [answer.seconds for answer in answers] or [0.0]
