"""What must happen once happens once, however many ask for it at once and on whichever instance (contract §2 and §3)."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from tests.support.people_lesson import People, fresh_id
from tests.support.process_house import House

AT_ONCE = 50


def pushed(**fields: Any) -> dict[str, Any]:
    """A booking as the platform pushes it."""
    return {
        "id": fresh_id(),
        "tutor": {"id": fresh_id(), "name": "Ada"},
        "student": {"id": fresh_id(), "name": "Grace"},
        "start": "2030-01-02T10:00:00Z",
        "end": "2030-01-02T11:00:00Z",
        **fields,
    }


async def test_fifty_asks_make_one_session(house: House, people: People) -> None:
    """A classroom that tutor, student and platform ask for at once, on two instances, is one session."""
    body = pushed()
    path = f"booking/bookings/{body['id']}/"
    await people.platform.post(house.instances[0], "booking/bookings/", body)
    callers = [people.caller(body["tutor"]["id"]), people.caller(body["student"]["id"]), people.platform]
    confirms = [people.platform.call(instance, "POST", path + "confirm/") for instance in house.instances * 5]
    assert {answer.status for answer in await asyncio.gather(*confirms)} == {200}
    answers = await asyncio.gather(
        *(callers[i % 3].call(house.instances[i % 2], "GET", path + "classroom/") for i in range(AT_ONCE))
    )
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body["session_id"] for answer in answers}) == 1
    for caller in callers[:2]:
        mine = await caller.get(house.instances[1], "classroom/sessions/my/")
        assert mine["count"] == 1


async def test_a_booking_pushed_twice_is_one(house: House, people: People) -> None:
    """The platform may repeat its push, confirmed at once, to any instance: one booking, one session."""
    body = pushed(status="confirmed")
    answers = await asyncio.gather(
        *(people.platform.call(house.instances[i % 2], "POST", "booking/bookings/", body) for i in range(6))
    )
    assert sorted(answer.status for answer in answers) == [200] * 5 + [201]
    assert len({answer.body["classroom_id"] for answer in answers}) == 1
    listed = await people.caller(body["tutor"]["id"]).get(house.instances[0], "booking/bookings/")
    assert listed["count"] == 1


async def test_one_participant_however_often_they_come(house: House, people: People) -> None:
    """Somebody who joins and takes tokens many times at once is one participant with one arrival."""
    a, b = house.instances
    code = "birch-4711"
    (host,) = await people.lesson(a, fresh_id(), access_code=code)
    guest = people.person(fresh_id(), host.uuid, name="Guest")
    watching = await host.open(b)
    calls = [guest.call((a, b)[i % 2], "POST", "join/", {"access_code": code}) for i in range(20)]
    answers = await asyncio.gather(*calls)
    assert {answer.status for answer in answers} == {200}
    answers = await asyncio.gather(*(guest.call((a, b)[i % 2], "POST", "jwt/") for i in range(20)))
    assert {answer.status for answer in answers} == {200}
    guest.token = answers[0].body["token"]
    await asyncio.gather(*(guest.open((a, b)[i % 2]) for i in range(6)))
    present = (await host.get(a, "participants/"))["participants"]
    assert Counter(person["user_id"] for person in present) == {host.user_id: 1, guest.user_id: 1}
    joins = (await host.get(b, "events/", event_type="participant_join"))["events"]
    assert [event["user_id"] for event in joins].count(guest.user_id) == 1
    await watching.reach(max(socket.seq for socket in guest.sockets))
    arrivals = [message["participant"]["user_id"] for message in watching.of_type("participant_joined")]
    assert arrivals == [guest.user_id]


async def test_the_last_seat_is_taken_once(house: House, people: People) -> None:
    """Of many who come at once to a lesson with room for two more, two get in and the others hear that it is full."""
    a, b = house.instances
    host_id, guests = fresh_id(), [fresh_id() for _ in range(8)]
    body = {
        "session_type": "group",
        "max_participants": 3,
        "host": {"id": host_id, "name": "Ada"},
        "invite": [{"id": guest} for guest in guests],
    }
    made = await people.platform.post(a, "classroom/sessions/", body)
    host = people.person(host_id, made["uuid"])
    await host.take_token(a)
    answers = await asyncio.gather(
        *(
            people.person(guest, made["uuid"]).call((a, b)[i % 2], "POST", "join/")
            for i, guest in enumerate(guests)
        )
    )
    assert Counter((answer.status, answer.code) for answer in answers) == {
        (200, None): 2,
        (409, "session_full"): 6,
    }


async def test_two_starts_are_one(house: House, people: People) -> None:
    """Of two starts at once, one starts the lesson and the other one is told that it is not possible any more."""
    for _ in range(5):
        (host,) = await people.lesson(house.instances[0], fresh_id())
        answers = await asyncio.gather(
            *(host.call(instance, "POST", "start/") for instance in house.instances)
        )
        assert sorted(answer.status for answer in answers) == [200, 409]
        (refused,) = [answer for answer in answers if answer.status == 409]
        assert refused.code == "invalid_transition"
        stats = await host.get(house.instances[1], "events/stats/")
        assert stats["by_type"]["session_start"] == 1


async def test_a_repeated_call_has_one_effect(house: House, people: People) -> None:
    """A call repeated with its Idempotency-Key, to another instance or at once, gets the first outcome."""
    a, b = house.instances
    host, student = await people.lesson(a, fresh_id(), fresh_id())
    key = fresh_id()
    body = {"event_type": "error", "data": {"n": 1}}
    answers = await asyncio.gather(
        *(host.call((a, b)[i % 2], "POST", "event/", body, Idempotency_Key=key) for i in range(10))
    )
    assert {answer.status for answer in answers} == {201}
    assert len({answer.body["event_id"] for answer in answers}) == 1
    other = await student.call(b, "POST", "event/", body, Idempotency_Key=key)
    assert other.body["event_id"] != answers[0].body["event_id"]
    starts = [await host.call(instance, "POST", "start/", Idempotency_Key=key) for instance in (a, b)]
    assert [answer.status for answer in starts] == [200, 200]
    made = await asyncio.gather(
        *(
            host.caller.call(
                (a, b)[i % 2], "POST", "classroom/sessions/", {"session_type": "demo"}, Idempotency_Key=key
            )
            for i in range(6)
        )
    )
    assert len({answer.body["uuid"] for answer in made}) == 1
    stats = await host.get(a, "events/stats/")
    assert (stats["by_type"]["error"], stats["by_type"]["session_start"]) == (2, 1)
