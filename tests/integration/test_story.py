"""A whole lesson, as the platform and two clients play it: over two server processes and a real store, by the contract."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.people_lesson import People, Person, assert_saw_the_same, fresh_id
from tests.support.people_sockets import Refusal
from tests.support.process_house import House

CAN_DO = {"tutor": 15, "student": 6}
"""How many of the fifteen permissions the role has."""


def at(minutes: float) -> str:
    """A time so many minutes from now."""
    return (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")


async def book(house: House, people: People) -> tuple[dict[str, Any], Person, Person]:
    """The platform books and confirms; tutor and student find the way to their classroom."""
    a, b = house.instances
    tutor_id, student_id = int(fresh_id(), 16), fresh_id()
    pushed = await people.platform.post(
        a,
        "booking/bookings/",
        {
            "tutor": {"id": tutor_id, "name": "Ada Lovelace"},
            "student": {"id": student_id, "name": "Grace Hopper"},
            "start": at(5),
            "end": at(65),
            "subject": "Engines",
        },
    )
    path = f"booking/bookings/{pushed['booking_id']}/"
    assert (pushed["status"], pushed["classroom"]) == ("pending", None)
    student = people.caller(student_id, name="Grace Hopper")
    assert (await student.call(b, "GET", path + "classroom/")).status == 404
    assert (await student.call(b, "POST", path + "confirm/")).status == 403
    confirmed = await people.platform.post(a, path + "confirm/")
    assert confirmed["status"] == "confirmed"
    assert confirmed["tutor"]["id"] == tutor_id
    classroom = await student.get(b, path + "classroom/")
    assert classroom["can_join"] is True
    assert classroom["join_url"] == f"/classroom/{confirmed['classroom_id']}"
    stranger = people.caller(fresh_id())
    assert (await stranger.call(b, "GET", path + "classroom/")).status == 403
    uuid = confirmed["classroom_id"]
    return confirmed, people.person(tutor_id, uuid), people.person(student_id, uuid)


async def come_in(house: House, tutor: Person, student: Person) -> None:
    """The tutor by `jwt/`, the student by `join/` with what the deployed client sends; each on another instance."""
    a, b = house.instances
    assert sum((await tutor.post(a, "jwt/"))["permissions"].values()) == CAN_DO["tutor"]
    await tutor.take_token(a)
    joined = await student.post(b, "join/", {"access_code": "whatever the client sends there"})
    student.token = joined["token"]
    assert sum(joined["permissions"].values()) == CAN_DO["student"]
    assert joined["session"]["status"] == "waiting"
    assert joined["participant"]["user_id"] == student.user_id
    host_socket = await tutor.open(a, way="subprotocol")
    socket = await student.open(b, way="header")
    arrival = await host_socket.find_type("participant_joined")
    assert arrival["participant"]["userId"] == student.user_id
    assert arrival["participant"]["status"] == "connected"
    assert {person["user_id"] for person in socket.welcome["participants"]} == {
        tutor.user_id,
        student.user_id,
    }


async def teach(house: House, tutor: Person, student: Person) -> None:
    """Cameras and microphones, a raised hand, a pause; on both roads, seen on both instances."""
    a, b = house.instances
    await tutor.post(b, "start/")
    started = await student.socket.find(
        lambda m: m["type"] == "session_updated" and m["session"]["status"] == "active"
    )
    assert started["session"]["actual_start"] is not None
    answer = await student.post(b, "media-state/", {"video_enabled": True})
    assert answer["media_state"]["video_enabled"] is True
    update = await tutor.socket.find_type("media_state_update")
    assert (update["user_id"], update["media_state"]["video_enabled"]) == (student.user_id, True)
    await tutor.socket.send(type="media_state", audio_enabled=True)
    await student.socket.find(lambda m: m["type"] == "media_state_update" and m["user_id"] == tutor.user_id)
    states = (await student.get(a, "media-state/"))["media_states"]
    assert {state["user_id"]: state["audio_enabled"] for state in states} == {
        tutor.user_id: True,
        student.user_id: False,
    }
    await student.socket.send(type="raise_hand", raised=True)
    raised = await tutor.socket.find_type("participant_updated")
    assert raised["participant"]["hand_raised"] is True
    assert (await student.call(b, "POST", "pause/")).status == 403
    assert (await tutor.post(a, "pause/"))["status"] == "paused"
    assert (await tutor.post(b, "resume/"))["status"] == "active"
    await tutor.post(a, "permissions/", {"user_id": student.user_id, "permissions": {"can_draw": False}})
    changed = await student.socket.find_type("permissions_updated")
    assert changed["permissions"]["can_draw"] is False
    assert "seq" not in changed
    await student.socket.send(type="token_refresh", id=1)
    student.token = (await student.socket.find_type("token"))["token"]


async def read_log(house: House, tutor: Person, student: Person) -> None:
    """What the clients logged and what the server saw stand in one log, in order, and are counted."""
    a, b = house.instances
    made = await student.post(b, "event/", {"event_type": "error", "data": {"what": "no camera"}})
    assert (
        await student.call(b, "POST", "event/", {"event_type": "session_end"})
    ).status == 400  # a claim of what only the server sees
    events = (await tutor.get(a, "events/", limit=100))["events"]
    assert events[0]["id"] == made["event_id"]
    types = [event["event_type"] for event in reversed(events)]
    assert types == [
        "participant_join",
        "participant_join",
        "session_start",
        "media_state",
        "media_state",
        "raise_hand",
        "session_pause",
        "session_resume",
        "permission_update",
        "error",
    ]
    stats = await student.get(b, "events/stats/")
    assert stats["total"] == len(types)
    assert stats["by_type"]["media_state"] == 2
    assert (await tutor.get(b, "events/errors/"))["errors"][0]["data"] == {"what": "no camera"}


async def end(house: House, tutor: Person, student: Person) -> None:
    """The end: everybody hears of it, then the sockets close, and nothing but reading goes on."""
    a, b = house.instances
    assert (await tutor.post(b, "complete/", {"reason": "done"}))["status"] == "completed"
    last = await student.socket.find(
        lambda m: m["type"] == "session_updated" and m["session"]["status"] == "completed"
    )
    assert last["session"]["actual_end"] is not None
    assert [await tutor.socket.until_closed(), await student.socket.until_closed()] == [4410, 4410]
    assert (await student.call(a, "POST", "jwt/")).code == "session_over"
    assert (await student.call(a, "POST", "media-state/", {"video_enabled": False})).status == 410
    with pytest.raises(Refusal) as refused:
        await student.open(b)
    assert refused.value.close_code == 4410
    assert (await student.get(b, "events/stats/"))["by_type"]["session_end"] == 1
    assert_saw_the_same([tutor, student])


async def test_a_lesson_from_booking_to_end(house: House, people: People) -> None:
    """A booked lesson runs end to end on two instances, and both people see the same, in the same order."""
    booking, tutor, student = await book(house, people)
    await come_in(house, tutor, student)
    await teach(house, tutor, student)
    await read_log(house, tutor, student)
    await end(house, tutor, student)
    listed = await tutor.caller.get(house.instances[0], "booking/bookings/", status="confirmed", role="tutor")
    assert [found["booking_id"] for found in listed["results"]] == [booking["booking_id"]]
    assert listed["results"][0]["classroom"]["can_join"] is False
