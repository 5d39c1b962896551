from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from typing import Any

import pytest

from schemas.board import empty_state, fold
from schemas.errors import (
    BAD_TOKEN,
    FORBIDDEN,
    NOT_FOUND,
    OVERLOADED,
    SESSION_OVER,
    SESSION_PAUSED,
    TOO_LARGE,
)
from schemas.jsonio import dumps
from store import board as boards_module
from store import keys
from store.actor import Actor
from store.board import BoardAt, Boards, Bounds, Outcome
from tests.support.board_deeds import random_event
from tests.support.stores import HOST, SERVICE, STRANGER, STUDENT, Stores, refusal

KEPT = 3


async def seated(stores: Stores, **changes: Any) -> str:
    """A lesson in which both have a seat."""
    uuid = await stores.lesson(**changes)
    for person in (HOST, STUDENT):
        await stores.participants.get_or_create_participant(uuid, person)
    return uuid


def boards_of(stores: Stores, board_bytes: int = 1 << 20, kept_bytes: int = 1 << 20) -> Boards:
    """The boards as one instance has them."""
    return Boards(stores.scripts, Bounds(board_bytes, KEPT, kept_bytes))


async def draw(boards: Boards, uuid: str, name: str, actor: Actor = HOST, **options: Any) -> Outcome:
    """A stroke of that name."""
    return await boards.event(uuid, actor, "stroke_add", {"id": name}, **options)


def names(state: Any) -> list[str]:
    """What the strokes are called, in order."""
    return [stroke["id"] for stroke in state["strokes"]]


async def operations(stores: Stores, uuid: str) -> list[int]:
    """The versions of the events that are still kept."""
    ops_key = next(key for key in keys.session_keys(uuid) if key.endswith(":ops"))
    entries = await stores.client.command("XRANGE", ops_key, "-", "+")
    return [int(name.split(b"-")[0]) for name, _ in entries]


async def test_one_order(stores: Stores) -> None:
    """However many draw at once, each event has a version of its own, none is left out, and two readers agree."""
    uuid, one, other = await seated(stores), boards_of(stores), boards_of(stores)
    work = [
        draw((one, other)[n % 2], uuid, f"s{n}", (HOST, STUDENT)[n % 2], event_id=f"e{n}") for n in range(200)
    ]
    outcomes = await asyncio.gather(*work)
    assert sorted(outcome.version for outcome in outcomes) == list(range(1, 201))
    order = [f"s{n}" for n, _ in sorted(enumerate(outcomes), key=lambda item: item[1].version)]
    states = [(await boards.read(uuid)).state for boards in (one, other)]
    assert [names(state) for state in states] == [order, order]


async def test_once(stores: Stores) -> None:
    """An id counts once for one person; another person's, and the same digits as a number, are others."""
    uuid, boards = await seated(stores), boards_of(stores)
    assert await draw(boards, uuid, "a", event_id="7") == Outcome("applied", 1)
    assert await draw(boards, uuid, "b", event_id="7") == Outcome("duplicate", 1)
    assert await draw(boards, uuid, "c", event_id=7) == Outcome("applied", 2)
    assert await draw(boards, uuid, "d", STUDENT, event_id="7") == Outcome("applied", 3)
    assert names((await boards.read(uuid)).state) == ["a", "c", "d"]
    assert await draw(boards, uuid, "e", event_id='x","version":99,"y":"\t\n') == Outcome("applied", 4)


async def test_an_acknowledged_id_is_known_when_the_right_is_gone(stores: Stores) -> None:
    """Who repeats what was accepted learns so, even if they may draw no more or the lesson is over; nothing new counts."""
    uuid, boards = await seated(stores), boards_of(stores)
    await draw(boards, uuid, "a", STUDENT, event_id="e")
    await stores.participants.set_permissions(uuid, HOST, 2, {"can_draw": False})
    assert (await draw(boards, uuid, "a", STUDENT, event_id="e")).what == "duplicate"
    assert await refusal(draw(boards, uuid, "b", STUDENT, event_id="f")) is FORBIDDEN
    await stores.sessions.transition(uuid, HOST, "terminate")
    assert (await draw(boards, uuid, "a", STUDENT, event_id="e")).what == "duplicate"
    assert await refusal(draw(boards, uuid, "c")) is SESSION_OVER


