"""Rate limits hold over all instances together: who spreads their requests over many gains nothing (contract §4)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from handlers.limits import BURST_SECONDS, POINTER_BATCH
from tests.support.people_calls import Answer
from tests.support.people_lesson import People, Person, fresh_id
from tests.support.people_sockets import Socket
from tests.support.process_house import OUTAGE, House

EVENTS, POINTERS, WRITES = 20, 20, 5
LATE = 0.05
"""The store's bucket is that much larger, in seconds (`store/lua/lib/7_access.lua`)."""
STROKE = {"type": "board_event", "event_type": "stroke_add", "data": {"id": "s"}}
WHOLE = {"type": "board_event", "event_type": "state:full", "data": {"state": {}}}

Build = Callable[..., House]
PeopleOf = Callable[[House], People]


@pytest.fixture
def strict(build_house: Build) -> House:
    """Two instances with limits that are soon reached."""
    return build_house(
        limits__board_events_per_second=EVENTS,
        limits__pointers_per_second=POINTERS,
        limits__writes_per_second=WRITES,
    )


def most(per_second: float, seconds: float) -> float:
    """How many may pass in that time after a rest."""
    return per_second * (BURST_SECONDS + LATE + seconds)


async def flood(sockets: list[Socket], count: int, message: dict[str, Any]) -> float:
    """Sends so many on each socket, at once; how many seconds it took until all of them were dealt with."""
    began = time.monotonic()
    marks = [socket.mark for socket in sockets]
    for turn in range(count):
        await asyncio.gather(*(socket.send(**message, id=f"{turn}-{n}") for n, socket in enumerate(sockets)))
    await asyncio.gather(*(socket.send(type="sync_request", id="end") for socket in sockets))
    for socket, mark in zip(sockets, marks, strict=True):
        await socket.find(lambda m: m["type"] == "sync_response" or m.get("id") == "end", since=mark)
    return time.monotonic() - began


async def on_both(strict: House, people_of: PeopleOf) -> tuple[Person, Person, list[Socket], Socket]:
    """A host who watches, and a student with a socket on each instance."""
    a, b = strict.instances
    host, student = await people_of(strict).lesson(a, fresh_id(), fresh_id())
    await host.post(a, "permissions/", {"user_id": student.user_id, "permissions": {"can_clear_board": True}})
    return host, student, [await student.open(a), await student.open(b)], await host.open(a)


@pytest.mark.gen_test(timeout=40)
@pytest.mark.parametrize("message, per_second", [(STROKE, EVENTS), (WHOLE, 1)])
async def test_board_events(
    strict: House, people_of: PeopleOf, message: dict[str, Any], per_second: int
) -> None:
    """Drawing on two instances at once gets a person no more onto the board than drawing on one."""
    _, _, sockets, watching = await on_both(strict, people_of)
    seconds = await flood(sockets, int(per_second * BURST_SECONDS) + 5, message)
    refused = [error for socket in sockets for error in socket.of_type("error") if error["id"] != "end"]
    assert {error["code"] for error in refused} == {"rate_limited"}
    assert all(error["retry_after_seconds"] >= 1 for error in refused)
    sent = 2 * (int(per_second * BURST_SECONDS) + 5)
    accepted = sent - len(refused)
    assert per_second * BURST_SECONDS <= accepted <= most(per_second, seconds)
    last = await watching.find(lambda m: m.get("version") == accepted)
    assert last["type"] == "board_update"


@pytest.mark.gen_test(timeout=40)
async def test_pointers(strict: House, people_of: PeopleOf) -> None:
    """Pointers over the limit vanish, counted over all instances to within a batch on each."""
    _, _, sockets, watching = await on_both(strict, people_of)
    seconds = await flood(sockets, 70, {"type": "pointer_move", "x": 1, "y": 2})
    await flood([watching], 1, {"type": "ping"})
    seen = len(watching.of_type("pointer_move"))
    assert (
        POINTERS * BURST_SECONDS - POINTER_BATCH <= seen <= most(POINTERS, seconds) + 2 * (POINTER_BATCH - 1)
    )
    assert not [error for socket in sockets for error in socket.of_type("error") if error["id"] != "end"]


@pytest.mark.gen_test(timeout=40)
async def test_media_states(strict: House, people_of: PeopleOf) -> None:
    """Switching a camera by socket is limited over all instances, like the rest of the messages."""
    _, _, sockets, _ = await on_both(strict, people_of)
    count = int(EVENTS * BURST_SECONDS) + 5
    seconds = await flood(sockets, count, {"type": "media_state", "video_enabled": True})
    refused = [error for socket in sockets for error in socket.of_type("error") if error["id"] != "end"]
    assert {error["code"] for error in refused} == {"rate_limited"}
    assert 2 * count - len(refused) <= most(EVENTS, seconds)


async def writes(person: Person, strict: House, count: int) -> tuple[list[Answer], float]:
    """So many calls on each instance at once, and how long they took."""
    began = time.monotonic()
    calls = [
        person.call(a, "POST", "media-state/", {"video_enabled": True}) for a in strict.instances * count
    ]
    return list(await asyncio.gather(*calls)), time.monotonic() - began


@pytest.mark.gen_test(timeout=40)
async def test_rest_writes(strict: House, people_of: PeopleOf) -> None:
    """A person's writes count over all instances; the refusal says when to come back, and then it works."""
    a, b = strict.instances
    people = people_of(strict)
    _, student = await people.lesson(a, fresh_id(), fresh_id())
    answers, seconds = await writes(student, strict, int(WRITES * BURST_SECONDS) + 3)
    passed = sum(answer.status == 200 for answer in answers)
    assert WRITES * BURST_SECONDS - 2 <= passed <= most(WRITES, seconds)  # the lesson itself cost one
    refused = [answer for answer in answers if answer.status != 200]
    assert {(answer.status, answer.code) for answer in refused} == {(429, "rate_limited")}
    await asyncio.sleep(int(refused[-1].headers["Retry-After"]))
    assert (await student.call(b, "POST", "media-state/", {"video_enabled": False})).status == 200
    reads = [student.call(instance, "GET", "permissions/") for instance in (a, b) * 20]
    assert {answer.status for answer in await asyncio.gather(*reads)} == {200}
    pushes = [people.platform.call(b, "POST", f"classroom/sessions/{student.uuid}/save/") for _ in range(30)]
    assert {answer.status for answer in await asyncio.gather(*pushes)} == {201}


@pytest.mark.gen_test(timeout=40)
async def test_without_the_store(strict: House, people_of: PeopleOf) -> None:
    """While the store is away, each instance still holds its own limit, and says 429 rather than 503 beyond it."""
    a, b = strict.instances
    (host,) = await people_of(strict).lesson(a, fresh_id())
    strict.allow(*OUTAGE)
    began = time.monotonic()
    strict.pause_store()
    try:
        first = await host.call(b, "POST", "save/")
        answers = await asyncio.gather(*(host.call(b, "POST", "save/") for _ in range(30)))
    finally:
        strict.resume_store()
    assert first.status == 503
    counts = {status: sum(answer.status == status for answer in answers) for status in (429, 503)}
    assert sum(counts.values()) == 30
    assert counts[503] <= most(WRITES, time.monotonic() - began)
