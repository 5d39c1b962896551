"""SIGTERM: an instance says at once that it is going, hands its people over, and ends in good order (contract §5)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest
from websockets.exceptions import InvalidMessage

from tests.support.people_lesson import People, Person, assert_saw_the_same, fresh_id
from tests.support.people_measure import measured
from tests.support.people_sockets import Refusal
from tests.support.process_house import House
from tests.support.process_instance import http_status

pytestmark = pytest.mark.gen_test(timeout=30)

DRAIN_SECONDS = 1.5
NOTICE_SECONDS = 0.4
"""`readyz` is wrong for no longer than that after SIGTERM, while the sockets are still being closed."""


async def test_an_instance_that_is_told_to_end_hands_its_people_over(
    build_house: Callable[..., House], people_of: Callable[[House], People]
) -> None:
    """A deployment costs nobody anything: not ready at once, sockets closed with 1012, everybody resumes elsewhere."""
    house = build_house(server__drain_seconds=DRAIN_SECONDS, presence__grace_seconds=5)
    a, b = house.instances
    users = [fresh_id() for _ in range(6)]
    host, *others = lesson = await people_of(house).lesson(a, *users)
    await asyncio.gather(host.open(b), *(person.open(a) for person in others))
    both = await others[0].open(a)
    a.terminate()
    told_at = time.monotonic()
    while http_status(a.port, "/readyz") != 503:
        assert time.monotonic() - told_at < NOTICE_SECONDS
        await asyncio.sleep(0)
    assert http_status(a.port, "/healthz") == 200
    with pytest.raises(Refusal) as refused:
        await others[-1].open(a, "system")
    assert refused.value.status == 503
    with pytest.raises(Refusal) as refused:
        await others[-1].open(a)
    assert refused.value.close_code == 1012

    async def go_on(number: int) -> float:
        person = others[number]
        first = person.sockets[0]
        assert await first.until_closed() == 1012
        await person.open(b, **first.cursor)
        assert person.socket.welcome["recovered"] is True
        return first.closed_at - told_at

    switching = asyncio.gather(
        *(host.post(b, "media-state/", {"video_enabled": turn % 2 == 0}) for turn in range(20))
    )
    closed = await asyncio.gather(*(go_on(number) for number in range(len(others))))
    assert await both.until_closed() == 1012
    assert abs(both.closed_at - others[0].sockets[0].closed_at) < DRAIN_SECONDS / len(others)
    measured("drain: from SIGTERM to the closing of each person's sockets", closed)
    assert max(closed) - min(closed) > DRAIN_SECONDS / 3, "they were all closed at once"
    assert max(closed) < DRAIN_SECONDS + 1
    assert await a.exit_status() == 0
    measured("drain: from SIGTERM to the end of the process", [time.monotonic() - told_at])
    await switching
    others[0].sockets.remove(both)
    last = (await host.post(b, "media-state/", {"screen_sharing": True}), host.socket)[1]
    end = await last.find(lambda m: m["type"] == "media_state_update" and m["media_state"]["screen_sharing"])
    await asyncio.gather(*(person.socket.reach(end["seq"]) for person in lesson))
    assert_saw_the_same(lesson)
    assert host.socket.of_type("participant_left") == []
    await both.close()


async def test_an_instance_without_people_ends_at_once(build_house: Callable[..., House]) -> None:
    """Nobody to hand over: the drain time is not waited for, and the embedded store ends with its last instance."""
    house = build_house(count=2, server__drain_seconds=10)
    store = house.store_pid
    assert store is not None
    began = time.monotonic()
    for instance in house.instances:
        instance.terminate()
    assert [await instance.exit_status() for instance in house.instances] == [0, 0]
    assert time.monotonic() - began < 5
    assert house.cluster or house.store_pid is None


async def test_an_instance_ends_cleanly_amid_traffic(
    build_house: Callable[..., House], people_of: Callable[[House], People]
) -> None:
    """Calls and sockets that keep coming while an instance ends are served, refused or cut off; it ends in good order."""
    house = build_house()
    a, b = house.instances
    lesson = await people_of(house).lesson(b, *(fresh_id() for _ in range(6)))

    first_served = asyncio.Event()

    async def keep_calling(person: Person) -> int:
        served = 0
        while True:
            try:
                answer = await person.call(a, "POST", "event/", {"event_type": "tool_select"})
            except (ConnectionError, OSError):
                return served
            assert answer.status in (201, 503), answer
            if answer.status == 201:
                served += 1
                first_served.set()

    async def keep_opening(person: Person) -> None:
        while True:
            try:
                await person.open(a)
            except (Refusal, ConnectionError, OSError, InvalidMessage):
                if not a.is_alive:
                    return

    await lesson[-1].open(b)  # before the others come, so that it is told of them
    busy = asyncio.gather(
        *(keep_calling(person) for person in lesson for _ in range(8)),
        *(keep_opening(person) for person in lesson[:2]),
    )
    await lesson[-1].socket.find_type("participant_joined")
    await asyncio.wait_for(first_served.wait(), 10)
    a.terminate()
    assert await a.exit_status() == 0
    served = sum(filter(None, await busy))
    stats = await lesson[0].get(b, "events/stats/")
    assert stats["by_type"]["tool_select"] >= served > 0