async def test_who_may_draw_when(stores: Stores) -> None:
    """Strangers never; with an older token no more; while paused the host and the platform only."""
    uuid, boards = await seated(stores), boards_of(stores)
    assert await refusal(draw(boards, uuid, "a", STRANGER)) is FORBIDDEN
    assert await refusal(draw(boards, uuid, "a", Actor(2, generation=0))) is BAD_TOKEN
    await stores.sessions.transition(uuid, HOST, "start")
    await stores.sessions.transition(uuid, HOST, "pause")
    assert await refusal(draw(boards, uuid, "a", STUDENT)) is SESSION_PAUSED
    assert (await draw(boards, uuid, "a")).version == 1
    assert (await draw(boards, uuid, "b", SERVICE)).version == 2
    assert await refusal(boards.read("00000000-0000-0000-0000-000000000000")) is NOT_FOUND


async def test_a_whole_state_conflicts_when_it_is_older(stores: Stores) -> None:
    """A whole board from an older version is told which version there is, and changes nothing."""
    uuid, boards = await seated(stores), boards_of(stores)
    await draw(boards, uuid, "a")
    state = {"state": {"strokes": [{"id": "z"}]}}
    assert await boards.event(uuid, HOST, "state:full", state, version=0) == Outcome("conflict", 1)
    assert (await boards.read(uuid)).version == 1
    assert (await boards.event(uuid, HOST, "state:full", state, version=1)).what == "applied"
    assert (await boards.event(uuid, HOST, "state:full", state, only_first=True)).what == "conflict"
    assert names((await boards.read(uuid)).state) == ["z"]


async def test_told_to_everybody(stores: Stores) -> None:
    """What was drawn goes out with its number, its version, who drew it, and what its sender is acknowledged."""
    uuid, boards = await seated(stores), boards_of(stores)
    stores.relay.start()
    await stores.follow(uuid)
    data = {"id": "s", "empty": [], "nothing": {}, "big": 12345678901234567, "text": 'ж \u2028 " \\'}
    await boards.event(uuid, STUDENT, "stroke_add", data, event_id="e", connection="c1")
    await stores.seen.until(lambda: bool(stores.seen.entries[uuid]))
    (message,), (entry,) = stores.seen.messages(uuid), stores.seen.entries[uuid]
    assert message == {
        "seq": message["seq"],
        "type": "board_update",
        "event_type": "stroke_add",
        "data": data,
        "version": 1,
        "user_id": 2,
        "id": "e",
    }
    assert (entry.kind, entry.origin, entry.ack) == ("b", "c1", '"version":1,"id":"e"')


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_a_snapshot_changes_no_board(stores: Stores, seed: int) -> None:
    """Whenever it is saved, a board read anew is what all its events make; and only saved events are ever dropped."""
    dice, uuid, live = random.Random(seed), await seated(stores), boards_of(stores)
    told: list[dict[str, Any]] = []
    saved = 0
    while len(told) < 150:
        event_type, data = random_event(dice)
        told.append({"event_type": event_type, "data": data})
        await live.event(uuid, HOST, event_type, data)
        if dice.random() < 0.05:
            kept = await dice.choice((live, boards_of(stores))).save(uuid, dice.choice(("auto", "manual")))
            assert kept is not None
            saved = kept["version"]
            assert saved == len(told)
        assert await operations(stores, uuid) == list(range(saved + 1, len(told) + 1))
    expected = fold({"background": "white"}, told)
    for boards in (live, boards_of(stores)):
        board = await boards.read(uuid)
        assert (board.version, board.state) == (150, expected)
    assert saved > 0


