"""The log of a session is bounded in bytes, whole boards included (docs/decisions/0013-bounded-sessions.md)."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pytest

from store import keys
from store.actor import Actor
from store.board import Boards, Bounds
from store.entry import parse
from store.presence import Arrival
from tests.support.stores import HOST, Stores, eventually

Make = Callable[..., Awaitable[Stores]]
LARGE = 100_000
MIB = 1 << 20


async def lesson(stores: Stores) -> tuple[str, Boards]:
    """A lesson whose host has a seat, and its boards."""
    uuid = await stores.lesson()
    await stores.participants.get_or_create_participant(uuid, HOST)
    return uuid, Boards(stores.scripts, Bounds(64 * MIB, 10, 64 * MIB))


async def full_state(boards: Boards, uuid: str, name: str, size_bytes: int = LARGE) -> None:
    """A whole board, as large as that, with one stroke of that name."""
    state = {"strokes": [{"id": name, "ink": "x" * size_bytes}]}
    await boards.event(uuid, HOST, "state:full", {"state": state})


async def stroke(boards: Boards, uuid: str, name: str, size_bytes: int = 0) -> None:
    """A stroke of that name."""
    await boards.event(uuid, HOST, "stroke_add", {"id": name, "ink": "x" * size_bytes})


async def epoch_of(stores: Stores, uuid: str) -> str:
    """The epoch of a session's log."""
    epoch: bytes = await stores.client.command("HGET", keys.session(uuid), "epoch")
    return epoch.decode()


async def resume(stores: Stores, uuid: str, since: int) -> tuple[bool, list[int]]:
    """Whether somebody who comes back gets what they missed, and its numbers."""
    epoch = await epoch_of(stores, uuid)
    back: Arrival = await stores.presence.attach(
        uuid, Actor(HOST.user_id, HOST.name), secrets.token_hex(4), "full", since=since, epoch=epoch
    )
    missed = [entry.position for entry in map(parse, back.missed)]
    return back.recovered, [position.seq for position in missed if position and not position.sub]


async def memory(stores: Stores, uuid: str, *endings: str) -> int:
    """Bytes that these keys of a session take."""
    taken = 0
    for key in keys.session_keys(uuid):
        if key.endswith(endings):
            taken += await stores.client.command("MEMORY", "USAGE", key, "SAMPLES", 0) or 0
    return taken


async def test_somebody_who_missed_a_whole_board(stores: Stores) -> None:
    """A whole board that was sent meanwhile is among what is missed, in its place, in full."""
    uuid, boards = await lesson(stores)
    await stroke(boards, uuid, "a")
    await full_state(boards, uuid, "b")
    await stroke(boards, uuid, "c")
    recovered, numbers = await resume(stores, uuid, 0)
    assert recovered
    assert numbers[:3] == [1, 2, 3]
    (log, large) = (keys.session_keys(uuid)[1], keys.session_keys(uuid)[-1])
    assert await memory(stores, uuid, ":log") < LARGE // 10, log
    assert await stores.client.command("HLEN", large) == 1


@pytest.mark.gen_test(timeout=40)
async def test_only_the_newest_whole_boards_are_kept(fresh_stores: Make) -> None:
    """However many whole boards a host sends, they take no more than their bound. Who missed one that is given up starts
    anew; who did not is served.
    """
    stores = await fresh_stores(log_bytes=5 * LARGE)
    uuid, boards = await lesson(stores)
    for number in range(40):
        await full_state(boards, uuid, f"b{number}")
    assert await memory(stores, uuid, ":large", ":log") < 7 * LARGE
    assert int(await stores.client.command("HGET", keys.session(uuid), "large_bytes")) <= 5 * LARGE
    assert (await resume(stores, uuid, 5)) == (False, [])
    assert (await resume(stores, uuid, 35)) == (False, [])
    recovered, numbers = await resume(stores, uuid, 36)
    assert recovered
    assert numbers[:4] == [37, 38, 39, 40]


async def test_one_that_is_larger_than_the_bound(fresh_stores: Make) -> None:
    """The newest whole board is kept, whatever its size."""
    stores = await fresh_stores(log_bytes=LARGE)
    uuid, boards = await lesson(stores)
    await full_state(boards, uuid, "a", 3 * LARGE)
    await full_state(boards, uuid, "b", 4 * LARGE)
    assert (await resume(stores, uuid, 1))[0]
    assert not (await resume(stores, uuid, 0))[0]


@pytest.mark.gen_test(timeout=40)
async def test_ordinary_messages_reach_back_two_thousand(fresh_stores: Make) -> None:
    """Neither many ordinary messages nor whole boards in between shorten the log below 2,000 messages."""
    stores = await fresh_stores(log_length=5_000)
    uuid, boards = await lesson(stores)
    for number in range(0, 2_500, 100):
        await asyncio.gather(*(stroke(boards, uuid, f"s{number + n}", 5_000) for n in range(100)))
    await full_state(boards, uuid, "b")
    numbers = [501]
    while numbers[-1] < 2_501:
        recovered, page = await resume(stores, uuid, numbers[-1])
        assert recovered
        numbers += page
    assert numbers[:2_001] == list(range(501, 2_502))
    assert await stores.client.command("XLEN", keys.session_keys(uuid)[1]) < 2_400, (
        "a log of large messages is shorter"
    )


