"""Classroom sessions: making them, moving them through their states, looking at them (contract §3)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from handlers.commands.call import Call
from handlers.commands.paging import page_of
from schemas.errors import FORBIDDEN, Refused
from schemas.ids import user_key
from store.sessions import NewSession, Person, Session

SETTINGS = ("allow_recording", "auto_save_interval", "board_background")


async def create(call: Call) -> Session:
    """A new session; the caller is its host, or, when the platform calls, whoever it names."""
    body = call.body
    start = body.get("scheduled_start")
    booking_id = body.get("booking_id")
    if booking_id is not None:
        booking = await call.services.bookings.find(user_key(booking_id))
        if booking is not None:
            return await _of_booking(call, booking.key)
    new = NewSession(
        uuid=await call.services.requests.id_for(call.operation),
        session_type=body["session_type"],
        status="waiting" if start is None else "scheduled",
        host=_host(call),
        max_participants=body["max_participants"],
        settings={name: body["settings"][name] for name in SETTINGS},
        scheduled_start=start,
        scheduled_end=body.get("scheduled_end"),
        booking_id=booking_id,
        access_code=body.get("access_code"),
        invited=tuple(Person(person["id"], person.get("name")) for person in body["invite"]),
    )
    return await call.services.sessions.create(new, reader=call.actor.key)


async def create_solo(call: Call) -> Session:
    """A session for the caller alone, active at once."""
    settings = call.body["settings"]
    new = NewSession(
        uuid=await call.services.requests.id_for(call.operation),
        session_type="solo",
        status="active",
        host=Person(call.actor.user_id, call.actor.name, call.actor.avatar),
        max_participants=settings["max_participants"],
        settings={name: settings[name] for name in SETTINGS},
    )
    return await call.services.sessions.create(new, reader=call.actor.key)


async def get(call: Call) -> Session:
    """The session."""
    view = await call.services.sessions.get_classroom_session(call.uuid, call.actor)
    session: Session = view.value
    return session


async def mine(call: Call) -> dict[str, Any]:
    """A page of the caller's sessions, newest first."""
    statuses = frozenset(call.query["status"]) if "status" in call.query else None
    uuids_of_mine = await call.services.sessions.list_of(call.actor, statuses)
    page = page_of(uuids_of_mine, call.query, "/api/v1/classroom/sessions/my/")
    views = await call.services.sessions.read_all(page["results"], call.actor)
    return {"count": page["count"], "next": page["next"], "results": [view.value for view in views]}


async def all_mine(call: Call) -> list[Session]:
    """All of the caller's sessions, newest first, as a bare list."""
    statuses = frozenset(call.query["status"]) if "status" in call.query else None
    uuids_of_mine = await call.services.sessions.list_of(call.actor, statuses)
    return [view.value for view in await call.services.sessions.read_all(uuids_of_mine, call.actor)]


async def stats(call: Call) -> dict[str, Any]:
    """Counts, durations, the most people at once."""
    view = await call.services.sessions.get_classroom_session(call.uuid, call.actor, want="stats")
    events = await call.services.events.get_event_stats(call.uuid)
    return {**view.value, "events_total": events["total"], "events_by_type": events["by_type"]}


def transition(action: str) -> Callable[[Call], Awaitable[Session]]:
    """The command start, pause, resume, complete or terminate."""

    async def move(call: Call) -> Session:
        reason = call.body.get("reason")
        return await call.services.sessions.transition(call.uuid, call.actor, action, reason, call.operation)

    move.__doc__ = f"Session: {action}."
    return move


async def _of_booking(call: Call, key: str) -> Session:
    """A session that is asked for a known booking is that booking's one session."""
    booking = await call.services.bookings.get(key)
    if not call.actor.service and not booking.is_of(call.actor.key, "tutor"):
        raise Refused(FORBIDDEN, "Only the booking's tutor may open its classroom.")
    return await call.services.bookings.ensure_classroom_session(key)


def _host(call: Call) -> Person:
    named = call.body.get("host")
    if named is None:
        return Person(call.actor.user_id, call.actor.name, call.actor.avatar)
    if not call.actor.service and user_key(named["id"]) != call.actor.key:
        raise Refused(FORBIDDEN, "Only the platform itself may name another host.")
    return Person(named["id"], named.get("name"), named.get("avatar"))
