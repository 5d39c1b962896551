"""The board on sockets: one order, conflicts, statuses, and what goes nowhere (contract §4, board)."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from tests.support.board_people import allow, deed, pair, settled, stroke, tell
from tests.support.board_story import sync, versions_on
from tests.support.people_lesson import People, Person, fresh_id
from tests.support.people_measure import measured
from tests.support.people_sockets import Socket
from tests.support.process_house import House

EMPTY: dict[str, Any] = {"strokes": [], "objects": [], "assets": [], "layers": []}
LARGE = 10_000
OPEN_SECONDS = 4.0


async def test_one_draws_the_other_sees(house: House, people: People) -> None:
    """The sender gets an ack, every other socket an update, the sender's second tab and a board channel too."""
    host, student = await pair(people, house)
    tab = await host.open(house.instances[1])
    channel, system = (
        await student.open(house.instances[0], "board"),
        await student.open(house.instances[0], "system"),
    )
    answer = await deed(
        host.socket if host.socket is not tab else host.sockets[0], "stroke_add", stroke("s"), id="e"
    )
    assert answer == {"type": "ack", "version": 1, "id": "e", "seq": answer["seq"]}
    for socket in (tab, student.sockets[0], channel):
        update = await socket.find_type("board_update")
        assert update == {
            "type": "board_update",
            "event_type": "stroke_add",
            "data": stroke("s"),
            "version": 1,
            "user_id": host.user_id,
            "id": "e",
            "seq": answer["seq"],
        }
    await settled(system)
    assert system.of_type("board_update") == []
    answer = await deed(channel, "stroke:add", {"stroke": stroke("t")}, id=7)
    assert (answer["version"], answer["id"]) == (2, 7)
    assert (await sync(tab))["state"]["strokes"] == [stroke("s"), stroke("t")]


async def test_events_without_an_id_count_too(house: House, people: People) -> None:
    """An event need not have an id: then it is applied as often as it is sent, and its ack carries none."""
    host, student = await pair(people, house)
    for _ in range(2):
        await tell(host.socket, "mark:here", {"x": 1})
    updates = [
        await student.socket.find(lambda m, v=version: m.get("version") == v)  # type: ignore[misc]  # the default binds this turn's version
        for version in (1, 2)
    ]
    assert ["id" in update for update in updates] == [False, False]
    await host.socket.find(lambda m: m.get("version") == 2)
    assert [set(ack) for ack in host.socket.of_type("ack")] == [{"type", "version", "seq"}] * 2


async def test_one_id_counts_once(house: House, people: People) -> None:
    """The same id twice, also to two instances at once, also after a reconnect: applied once, acknowledged each time."""
    a, b = house.instances
    host, student = await pair(people, house)
    first, second = host.socket, await host.open(b)
    for turn in range(20):
        answers = await asyncio.gather(
            *(deed(socket, "stroke_add", stroke(f"s{turn}"), id=f"e{turn}") for socket in (first, second))
        )
        assert [answer["version"] for answer in answers] == [turn + 1] * 2
        assert sorted(answer.get("duplicate", False) for answer in answers) == [False, True]
        assert sorted("seq" in answer for answer in answers) == [False, True]
    first.drop()
    await first.until_closed()
    again = await host.open(a, **first.cursor)
    repeated = await deed(again, "canvas:clear", {}, id="e3")
    assert repeated == {"type": "ack", "version": 4, "id": "e3", "duplicate": True}
    assert (await deed(student.socket, "stroke_add", stroke("other"), id="e3"))["version"] == 21
    board = await sync(again)
    assert (board["version"], len(board["state"]["strokes"])) == (21, 21)
    await student.socket.find(lambda m: m.get("version") == 21)
    assert versions_on(student.socket) == list(range(1, 22))


async def test_numbers_and_texts_are_different_ids(house: House, people: People) -> None:
    """`7` and `"7"` are two events: an id counts as it was written."""
    host, _ = await pair(people, house)
    assert [
        (await deed(host.socket, "stroke_add", stroke("s"), id=name))["version"] for name in (7, "7")
    ] == [1, 2]


