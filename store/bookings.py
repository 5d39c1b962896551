"""Bookings: pushed by the platform, confirmed or cancelled, and the classroom session each confirmed one has
(contract §2).

A booking and its session have different hash tags, so no script changes both. The booking decides; what
follows from it (its session is made, moved, ended) is idempotent, is marked as outstanding before the booking
is written, and is done at once by whoever wrote it, else within seconds by housekeeping.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid as uuids
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson

from schemas.errors import BOOKING_CANCELLED, NOT_FOUND, SESSION_OVER, STALE_VERSION, Refused
from schemas.ids import user_key
from schemas.jsonio import dumps
from schemas.rest import SETTINGS_DEFAULTS
from store import keys
from store.actor import Actor
from store.client import Client
from store.session_scripts import checked
from store.sessions import NewSession, Person, Session, Sessions

log = logging.getLogger("lessonroom.bookings")
ATTEMPTS = 8
LISTED_AT_ONCE = 2_000
PLATFORM = Actor(user_id="platform", service=True)

Merge = Callable[[dict[str, Any] | None], dict[str, Any]]
"""From the stored fields (None: there is no such booking) to all fields it is to have, or `Refused`."""


@dataclass(frozen=True, slots=True)
class Booking:
    """A stored booking: what was pushed (with `status`), and its session's uuid once it was confirmed."""

    key: str
    fields: dict[str, Any]
    session: str | None
    revision: int
    replaced: str | None = None
    """The session it had before it was cancelled and confirmed anew."""

    @property
    def status(self) -> str:
        """pending, confirmed, cancelled, completed or no_show."""
        return str(self.fields["status"])

    def is_of(self, actor_key: str, role: str | None = None) -> bool:
        """Whether that person is its tutor or student (or just the one that `role` names)."""
        roles = (role,) if role else ("tutor", "student")
        return any(user_key(self.fields[name]["id"]) == actor_key for name in roles)


