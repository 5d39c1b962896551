"""Who may do what on the board, and that a right that was taken is gone at once (contract §4, board)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.support.board_people import allow, deed, pair, stroke, tell
from tests.support.board_story import sync
from tests.support.people_lesson import People, Person
from tests.support.people_sockets import Closed, Socket
from tests.support.process_house import House

BOARD_RIGHTS = (
    "can_draw",
    "can_erase",
    "can_add_layers",
    "can_delete_layers",
    "can_upload_images",
    "can_clear_board",
)
STATE: dict[str, Any] = {"state": {"strokes": []}}
NEEDS: dict[str, dict[str, Any]] = {
    "can_draw": {
        "stroke:add": stroke("s"),
        "stroke_add": stroke("s"),
        "stroke_update": {"stroke": stroke("s")},
        "asset_add": {"asset": {"id": 1}},
        "asset_update": {"asset": {"id": 1}},
        "object:add": {"id": "o"},
        "object:update": {"id": "o", "x": 1},
        "something new": {},
    },
    "can_erase": {
        "stroke:remove": {"strokeId": "s"},
        "stroke_delete": {"id": "s"},
        "erase_stroke": {"strokeId": "s"},
        "asset_delete": {"assetId": 1},
        "object:remove": {"objectId": "o"},
    },
    "can_add_layers": {"layer_add": {"id": "l"}},
    "can_delete_layers": {"layer_delete": {"id": "l"}},
    "can_upload_images": {"image_add": {"src": "x"}, "image_upload": {"src": "x"}},
    "can_clear_board": {"canvas:clear": {}, "board_clear": {}, "clear_all": {}, "state:full": STATE},
}
REFUSALS = 15
Revoke = Callable[[Person, House, Person], Awaitable[None]]


@pytest.mark.parametrize("right", BOARD_RIGHTS)
async def test_every_event_needs_its_right(house: House, people: People, right: str) -> None:
    """Each type of event takes the one right it needs, and no other one helps."""
    host, student = await pair(people, house)
    events = NEEDS[right]
    await allow(host, house, student, **dict.fromkeys(BOARD_RIGHTS, False) | {right: True})
    for event_type, data in events.items():
        assert (await deed(student.socket, event_type, data, version=2**40))["type"] == "ack", event_type
    await allow(host, house, student, **dict.fromkeys(BOARD_RIGHTS, True) | {right: False})
    for event_type, data in events.items():
        if event_type != "state:full":  # its own limit, of two at once, is looked at first
            answer = await deed(student.socket, event_type, data)
            assert (answer["type"], answer["code"]) == ("error", "forbidden"), event_type
    assert (await sync(host.socket))["version"] == len(events)


async def test_roles(house: House, people: People) -> None:
    """A viewer changes nothing; made a student they draw and erase, on the same socket; a viewer again, nothing."""
    host, person = await pair(people, house)
    a = house.instances[0]
    for role, may in (("viewer", False), ("student", True), ("viewer", False)):
        await host.post(a, "role/", {"user_id": person.user_id, "role": role})
        for event_type, data in (("stroke_add", stroke("s")), ("stroke_delete", {"id": "s"})):
            assert (await deed(person.socket, event_type, data))["type"] == ("ack" if may else "error")
        assert (await deed(person.socket, "canvas:clear"))["code"] == "forbidden"
    assert (await sync(person.socket))["version"] == 2  # a viewer sees the board all the same


async def deny(host: Person, house: House, person: Person) -> None:
    """Takes the right to draw."""
    await allow(host, house, person, can_draw=False)


async def demote(host: Person, house: House, person: Person) -> None:
    """Makes them a viewer."""
    await host.post(house.instances[0], "role/", {"user_id": person.user_id, "role": "viewer"})


async def kick(host: Person, house: House, person: Person) -> None:
    """Removes them."""
    await host.post(house.instances[0], f"kick/{person.user_id}/")


async def stream(socket: Socket, sent_at: dict[str, float], name: str) -> None:
    """Draws without a pause until enough was refused, or the socket is closed."""
    turn = 0
    while len(socket.of_type("error")) < REFUSALS and socket.close_code is None:
        turn += 1
        for part in range(8):
            event_id = f"{name}-{turn}-{part}"
            sent_at[event_id] = time.monotonic()
            await tell(socket, "stroke_add", stroke(event_id), id=event_id)
        await socket.send(type="ping", id=turn)
        try:
            await socket.find(lambda m, turn=turn: m["type"] == "pong" and m["id"] == turn)  # type: ignore[misc]  # the default binds this turn's number
        except Closed:
            return


@pytest.mark.parametrize("revoke, code", [(deny, "forbidden"), (demote, "forbidden"), (kick, "kicked")])
async def test_nothing_is_drawn_after_the_acknowledgement(
    house: House, people: People, revoke: Revoke, code: str
) -> None:
    """However fast somebody draws, on both instances at once: once the host has the answer, no stroke is accepted."""
    host, student = await pair(people, house)
    sockets = [student.socket, await student.open(house.instances[0])]
    sent_at: dict[str, float] = {}
    drawing = asyncio.gather(*(stream(socket, sent_at, f"{n}") for n, socket in enumerate(sockets)))
    await host.socket.find(lambda m: m.get("version", 0) >= 60)
    await revoke(host, house, student)
    acknowledged_at = time.monotonic()
    at_that_time = await sync(host.socket)
    await drawing
    afterwards = await sync(host.socket)
    assert afterwards == at_that_time
    accepted = {element["id"] for element in afterwards["state"]["strokes"]}
    late = {event_id for event_id, at in sent_at.items() if at > acknowledged_at}
    assert accepted & late == set()
    assert late or revoke is kick
    for socket in sockets:
        refused = {error["id"] for error in socket.of_type("error")}
        assert {error["code"] for error in socket.of_type("error")} <= {code}
        assert {ack["id"] for ack in socket.of_type("ack")} & refused == accepted & refused == set()
        if revoke is kick:
            assert await socket.until_closed() == 4403
        else:
            assert len(refused) >= REFUSALS
            taken = [m["type"] for m in socket.messages].index("permissions_updated")
            assert all(m["type"] not in ("ack", "board_update") for m in socket.messages[taken:])
            assert socket.faults == []


async def test_a_kicked_person_s_line_is_dead(house: House, people: People) -> None:
    """After a kick not even what was sent before is passed on: no pointer, no signal, no picture of the board."""
    host, student = await pair(people, house)
    await deed(student.socket, "stroke_add", stroke("s"))
    await kick(host, house, student)
    assert await student.socket.until_closed() == 4403
    for path in ("export/", "snapshots/"):
        answer = await student.call(house.instances[1], "GET", path)
        assert (answer.status, answer.code) == (403, "kicked")
    for path, body in (("save/", None), ("autosave/", {"board_state": {}, "version": 1})):
        answer = await student.call(house.instances[1], "POST", path, body)
        assert (answer.status, answer.code) == (403, "kicked")