async def test_an_event_in_the_air_when_the_line_breaks(house: House, people: People) -> None:
    """Who sent something and lost the connection before the ack finds it as an update on the resumed socket."""
    a, b = house.instances
    host, student = await pair(people, house)
    cursor = host.socket.cursor
    await tell(host.socket, "stroke_add", stroke("s"), id="lost")
    await student.socket.find_type("board_update")
    host.socket.drop()
    resumed = await host.open(b, **cursor)
    assert resumed.welcome["recovered"] is True
    update = await resumed.find_type("board_update")
    assert (update["id"], update["version"], update["user_id"]) == ("lost", 1, host.user_id)
    assert (await deed(resumed, "stroke_add", stroke("s"), id="lost"))["duplicate"] is True
    assert await asyncio.gather(*(deed(host.socket, "mark", {}) for _ in range(3)))
    assert versions_on(resumed) == [1, 2, 3, 4]
    assert a is not b


async def test_only_a_whole_state_conflicts(house: House, people: People) -> None:
    """An older client draws all the same; a whole board of an older version would undo others' work, and is refused."""
    host, student = await pair(people, house, session_type="group")
    await allow(host, house, student, can_clear_board=True)
    await deed(student.socket, "stroke_add", stroke("a"))
    await deed(student.socket, "stroke_add", stroke("b"))
    state = {"strokes": [stroke("c")], "background": "#ffffff"}
    conflict = await deed(host.socket, "state:full", {"state": state}, version=1, id="old")
    assert {name: conflict[name] for name in ("local_version", "server_version", "id")} == {
        "local_version": 1,
        "server_version": 2,
        "id": "old",
    }
    assert conflict["server_state"]["strokes"] == [stroke("a"), stroke("b")]
    assert (await deed(host.socket, "stroke_add", stroke("d"), version=0))["version"] == 3
    applied = await deed(host.socket, "state:full", {"state": state}, version=3)
    assert applied["version"] == 4
    update = await student.socket.find(lambda m: m.get("event_type") == "state:full")
    assert update["data"] == {"state": {**EMPTY, **state}}
    board = await sync(student.socket)
    assert (board["version"], board["state"]) == (4, {**EMPTY, **state})


@pytest.mark.parametrize("clear", ["canvas:clear", "board_clear", "clear_all"])
async def test_clearing(house: House, people: People, clear: str) -> None:
    """Clearing takes what was drawn; layers and background stay; it is in the log as what the server saw."""
    host, student = await pair(people, house, settings={"board_background": "grid"})
    for event_type, data in (
        ("stroke_add", stroke("s")),
        ("object:add", {"id": "o"}),
        ("asset_add", {"asset": {"id": "a"}}),
        ("layer_add", {"layer": {"id": "l"}}),
    ):
        await deed(host.socket, event_type, data)
    await deed(host.socket, clear)
    assert (await sync(student.socket))["state"] == {**EMPTY, "layers": [{"id": "l"}], "background": "grid"}
    events = (await host.get(house.instances[1], "events/", event_type="board_cleared"))["events"]
    assert [(event["user_id"], event["data"]) for event in events] == [(host.user_id, {"version": 5})]


async def test_what_goes_nowhere(house: House, people: People) -> None:
    """Tools and selections are accepted and nobody hears of them; a cursor is a pointer, for others, without number."""
    host, student = await pair(people, house)
    for event_type in ("tool_change", "color_change", "size_change", "select", "undo", "redo"):
        await tell(host.socket, event_type, {"tool": "pen"}, id=event_type)
    await tell(host.socket, "cursor_move", {"x": 1, "y": 2.5, "tool": "pen", "color": "#fff"}, id="c")
    pointer = {"user_id": host.user_id, "x": 1, "y": 2.5, "tool": "pen", "color": "#fff"}
    assert await student.socket.find_type("pointer_move") == {"type": "pointer_move", **pointer}
    await host.socket.send(type="pointer_move", x=3, y=4)
    moved = await student.socket.find(lambda m: m.get("x") == 3)
    assert moved == {"type": "pointer_move", "user_id": host.user_id, "x": 3, "y": 4}
    await settled(host.socket)
    told = {message["type"] for message in host.socket.messages}
    assert told & {"ack", "error", "pointer_move", "board_update"} == set()
    assert student.socket.of_type("board_update") == []
    assert (await sync(host.socket))["version"] == 0


