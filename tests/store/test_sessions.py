import asyncio
import time
import uuid as uuids
from collections import Counter
from typing import Any

import pytest

from schemas.errors import (
    FORBIDDEN,
    INVALID_TRANSITION,
    KICKED,
    NOT_FOUND,
    SESSION_FULL,
    SESSION_OVER,
    Refused,
)
from store import keys
from store.actor import Actor
from store.sessions import NewSession, Person
from tests.support.stores import HOST, SERVICE, SETTINGS, STRANGER, STUDENT, Stores, refusal

DAY_MS = 86_400_000
PATHS: dict[str, list[str]] = {
    "scheduled": [],
    "waiting": [],
    "active": ["start"],
    "paused": ["start", "pause"],
    "completed": ["start", "complete"],
    "terminated": ["terminate"],
}
LEGAL = {
    ("scheduled", "start"): "active",
    ("waiting", "start"): "active",
    ("active", "pause"): "paused",
    ("paused", "resume"): "active",
    ("active", "complete"): "completed",
    ("paused", "complete"): "completed",
    **{(status, "terminate"): "terminated" for status in ("scheduled", "waiting", "active", "paused")},
}


async def lesson_that_is(stores: Stores, status: str) -> str:
    """A lesson that was brought into this status."""
    start = int(time.time() * 1000) if status == "scheduled" else None
    first = "scheduled" if status == "scheduled" else "waiting"
    uuid = await stores.lesson(status=first, scheduled_start=start)
    for action in PATHS[status]:
        await stores.sessions.transition(uuid, HOST, action)
    return uuid


@pytest.mark.parametrize("action", ["start", "pause", "resume", "complete", "terminate"])
@pytest.mark.parametrize("status", list(PATHS))
async def test_every_move(stores: Stores, status: str, action: str) -> None:
    """Each action is possible in exactly the states of the contract, and else changes nothing."""
    uuid = await lesson_that_is(stores, status)
    to = LEGAL.get((status, action))
    if to is not None:
        assert (await stores.sessions.transition(uuid, HOST, action))["status"] == to
        return
    over = status in ("completed", "terminated")
    error = await refusal(stores.sessions.transition(uuid, HOST, action))
    assert error is (SESSION_OVER if over else INVALID_TRANSITION)
    assert (await stores.sessions.get_classroom_session(uuid, HOST)).value["status"] == status


