import asyncio
from collections.abc import Awaitable, Callable

import pytest

from schemas.errors import (
    BAD_ACCESS_CODE,
    FORBIDDEN,
    KICKED,
    NOT_FOUND,
    SESSION_FULL,
    SESSION_OVER,
    STORE_UNAVAILABLE,
    Refused,
)
from schemas.permissions import ROLES, bits
from store import keys
from store.actor import Actor
from store.sessions import Person
from tests.support.stores import HOST, SERVICE, STRANGER, STUDENT, Stores, eventually, refusal


async def test_one_participant_however_often(stores: Stores) -> None:
    """A page that asks twenty times at once, under both spellings of its id, is one person with one arrival."""
    uuid = await stores.lesson(access_code="c")
    actors = [Actor(9, "Dee") if number % 2 else Actor("9", "Dee") for number in range(20)]
    seats = await asyncio.gather(
        *(stores.participants.get_or_create_participant(uuid, actor, access_code="c") for actor in actors)
    )
    assert len({repr(seat.user_id) for seat in seats}) == 1
    assert {seat.generation for seat in seats} == {1}
    people = (await stores.sessions.get_classroom_session(uuid, HOST, "participants")).value
    assert len(people) == 1
    assert (await stores.event_types(uuid)).count("participant_join") == 1


