"""A booking is shown as the platform pushed it, with the classroom that belongs to it."""

from __future__ import annotations

from typing import Any

import pytest
from marshmallow import ValidationError

from schemas.answers import BookingOut
from schemas.bookings import BookingIn, BookingUpdateIn, classroom_object, present_booking, updated_booking
from schemas.errors import Refused
from schemas.fields import field_errors
from schemas.times import parse_ms

PUSHED: dict[str, Any] = {
    "id": "b-17",
    "tutor": {"id": 7, "name": "Ada King Lovelace", "avatar": "https://example.org/a.png", "city": "London"},
    "student": {"id": "8", "name": "Grace"},
    "start": "2026-01-02T16:00:00+01:00",
    "end": "2026-01-02T16:30:00Z",
    "subject": "Algebra",
    "price": "25.00",
    "tutor.id": 99,
    "room_colour": {"walls": "green"},
}
START_MS = parse_ms("2026-01-02T15:00:00Z")
SESSION = {
    "uuid": "2f1c9f0e-6d0b-4c39-9a55-3d8f1f0c7b11",
    "status": "scheduled",
    "scheduled_start": "2026-01-02T15:00:00.000Z",
}


def _stored(**changes: Any) -> dict[str, Any]:
    loaded: dict[str, Any] = BookingIn().load({**PUSHED, **changes})
    return loaded


def _told(schema: BookingUpdateIn, body: dict[str, Any]) -> set[str]:
    with pytest.raises(ValidationError) as caught:
        schema.load(body)
    return set(field_errors(caught.value.messages))


def test_a_push_is_kept_whole() -> None:
    """What only the platform understands is stored beside what we do, and never taken for it."""
    stored = _stored()
    assert (stored["start"], stored["end"]) == (START_MS, START_MS + 90 * 60_000)
    assert stored["status"] == "pending"
    assert stored["tutor"] == PUSHED["tutor"]
    assert stored["tutor.id"] == 99
    assert stored["room_colour"] == {"walls": "green"}


def test_a_first_push_says_who_and_when() -> None:
    """There is no lesson without two people and a time that it takes."""
    assert _told(BookingIn(), {}) == {"tutor", "student", "start", "end"}
    assert _told(BookingIn(), {**PUSHED, "end": PUSHED["start"]}) == {"end"}
    assert _told(BookingIn(), {**PUSHED, "tutor": {"name": "Ada"}, "student": {"id": 8}}) == {
        "tutor.id",
        "student.name",
    }
    assert "id" not in BookingIn().load({key: value for key, value in PUSHED.items() if key != "id"})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", True),
        ("id", ""),
        ("id", None),
        ("status", "maybe"),
        ("subject", "x" * 501),
        ("lesson_type", 5),
        ("price", True),
        ("price", [25]),
        ("price", "9" * 33),
        ("currency", "x" * 17),
        ("student_notes", "x" * 5001),
        ("start", 1767366000000),
    ],
)
def test_what_we_understand_is_checked(field: str, value: Any) -> None:
    """A field of the contract has the contract's type, in the first push and in every later one."""
    assert _told(BookingIn(), {**PUSHED, field: value}) == {field}
    assert _told(BookingUpdateIn(), {field: value}) == {field}


@pytest.mark.parametrize("price", [25, 25.5, "25.00", None])
def test_a_price_stays_as_the_platform_writes_it(price: Any) -> None:
    """A number stays a number and a text a text, on the way in and on the way out."""
    shown = BookingOut().dump(present_booking(_stored(price=price), None, 0, 15))
    assert shown["price"] == price
    assert type(shown["price"]) is type(price)


def test_an_update_changes_what_it_names() -> None:
    """A later push need not repeat what stays; about the same person older details stay too."""
    update = BookingUpdateIn().load(
        {"id": 17, "subject": None, "tutor": {"id": "7", "name": "Ada"}, "extra": 1}
    )
    booking = updated_booking(_stored(), update)
    assert booking["id"] == "b-17"
    assert booking["subject"] is None
    assert booking["extra"] == 1
    assert booking["tutor"] == {**PUSHED["tutor"], "id": "7", "name": "Ada"}
    assert booking["status"] == "pending"
    assert booking["room_colour"] == {"walls": "green"}


def test_another_person_brings_nothing_of_the_former() -> None:
    """When the tutor changes, the new one is not shown with the old one's picture."""
    update = BookingUpdateIn().load({"tutor": {"id": 70, "name": "Mary"}})
    assert updated_booking(_stored(), update)["tutor"] == {"id": 70, "name": "Mary"}


def test_an_update_cannot_turn_time_around() -> None:
    """Also when only one end of the lesson is moved, it ends after it starts."""
    update = BookingUpdateIn().load({"start": "2026-01-02T16:30:00Z"})
    with pytest.raises(Refused) as caught:
        updated_booking(_stored(), update)
    assert caught.value.error.code == "validation_failed"
    assert caught.value.fields == {"end": ["The end must be after the start."]}


