"""A right that was taken is gone from the moment it was acknowledged, on every instance (contract §4)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from tests.support.people_calls import Answer
from tests.support.people_lesson import People, Person, fresh_id
from tests.support.people_sockets import Closed, Refusal
from tests.support.process_house import House
from tests.support.process_instance import Instance

REFUSALS = 15
"""How many refusals after the acknowledgement end a stream."""

Revoke = Callable[[Person, Instance, Person], Awaitable[Answer]]


async def deny(host: Person, instance: Instance, person: Person) -> Answer:
    """Takes the one permission."""
    body = {"user_id": person.user_id, "permissions": {"can_share_screen": False}}
    return await host.call(instance, "POST", "permissions/", body)


async def demote(host: Person, instance: Instance, person: Person) -> Answer:
    """Gives a role without it."""
    return await host.call(instance, "POST", "role/", {"user_id": person.user_id, "role": "viewer"})


async def kick(host: Person, instance: Instance, person: Person) -> Answer:
    """Removes the person."""
    return await host.call(instance, "POST", f"kick/{person.user_id}/", {"reason": "noise"})


async def stream_by_rest(person: Person, instance: Instance) -> list[tuple[bool, Answer]]:
    """Switches the screen on and off until switching on was refused often enough: each wish, and its answer."""
    answers: list[tuple[bool, Answer]] = []
    while sum(on and answer.status != 200 for on, answer in answers) < REFUSALS:
        on = len(answers) % 2 == 0
        answer = await person.call(instance, "POST", "media-state/", {"screen_sharing": on})
        answers.append((on, answer))
    return answers


async def stream_by_socket(person: Person) -> None:
    """The same on the socket, where a ping after each message tells when it was dealt with."""
    socket, turn = person.socket, 0
    while len(socket.of_type("error")) < REFUSALS:
        turn += 1
        mark = socket.mark
        await socket.send(type="media_state", screen_sharing=turn % 2 == 1, id=turn)
        await socket.send(type="ping", id=-turn)
        try:
            await socket.find(lambda message, wanted=-turn: message.get("id") == wanted, since=mark)  # type: ignore[misc]  # the default binds this turn's number
        except Closed:
            return


async def assert_log_keeps_it(host: Person, instance: Instance, person: Person, revocation: str) -> None:
    """In the log, which is in the order of the one sequence, nothing was switched on after the revocation."""
    events = (await host.get(instance, "events/", limit=1000))["events"]
    (taken,) = [event["id"] for event in events if event["event_type"] == revocation]
    after = [event for event in events if event["id"] > taken and event["user_id"] == person.user_id]
    assert [event for event in after if event["data"].get("screen_sharing")] == []
    before = [event for event in events if event["id"] < taken and event["event_type"] == "media_state"]
    assert before, "nothing was accepted before either"


@pytest.mark.parametrize(
    "revoke, logged_as, code",
    [
        (deny, "permission_update", "forbidden"),
        (demote, "role_change", "forbidden"),
        (kick, "participant_kick", "kicked"),
    ],
)
async def test_nothing_is_accepted_after_the_acknowledgement(
    house: House, people: People, revoke: Revoke, logged_as: str, code: str
) -> None:
    """However fast somebody goes on, on whatever instance and road: once the host has the answer, it is over."""
    a, b = house.instances
    host, student = await people.lesson(a, fresh_id(), fresh_id())
    await student.open(b)
    watching = await host.open(a)
    streams = asyncio.gather(
        stream_by_rest(student, b), stream_by_rest(student, a), stream_by_socket(student)
    )
    await watching.find(lambda message: message.get("seq", 0) > watching.welcome["seq"] + 20)
    acknowledged = await revoke(host, a, student)
    assert acknowledged.status == 200
    for answers in (await streams)[:2]:
        late = [answer for on, answer in answers if on and answer.asked_at > acknowledged.had_at]
        assert len(late) >= REFUSALS // 2  # the others were refused before the host had the answer
        assert {(answer.status, answer.code) for answer in late} == {(403, code)}
    await assert_log_keeps_it(host, b, student, logged_as)
    told = [message["type"] for message in student.socket.messages]
    if revoke is kick:
        assert await student.socket.until_closed() == 4403
        assert told[-1] == "kicked"
    else:
        taken = told.index("permissions_updated")
        own = [m for m in student.socket.messages[taken:] if m["type"] == "media_state_update"]
        assert not any(message["media_state"]["screen_sharing"] for message in own)
        assert {error["code"] for error in student.socket.of_type("error")} == {code}
    assert student.socket.faults == []
    await watching.reach(student.socket.seq)
    assert watching.faults == []


async def test_a_grant_holds_at_once(house: House, people: People) -> None:
    """What the host allows on one instance, the person may do on the other as soon as the host has the answer."""
    a, b = house.instances
    host, student = await people.lesson(a, fresh_id(), fresh_id())
    socket = await student.open(b)
    for allowed in (False, True, None, False, None):
        changes = {"user_id": student.user_id, "permissions": {"can_share_screen": allowed}}
        await host.post(a, "permissions/", changes)
        answer = await student.call(b, "POST", "media-state/", {"screen_sharing": True})
        assert answer.status == (403 if allowed is False else 200)
        await student.post(b, "media-state/", {"screen_sharing": False})
    told = [message["permissions"]["can_share_screen"] for message in socket.of_type("permissions_updated")]
    assert told == [False, True, True, False, True]


async def test_a_kicked_person_stays_out_until_invited(house: House, people: People) -> None:
    """A kick makes every token worthless everywhere; an invitation lets the person in again, with a new token only."""
    a, b = house.instances
    host, student = await people.lesson(a, fresh_id(), fresh_id())
    socket, system, watching = await student.open(b), await student.open(b, "system"), await host.open(a)
    await host.post(a, f"kick/{student.user_id}/", {"reason": "noise"})
    assert (await socket.find_type("kicked"))["reason"] == "noise"
    assert [await socket.until_closed(), await system.until_closed()] == [4403, 4403]
    left = await watching.find_type("participant_left")
    assert (left["user_id"], left["reason"]) == (student.user_id, "kicked")
    for instance in (a, b):
        with pytest.raises(Refusal) as refused:
            await student.open(instance)
        assert refused.value.close_code == 4403
        with pytest.raises(Refusal) as refused:
            await student.open(instance, "system")
        assert refused.value.status == 403
        for call in ("jwt/", "join/", "leave/"):
            answer = await student.call(instance, "POST", call)
            assert (answer.status, answer.code) == (403, "kicked")
    await host.post(b, "invite/", {"user_id": student.user_id})
    with pytest.raises(Refusal) as refused:
        await student.open(a)
    assert refused.value.close_code == 4401
    await student.take_token(a)
    await student.open(a)
    back = await watching.find_type("participant_joined")
    assert back["participant"]["user_id"] == student.user_id
    assert watching.faults == []
