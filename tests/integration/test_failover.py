"""The primary of the store dies under traffic, and sentinels promote a replica: what was acknowledged is there, as far as
it was promised, and nobody is left on a log that is not the store's any more.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.people_lesson import People, Person, assert_saw_the_same, fresh_id
from tests.support.people_measure import measured
from tests.support.people_sockets import Message, Socket
from tests.support.people_traffic import Traffic
from tests.support.process_house import OUTAGE, House
from tests.support.store_watched import Watched

pytestmark = pytest.mark.gen_test(timeout=60)

FAILOVER = (*OUTAGE, r"the store refuses commands: READONLY")
PROMOTED_SECONDS = 20.0


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    """A primary, two replicas, three sentinels."""
    nodes = Watched(tmp_path / "nodes")
    try:
        nodes.create()
        yield nodes
    finally:
        nodes.close()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
async def test_a_lost_primary_loses_nothing_that_replicas_confirmed(
    watched: Watched,
    build_house: Callable[..., House],
    people_of: Callable[[House], People],
    how: signal.Signals,
) -> None:
    """With `redis.wait_replicas` every acknowledged write is in the promoted replica, once, under the number that was told;
    no socket is closed, and all see one story. A primary that merely hung, and comes back, misleads nobody.
    """
    house = build_house(redis__url=watched.url, redis__wait_replicas=1)
    house.allow(*FAILOVER)
    a, b = house.instances
    lesson = await people_of(house).lesson(a, fresh_id(), fresh_id(), fresh_id())
    host, student, _ = lesson
    await asyncio.gather(host.open(a), student.open(b), lesson[2].open(b, "system"))
    traffic = [Traffic(host, [a, b]), Traffic(student, [b, a])]
    busy = [asyncio.create_task(one.run()) for one in traffic]
    await asyncio.gather(*(one.until(20) for one in traffic))
    former = watched.primary
    former.signal(how)
    lost_at = time.monotonic()
    await asyncio.to_thread(watched.find_primary)
    marks = [len(one.acknowledged) for one in traffic]
    await asyncio.gather(*(one.until(mark + 10) for one, mark in zip(traffic, marks, strict=True)))
    measured(f"a primary lost by {how.name}: until writes went on", [time.monotonic() - lost_at])
    former.signal(signal.SIGCONT)
    marks = [len(one.acknowledged) for one in traffic]
    await asyncio.gather(*(one.until(mark + 20) for one, mark in zip(traffic, marks, strict=True)))
    for one in traffic:
        one.wanted = False
    await asyncio.gather(*busy)
    await asyncio.gather(*(one.assert_all_there(a) for one in traffic))
    seq = await broadcast(host, student, lesson[2])
    assert [person.socket.close_code for person in lesson] == [None] * 3
    assert seq in assert_saw_the_same(lesson, failover=True)
    assert all(one.refused for one in traffic)


async def test_a_replica_that_is_behind_never_passes_for_current(
    watched: Watched, build_house: Callable[..., House], people_of: Callable[[House], People]
) -> None:
    """Whoever saw what the promoted replica had not received starts anew, on open sockets and on resuming; whoever saw
    only what it has, resumes. In the end everybody has the same board, and goes on in one story.
    """
    house = build_house(redis__url=watched.url)
    house.allow(*FAILOVER)
    a, b = house.instances
    lesson = await people_of(house).lesson(a, *(fresh_id() for _ in range(5)))
    host, student, early, late, _ = lesson
    for person, instance in zip(lesson, (a, b, a, b, b), strict=True):
        await person.open(instance)
    await draw(host, 3)
    before = await broadcast(host, *lesson[1:])
    await early.socket.close()
    await host.socket.find(lambda message: is_status(message, early, "reconnecting"))
    watched.cut_replicas_off()
    await draw(host, 4)
    lost = await broadcast(host, student, late)
    late.socket.drop()
    watched.kill_primary()
    await asyncio.to_thread(watched.find_primary)
    staying = (host, student)
    welcomes = [await second_welcome(person.socket) for person in staying]
    assert [welcome["recovered"] for welcome in welcomes] == [False, False]
    assert {welcome["epoch"] for welcome in welcomes}.isdisjoint({host.sockets[0].welcome["epoch"]})
    assert all(before <= welcome["seq"] < lost for welcome in welcomes)
    await draw(host, 12)
    last = await broadcast(host, student)
    assert last > lost  # the numbers that were lost are taken by now, by something else
    resumed = [await person.resume(a) for person in (early, late)]
    assert [socket.welcome["recovered"] for socket in resumed] == [True, False]
    last = await broadcast(host, student, early, late)
    story: dict[int, Message] = {}
    for socket in (host.socket, student.socket, *resumed):
        began = max(
            number for number, m in enumerate([socket.welcome, *socket.messages]) if m["type"] == "welcome"
        )
        for message in socket.messages[began:]:
            if "seq" in message and message["type"] not in ("ack", "welcome"):
                assert story.setdefault(message["seq"], message) == message
    assert last in story
    assert resumed[0].faults == resumed[1].faults == []
    boards = [await board(person) for person in (host, student, early, late)]
    assert boards == [boards[0]] * 4
    assert len(boards[0]["state"]["strokes"]) == 3 + 12


async def broadcast(by: Person, *others: Person) -> int:
    """One more broadcast, its number, once it has come to everybody."""
    on = not any(m.get("media_state", {}).get("audio_enabled") for m in by.socket.messages[-1:])
    mark = by.socket.mark
    for state in (on, not on):
        await by.socket.send(type="media_state", audio_enabled=state)
    told = await by.socket.find_type("media_state_update", since=mark)
    await asyncio.gather(*(person.socket.reach(told["seq"]) for person in others))
    return int(told["seq"])


async def draw(person: Person, count: int) -> None:
    """So many strokes, each acknowledged before the next."""
    for _ in range(count):
        name, mark = fresh_id(), person.socket.mark
        await person.socket.send(
            type="board_event", event_type="stroke_add", data={"id": name, "points": [[1, 2]]}, id=name
        )
        ack = await person.socket.find(lambda message, name=name: message.get("id") == name, since=mark)  # type: ignore[misc]  # the default binds this turn's name
        assert ack["type"] == "ack", ack


async def board(person: Person) -> Message:
    """The whole board, as it is told to them."""
    mark = person.socket.mark
    await person.socket.send(type="sync_request")
    return await person.socket.find_type("sync_response", since=mark)


async def second_welcome(socket: Socket) -> Message:
    """The welcome with which the server begins anew on an open socket."""
    return await socket.find_type("welcome", seconds=PROMOTED_SECONDS)


def is_status(message: Message, person: Person, status: str) -> bool:
    """Whether it tells that the person now has that status."""
    told = message.get("participant", {})
    return bool(told.get("user_id") == person.user_id and told.get("status") == status)
