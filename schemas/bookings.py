"""Bookings (contract §2): what the platform pushes, how later pushes change it, and what people are shown.

A stored booking is what `BookingIn` loads and an `id`: the contract's names, `start` and `end` in
milliseconds, and whatever else was pushed, untouched. An answer is made from it and from the session's own
answer, so nothing is kept twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import INCLUDE, ValidationError, fields, post_load, validate, validates_schema

from schemas import jsonio
from schemas.errors import TOO_LARGE, VALIDATION_FAILED, Refused
from schemas.fields import Id, In, Name, Text, Timestamp, doc
from schemas.ids import user_key
from schemas.rest import BOOKING_STATUSES
from schemas.times import parse_ms, rfc3339

MAX_BOOKING_BYTES = 65536
JOINABLE = frozenset(("waiting", "active", "paused"))
_MINUTE_MS = 60_000
_END_BEFORE_START = "The end must be after the start."


class Price(Text):
    """A price as the platform writes it: a number, or a text of at most 32 characters."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(32, **kwargs)
        self.metadata = {"type": ["string", "number"], **self.metadata}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        return value if _is_number(value) else super()._deserialize(value, attr, data, **kwargs)

    def _validate(self, value: Any) -> None:
        if not _is_number(value):
            super()._validate(value)

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> Any:
        return value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


class PersonIn(In):
    """The tutor or the student; what else the platform says about them is kept."""

    class Meta:
        unknown = INCLUDE

    id = Id(required=True, metadata=doc("The person's id on the platform.", 7))
    name = Name(required=True, metadata=doc("How the person is called.", "Ada Lovelace"))
    avatar = Text(
        2048, allow_none=True, metadata=doc("The address of a picture.", "https://example.org/ada.png")
    )


class BookingUpdateIn(In):
    """A later push of a booking: only what is sent changes; a person is always sent whole."""

    class Meta:
        unknown = INCLUDE

    id = Id(metadata=doc("The booking's id; without one it gets a new one.", "b-17"))
    tutor = fields.Nested(PersonIn, metadata={"description": "Who teaches, and becomes the host."})
    student = fields.Nested(PersonIn, metadata={"description": "Who learns."})
    start = Timestamp(metadata=doc("When the lesson begins.", "2026-01-02T15:00:00Z"))
    end = Timestamp(metadata=doc("When the lesson ends.", "2026-01-02T16:00:00Z"))
    status = fields.String(
        validate=validate.OneOf(BOOKING_STATUSES), metadata=doc("Where the booking stands.", "confirmed")
    )
    subject = Text(500, allow_none=True, metadata=doc("What is taught.", "Algebra"))
    lesson_type = Text(64, allow_none=True, metadata=doc("The platform's kind of lesson.", "trial"))
    price = Price(allow_none=True, metadata=doc("As the platform writes it.", "25.00"))
    currency = Text(16, allow_none=True, metadata=doc("As the platform writes it.", "EUR"))
    student_notes = Text(
        5000, lines=True, allow_none=True, metadata=doc("What the student wrote.", "Please bring exercises.")
    )

    @validates_schema
    def _ends_after_start(self, data: dict[str, Any], **_: Any) -> None:
        if "start" in data and "end" in data and data["end"] <= data["start"]:
            raise ValidationError(_END_BEFORE_START, "end")


class BookingIn(BookingUpdateIn):
    """The first push of a booking."""

    tutor = fields.Nested(
        PersonIn, required=True, metadata={"description": "Who teaches, and becomes the host."}
    )
    student = fields.Nested(PersonIn, required=True, metadata={"description": "Who learns."})
    start = Timestamp(required=True, metadata=doc("When the lesson begins.", "2026-01-02T15:00:00Z"))
    end = Timestamp(required=True, metadata=doc("When the lesson ends.", "2026-01-02T16:00:00Z"))

    @post_load
    def _pending(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {"status": "pending", **data}


def updated_booking(stored: Mapping[str, Any], pushed: Mapping[str, Any]) -> dict[str, Any]:
    """`stored` with what `BookingUpdateIn` loaded. The id stays, and so do old details about the same person.

    Refused when the end would not be after the start, or when it all would be more than 64 KiB as JSON.
    """
    booking = {**stored, **pushed, "id": stored["id"]}
    for who in ("tutor", "student"):
        if who in pushed and user_key(pushed[who]["id"]) == user_key(stored[who]["id"]):
            booking[who] = {**stored[who], **pushed[who]}
    if booking["end"] <= booking["start"]:
        raise Refused(VALIDATION_FAILED, fields={"end": [_END_BEFORE_START]})
    if len(jsonio.dumps(booking).encode()) > MAX_BOOKING_BYTES:
        raise Refused(TOO_LARGE, "The booking would be larger than 64 KiB.")
    return booking


def classroom_object(session: Mapping[str, Any], now_ms: int, early_join_minutes: float) -> dict[str, Any]:
    """The bare `classroom` of a booking; `session` is the answer about its session. `can_join` is advice."""
    status, start = session["status"], session["scheduled_start"]
    soon = start is not None and parse_ms(start) <= now_ms + early_join_minutes * _MINUTE_MS
    return {
        "session_id": session["uuid"],
        "status": status,
        "can_join": status in JOINABLE or (status == "scheduled" and soon),
        "join_url": f"/classroom/{session['uuid']}",
    }


def present_booking(
    fields: Mapping[str, Any], session: Mapping[str, Any] | None, now_ms: int, early_join_minutes: float
) -> dict[str, Any]:
    """The whole answer about a booking: all that was pushed, under what is worked out here."""
    of_session: dict[str, Any] = dict.fromkeys(("classroom_id", "classroom", "classroom_session"))
    if session is not None:
        of_session = {
            "classroom_id": session["uuid"],
            "classroom": classroom_object(session, now_ms, early_join_minutes),
            "classroom_session": {name: session[name] for name in ("uuid", "status", "scheduled_start")},
        }
    return {
        **fields,
        **of_session,
        "booking_id": fields["id"],
        "tutor": _person(fields["tutor"]),
        "student": _person(fields["student"]),
        "start": rfc3339(fields["start"]),
        "end": rfc3339(fields["end"]),
        "time_slot": _time_slot(fields),
        **{
            name: fields.get(name)
            for name in ("subject", "lesson_type", "price", "currency", "student_notes")
        },
    }


def _person(pushed: Mapping[str, Any]) -> dict[str, Any]:
    first, _, last = pushed["name"].partition(" ")
    return {
        **pushed,
        "first_name": _text_or(pushed.get("first_name"), first),
        "last_name": _text_or(pushed.get("last_name"), last.strip()),
        "photo": _text_or(pushed.get("photo"), pushed.get("avatar")),
    }


def _text_or(pushed: Any, otherwise: str | None) -> str | None:
    return pushed if isinstance(pushed, str) else otherwise


def _time_slot(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The booked time, in UTC. It is `booked` until the booking is cancelled, then `available` again."""
    start, end = rfc3339(fields["start"]), rfc3339(fields["end"])
    return {
        "id": fields["id"],
        "date": start[:10],
        "start_time": start[11:19],
        "end_time": end[11:19],
        "start_datetime": start,
        "end_datetime": end,
        "duration_minutes": (fields["end"] - fields["start"]) // _MINUTE_MS,
        "status": "available" if fields["status"] == "cancelled" else "booked",
    }