async def test_of_two_starts_one_is_first(stores: Stores) -> None:
    """When everybody presses start at once the lesson starts once, and the others are told."""
    uuid = await stores.lesson()
    outcomes = await asyncio.gather(
        *(stores.sessions.transition(uuid, HOST, "start") for _ in range(20)), return_exceptions=True
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert len(refused) == 19
    assert {one.error for one in refused} == {INVALID_TRANSITION}
    assert (await stores.event_types(uuid)).count("session_start") == 1


@pytest.mark.parametrize("action", ["start", "complete", "terminate"])
async def test_who_may(stores: Stores, action: str) -> None:
    """A student moves nothing, a stranger nothing, the platform everything."""
    uuid = await lesson_that_is(stores, "waiting" if action == "start" else "active")
    for somebody in (STUDENT, STRANGER):
        assert await refusal(stores.sessions.transition(uuid, somebody, action)) is FORBIDDEN
    assert await refusal(stores.sessions.transition("none", SERVICE, action)) is NOT_FOUND
    await stores.sessions.transition(uuid, SERVICE, action)


async def test_a_custom_permission_moves_it(stores: Stores) -> None:
    """Whom the host lets pause may pause, and not start."""
    uuid = await lesson_that_is(stores, "active")
    await stores.participants.set_permissions(uuid, HOST, 2, {"can_pause": True})
    assert (await stores.sessions.transition(uuid, STUDENT, "pause"))["status"] == "paused"


async def test_made_once(stores: Stores) -> None:
    """Fifty instances that are asked at once make one session, the first one's, with its people once."""
    uuid = str(uuids.uuid4())
    made = await asyncio.gather(
        *(
            stores.sessions.create(
                NewSession(uuid, "lesson", "waiting", Person(number, f"N{number}"), 10, SETTINGS)
            )
            for number in range(50)
        )
    )
    assert len({session["host"]["id"] for session in made}) == 1
    people = await stores.client.command("ZCARD", keys.session_keys(uuid)[2])
    assert people == 1


async def test_what_a_new_session_shows(stores: Stores) -> None:
    """Everything it was made with is shown as it came, ids in their type, and the access code to the host
    alone.
    """
    uuid = await stores.lesson(
        host=Person("7", None, None),
        booking_id=12,
        access_code='"x"',
        scheduled_start=1_000,
        scheduled_end=951_782_399_999,
        invited=(Person("7"), Person(8)),
    )
    session = (await stores.sessions.get_classroom_session(uuid, Actor(7))).value
    assert session["host"] == {"id": "7", "name": "User 7", "avatar": None}
    assert (session["booking_id"], session["access_code"], session["participants"]) == (12, '"x"', [])
    assert session["scheduled_start"] == "1970-01-01T00:00:01.000Z"
    assert session["scheduled_end"] == "2000-02-28T23:59:59.999Z"
    assert session["settings"]["max_participants"] == session["max_participants"] == 10
    other = (await stores.sessions.get_classroom_session(uuid, Actor("8"))).value
    assert "access_code" not in other


@pytest.mark.parametrize("ms", [0, 68_169_600_000, 951_782_400_000, 1_709_164_800_123, 4_107_542_399_999])
async def test_times(stores: Stores, ms: int) -> None:
    """The scripts write the same calendar as everybody else, leap years and centuries too."""
    from schemas.times import rfc3339

    uuid = await stores.lesson(status="scheduled", scheduled_start=ms)
    assert (await stores.sessions.get_classroom_session(uuid, HOST)).value["scheduled_start"] == rfc3339(ms)


async def test_the_code_is_never_broadcast(stores: Stores) -> None:
    """The access code goes to the host in answers, and to nobody over a socket."""
    uuid = await stores.lesson(access_code="secret")
    stores.relay.start()
    await stores.follow(uuid)
    answer = await stores.sessions.transition(uuid, HOST, "start")
    assert answer["access_code"] == "secret"
    await stores.seen.until(lambda: bool(stores.seen.entries[uuid]))
    assert b"secret" not in stores.seen.entries[uuid][0].json


async def test_who_sees_it(stores: Stores) -> None:
    """People of the session see it, over or not; strangers, removed ones and older tokens do not."""
    uuid = await stores.lesson()
    view = await stores.sessions.get_classroom_session(uuid, Actor("2", generation=1), want=None)
    assert (view.user_id, view.role, view.is_host, view.value) == (2, "student", False, None)
    assert await refusal(stores.sessions.get_classroom_session(uuid, STRANGER)) is FORBIDDEN
    await stores.participants.kick(uuid, HOST, 2, "")
    assert await refusal(stores.sessions.get_classroom_session(uuid, STUDENT)) is KICKED
    await stores.sessions.transition(uuid, HOST, "terminate")
    assert (await stores.sessions.get_classroom_session(uuid, HOST)).value["status"] == "terminated"


async def test_stats(stores: Stores) -> None:
    """The figures of a lesson count who came and how many were there at once."""
    uuid = await stores.lesson()
    for person in (HOST, STUDENT):
        await stores.presence.attach(uuid, person, f"c{person.key}", "full")
    await stores.participants.leave(uuid, STUDENT)
    stats = (await stores.sessions.get_classroom_session(uuid, HOST, want="stats")).value
    assert (stats["participants_total"], stats["connected_now"], stats["peak_concurrency"]) == (2, 1, 2)


async def test_lists(stores: Stores) -> None:
    """Everybody finds their sessions, newest first, by status, and none they were removed from or never
    entered.
    """
    somebody = Actor(str(uuids.uuid4()))
    invited = (Person(somebody.user_id),)
    uuids_ = [await stores.lesson(invited=invited) for _ in range(3)]
    await stores.sessions.transition(uuids_[0], HOST, "start")
    await stores.participants.kick(uuids_[1], HOST, somebody.user_id, "")
    foreign = await stores.lesson()
    assert await refusal(stores.participants.get_or_create_participant(foreign, somebody)) is FORBIDDEN
    assert Counter(await stores.sessions.list_of(somebody, None)) == Counter([uuids_[2], uuids_[0]])
    assert await stores.sessions.list_of(somebody, frozenset(["active"])) == [uuids_[0]]
    views = await stores.sessions.read_all([*uuids_, foreign, "none"], somebody)
    assert [view.value["uuid"] for view in views] == [uuids_[0], uuids_[2]]


async def test_a_moved_booking_moves_its_session(stores: Stores) -> None:
    """A session that has not started moves, and those who look at it are told, once; a started one stays."""
    uuid = await stores.lesson(status="scheduled", scheduled_start=1_000, scheduled_end=2_000)
    stores.relay.start()
    await stores.follow(uuid)
    for _ in range(2):
        await stores.move(uuid, 5_000, 6_000)
    await stores.sessions.transition(uuid, HOST, "start")
    await stores.move(uuid, 7_000, 8_000)
    session = (await stores.sessions.get_classroom_session(uuid, HOST)).value
    assert session["scheduled_start"] == "1970-01-01T00:00:05.000Z"
    await stores.seen.until(lambda: len(stores.seen.entries[uuid]) == 2)
    assert await refusal(stores.move("none", 1, 2)) is NOT_FOUND


async def test_expiry(stores: Stores) -> None:
    """A session that never started expires a day after its scheduled end, else start; not before, not twice."""
    now = int(time.time() * 1000)
    late = await stores.lesson(status="scheduled", scheduled_start=0, scheduled_end=now - DAY_MS)
    early = await stores.lesson(status="scheduled", scheduled_start=0, scheduled_end=now)
    unplanned = await stores.lesson()
    assert await stores.sessions.expire(late) is None
    assert await stores.sessions.expire(late) is None
    assert await stores.sessions.expire(early) == now + DAY_MS
    assert (await stores.sessions.expire(unplanned) or 0) >= now + DAY_MS
    assert await stores.sessions.expire("none") is None
    view: Any = (await stores.sessions.get_classroom_session(late, HOST)).value
    assert view["status"] == "expired"
    assert await refusal(stores.sessions.transition(late, HOST, "start")) is SESSION_OVER
    assert (await stores.event_types(late)).count("session_end") == 1


async def test_a_booking_with_another_student(stores: Stores) -> None:
    """The new student is let in, the former one, who never came, no longer; one who came stays a participant."""
    uuid = await stores.lesson(status="scheduled", scheduled_start=1_000, scheduled_end=2_000)
    first, second, third = (Actor(user_id=f"student {number}") for number in range(3))
    await stores.move(uuid, 1_000, 2_000, Person(first.user_id))
    await stores.move(uuid, 1_000, 2_000, Person(second.user_id))
    assert await refusal(stores.participants.get_or_create_participant(uuid, first)) is FORBIDDEN
    await stores.participants.get_or_create_participant(uuid, second)
    await stores.move(uuid, 1_000, 2_000, Person(third.user_id))
    assert await stores.participants.can_user_access_session(uuid, second)
    assert await stores.participants.can_user_access_session(uuid, third)


async def test_ids_have_the_type_of_the_token(stores: Stores) -> None:
    """Somebody invited by a text is shown with the id of their own token; in a booking, its type counts."""
    guest, host = Actor(user_id=77, name="Guest"), Actor(user_id=5, name="Ada")
    uuid = await stores.lesson(host=Person("5"), invited=(Person("77"),))
    seat = await stores.participants.get_or_create_participant(uuid, guest)
    assert (seat.user_id, seat.participant["user_id"]) == (77, 77)
    seat = await stores.participants.get_or_create_participant(uuid, host)
    assert seat.session["host"] == {"id": 5, "name": "Ada", "avatar": None}
    await stores.move(uuid, 1, 2, Person("88", "Booked"))
    seat = await stores.participants.get_or_create_participant(uuid, Actor(user_id=88))
    assert seat.participant["user_id"] == "88"


async def test_a_host_is_not_locked_out(stores: Stores) -> None:
    """Guests may fill the room before its host comes; there is a seat for the host all the same, and it counts."""
    guests = [Actor(user_id=f"guest {number}") for number in range(3)]
    invited = tuple(Person(guest.user_id) for guest in guests)
    uuid = await stores.lesson(max_participants=2, invited=invited)
    for guest in guests[:2]:
        await stores.participants.get_or_create_participant(uuid, guest)
    await stores.participants.get_or_create_participant(uuid, HOST)
    assert await refusal(stores.participants.get_or_create_participant(uuid, guests[2])) is SESSION_FULL
    await stores.participants.leave(uuid, guests[0])
    assert await refusal(stores.participants.get_or_create_participant(uuid, guests[2])) is SESSION_FULL
