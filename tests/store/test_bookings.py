import asyncio
import time
import uuid as uuids
from typing import Any

import pytest

from schemas.errors import (
    BOOKING_CANCELLED,
    INVALID_TRANSITION,
    NOT_FOUND,
    SESSION_OVER,
    STALE_VERSION,
    STORE_UNAVAILABLE,
    Refused,
)
from store import keys
from store.bookings import Booking, Merge
from store.sessions import Session
from tests.support.stores import HOST, STUDENT, Stores, refusal


def fields(key: str, **changes: Any) -> dict[str, Any]:
    """What a platform pushes, times in ms."""
    now = int(time.time() * 1000)
    people = {"tutor": {"id": 1, "name": "Ada"}, "student": {"id": "2", "name": "Ben"}}
    return {"id": key, **people, "start": now, "end": now + 3_600_000, "status": "pending", **changes}


def merging(key: str, **changes: Any) -> Merge:
    """A push: all fields when it is new, the changes else."""
    return lambda stored: fields(key, **changes) if stored is None else {**stored, **changes}


async def pushed(stores: Stores, **changes: Any) -> Booking:
    """A new booking."""
    key = str(uuids.uuid4())
    return (await stores.bookings.push(key, merging(key, **changes)))[0]


async def session_of(stores: Stores, key: str) -> Session | None:
    """The booking's session as it is now."""
    return await stores.bookings.get_session_for_booking(await stores.bookings.get(key))


async def outstanding(stores: Stores, key: str) -> int:
    """How many marks there are that something of this booking is left to do."""
    marks = await stores.client.command("ZRANGE", keys.UNSETTLED, 0, -1)
    return sum(mark.decode().endswith(f" {key}") for mark in marks)


async def test_a_push_is_kept_as_it_came(stores: Stores) -> None:
    """What was pushed comes back, unknown fields too; the second push is an update; nothing is left to do."""
    key = str(uuids.uuid4())
    booking, created = await stores.bookings.push(key, merging(key, extra={"empty": [], "n": 1}))
    assert created
    assert (booking.status, booking.session) == ("pending", None)
    again, created = await stores.bookings.push(key, merging(key, subject="Maths"))
    assert not created
    assert (again.fields["subject"], again.fields["extra"]) == ("Maths", {"empty": [], "n": 1})
    assert await outstanding(stores, key) == 0
    assert await refusal(stores.bookings.get("none")) is NOT_FOUND


async def test_a_confirmed_booking_has_its_session(stores: Stores) -> None:
    """The session exists from the confirmation on: tutor as host, student let in, at the booked time."""
    booking = await pushed(stores)
    assert await refusal(stores.bookings.ensure_classroom_session(booking.key)) is NOT_FOUND
    confirmed = await stores.bookings.move(booking.key, "confirmed")
    assert (await stores.bookings.move(booking.key, "confirmed")).session == confirmed.session
    session = await stores.bookings.ensure_classroom_session(booking.key)
    assert (session["uuid"], session["status"], session["host"]["id"]) == (confirmed.session, "scheduled", 1)
    assert session["booking_id"] == booking.key
    assert await stores.participants.can_user_access_session(session["uuid"], STUDENT)


async def test_one_session_under_any_concurrency(stores: Stores) -> None:
    """Fifty calls at once, amid confirmations and pushes, make one session."""
    booking = await pushed(stores)
    key = booking.key
    await asyncio.gather(
        *(stores.bookings.move(key, "confirmed") for _ in range(10)),
        *(stores.bookings.push(key, merging(key, status="confirmed")) for _ in range(3)),
    )
    made = await asyncio.gather(*(stores.bookings.ensure_classroom_session(key) for _ in range(50)))
    assert len({session["uuid"] for session in made}) == 1
    assert len(await stores.sessions.list_of(HOST, frozenset(["scheduled"]))) >= 1


async def test_confirmed_when_pushed(stores: Stores) -> None:
    """A booking that is pushed as confirmed has its session at once, and a later push moves it."""
    booking = await pushed(stores, status="confirmed", start=1_000, end=2_000)
    session = await session_of(stores, booking.key)
    assert session is not None
    assert session["scheduled_start"] == "1970-01-01T00:00:01.000Z"
    await stores.bookings.push(booking.key, merging(booking.key, start=5_000, end=6_000))
    moved = await session_of(stores, booking.key)
    assert moved is not None
    assert (moved["uuid"], moved["scheduled_end"]) == (session["uuid"], "1970-01-01T00:00:06.000Z")


async def test_cancelling_ends_the_session(stores: Stores) -> None:
    """With the booking its session ends; cancelling again is fine, confirming is not."""
    booking = await pushed(stores, status="confirmed")
    assert booking.session is not None
    cancelled = await stores.bookings.move(booking.key, "cancelled", "ill")
    assert (cancelled.status, cancelled.fields["cancel_reason"]) == ("cancelled", "ill")
    await stores.bookings.move(booking.key, "cancelled")
    assert await refusal(stores.bookings.move(booking.key, "confirmed")) is BOOKING_CANCELLED
    assert await refusal(stores.bookings.ensure_classroom_session(booking.key)) is BOOKING_CANCELLED
    session = await session_of(stores, booking.key)
    assert session is not None
    assert session["status"] == "terminated"
    assert await refusal(stores.sessions.transition(booking.session, HOST, "start")) is SESSION_OVER