class Bookings:
    """The booking store."""

    def __init__(self, client: Client, sessions: Sessions) -> None:
        self._client = client
        self._sessions = sessions

    async def get(self, key: str) -> Booking:
        """The booking; `Refused(NOT_FOUND)`."""
        booking = await self.find(key)
        if booking is None:
            raise Refused(NOT_FOUND, "There is no such booking.")
        return booking

    async def push(self, key: str, merge: Merge) -> tuple[Booking, bool]:
        """Writes what `merge` makes of the stored fields, atomically; the booking, and whether it is new."""
        for _ in range(ATTEMPTS):
            before = await self.find(key)
            fields = merge(before.fields if before else None)
            status = fields.pop("status")
            await self._index(key, fields)
            try:
                async with self._settling(key):
                    created = await self._put(key, before.revision if before else 0, status, fields)
            except Refused as refused:
                if refused.error is STALE_VERSION:
                    continue
                raise
            return await self.get(key), created
        raise Refused(STALE_VERSION, "The booking is being changed by others; try again.")

    async def move(self, key: str, status: str, reason: str | None = None) -> Booking:
        """Confirms or cancels; the same again changes nothing. `Refused`: not_found, booking_cancelled,
        invalid_transition.
        """
        async with self._settling(key):
            text = "" if reason is None else dumps(reason)
            arguments = [status, str(uuids.uuid4()), text]
            checked(await self._client.run("booking_move", keys.booking(key), arguments))
        return await self.get(key)

    async def ensure_classroom_session(self, key: str) -> Session:
        """The booking's one session, made if it is not there yet, under any concurrency.

        `Refused`: not_found (no such booking, or it is not confirmed), booking_cancelled.
        """
        booking = await self.get(key)
        if booking.status == "cancelled":
            raise Refused(BOOKING_CANCELLED)
        if booking.session is None or booking.status == "pending":
            raise Refused(NOT_FOUND, "The booking is not confirmed.")
        return await self._sessions.create(_session_for(booking))

    async def get_session_for_booking(self, booking: Booking) -> Session | None:
        """The booking's session, or None when it was never confirmed."""
        if booking.session is None:
            return None
        try:
            view = await self._sessions.get_classroom_session(booking.session, PLATFORM)
        except Refused as refused:
            if refused.error is not NOT_FOUND:
                raise
            return None if booking.status == "cancelled" else await self.ensure_classroom_session(booking.key)
        session: Session = view.value
        return session

    async def list_of(
        self, actor_key: str, role: str | None, statuses: frozenset[str] | None
    ) -> list[Booking]:
        """A person's bookings, the latest start first."""
        index = keys.bookings_of(actor_key)
        found = await self._client.command("ZREVRANGE", index, 0, LISTED_AT_ONCE - 1)
        bookings = await asyncio.gather(*(self.find(raw.decode()) for raw in found))
        return [
            booking
            for booking in bookings
            if booking and booking.is_of(actor_key, role) and (statuses is None or booking.status in statuses)
        ]

    async def settle(self, key: str) -> None:
        """Makes the session what the booking says: there and at its time, or ended. Harmless twice."""
        booking = await self.find(key)
        if booking is None or booking.session is None:
            return
        if booking.replaced is not None:
            await self._end(booking.replaced)
        if booking.status == "confirmed":
            new = _session_for(booking)
            await self._sessions.create(new)
            await self._sessions.follow_booking(new)
        elif booking.status == "cancelled":
            await self._end(booking.session)

    async def _end(self, uuid: str) -> None:
        try:
            await self._sessions.transition(uuid, PLATFORM, "terminate", "booking cancelled")
        except Refused as refused:
            if refused.error not in (SESSION_OVER, NOT_FOUND):
                raise

    async def settle_outstanding(self, older_than_ms: int) -> int:
        """Settles what was left outstanding for that long; how many there were. For housekeeping."""
        before = int(time.time() * 1000) - older_than_ms
        marks = await self._client.command("ZRANGEBYSCORE", keys.UNSETTLED, "-inf", before, "LIMIT", 0, 100)
        for mark in marks:
            try:
                await self.settle(mark.decode().partition(" ")[2])
            except Refused:
                raise  # the store is gone again
            except Exception:  # one that cannot be settled must not keep the others from it
                log.exception("booking %r cannot be settled", mark)
                continue
            await self._client.command("ZREM", keys.UNSETTLED, mark)
        return len(marks)

    @asynccontextmanager
    async def _settling(self, key: str) -> AsyncIterator[None]:
        """Around a write to the booking: its consequences are marked before, and done and unmarked after."""
        mark = f"{uuids.uuid4().hex} {key}"
        await self._client.command("ZADD", keys.UNSETTLED, int(time.time() * 1000), mark)
        try:
            yield
        except Refused as refused:
            if refused.error.http < 500:  # otherwise it may have been written all the same
                await self._client.command("ZREM", keys.UNSETTLED, mark)
            raise
        await self.settle(key)
        await self._client.command("ZREM", keys.UNSETTLED, mark)

    async def find(self, key: str) -> Booking | None:
        """The booking, or None."""
        flat = await self._client.command("HGETALL", keys.booking(key)[0])
        if not flat:
            return None
        stored = {flat[i].decode(): flat[i + 1] for i in range(0, len(flat), 2)}
        fields = {name[2:]: orjson.loads(text) for name, text in stored.items() if name.startswith("f:")}
        fields["status"] = stored["status"].decode()
        session, replaced = (
            stored[name].decode() if name in stored else None for name in ("session", "replaced")
        )
        return Booking(key, fields, session, int(stored["revision"]), replaced)

    async def _put(self, key: str, revision: int, status: str, fields: dict[str, Any]) -> bool:
        flat = [part for name, value in fields.items() for part in (name, dumps(value))]
        arguments = [revision, status, str(uuids.uuid4()), *flat]
        _, created = checked(await self._client.run("booking_put", keys.booking(key), arguments))
        return bool(created == b"1")

    async def _index(self, key: str, fields: dict[str, Any]) -> None:
        start = fields["start"]
        people = {user_key(fields[role]["id"]) for role in ("tutor", "student")}
        await asyncio.gather(
            *(self._client.command("ZADD", keys.bookings_of(person), start, key) for person in people)
        )


def _session_for(booking: Booking) -> NewSession:
    """The classroom session of a confirmed booking: the tutor hosts, the student is let in."""
    assert booking.session is not None, "only a booking that was confirmed has a session"
    settings = {name: value for name, value in SETTINGS_DEFAULTS.items() if name != "max_participants"}
    return NewSession(
        uuid=booking.session,
        session_type="lesson",
        status="scheduled",
        host=_person_of(booking.fields, "tutor"),
        max_participants=SETTINGS_DEFAULTS["max_participants"],
        settings=settings,
        scheduled_start=booking.fields["start"],
        scheduled_end=booking.fields["end"],
        booking_id=booking.fields["id"],
        invited=(_person_of(booking.fields, "student"),),
        is_of_booking=True,
    )


def _person_of(fields: dict[str, Any], role: str) -> Person:
    person = fields[role]
    return Person(person["id"], person["name"], person.get("avatar"))
