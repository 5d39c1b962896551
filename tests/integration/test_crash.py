"""An instance dies or hangs: its people go on elsewhere and miss nothing, and who does not come back is gone in time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from tests.support.people_lesson import People, Person, assert_saw_the_same, fresh_id
from tests.support.people_measure import measured
from tests.support.people_sockets import Message
from tests.support.process_house import CRASH, House

pytestmark = pytest.mark.gen_test(timeout=30)

LEASE_SECONDS = 1.5
GRACE_SECONDS = 1.0
SWEEPS_SECONDS = 2 * 2.0
"""Instances look for dead ones every 2 s; the one that is next may have looked a moment before."""
SLACK_SECONDS = 3.0
GONE_SECONDS = 2 * LEASE_SECONDS + SWEEPS_SECONDS + GRACE_SECONDS + SLACK_SECONDS
"""How long a dead instance's people may stay on the lists; with the default settings this sum is 42 s of the 45 s."""
SETTINGS = {"presence__lease_seconds": LEASE_SECONDS, "presence__grace_seconds": GRACE_SECONDS}


def status_of(person: Person) -> Callable[[str], Callable[[Message], bool]]:
    """Whether a message tells that the person now has a status."""

    def has(status: str) -> Callable[[Message], bool]:
        return lambda message: (
            message["type"] == "participant_updated"
            and message["participant"]["user_id"] == person.user_id
            and message["participant"]["status"] == status
        )

    return has


async def test_people_of_a_killed_instance_go_on(
    build_house: Callable[..., House], people_of: Callable[[House], People]
) -> None:
    """Whoever reconnects to another instance gets exactly what they missed, once, in order; the others see who is gone."""
    house = build_house(**SETTINGS)
    house.allow(*CRASH)
    a, b = house.instances
    host, student, viewer = lesson = await people_of(house).lesson(a, fresh_id(), fresh_id(), fresh_id())
    await asyncio.gather(host.open(b), student.open(a), viewer.open(a))
    for turn in range(10):
        await host.post(b, "media-state/", {"video_enabled": turn % 2 == 0})
    await student.socket.reach(student.socket.welcome["seq"] + 10)
    a.kill()
    killed_at = time.monotonic()
    assert [await student.socket.until_closed(), await viewer.socket.until_closed()] == [1006, 1006]
    for turn in range(25):
        await host.post(b, "media-state/", {"audio_enabled": turn % 2 == 0})
    missed_after = student.socket.seq
    resumed = await student.resume(b)
    assert resumed.welcome["recovered"] is True
    assert resumed.welcome["missed"] == resumed.welcome["seq"] - missed_after >= 25
    await resumed.reach(resumed.welcome["seq"])
    gone = await host.socket.find_type("participant_left", seconds=GONE_SECONDS)
    measured("a killed instance: until its people are gone", [time.monotonic() - killed_at])
    assert (gone["user_id"], gone["reason"]) == (viewer.user_id, "timeout")
    await host.socket.find(status_of(viewer)("reconnecting"))
    assert time.monotonic() - killed_at < GONE_SECONDS
    await student.socket.reach(gone["seq"])
    listed = (await host.get(b, "participants/"))["participants"]
    assert {person["user_id"]: person["status"] for person in listed} == {
        host.user_id: "connected",
        student.user_id: "connected",
        viewer.user_id: "disconnected",
    }
    assert len(host.socket.of_type("participant_left")) == 1
    mark = host.socket.mark
    await viewer.resume(b)
    back = await host.socket.find_type("participant_joined", since=mark)
    assert back["participant"]["user_id"] == viewer.user_id
    await asyncio.gather(*(person.socket.reach(back["seq"]) for person in lesson))
    assert_saw_the_same(lesson)


async def test_people_of_a_hanging_instance_are_still_there(
    build_house: Callable[..., House], people_of: Callable[[House], People]
) -> None:
    """An instance that hung past its lease gets its people back when it goes on, on the same sockets."""
    house = build_house(**SETTINGS)
    house.allow(*CRASH, r"the lease of instance \w+ had lapsed")
    a, b = house.instances
    host, student, other = lesson = await people_of(house).lesson(a, fresh_id(), fresh_id(), fresh_id())
    await asyncio.gather(host.open(b), student.open(a), other.open(a))
    a.pause()
    left = {
        (await host.socket.find_type("participant_left", seconds=GONE_SECONDS))["user_id"],
        (
            await host.socket.find(
                lambda m: (
                    m["type"] == "participant_left"
                    and m["user_id"] != host.socket.of_type("participant_left")[0]["user_id"]
                )
            )
        )["user_id"],
    }
    assert left == {student.user_id, other.user_id}
    mark = host.socket.mark
    await host.post(b, "media-state/", {"video_enabled": True})
    a.resume()
    for person in (student, other):
        await host.socket.find(
            lambda m, user=person.user_id: (
                m["type"] == "participant_joined"  # type: ignore[misc]  # the default binds this turn's person
                and m["participant"]["user_id"] == user
            ),
            since=mark,
        )
    await student.call(b, "POST", "media-state/", {"audio_enabled": True})
    await asyncio.gather(*(person.socket.reach(host.socket.seq) for person in lesson))
    assert [person.socket.close_code for person in lesson] == [None] * 3
    listed = (await host.get(a, "participants/"))["participants"]
    assert [person["status"] for person in listed] == ["connected"] * 3
    assert_saw_the_same(lesson)
    await other.socket.close()
    gone = await host.socket.find_type("participant_left", since=mark)
    assert gone["user_id"] == other.user_id  # nothing of the hanging instance holds them
    await host.socket.find(
        lambda m: m["type"] == "participant_left" and m["user_id"] == other.user_id, since=mark
    )


async def test_coming_back_in_time_is_no_departure(house: House, people: People) -> None:
    """Whoever loses the connection and is back within the grace period, on any instance, has never left."""
    a, b = house.instances
    host, student = await people.lesson(a, fresh_id(), fresh_id())
    await asyncio.gather(host.open(a), student.open(a))
    for instance in (b, a, b):
        mark = host.socket.mark
        student.socket.drop()
        await host.socket.find(status_of(student)("reconnecting"), since=mark)
        await student.resume(instance)
        await host.socket.find(status_of(student)("connected"), since=mark)
    second = await student.open(a)
    student.sockets[-2].drop()
    assert await student.sockets[-2].until_closed() == 1006
    await host.post(b, "media-state/", {"video_enabled": True})
    await second.find_type("media_state_update")
    assert host.socket.of_type("participant_left") == []
    joins = (await host.get(b, "events/", event_type="participant_join"))["events"]
    assert [event["user_id"] for event in joins].count(student.user_id) == 1