async def test_a_cancelled_booking_that_is_pushed_again(stores: Stores) -> None:
    """Confirmed anew it has a new session: the old one is over."""
    booking = await pushed(stores, status="confirmed")
    await stores.bookings.move(booking.key, "cancelled")
    again, _ = await stores.bookings.push(booking.key, merging(booking.key, status="confirmed"))
    assert again.session not in (None, booking.session)
    session = await session_of(stores, booking.key)
    assert session is not None
    assert session["status"] == "scheduled"


@pytest.mark.parametrize("status", ["completed", "no_show"])
@pytest.mark.parametrize("to", ["confirmed", "cancelled"])
async def test_what_is_past(stores: Stores, status: str, to: str) -> None:
    """A booking that took place, or did not, is neither confirmed nor cancelled any more."""
    booking = await pushed(stores, status=status)
    assert await refusal(stores.bookings.move(booking.key, to)) is INVALID_TRANSITION
    assert await refusal(stores.bookings.move("none", to)) is NOT_FOUND
    assert await outstanding(stores, booking.key) == 0


async def test_of_a_confirmation_and_a_cancellation_at_once(stores: Stores) -> None:
    """Whoever is first, in the end the booking and its session say the same."""
    for _ in range(10):
        booking = await pushed(stores)
        moves = (stores.bookings.move(booking.key, status) for status in ("confirmed", "cancelled"))
        await asyncio.gather(*moves, return_exceptions=True)
        assert (await stores.bookings.get(booking.key)).status == "cancelled"
        session = await session_of(stores, booking.key)
        assert session is None or session["status"] == "terminated"


async def test_pushes_at_once_lose_nothing(stores: Stores) -> None:
    """Of pushes that overtake each other each one's fields are kept, or it is told so."""
    booking = await pushed(stores)
    outcomes = await asyncio.gather(
        *(stores.bookings.push(booking.key, merging(booking.key, **{f"f{n}": n})) for n in range(8)),
        return_exceptions=True,
    )
    stored = (await stores.bookings.get(booking.key)).fields
    for number, outcome in enumerate(outcomes):
        if isinstance(outcome, Refused):
            assert outcome.error is STALE_VERSION
        else:
            assert stored[f"f{number}"] == number


async def test_a_crash_in_between(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """An instance that dies after it wrote the booking leaves its consequences marked; another one sees to
    them.
    """
    booking = await pushed(stores)

    async def die(_: str) -> None:
        raise Refused(STORE_UNAVAILABLE)

    for status, becomes in (("confirmed", "scheduled"), ("cancelled", "terminated")):
        with monkeypatch.context() as crash:
            crash.setattr(stores.bookings, "settle", die)
            assert await refusal(stores.bookings.move(booking.key, status)) is STORE_UNAVAILABLE
        assert await outstanding(stores, booking.key) == 1
        assert await stores.bookings.settle_outstanding(older_than_ms=60_000) == 0
        settled = await asyncio.gather(*(stores.bookings.settle_outstanding(-1_000) for _ in range(2)))
        assert max(settled) >= 1
        assert await outstanding(stores, booking.key) == 0
        session = await session_of(stores, booking.key)
        assert session is not None
        assert session["status"] == becomes


async def test_a_mark_that_is_broken(stores: Stores, caplog: pytest.LogCaptureFixture) -> None:
    """One booking that cannot be settled does not keep the others from it, and stays marked."""
    booking = await pushed(stores)
    await stores.client.command("ZADD", keys.UNSETTLED, -1, b"\xff")
    await stores.client.command("ZADD", keys.UNSETTLED, 0, f"mark {booking.key}")
    assert await stores.bookings.settle_outstanding(0) >= 2
    assert await stores.client.command("ZREM", keys.UNSETTLED, b"\xff") == 1
    assert await outstanding(stores, booking.key) == 0
    assert "cannot be settled" in caplog.text


async def test_a_session_that_the_store_lost(stores: Stores) -> None:
    """A confirmed booking whose session is not there any more has it again, under the same id."""
    booking = await pushed(stores, status="confirmed")
    assert booking.session is not None
    await stores.client.command("DEL", keys.session(booking.session))
    session = await session_of(stores, booking.key)
    assert session is not None
    assert session["uuid"] == booking.session


async def test_lists(stores: Stores) -> None:
    """Each finds what they are part of, the latest start first, by role and status, and not what became
    another's.
    """
    tutor, student, other = (str(uuids.uuid4()) for _ in range(3))

    def person(user_id: str) -> dict[str, str]:
        return {"id": user_id, "name": "x"}

    both = {"tutor": person(tutor), "student": person(student)}
    early = await pushed(stores, **both, start=1, end=2)
    late = await pushed(stores, **both, start=5, end=6, status="confirmed")
    list_of = stores.bookings.list_of
    assert [one.key for one in await list_of(student, None, None)] == [late.key, early.key]
    assert await list_of(student, "tutor", None) == []
    assert [one.key for one in await list_of(tutor, "tutor", frozenset(["pending"]))] == [early.key]
    await stores.bookings.push(early.key, merging(early.key, student=person(other)))
    assert [one.key for one in await list_of(student, None, None)] == [late.key]
    assert [one.key for one in await list_of(other, "student", None)] == [early.key]