async def test_an_old_reading_drops_nothing_new(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one instance saves what it has read, another one draws: what came in between stays, whoever reads next."""
    uuid, one, other = await seated(stores), boards_of(stores), boards_of(stores)
    await draw(one, uuid, "a")
    then = await one.read(uuid)
    await draw(other, uuid, "b")

    async def what_was_read(_: str) -> BoardAt:
        return then

    monkeypatch.setattr(one, "read", what_was_read)
    assert (await one.save(uuid, "auto") or {})["version"] == 1
    assert await operations(stores, uuid) == [2]
    left = dumps({"id": "b"})
    assert int(await stores.client.command("HGET", keys.session(uuid), "ops_bytes")) == len(left), (
        "it still counts"
    )
    assert names((await boards_of(stores).read(uuid)).state) == ["a", "b"]
    await other.save(uuid, "auto")
    assert (await one.save(uuid, "auto") or {})["version"] == 1  # late again: the newer one stays what it is
    await draw(other, uuid, "c")
    assert await operations(stores, uuid) == [3]
    assert names((await boards_of(stores).read(uuid)).state) == ["a", "b", "c"]


async def test_a_reading_of_another_board(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read before the store lost its data, or its log's end, is not saved as the board that is there now."""
    uuid, boards = await seated(stores), boards_of(stores)
    await draw(boards, uuid, "a")
    then = replace(
        await boards.read(uuid), epoch="another", state={**empty_state(None), "strokes": [{"id": "lost"}]}
    )

    async def what_was_read(_: str) -> BoardAt:
        return then

    monkeypatch.setattr(boards, "read", what_was_read)
    assert await boards.save(uuid, "manual", by=HOST) is None
    assert await boards.snapshots(uuid) == []
    assert names((await boards_of(stores).read(uuid)).state) == ["a"]


async def test_the_newest_are_kept(stores: Stores) -> None:
    """Of the automatic snapshots the newest few stay, of those by hand all; each can be read, newest first."""
    uuid, boards = await seated(stores), boards_of(stores)
    for number in range(1, 13):
        await draw(boards, uuid, f"s{number}")
        await boards.save(uuid, "manual" if number % 4 == 0 else "auto", by=HOST, by_name="Ada")
    listed = [(item["version"], item["snapshot_type"]) for item in await boards.snapshots(uuid)]
    assert listed == [(12, "manual"), (11, "auto"), (10, "auto"), (9, "auto"), (8, "manual"), (4, "manual")]
    assert [item["version"] for item in await boards.snapshots(uuid, "manual")] == [12, 8, 4]
    for version, _ in listed:
        metadata, state = await boards.snapshot(uuid, version)
        assert (metadata["version"], len(state["strokes"])) == (version, version)
        assert metadata["created_by"] == {"id": 1, "name": "Ada"}
    assert await refusal(boards.snapshot(uuid, 1)) is NOT_FOUND
    assert await stores.client.command("EXISTS", keys.snapshot(uuid, 1)) == 0
    assert len((await boards_of(stores).read(uuid)).state["strokes"]) == 12


async def test_saving_twice(stores: Stores) -> None:
    """The same version saved again is the same snapshot; by hand makes an automatic one last, never the other way round."""
    uuid, boards = await seated(stores), boards_of(stores)
    await draw(boards, uuid, "a")
    first = await boards.save(uuid, "auto")
    assert first == await boards.save(uuid, "auto")
    assert (await boards.save(uuid, "manual") or {})["snapshot_type"] == "manual"
    assert (await boards.save(uuid, "auto") or {})["snapshot_type"] == "manual"
    assert len(await boards.snapshots(uuid)) == 1


async def test_many_boards(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """An instance remembers some boards only; one it forgot is read from its snapshot again."""
    monkeypatch.setattr(boards_module, "REMEMBERED_BOARDS", 2)
    boards = boards_of(stores)
    uuids = [await seated(stores) for _ in range(4)]
    for turn in range(3):
        for uuid in uuids:
            await draw(boards, uuid, f"s{turn}")
            assert len((await boards.read(uuid)).state["strokes"]) == turn + 1
        await boards.save(uuids[turn], "auto")


async def test_many_readers(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """Readers at once, folding in threads, while somebody draws, each see a whole board of some version."""
    monkeypatch.setattr(boards_module, "LARGE_EVENTS", 5)
    monkeypatch.setattr(boards_module, "LARGE_BYTES", 100)
    uuid, boards = await seated(stores), boards_of(stores)
    for number in range(1, 60):
        await draw(boards, uuid, f"s{number}")
        if number % 9 == 0:
            boards.forget(uuid)
            drawing = asyncio.create_task(draw(boards, uuid, "x"))
            for board in await asyncio.gather(*(boards.read(uuid) for _ in range(4))):
                assert len(set(names(board.state))) == len(board.state["strokes"])
                assert {f"s{n}" for n in range(1, number + 1)} <= set(names(board.state))
            await drawing
        if number % 20 == 0:
            await boards.save(uuid, "auto")


async def test_the_log_says_who_cleared_and_saved(stores: Stores) -> None:
    """Clearing, restoring and saving by hand stand in the event log as what the server saw."""
    uuid, boards = await seated(stores), boards_of(stores)
    await boards.event(uuid, HOST, "clear_all", {})
    await boards.save(uuid, "manual", by=HOST, logged=True)
    await boards.event(uuid, HOST, "state:full", {"state": {}}, restores=1)
    assert (await stores.event_types(uuid))[-3:] == ["board_cleared", "board_saved", "board_restored"]


async def board_memory(stores: Stores, uuid: str) -> int:
    """Bytes that a session's snapshots take by its own account, which is checked against the real ones."""
    kept = await boards_of(stores).snapshots(uuid)
    sizes = [await stores.client.command("STRLEN", keys.snapshot(uuid, item["version"])) for item in kept]
    counted = int(await stores.client.command("HGET", keys.session(uuid), "snapshot_bytes"))
    assert counted == sum(sizes)
    return counted


async def test_snapshots_are_bounded_in_bytes(stores: Stores) -> None:
    """The oldest automatic snapshots go when all together take too much, even if they are few; the newest stays, and what
    somebody saved.
    """
    uuid, boards = await seated(stores), boards_of(stores, kept_bytes=50_000)
    await draw(boards, uuid, "a")
    await boards.save(uuid, "manual", by=HOST)
    for number in range(10):
        await boards.event(uuid, HOST, "stroke_add", {"id": "large", "ink": "x" * (20_000 + number)})
        await boards.save(uuid, "auto")
        assert await board_memory(stores, uuid) <= 50_000
    kept = [(item["version"], item["snapshot_type"]) for item in await boards.snapshots(uuid)]
    assert kept == [(11, "auto"), (10, "auto"), (1, "manual")]
    assert names((await boards.read(uuid)).state) == ["a", "large"]


async def test_saving_for_ever(stores: Stores) -> None:
    """Saving again what did not change takes nothing; when saved boards have filled their room, another one is refused, and
    nothing that was saved is lost. The automatic snapshots go on.
    """
    uuid, boards = await seated(stores), boards_of(stores, kept_bytes=50_000)
    await boards.event(uuid, HOST, "stroke_add", {"id": "large", "ink": "x" * 20_000})
    for _ in range(50):
        await boards.save(uuid, "manual", by=HOST)
    assert await board_memory(stores, uuid) < 21_000
    await draw(boards, uuid, "a")
    await boards.save(uuid, "auto")
    await boards.save(uuid, "manual", by=HOST)
    await draw(boards, uuid, "b")
    assert await refusal(boards.save(uuid, "manual", by=HOST)) is TOO_LARGE
    await boards.save(uuid, "auto")
    assert await refusal(boards.save(uuid, "manual", by=HOST)) is TOO_LARGE
    kept = [(item["version"], item["snapshot_type"]) for item in await boards.snapshots(uuid)]
    assert kept == [(3, "auto"), (2, "manual"), (1, "manual")]
    assert names((await boards_of(stores).read(uuid)).state) == ["large", "a", "b"]


async def test_a_full_board(stores: Stores) -> None:
    """A board cannot grow for ever: what adds to a full one is refused; erasing and clearing are not, and make room."""
    uuid, boards = await seated(stores), boards_of(stores, board_bytes=10_000)
    for number in range(9):
        await boards.event(uuid, HOST, "stroke_add", {"id": f"s{number}", "ink": "x" * 1_000})
    add = ("stroke_add", {"id": "more", "ink": "x" * 1_000})
    assert await refusal(boards.event(uuid, HOST, *add)) is TOO_LARGE
    await boards.save(uuid, "auto")
    assert await refusal(boards.event(uuid, HOST, *add)) is TOO_LARGE
    await boards.event(uuid, HOST, "erase_stroke", {"id": "s0"})
    await boards.save(uuid, "auto")
    assert (await boards.event(uuid, HOST, *add)).what == "applied"
    await boards.event(uuid, HOST, "board_clear", {})
    await boards.save(uuid, "auto")
    assert (await boards.event(uuid, HOST, *add)).what == "applied"


async def test_changes_that_nobody_saves(stores: Stores) -> None:
    """Events that come faster than the board can be saved are refused before they fill the store, whatever they are."""
    uuid, boards = await seated(stores), boards_of(stores, board_bytes=10_000)
    state = {"state": {"strokes": [{"id": "s", "ink": "x" * 4_000}]}}
    for _ in range(4):
        await boards.event(uuid, HOST, "state:full", state)
    assert await refusal(boards.event(uuid, HOST, "state:full", state)) is OVERLOADED
    await boards.save(uuid, "auto")
    await boards.event(uuid, HOST, "state:full", state)
    assert (await boards.read(uuid)).version == 5