@pytest.mark.parametrize(
    "event_type, data",
    [
        ("stroke_add", {}),
        ("stroke_add", None),
        ("stroke_update", stroke("bare")),
        ("stroke_delete", {"strokeId": ""}),
        ("asset_add", {"id": "bare"}),
        ("asset_delete", {"id": "a"}),
        ("object:add", [1]),
        ("object:update", {"changes": {"x": 1}}),
        ("object:update", {"objectId": "o", "changes": 5}),
        ("layer_delete", {"layer": "l"}),
        ("state:full", {}),
        ("state:full", {"state": {"strokes": 5}}),
        ("cursor_move", {"x": "1", "y": 2}),
        ("webrtc:offer", {"sdp": "no target"}),
    ],
)
async def test_what_cannot_be_applied(house: House, people: People, event_type: str, data: Any) -> None:
    """An event that names no element, or makes no sense, is `bad_event`: without effect, and the socket stays."""
    host, _ = await pair(people, house)
    answer = await deed(host.socket, event_type, data, id="x")
    assert (answer["type"], answer["code"], answer["for"]) == ("error", "bad_event", "board_event")
    assert (await sync(host.socket))["version"] == 0


async def status_is(person: Person, house: House, socket: Socket, action: str) -> None:
    """Moves the session on, and waits until the socket heard of it."""
    mark = socket.mark
    await person.post(house.instances[0], f"{action}/")
    await socket.find_type("session_updated", since=mark)


async def test_when_one_may_draw(house: House, people: People) -> None:
    """While waiting and active everybody with the right draws, while paused the host alone, afterwards nobody."""
    host, student = await pair(people, house)
    assert (await deed(student.socket, "stroke_add", stroke("waiting")))["version"] == 1
    await status_is(host, house, student.socket, "start")
    assert (await deed(student.socket, "stroke_add", stroke("active")))["version"] == 2
    await status_is(host, house, student.socket, "pause")
    assert (await deed(student.socket, "stroke_add", stroke("paused")))["code"] == "session_paused"
    assert (await deed(host.socket, "stroke_add", stroke("paused")))["version"] == 3
    await status_is(host, house, student.socket, "resume")
    assert (await deed(student.socket, "stroke_add", stroke("again")))["version"] == 4
    await host.post(house.instances[0], "complete/")
    assert (await deed(student.socket, "stroke_add", stroke("over")))["code"] == "session_over"
    assert await host.socket.until_closed() == await student.socket.until_closed() == 4410


async def test_nobody_draws_before_the_first_join(house: House, people: People) -> None:
    """The board of a scheduled session is closed; somebody's join opens it."""
    a = house.instances[0]
    start = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    (host,) = await people.lesson(a, fresh_id(), scheduled_start=start)
    socket = await host.open(a)
    assert (await deed(socket, "stroke_add", stroke("s")))["code"] == "invalid_transition"
    await host.post(a, "join/")
    assert (await deed(socket, "stroke_add", stroke("s")))["version"] == 1


@pytest.mark.gen_test(timeout=60)
async def test_a_large_board(house: House, people: People) -> None:
    """A board of 10,000 strokes opens in moments on either instance, and drawing on it takes no longer than before."""
    a, b = house.instances
    host, student = await pair(people, house)
    before = await timed(host.socket)
    strokes = [stroke(f"s{n}", points=[[n % 997, k] for k in range(8)]) for n in range(LARGE)]
    assert (await deed(host.socket, "state:full", {"state": {"strokes": strokes}}, version=2**40))[
        "type"
    ] == "ack"
    await student.socket.find(lambda m: m.get("event_type") == "state:full")
    began = time.monotonic()
    joined = await student.post(b, "join/")
    assert len(joined["board_state"]["strokes"]) == LARGE
    assert len((await sync(student.socket))["state"]["strokes"]) == LARGE
    opened = time.monotonic() - began
    began = time.monotonic()
    assert len((await sync(host.socket))["state"]["strokes"]) == LARGE
    measured("join and sync of 10,000 strokes", [opened, time.monotonic() - began])
    after = await timed(host.socket)
    measured("an event on an empty board", before)
    measured("an event on a board of 10,000 strokes", after)
    assert opened < OPEN_SECONDS
    assert sorted(after)[len(after) // 2] < 3 * sorted(before)[len(before) // 2] + 0.005
    assert a is not b


async def timed(socket: Socket) -> list[float]:
    """How long each of some events takes, until its ack."""
    seconds = []
    for turn in range(40):
        began = time.monotonic()
        await deed(socket, "stroke_add", stroke(f"t{turn}"))
        seconds.append(time.monotonic() - began)
    return seconds