def test_a_booking_does_not_grow_for_ever() -> None:
    """Many pushes of unknown fields together are no larger than one may be."""
    booking = _stored()
    for number in range(6):
        booking = updated_booking(booking, BookingUpdateIn().load({f"more{number}": "x" * 10_000}))
    update = BookingUpdateIn().load({"more": "x" * 10_000})
    with pytest.raises(Refused) as caught:
        updated_booking(booking, update)
    assert caught.value.error.code == "too_large"


def test_a_booking_without_a_classroom() -> None:
    """People see all about their lesson, before there is a room for it."""
    shown = present_booking(_stored(), None, START_MS, 15)
    assert shown == {
        "id": "b-17",
        "booking_id": "b-17",
        "classroom_id": None,
        "tutor": {
            **PUSHED["tutor"],
            "first_name": "Ada",
            "last_name": "King Lovelace",
            "photo": "https://example.org/a.png",
        },
        "student": {"id": "8", "name": "Grace", "first_name": "Grace", "last_name": "", "photo": None},
        "start": "2026-01-02T15:00:00.000Z",
        "end": "2026-01-02T16:30:00.000Z",
        "time_slot": {
            "id": "b-17",
            "date": "2026-01-02",
            "start_time": "15:00:00",
            "end_time": "16:30:00",
            "start_datetime": "2026-01-02T15:00:00.000Z",
            "end_datetime": "2026-01-02T16:30:00.000Z",
            "duration_minutes": 90,
            "status": "booked",
        },
        "subject": "Algebra",
        "lesson_type": None,
        "price": "25.00",
        "currency": None,
        "student_notes": None,
        "status": "pending",
        "classroom": None,
        "classroom_session": None,
        "tutor.id": 99,
        "room_colour": {"walls": "green"},
    }
    assert BookingOut().dump(shown) == shown


def test_a_booking_with_a_classroom() -> None:
    """Once there is a room, the booking leads to it."""
    shown = present_booking(_stored(status="confirmed"), SESSION, START_MS, 15)
    assert shown["classroom_id"] == SESSION["uuid"]
    assert shown["classroom"] == classroom_object(SESSION, START_MS, 15)
    assert shown["classroom_session"] == SESSION
    assert BookingOut().dump(shown) == shown


def test_a_push_cannot_fake_what_is_worked_out() -> None:
    """Unknown fields that happen to have our names show our values."""
    faked = {
        "classroom": "x",
        "classroom_id": "x",
        "booking_id": "x",
        "time_slot": {},
        "classroom_session": 1,
    }
    assert present_booking(_stored(**faked), SESSION, 0, 15) == present_booking(_stored(), SESSION, 0, 15)


def test_names_of_the_platform_come_first() -> None:
    """Where the platform knows first and last name and photo itself, they are not guessed."""
    tutor = {"id": 7, "name": "Kim Min Ji", "first_name": "Min Ji", "last_name": "Kim", "photo": "p.png"}
    shown = present_booking(_stored(tutor=tutor), None, 0, 15)["tutor"]
    assert shown == tutor
    odd = {"id": 7, "name": "Kim Min", "first_name": 5, "last_name": None, "photo": {}}
    shown = present_booking(_stored(tutor=odd), None, 0, 15)["tutor"]
    assert (shown["first_name"], shown["last_name"], shown["photo"]) == ("Kim", "Min", None)


def test_a_cancelled_booking_frees_its_time() -> None:
    """The time of a cancelled lesson can be had by others."""
    shown = present_booking(_stored(status="cancelled"), None, 0, 15)
    assert (shown["status"], shown["time_slot"]["status"]) == ("cancelled", "available")


@pytest.mark.parametrize(
    ("status", "minutes_before", "can_join"),
    [
        ("scheduled", 16, False),
        ("scheduled", 15, True),
        ("scheduled", -60, True),
        ("waiting", 999, True),
        ("active", 999, True),
        ("paused", 999, True),
        ("completed", 0, False),
        ("terminated", 0, False),
        ("expired", 0, False),
    ],
)
def test_the_page_knows_when_to_let_people_in(status: str, minutes_before: int, can_join: bool) -> None:
    """The door opens a quarter of an hour early and stays open as long as the lesson is not over."""
    now_ms = START_MS - minutes_before * 60_000
    assert classroom_object({**SESSION, "status": status}, now_ms, 15) == {
        "session_id": SESSION["uuid"],
        "status": status,
        "can_join": can_join,
        "join_url": f"/classroom/{SESSION['uuid']}",
    }


def test_without_a_start_nothing_is_early() -> None:
    """A session that has no start of its own is joined by its status alone."""
    assert not classroom_object({**SESSION, "scheduled_start": None}, START_MS, 15)["can_join"]
