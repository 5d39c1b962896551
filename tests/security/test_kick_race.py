"""A kick on one instance against somebody who draws, logs, switches and reconnects on the others as fast as they can."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.attack_rounds import LONG
from tests.support.people_lesson import People, Person, fresh_id
from tests.support.people_sockets import Closed, Refusal, Socket
from tests.support.process_house import House
from tests.support.process_instance import Instance

ROUNDS = 40 if LONG else 4
BATCH = 20


async def draw(socket: Socket) -> None:
    """Stroke after stroke, until the socket is closed."""
    turn = 0
    while socket.close_code is None:
        for _ in range(BATCH):
            turn += 1
            await socket.send(
                type="board_event", event_type="stroke_add", data={"id": f"s{turn % 7}"}, id=f"{turn}"
            )
        await socket.send(type="raise_hand", raised=turn % 40 == 0)
        mark = socket.mark
        await socket.send(type="ping", id=f"p{turn}")
        try:
            await socket.find(lambda m, end=f"p{turn}": m.get("id") == end, since=mark)  # type: ignore[misc]  # binds this turn's
        except Closed:
            return


async def log(person: Person, instance: Instance, over: asyncio.Event) -> None:
    """Event after event over REST."""
    while not over.is_set():
        await person.call(instance, "POST", "event/", {"event_type": "tool_select", "data": {}})


async def come_back(person: Person, instance: Instance, over: asyncio.Event) -> None:
    """Opens sockets and takes tokens all the time."""
    while not over.is_set():
        try:
            await (await person.open(instance, "board")).close()
        except Refusal:
            await person.call(instance, "POST", "jwt/")


@pytest.mark.gen_test(timeout=40 + 4 * ROUNDS)
@pytest.mark.parametrize("taken", ["kick", "role", "permission"])
async def test_nothing_comes_after(taken: str, house: House, people: People) -> None:
    """In the lesson's one order nothing of that person's stands after the news that they were removed, or may not draw."""
    for turn in range(ROUNDS):
        kicking, drawing = house.instances[turn % 2], house.instances[1 - turn % 2]
        host, student = await people.lesson(kicking, fresh_id(), fresh_id())
        watching = await host.open(kicking)
        sockets = [await student.open(drawing), await student.open(drawing), await student.open(kicking)]
        over = asyncio.Event()
        tasks = [asyncio.create_task(draw(socket)) for socket in sockets]
        if taken == "kick":
            tasks += [
                asyncio.create_task(log(student, drawing, over)),
                asyncio.create_task(come_back(student, drawing, over)),
            ]
        await watching.find(lambda m: m.get("version", 0) > 60)
        await take(taken, host, student, kicking)
        version = (await host.get(kicking, ""))["board_version"]
        if taken == "kick":
            assert [await socket.until_closed() for socket in sockets] == [4403] * 3
        else:
            for socket in sockets:
                mark = socket.mark
                await socket.find(lambda m: m.get("code") == "forbidden", since=mark)
                socket.drop()
        over.set()
        await asyncio.gather(*tasks)
        assert (await host.get(drawing, ""))["board_version"] == version
        await assert_order(host, student, kicking, watching, taken, version)


async def take(what: str, host: Person, student: Person, instance: Instance) -> None:
    """The host takes the right to draw, this way or that; returns when it is acknowledged."""
    if what == "kick":
        await host.post(instance, f"kick/{student.user_id}/")
    elif what == "role":
        await host.post(instance, "role/", {"user_id": student.user_id, "role": "viewer"})
    else:
        rights = {"can_draw": False}
        await host.post(instance, "permissions/", {"user_id": student.user_id, "permissions": rights})


async def assert_order(
    host: Person, student: Person, instance: Instance, watching: Socket, taken: str, version: int
) -> None:
    """What the host saw, and what the log says, ends where it was taken."""
    await watching.find(lambda m: m.get("version") == version)
    assert watching.faults == []
    if taken != "kick":
        return
    told = [m["type"] for m in watching.messages if m.get("user_id") == student.user_id]
    assert told.index("participant_left") == len(told) - 1, told[-5:]
    events = (await host.get(instance, "events/", limit=1000))["events"]
    kicked = [event["event_type"] for event in events].index("participant_kick")
    assert not [event for event in events[:kicked] if event["user_id"] == student.user_id]
