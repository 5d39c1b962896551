"""Snapshots of the board: by hand, by themselves, listed, restored, and the history (contract §3)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.board_people import allow, deed, pair, stroke
from tests.support.board_story import sync, versions_on
from tests.support.people_lesson import People, Person, fresh_id
from tests.support.process_house import OUTAGE, House
from tests.support.process_instance import Instance

DRAWN = {"strokes": [stroke("s")], "objects": [], "assets": [], "layers": [], "background": None}


async def snapshots(person: Person, instance: Instance) -> list[dict[str, Any]]:
    """All that are kept, newest first."""
    listed: list[dict[str, Any]] = (await person.get(instance, "snapshots/"))["snapshots"]
    return listed


async def until_saved(person: Person, instance: Instance, version: int) -> dict[str, Any]:
    """The snapshot of that version, once it is there."""
    async with asyncio.timeout(8):
        while True:
            for kept in await snapshots(person, instance):
                if kept["version"] == version:
                    return kept
            await asyncio.sleep(0.02)


async def test_saving_by_hand(house: House, people: People) -> None:
    """Somebody who may draw keeps the board as it is; it says who, when, how large, and with how many people."""
    a, b = house.instances
    host, student = await pair(people, house)
    await deed(host.socket, "stroke_add", stroke("s"))
    answer = await student.call(b, "POST", "save/")
    assert answer.status == 201
    assert answer.body == {
        "version": 1,
        "snapshot_type": "manual",
        "created_at": answer.body["created_at"],
        "created_by": {"id": student.user_id, "name": f"Person {student.user_id}"},
        "size_bytes": answer.body["size_bytes"],
        "participant_count": 2,
        "thumbnail_url": None,
    }
    assert await snapshots(host, a) == [answer.body]
    assert await host.get(a, "snapshots/1/") == {**answer.body, "board_state": DRAWN}
    events = (await host.get(a, "events/", event_type="board_saved"))["events"]
    assert [(event["user_id"], event["data"]) for event in events] == [(student.user_id, {"version": 1})]
    again = await host.call(a, "POST", "save/")
    assert (again.status, again.body["version"], len(await snapshots(host, b))) == (201, 1, 1)


async def test_autosave_never_moves_the_board(house: House, people: People) -> None:
    """A client's autosave keeps the server's board, tells whether the client was behind, and changes nothing else."""
    a, b = house.instances
    host, student = await pair(people, house)
    for name in ("s", "t"):
        await deed(host.socket, "stroke_add", stroke(name))
    body = {"board_state": {"strokes": []}, "version": 1}
    assert await student.post(b, "autosave/", body) == {"version": 2, "stale": True}
    assert await student.post(b, "autosave/", {**body, "version": 2}) == {"version": 2, "stale": False}
    assert [(kept["version"], kept["snapshot_type"]) for kept in await snapshots(host, a)] == [(2, "auto")]
    assert len((await sync(student.socket))["state"]["strokes"]) == 2
    assert student.socket.of_type("board_update")[-1]["version"] == 2
    for version in (3, -1, 2**60, "2", None):
        answer = await student.call(b, "POST", "autosave/", {**body, "version": version})
        assert (answer.status, answer.code) == (400, "validation_failed"), version
        assert "version" in answer.body["errors"]
    assert (await student.post(b, "save/"))["snapshot_type"] == "manual"  # the automatic one is manual now
    assert len(await snapshots(host, a)) == 1


async def test_an_untouched_board_takes_the_autosave(house: House, people: People) -> None:
    """Only a board without any event takes what a client sends: version 1, told to everybody, whoever comes first."""
    a, b = house.instances
    host, student = await pair(people, house, settings={"board_background": "grid"})
    body = {"board_state": {"strokes": [stroke("mine")], "background": "dots"}, "version": 0}
    answers = await asyncio.gather(
        *(person.post(instance, "autosave/", body) for person in (host, student) for instance in (a, b))
    )
    assert {answer["version"] for answer in answers} == {1}
    update = await host.socket.find_type("board_update")
    adopted = {**DRAWN, "strokes": [stroke("mine")], "background": "dots"}
    assert (update["event_type"], update["version"], update["data"]) == ("state:full", 1, {"state": adopted})
    assert (await sync(student.socket))["state"] == adopted
    assert await student.post(b, "autosave/", {**body, "board_state": {}}) == {"version": 1, "stale": True}
    assert (await sync(host.socket))["state"] == adopted


async def test_restoring(house: House, people: People) -> None:
    """An old board becomes the newest: told to everybody, by whatever address it was asked for; the one before is kept."""
    a, b = house.instances
    host, student = await pair(people, house)
    await deed(host.socket, "stroke_add", stroke("s"))
    await host.post(a, "save/")
    await deed(student.socket, "stroke_add", stroke("t"))
    answer = await host.post(b, "snapshots/1/restore/")
    assert answer == {**DRAWN, "version": 3, "board_state": DRAWN, "state": DRAWN}
    update = await student.socket.find(lambda m: m.get("version") == 3)
    assert (update["event_type"], update["data"], update["user_id"]) == (
        "state:full",
        {"state": DRAWN},
        host.user_id,
    )
    kept = {item["version"]: item["snapshot_type"] for item in await snapshots(host, a)}
    assert kept == {1: "manual", 2: "auto"}
    path = f"classroom/history/{host.uuid}/restore/2/"
    assert (await host.caller.post(a, path))["version"] == 4
    assert [element["id"] for element in (await sync(student.socket))["state"]["strokes"]] == ["s", "t"]
    refused = await student.call(b, "POST", "snapshots/1/restore/")
    assert (refused.status, refused.code) == (403, "forbidden")
    missing = await host.call(b, "POST", "snapshots/99/restore/")
    assert (missing.status, missing.code) == (404, "not_found")
    assert versions_on(student.socket) == [1, 2, 3, 4]
    events = (await host.get(a, "events/", event_type="board_restored"))["events"]
    assert [event["data"] for event in events] == [{"version": 4, "from": 2}, {"version": 3, "from": 1}]


async def test_history(house: House, people: People) -> None:
    """The history is a bare list: the live board first, at its version, then what was kept; everybody is named."""
    a, b = house.instances
    host, student = await pair(people, house)
    path = f"classroom/history/{host.uuid}/"
    (first,) = await student.caller.get(a, path)
    assert (first["version"], first["created_by"]["id"]) == (0, host.user_id)
    await deed(host.socket, "stroke_add", stroke("s"))
    await host.post(a, "save/")
    await deed(student.socket, "stroke_add", stroke("t"))
    entries = await student.caller.get(b, path)
    assert [entry["version"] for entry in entries] == [2, 1]
    assert [set(entry) for entry in entries] == [{"id", "version", "state", "created_at", "created_by"}] * 2
    assert [entry["created_by"]["id"] for entry in entries] == [student.user_id, host.user_id]
    assert all(entry["created_by"]["name"] for entry in entries)
    assert len({entry["id"] for entry in entries}) == 2
    assert [len(entry["state"]["strokes"]) for entry in entries] == [2, 1]
    await host.post(a, "save/")
    assert [entry["version"] for entry in await host.caller.get(a, path)] == [2, 1]


async def test_who_may(house: House, people: People) -> None:
    """Viewers read and save nothing; strangers read nothing either; an export takes its own right."""
    a, b = house.instances
    host, student = await pair(people, house)
    await deed(host.socket, "stroke_add", stroke("s"))
    await host.post(a, "save/")
    await host.post(a, "role/", {"user_id": student.user_id, "role": "viewer"})
    body = {"board_state": {}, "version": 1}
    for path, sent in (("save/", None), ("autosave/", body), ("snapshots/1/restore/", None)):
        answer = await student.call(b, "POST", path, sent)
        assert (answer.status, answer.code) == (403, "forbidden")
    for path in ("export/", "snapshots/1/export/"):
        assert (await student.call(b, "GET", path)).status == 403
    await allow(host, house, student, can_export=True)
    for path in ("export/", "snapshots/", "snapshots/1/", "snapshots/1/export/"):
        assert (await student.call(b, "GET", path)).status == 200, path
    assert (await student.call(b, "GET", "snapshots/2/")).status == 404
    assert len((await student.get(b, "snapshots/", type="manual"))["snapshots"]) == 1
    assert (await student.get(b, "snapshots/", type="auto"))["snapshots"] == []
    stranger = people.person(fresh_id(), host.uuid)
    for path in ("snapshots/", "snapshots/1/", "export/"):
        assert (await stranger.call(b, "GET", path)).status == 403
    assert (await stranger.caller.call(b, "GET", f"classroom/history/{host.uuid}/")).status == 403


async def test_when_the_session_is_over(house: House, people: People) -> None:
    """Afterwards the board can be read for good, as it was at the end, and no more be written."""
    a, b = house.instances
    host, student = await pair(people, house)
    await deed(host.socket, "stroke_add", stroke("s"))
    await host.post(a, "save/")
    await deed(student.socket, "stroke_add", stroke("t"))
    await host.post(a, "terminate/")
    body = {"board_state": {}, "version": 2}
    for path, sent in (("save/", None), ("autosave/", body), ("snapshots/1/restore/", None)):
        answer = await host.call(b, "POST", path, sent)
        assert (answer.status, answer.code) == (410, "session_over")
    assert (await until_saved(host, b, 2))["snapshot_type"] == "auto"
    assert len((await host.get(b, "snapshots/2/"))["board_state"]["strokes"]) == 2
    entries = await student.caller.get(a, f"classroom/history/{host.uuid}/")
    assert [entry["version"] for entry in entries] == [2, 1]
    assert len((await student.get(a, "export/", format="json"))["state"]["strokes"]) == 2


@pytest.mark.parametrize("way", ["leave", "drop"])
async def test_the_last_one_out(house: House, people: People, way: str) -> None:
    """When the last one leaves, or just closes the page, the board is saved at once."""
    a, b = house.instances
    host, student = await pair(people, house)
    await deed(host.socket, "stroke_add", stroke("s"))
    for person in (host, student):
        if way == "leave":
            await person.post(a, "leave/")
        else:
            person.socket.drop()
        await person.socket.until_closed()
    saved = await until_saved(host, b, 1)
    assert (saved["snapshot_type"], saved["created_by"]["id"]) == ("auto", host.user_id)


async def test_saved_by_itself(
    build_house: Callable[..., House], people_of: Callable[[House], People]
) -> None:
    """A board is saved after a while and after so many events; the newest automatic ones are kept, and all by hand.

    After a restart of everything the board is what it was.
    """
    house = build_house(board__snapshot_seconds=0.3, board__snapshot_events=20, board__kept_snapshots=3)
    a, b = house.instances
    people = people_of(house)
    host, student = await pair(people, house)
    await deed(host.socket, "stroke_add", stroke("s"))
    assert (await until_saved(student, b, 1))["snapshot_type"] == "auto"  # it was dirty for long enough
    await host.post(a, "save/")
    mark = student.socket.mark
    for turn in range(120):
        await deed((host, student)[turn % 2].socket, "stroke_add", stroke(f"s{turn}"))
    await student.socket.find(lambda m: m.get("version") == 121, since=mark)
    await until_saved(host, a, 121)
    kept = await snapshots(host, a)
    assert [item["snapshot_type"] for item in kept] == ["auto"] * 3 + ["manual"]
    assert [kept[0]["version"], kept[-1]["version"]] == [121, 1]
    for item in kept:
        state = (await host.get(b, f"snapshots/{item['version']}/"))["board_state"]
        assert len(state["strokes"]) == item["version"]
    board = await sync(host.socket)
    for instance in house.instances:
        instance.terminate()
    await asyncio.gather(*(instance.exit_status() for instance in house.instances))
    await asyncio.to_thread(house.start)
    assert (await host.open(b)).welcome["board"] == {"version": 121}
    assert await sync(host.socket) == board
    assert (await deed(host.socket, "stroke_add", stroke("later")))["version"] == 122


async def test_the_end_saves(build_house: Callable[..., House], people_of: Callable[[House], People]) -> None:
    """When a session ends its board is saved at once, while everybody's sockets are still open."""
    house = build_house(sessions__linger_seconds=60)
    host, student = await pair(people_of(house), house)
    await deed(student.socket, "stroke_add", stroke("s"))
    await host.post(house.instances[0], "terminate/")
    assert (await until_saved(host, house.instances[0], 1))["snapshot_type"] == "auto"
    assert (host.socket.close_code, student.socket.close_code) == (None, None)


async def test_a_drain_saves(build_house: Callable[..., House], people_of: Callable[[House], People]) -> None:
    """An instance that is shut down saves what was drawn on it; after the store was killed, everything is still there."""
    house = build_house()
    house.allow(*OUTAGE)
    a, b = house.instances
    host, student = await pair(people_of(house), house)
    await deed(host.socket, "stroke_add", stroke("s"))
    await student.socket.find_type("board_update")
    a.terminate()
    assert await host.socket.until_closed() == 1012
    assert await a.exit_status() == 0
    assert (await until_saved(student, b, 1))["snapshot_type"] == "auto"
    assert (await deed(student.socket, "stroke_add", stroke("t")))["version"] == 2
    mark = student.socket.mark
    house.kill_store()
    await student.socket.find(lambda m: m.get("code") == "recovered", since=mark)
    board = await sync(student.socket)
    assert (board["version"], board["state"]["strokes"]) == (2, [stroke("s"), stroke("t")])
    assert (await deed(student.socket, "stroke_add", stroke("u")))["version"] == 3
