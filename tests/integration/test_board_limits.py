"""Sizes and rates on the board: what is too much is refused or dropped, and hurts nobody else (contract §4, limits)."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.board_people import deed, settled, stroke, tell
from tests.support.board_story import sync, versions_on
from tests.support.people_lesson import People, Person, fresh_id
from tests.support.people_measure import measured
from tests.support.people_sockets import Closed, Socket
from tests.support.process_house import House, running

MESSAGE_BYTES, POINTER_BYTES, STATE_BYTES = 65_536, 2_048, 4 << 20
EVENTS_PER_SECOND, POINTERS_PER_SECOND = 60, 20
NORMAL: dict[str, Any] = {"presence__grace_seconds": 1, "limits__writes_per_second": 10_000}


@pytest.fixture(scope="module")
def limited_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Two instances with the limits that hold without configuration."""
    with running(House(tmp_path_factory.mktemp("limited"), **NORMAL)) as house:
        yield house


@pytest.fixture
def pair_of(limited_house: House, people_of: Callable[[House], People]) -> Callable[[], Any]:
    """Makes a host on the first and a student on the second of these instances."""
    people = people_of(limited_house)

    async def make() -> tuple[Person, Person]:
        a, b = limited_house.instances
        host, student = await people.lesson(a, fresh_id(), fresh_id())
        await host.open(a)
        await student.open(b)
        return host, student

    return make


