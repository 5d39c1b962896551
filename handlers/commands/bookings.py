"""Bookings: the platform pushes them, their tutor and student read and move them (contract §2)."""

from __future__ import annotations

import time
from typing import Any

from marshmallow import ValidationError

from handlers.commands.call import Call, Created
from handlers.commands.paging import page_of
from schemas.bookings import BookingIn, BookingUpdateIn, classroom_object, present_booking, updated_booking
from schemas.errors import FORBIDDEN, VALIDATION_FAILED, Refused
from schemas.fields import field_errors
from schemas.ids import user_key
from store.bookings import Booking


async def push(call: Call) -> Any:
    """A new booking, or changes to the one of that id."""
    call.need_service()
    pushed, is_new = call.body, "id" not in call.body
    if is_new:
        pushed = {**pushed, "id": await call.services.requests.id_for(call.operation)}

    def merge(stored: dict[str, Any] | None) -> dict[str, Any]:
        if stored is not None:
            return updated_booking(stored, _load(BookingUpdateIn, pushed))
        return _load(BookingIn, pushed)

    key = user_key(_load(BookingUpdateIn, pushed)["id"])
    booking, created = await call.services.bookings.push(key, merge)
    answer = await _present(call, booking)
    return Created(answer) if created or is_new else answer  # the same request again has the same answer


async def mine(call: Call) -> dict[str, Any]:
    """A page of the caller's bookings, the latest start first."""
    statuses = frozenset(call.query["status"]) if "status" in call.query else None
    bookings = await call.services.bookings.list_of(call.actor.key, call.query.get("role"), statuses)
    page = page_of(bookings, call.query, "/api/v1/booking/bookings/")
    return {**page, "results": [await _present(call, booking) for booking in page["results"]]}


async def get(call: Call) -> dict[str, Any]:
    """The booking."""
    return await _present(call, await _mine(call))


async def confirm(call: Call) -> dict[str, Any]:
    """Confirms it: its classroom session exists from now on."""
    booking = await _mine(call, "tutor")
    return await _present(call, await call.services.bookings.move(booking.key, "confirmed"))


async def cancel(call: Call) -> dict[str, Any]:
    """Cancels it: its session, unless over, is terminated."""
    booking = await _mine(call)
    reason = call.body.get("reason")
    return await _present(call, await call.services.bookings.move(booking.key, "cancelled", reason))


async def classroom(call: Call) -> dict[str, Any]:
    """Its classroom, made if it is not there yet."""
    booking = await _mine(call)
    session = await call.services.bookings.ensure_classroom_session(booking.key)
    return classroom_object(session, _now_ms(), call.services.config.booking.early_join_minutes)


async def _mine(call: Call, role: str | None = None) -> Booking:
    booking = await call.services.bookings.get(call.path["booking_id"])
    if not call.actor.service and not booking.is_of(call.actor.key, role):
        raise Refused(FORBIDDEN, f"This is for the booking's {role or 'tutor and student'}.")
    return booking


async def _present(call: Call, booking: Booking) -> dict[str, Any]:
    session = await call.services.bookings.get_session_for_booking(booking)
    early = call.services.config.booking.early_join_minutes
    return present_booking(booking.fields, session, _now_ms(), early)


def _load(schema: type[BookingIn] | type[BookingUpdateIn], body: dict[str, Any]) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = schema().load(body)
    except ValidationError as problem:
        raise Refused(VALIDATION_FAILED, fields=field_errors(problem.messages)) from None
    return loaded


def _now_ms() -> int:
    return int(time.time() * 1000)