async def test_the_last_seat_is_taken_once(stores: Stores) -> None:
    """When ten people want the last two seats two of them get one; who has one keeps it."""
    uuid = await stores.lesson(max_participants=3, access_code="c")
    await stores.participants.get_or_create_participant(uuid, HOST)
    people = [Actor(f"p{number}") for number in range(10)]
    outcomes = await asyncio.gather(
        *(stores.participants.get_or_create_participant(uuid, one, access_code="c") for one in people),
        return_exceptions=True,
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert len(refused) == 8
    assert {one.error for one in refused} == {SESSION_FULL}
    await stores.participants.get_or_create_participant(uuid, HOST)
    await stores.participants.leave(uuid, HOST)
    free = next(one for one, outcome in zip(people, outcomes, strict=True) if outcome in refused)
    await stores.participants.get_or_create_participant(uuid, free, access_code="c")


async def test_a_seat_that_nobody_sits_on(fresh_stores: Callable[..., Awaitable[Stores]]) -> None:
    """Who joined and never opened a socket does not keep others out for ever: when the session is full and their time is
    over, the longest waiting one's seat is given to who asks, and the others are told. Nobody who is there loses theirs.
    """
    stores = await fresh_stores(joining_ms=150)
    uuid = await stores.lesson(max_participants=4, access_code="c")
    enter = stores.participants.get_or_create_participant
    here, gone, later = (Actor(name, generation=1) for name in ("here", "gone", "later"))
    for person in (HOST, here, gone):
        await enter(uuid, person, access_code="c")
    await stores.presence.attach(uuid, here, "socket", "full")
    await asyncio.sleep(0.2)
    await enter(uuid, later, access_code="c")
    assert await refusal(enter(uuid, STRANGER, access_code="wrong")) is BAD_ACCESS_CODE
    stores.relay.start()
    await eventually(lambda: stores.relay.ready)
    await stores.follow(uuid)
    await enter(uuid, STRANGER, access_code="c")
    await stores.seen.until(lambda: bool(stores.seen.messages(uuid)))
    left = [
        (m["user_id"], m["reason"]) for m in stores.seen.messages(uuid) if m["type"] == "participant_left"
    ]
    assert left == [("gone", "timeout")]
    assert (await stores.event_types(uuid)).count("participant_leave") == 1
    assert await refusal(enter(uuid, Actor("one more"), access_code="c")) is SESSION_FULL
    assert await refusal(stores.presence.attach(uuid, gone, "late", "full")) is SESSION_FULL
    await stores.participants.leave(uuid, later)
    assert (await stores.presence.attach(uuid, gone, "late", "full")).role == "student"
    everybody = await stores.sessions.get_classroom_session(uuid, HOST, want="participants")
    status = {person["user_id"]: person["status"] for person in everybody.value}
    assert status == {1: "joining", "here": "connected", "gone": "connected", "later": "left", 3: "joining"}


@pytest.mark.parametrize("grace_ms, status", [(15_000, "reconnecting"), (1, "disconnected")])
async def test_who_was_there_keeps_their_seat(
    fresh_stores: Callable[..., Awaitable[Stores]], grace_ms: int, status: str
) -> None:
    """Somebody whose connection is gone does not lose their seat to who comes later, however long they are away."""
    stores = await fresh_stores(joining_ms=0, grace_ms=grace_ms)
    uuid = await stores.lesson(max_participants=2, access_code="c")
    for person in (HOST, STUDENT):
        await stores.participants.get_or_create_participant(uuid, person)
    await stores.presence.attach(uuid, STUDENT, "socket", "full")
    stores.presence.detach(uuid, "2", "socket")

    async def status_now() -> str:
        people = await stores.sessions.get_classroom_session(uuid, HOST, want="participants")
        return str(people.value[-1]["status"])

    async with asyncio.timeout(5):
        while await status_now() != status:  # noqa: ASYNC110 - the store tells nobody
            await asyncio.sleep(0.01)
    enter = stores.participants.get_or_create_participant
    assert await refusal(enter(uuid, STRANGER, access_code="c")) is SESSION_FULL
    assert await status_now() == status


async def test_a_seat_is_kept_while_there_is_room(fresh_stores: Callable[..., Awaitable[Stores]]) -> None:
    """Somebody who only uses REST keeps their seat as long as nobody else needs it."""
    stores = await fresh_stores(joining_ms=0)
    uuid = await stores.lesson(max_participants=3)
    for person in (STUDENT, HOST):
        await stores.participants.get_or_create_participant(uuid, person)
    state = await stores.media.update_media_state(uuid, STUDENT, video_enabled=True)
    assert state["video_enabled"] is True


async def test_who_comes_in(stores: Stores) -> None:
    """The host, the invited and who knows the code come in; a code that nobody needs is not looked at."""
    uuid = await stores.lesson(access_code="right")
    enter = stores.participants.get_or_create_participant
    assert (await enter(uuid, HOST, access_code="a token")).role == "host"
    assert (await enter(uuid, STUDENT, access_code="wrong")).role == "student"
    assert await refusal(enter(uuid, STRANGER)) is FORBIDDEN
    assert await refusal(enter(uuid, STRANGER, access_code="wrong")) is BAD_ACCESS_CODE
    assert (await enter(uuid, STRANGER, access_code="right")).participant["name"] == "Cy"
    assert (await enter(uuid, STRANGER)).role == "student"
    assert await refusal(enter("none", HOST)) is NOT_FOUND
    plain = await stores.lesson()
    assert await refusal(enter(plain, STRANGER, access_code="")) is BAD_ACCESS_CODE


async def test_access(stores: Stores) -> None:
    """`can_user_access_session` says yes to those who would be let in without a code."""
    uuid = await stores.lesson(access_code="c")
    may = stores.participants.can_user_access_session
    assert [await may(uuid, one) for one in (HOST, STUDENT, STRANGER, SERVICE)] == [True, True, False, True]
    await stores.participants.kick(uuid, HOST, 2, "")
    assert not await may(uuid, STUDENT)
    assert not await may("none", HOST)


async def test_access_that_cannot_be_looked_up(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the store nobody is told that they have no access."""
    uuid = await stores.lesson()
    monkeypatch.setattr(stores.client, "available", False)
    access = stores.participants.can_user_access_session(uuid, HOST)
    assert await refusal(access) is STORE_UNAVAILABLE
    monkeypatch.undo()


async def test_joining_opens(stores: Stores) -> None:
    """A scheduled session waits once somebody joined, not when somebody merely fetched a token."""
    uuid = await stores.lesson(status="scheduled", scheduled_start=1)
    assert (await stores.participants.get_or_create_participant(uuid, HOST)).session["status"] == "scheduled"
    seat = await stores.participants.get_or_create_participant(uuid, HOST, opening=True)
    assert seat.session["status"] == "waiting"


async def test_a_kick_holds_at_once(stores: Stores) -> None:
    """From the answer on nothing of theirs is accepted, no code helps, and an invitation brings a new
    generation.
    """
    uuid = await stores.lesson(access_code="c")
    await stores.presence.attach(uuid, STUDENT, "c1", "full")
    stores.relay.start()
    await stores.follow(uuid)
    for _ in range(2):
        await stores.participants.kick(uuid, HOST, "2", "spam")
    enter = stores.participants.get_or_create_participant
    assert await refusal(enter(uuid, STUDENT, access_code="c")) is KICKED
    old = Actor(2, generation=1)
    assert await refusal(stores.media.update_media_state(uuid, old, audio_enabled=False)) is KICKED
    await stores.seen.until(lambda: len(stores.seen.entries[uuid]) == 2)
    directed, left = stores.seen.entries[uuid]
    assert (directed.to, directed.close_code) == ("2", 4403)
    assert stores.seen.messages(uuid)[0] == {"type": "kicked", "reason": "spam"}
    assert (stores.seen.messages(uuid)[1]["type"], left.to) == ("participant_left", "")
    again = await stores.participants.invite(uuid, HOST, Person(2, "Ben"), "viewer")
    assert (again["status"], again["role"]) == ("invited", "viewer")
    assert (await enter(uuid, STUDENT)).generation == 2
    kicks = (await stores.events.get_session_events(uuid, event_type="participant_kick")).events
    assert [kick["data"] for kick in kicks] == [{"user_id": 2, "name": "Ben", "reason": "spam"}]


async def test_who_cannot_be_kicked(stores: Stores) -> None:
    """Not the host, not oneself, nobody by somebody without the permission, and no stranger."""
    uuid = await stores.lesson()
    kick = stores.participants.kick
    assert await refusal(kick(uuid, HOST, 1, "")) is FORBIDDEN
    assert await refusal(kick(uuid, STUDENT, 1, "")) is FORBIDDEN
    await stores.participants.set_permissions(uuid, HOST, 2, {"can_kick": True})
    assert await refusal(kick(uuid, STUDENT, 2, "")) is FORBIDDEN
    assert await refusal(kick(uuid, STUDENT, "1", "")) is FORBIDDEN
    assert await refusal(kick(uuid, HOST, 99, "")) is NOT_FOUND


async def test_leaving(stores: Stores) -> None:
    """Who leaves is off the lists, their sockets close with 1000, and leaving twice is fine."""
    uuid = await stores.lesson()
    await stores.presence.attach(uuid, STUDENT, "c1", "full")
    stores.relay.start()
    await stores.follow(uuid)
    for _ in range(2):
        await stores.participants.leave(uuid, STUDENT)
    await stores.seen.until(lambda: len(stores.seen.entries[uuid]) == 2)
    first, second = stores.seen.entries[uuid]
    assert (first.to, first.close_code, first.json) == ("2", 1000, b"")
    assert b'"reason":"left"' in second.json
    await stores.participants.get_or_create_participant(uuid, STUDENT)
    people = (await stores.sessions.get_classroom_session(uuid, HOST, "participants")).value
    assert [(person["status"], person["left_at"]) for person in people] == [("joining", None)]


async def test_inviting(stores: Stores) -> None:
    """An invitation lets in, changes nothing for who is in, and needs the permission."""
    uuid = await stores.lesson()
    invite = stores.participants.invite
    assert await refusal(invite(uuid, STUDENT, Person(3), "student")) is FORBIDDEN
    assert (await invite(uuid, HOST, Person(3), "viewer"))["name"] == "User 3"
    assert (await invite(uuid, HOST, Person("3", "Cy"), "student"))["role"] == "viewer"
    seat = await stores.participants.get_or_create_participant(uuid, STRANGER)
    assert (seat.role, seat.participant["name"]) == ("viewer", "Cy")
    assert (await stores.event_types(uuid)).count("participant_invite") == 1


async def test_roles(stores: Stores) -> None:
    """A new role takes custom permissions back and is told to its owner; the host's role is not to be had or
    lost.
    """
    uuid = await stores.lesson()
    await stores.participants.set_permissions(uuid, HOST, 2, {"can_kick": True, "can_draw": False})
    grant = await stores.participants.set_role(uuid, HOST, "2", "viewer")
    assert (grant.role, grant.bits) == ("viewer", ROLES["viewer"])
    assert await refusal(stores.participants.set_role(uuid, HOST, 1, "viewer")) is FORBIDDEN
    assert await refusal(stores.participants.set_role(uuid, STUDENT, 2, "student")) is FORBIDDEN
    assert await refusal(stores.participants.set_role(uuid, HOST, 99, "viewer")) is NOT_FOUND


async def test_permissions_merge(stores: Stores) -> None:
    """Custom permissions add to each other; null takes one back to what the role says."""
    uuid = await stores.lesson()
    change = stores.participants.set_permissions
    first = await change(uuid, HOST, 2, {"can_kick": True, "can_draw": False})
    assert first.bits == ROLES["student"] & ~bits(("can_draw",)) | bits(("can_kick",))
    second = await change(uuid, HOST, 2, {"can_invite": True})
    assert second.bits == first.bits | bits(("can_invite",))
    third = await change(uuid, HOST, 2, {"can_draw": None, "can_kick": None, "can_invite": False})
    assert third.bits == ROLES["student"]
    assert await refusal(change(uuid, STUDENT, 2, {"can_kick": True})) is FORBIDDEN
    assert await refusal(change(uuid, HOST, 99, {"can_kick": True})) is NOT_FOUND


async def test_a_changed_permission_is_told_to_its_owner_alone(stores: Stores) -> None:
    """The message carries no number, stands in the one sequence all the same, and leaves no hole in the
    numbers.
    """
    uuid = await stores.lesson()
    stores.relay.start()
    await stores.follow(uuid)
    await stores.sessions.transition(uuid, HOST, "start")
    await stores.participants.set_permissions(uuid, HOST, 2, {"can_kick": True})
    await stores.sessions.transition(uuid, HOST, "pause")
    await stores.seen.until(lambda: len(stores.seen.entries[uuid]) == 3)
    assert [entry.to for entry in stores.seen.entries[uuid]] == ["", "2", ""]
    assert stores.seen.numbers(uuid) == [1, 2]
    told = stores.seen.messages(uuid)[1]
    assert (told["type"], told["permissions"]["can_kick"], len(told["permissions"])) == (
        "permissions_updated",
        True,
        15,
    )


async def test_hands(stores: Stores) -> None:
    """A raised hand is shown to the others once, and only by somebody who is there."""
    uuid = await stores.lesson()
    assert await refusal(stores.participants.raise_hand(uuid, STUDENT, True)) is FORBIDDEN
    await stores.presence.attach(uuid, STUDENT, "c1", "full")
    stores.relay.start()
    await stores.follow(uuid)
    for raised in (True, True, False):
        await stores.participants.raise_hand(uuid, STUDENT, raised)
    await stores.seen.until(lambda: len(stores.seen.entries[uuid]) == 2)
    assert [m["participant"]["hand_raised"] for m in stores.seen.messages(uuid)] == [True, False]


async def test_nothing_after_the_end(stores: Stores) -> None:
    """Every change to the people of an ended session is refused as such."""
    uuid = await stores.lesson()
    await stores.sessions.transition(uuid, HOST, "terminate")
    people = stores.participants
    for work in (
        people.get_or_create_participant(uuid, STUDENT),
        people.leave(uuid, STUDENT),
        people.kick(uuid, HOST, 2, ""),
        people.invite(uuid, HOST, Person(3), "student"),
        people.set_role(uuid, HOST, 2, "viewer"),
        people.set_permissions(uuid, HOST, 2, {"can_kick": True}),
        people.raise_hand(uuid, HOST, True),
    ):
        assert await refusal(work) is SESSION_OVER
    assert await stores.client.command("HGET", keys.session(uuid), "seats") == b"0"