def padded(size: int, event_type: str, data: dict[str, Any], where: str = "data") -> str:
    """A board event of exactly that many bytes."""
    message = {"type": "board_event", "event_type": event_type, "data": data, "version": 2**40}
    if where == "data":
        data["filler"] = ""
        data["filler"] = "ß" * ((size - len(json.dumps(message))) // 2)
    else:
        data["state"]["background"] = ""
        data["state"]["background"] = "ß" * ((size - len(json.dumps(message))) // 2)
    text = json.dumps(message, ensure_ascii=False)
    return text + " " * (size - len(text.encode()))


async def test_sizes(pair_of: Callable[[], Any], limited_house: House) -> None:
    """64 KiB for an event, 4 MiB for a whole board, a byte more closes with 4413, on the board channel too."""
    host, student = await pair_of()
    a, b = limited_house.instances
    await host.socket.send_raw(padded(MESSAGE_BYTES, "stroke_add", stroke("s")))
    assert (await student.socket.find_type("board_update"))["version"] == 1
    await host.socket.send_raw(padded(STATE_BYTES, "state:full", {"state": {}}, "state"))
    full = await student.socket.find(lambda m: m.get("event_type") == "state:full")
    assert len(full["data"]["state"]["background"]) > 2_000_000
    too_long = [
        padded(MESSAGE_BYTES + 1, "stroke_add", stroke("s")),
        padded(STATE_BYTES + 1, "state:full", {"state": {}}, "state"),
    ]
    for text in too_long:
        for channel in ("", "board"):
            socket = await host.open(a, channel)
            await socket.send_raw(text)
            assert await socket.until_closed() == 4413
    assert (await sync(student.socket))["version"] == 2
    assert versions_on(student.socket) == [1, 2]
    assert b is not a


async def test_large_pointers_are_dropped(pair_of: Callable[[], Any]) -> None:
    """A pointer of more than 2 KiB vanishes without a word, however it is sent; the next one goes on."""
    host, student = await pair_of()
    fits: dict[str, Any] = {"type": "pointer_move", "x": 1, "y": 2, "filler": ""}
    fits["filler"] = "x" * (POINTER_BYTES - len(json.dumps(fits)))
    await host.socket.send(**fits)
    assert await student.socket.find_type("pointer_move") == {
        "type": "pointer_move",
        "user_id": host.user_id,
        "x": 1,
        "y": 2,
    }
    await host.socket.send(**{**fits, "x": 5, "filler": fits["filler"] + "x"})
    await tell(host.socket, "cursor_move", {"x": 6, "y": 7, "tool": "x" * 60, "more": "ß" * POINTER_BYTES})
    await host.socket.send(type="pointer_move", x=8, y=9)
    await student.socket.find(lambda m: m.get("x") == 8)
    assert [m["x"] for m in student.socket.of_type("pointer_move")] == [1, 8]
    await settled(host.socket)
    assert host.socket.of_type("error") == []


async def test_too_many_events(pair_of: Callable[[], Any]) -> None:
    """Two seconds' worth at once, then 60 a second: what is more is refused and without effect; the others draw on."""
    host, student = await pair_of()
    began = time.monotonic()
    for number in range(300):
        await tell(host.socket, "stroke_add", stroke(f"s{number}"), id=number)
    answers = [await host.socket.find(lambda m, n=number: m.get("id") == n) for number in range(300)]
    seconds = time.monotonic() - began
    refused = [answer for answer in answers if answer["type"] == "error"]
    assert {answer["code"] for answer in refused} == {"rate_limited"}
    assert all(answer["retry_after_seconds"] > 0 for answer in refused)
    accepted = 300 - len(refused)
    assert 2 * EVENTS_PER_SECOND <= accepted <= EVENTS_PER_SECOND * (2 + seconds) + 1
    board = await sync(student.socket)
    assert (board["version"], len(board["state"]["strokes"])) == (accepted, accepted)
    assert (await deed(student.socket, "stroke_add", stroke("other")))["type"] == "ack"
    assert host.socket.close_code is None
    refused_id = refused[0]["id"]
    async with asyncio.timeout(5):
        while (await deed(host.socket, "stroke_add", stroke("again"), id=refused_id))["type"] == "error":  # noqa: ASYNC110 - time goes by
            await asyncio.sleep(0.05)
    assert host.socket.faults == student.socket.faults == []


async def test_many_pointers(pair_of: Callable[[], Any]) -> None:
    """Pointers over 20 a second are dropped without a word, and take nothing from the limit of events."""
    host, student = await pair_of()
    began = time.monotonic()
    for number in range(200):
        await host.socket.send(type="pointer_move", x=number, y=0)
    assert (await deed(host.socket, "stroke_add", stroke("s")))["type"] == "ack"
    seconds = time.monotonic() - began
    await student.socket.find_type("board_update")
    passed = len(student.socket.of_type("pointer_move"))
    assert 2 * POINTERS_PER_SECOND <= passed <= POINTERS_PER_SECOND * (2 + seconds) + 1
    assert host.socket.of_type("error") == []


async def test_whole_boards_are_few(pair_of: Callable[[], Any]) -> None:
    """One whole board a second, two at once; the third is refused, and single events still pass."""
    host, student = await pair_of()
    answers = [await deed(host.socket, "state:full", {"state": {}}, version=2**40) for _ in range(4)]
    assert [answer["type"] for answer in answers[:2]] == ["ack", "ack"]
    assert [answer["code"] for answer in answers[2:]] == ["rate_limited"] * 2
    assert (await deed(host.socket, "stroke_add", stroke("s")))["version"] == 3
    assert (await deed(student.socket, "state:full", {"state": {}}))["code"] in ("forbidden", "conflict")


async def test_the_limit_is_the_person_s(pair_of: Callable[[], Any], limited_house: House) -> None:
    """More sockets on one instance give nobody more events."""
    host, student = await pair_of()
    sockets = [host.socket, *[await host.open(limited_house.instances[0]) for _ in range(3)]]
    began = time.monotonic()
    for number in range(60):
        for place, socket in enumerate(sockets):
            await tell(socket, "mark", {}, id=f"{place}-{number}")
    for place, socket in enumerate(sockets):
        await socket.find(lambda m, p=place: m.get("id") == f"{p}-59" and m["type"] in ("ack", "error"))
    seconds = time.monotonic() - began
    version = (await sync(student.socket))["version"]
    assert 120 <= version <= EVENTS_PER_SECOND * (2 + seconds) + 1


async def flood(socket: Socket, message: dict[str, Any]) -> int:
    """Sends without a pause until the socket is closed; the code."""
    text = json.dumps(message)
    while socket.close_code is None:
        for _ in range(200):
            await socket.send_raw(text)
        await asyncio.sleep(0)
    return await socket.until_closed()


@pytest.mark.gen_test(timeout=40)
@pytest.mark.parametrize(
    "message",
    [
        {"type": "board_event", "event_type": "stroke_add", "data": {"id": "s"}},
        {"type": "pointer_move", "x": 1, "y": 2},
        {"type": "nonsense"},
    ],
    ids=["events", "pointers", "nonsense"],
)
async def test_a_flood_ends(
    pair_of: Callable[[], Any], limited_house: House, message: dict[str, Any]
) -> None:
    """Far over a limit for a while closes with 4429; meanwhile the others draw as quickly as ever."""
    host, student = await pair_of()
    bad = await host.open(limited_house.instances[1], "board")  # where the student is
    flooding = asyncio.create_task(flood(bad, message))
    seconds = []
    while not flooding.done():
        began = time.monotonic()
        try:
            answer = await deed(student.socket, "stroke_add", stroke("mine"))
        except Closed:
            break
        assert answer["type"] == "ack"
        seconds.append(time.monotonic() - began)
        await asyncio.wait([flooding], timeout=0.02)
    assert await flooding == 4429
    assert student.socket.close_code is None
    measured(f"an event while somebody floods with {message['type']}", seconds)
    assert sorted(seconds)[len(seconds) // 2] < 0.25