@pytest.mark.gen_test(timeout=40)
async def test_very_much_is_resumed_in_parts(stores: Stores) -> None:
    """Who missed more than 8 MiB gets the first of it, without a hole, and comes back for the rest; a socket that carries
    no board has nothing to come back for.
    """
    uuid, boards = await lesson(stores)
    epoch = await epoch_of(stores, uuid)
    for number in range(30):
        await full_state(boards, uuid, f"b{number}", 400_000)

    async def back(kind: str, since: int) -> Arrival:
        return await stores.presence.attach(uuid, HOST, secrets.token_hex(4), kind, since=since, epoch=epoch)

    first = await back("board", 0)
    assert first.recovered
    assert first.more_missed
    assert 7 * MIB < sum(map(len, first.missed)) <= 8 * MIB
    rest = await back("board", len(first.missed))
    assert rest.recovered
    assert not rest.more_missed
    names = [
        orjson.loads(parse(text).json)["data"]["state"]["strokes"][0]["id"]
        for text in first.missed + rest.missed
    ]
    assert names == [f"b{number}" for number in range(30)]
    system = await back("system", 0)
    assert system.recovered
    assert not system.more_missed
    assert {parse(text).kind for text in system.missed} <= {"s", "d"}


async def test_a_part_is_never_taken_for_all(fresh_stores: Make) -> None:
    """Who missed a whole board that is given up starts anew at once, also where so much lies before it that it would be
    missed only when they come back for the rest.
    """
    stores = await fresh_stores(log_bytes=LARGE)
    uuid, boards = await lesson(stores)
    for number in range(160):
        await stroke(boards, uuid, f"s{number}", 60_000)
    before = await stores.presence.attach(
        uuid, HOST, "a", "board", since=0, epoch=await epoch_of(stores, uuid)
    )
    assert before.recovered
    assert before.more_missed
    await full_state(boards, uuid, "given up", 3 * LARGE)
    await full_state(boards, uuid, "kept", 3 * LARGE)
    assert await resume(stores, uuid, 0) == (False, [])
    assert (await resume(stores, uuid, 162))[0]


async def test_a_whole_board_that_is_not_there(stores: Stores) -> None:
    """Nobody resumes past a whole board whose text is gone, whyever it is."""
    uuid, boards = await lesson(stores)
    await stroke(boards, uuid, "a")
    await full_state(boards, uuid, "b")
    await stroke(boards, uuid, "c")
    await stores.client.command("DEL", keys.session_keys(uuid)[-1])
    assert await resume(stores, uuid, 0) == (False, [])
    assert (await resume(stores, uuid, 2))[0]


async def test_an_instance_that_missed_whole_boards(fresh_stores: Make) -> None:
    """An instance that was cut off gets them from the log, in order; one that comes too late starts its sockets anew."""
    stores = await fresh_stores(log_bytes=5 * LARGE)
    uuid, boards = await lesson(stores)
    stores.relay.start()
    await eventually(lambda: stores.relay.ready)
    await stores.follow(uuid)
    await stores.client.command("CLIENT", "KILL", "TYPE", "pubsub")
    for name in ("a", "b", "c"):
        await full_state(boards, uuid, name)
    await stores.seen.until(lambda: len(stores.seen.numbers(uuid)) == 3)
    assert [m["data"]["state"]["strokes"][0]["id"] for m in stores.seen.messages(uuid)] == ["a", "b", "c"]
    assert stores.seen.resynced == []
    await stores.client.command("CLIENT", "KILL", "TYPE", "pubsub")
    for number in range(20):
        await full_state(boards, uuid, str(number))
    await stores.seen.until(lambda: stores.seen.resynced == [uuid] or len(stores.seen.numbers(uuid)) == 23)
    await stroke(boards, uuid, "last")
    await stores.seen.until(lambda: stores.seen.numbers(uuid)[-1:] == [24])


async def test_an_instance_reads_in_parts(stores: Stores) -> None:
    """An instance that missed much has to hold a bounded part of it at a time, or one message."""
    uuid, boards = await lesson(stores)
    for name in ("a", "b", "c"):
        await full_state(boards, uuid, name)

    async def read(most_messages: int, most_bytes: int) -> int:
        wanted = {"seq": 0, "sub": 0, "messages": most_messages, "bytes": most_bytes}
        return len((await stores.scripts.run("read_log", uuid, None, None, **wanted))[3])

    assert [await read(99, size) for size in (1, 2 * LARGE, 3 * LARGE, 9 * LARGE)] == [1, 1, 2, 3]
    assert await read(2, 9 * LARGE) == 2


async def test_a_hole_in_the_log_is_not_passed_over(stores: Stores) -> None:
    """An instance that needs a whole board which is given up delivers what lies before it, and nothing past the hole."""
    uuid, boards = await lesson(stores)
    stores.relay.start()
    await eventually(lambda: stores.relay.ready)
    await stores.follow(uuid)
    subscriber: Any = stores.relay._subscriber
    subscriber._on_message = lambda *_: None
    await stroke(boards, uuid, "a")
    await full_state(boards, uuid, "b")
    await stroke(boards, uuid, "c")
    await stores.client.command("DEL", keys.session_keys(uuid)[-1])
    subscriber._on_message = stores.relay._on_message
    await stroke(boards, uuid, "d")
    await stores.seen.until(lambda: stores.seen.resynced == [uuid])
    assert stores.seen.numbers(uuid) == [1]
    await stroke(boards, uuid, "e")
    await stores.seen.until(lambda: stores.seen.numbers(uuid) == [1, 5])


async def test_what_is_left_when_the_lesson_is_over(stores: Stores) -> None:
    """The log and its whole boards go a day after the end."""
    uuid, boards = await lesson(stores)
    await full_state(boards, uuid, "a")
    await stores.sessions.transition(uuid, HOST, "terminate")
    for key in (keys.session_keys(uuid)[1], keys.session_keys(uuid)[-1]):
        assert 86_000 < await stores.client.command("TTL", key) <= 86_400
