"""Whether everybody saw one and the same board: versions without a hole, every event once, one state for all."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from schemas.board import fold
from tests.support.board_writer import Writer
from tests.support.people_lesson import Person
from tests.support.people_sockets import Message, Socket
from tests.support.process_instance import Instance

State = dict[str, Any]


def versions_on(socket: Socket) -> list[int]:
    """The versions that a socket told, as acknowledgement or update, in the order in which they came."""
    return [
        message["version"]
        for message in socket.messages
        if message["type"] == "board_update" or (message["type"] == "ack" and "seq" in message)
    ]


def seen_by(writer: Writer) -> dict[int, tuple[str, Any]]:
    """Every event that a writer saw or was acknowledged, by version; asserts order and wholeness."""
    seen: dict[int, tuple[str, Any]] = {}
    for socket in writer.person.sockets:
        assert socket.faults == []
        versions = versions_on(socket)
        assert versions == list(range(versions[0], versions[0] + len(versions))) if versions else True
        for message in socket.messages:
            if message["type"] == "board_update":
                event = message["event_type"], message["data"]
            elif message["type"] == "ack" and "seq" in message:
                event = writer.sent[message["id"]]
            else:
                continue
            assert message["version"] not in seen, "a version came twice"
            seen[message["version"]] = event
    return dict(sorted(seen.items()))


def folded(seen: dict[int, tuple[str, Any]], background: Any = None) -> State:
    """The board that these events make."""
    initial = {"background": background}
    events = [{"event_type": event_type, "data": data} for event_type, data in seen.values()]
    return dict(fold(initial, events))


async def sync(socket: Socket) -> Message:
    """The board as the server has it."""
    mark = socket.mark
    await socket.send(type="sync_request", id="s")
    return await socket.find_type("sync_response", since=mark)


async def reach_version(socket: Socket, version: int) -> None:
    """Returns once the socket has told that version."""
    await socket.find(lambda m: m.get("version", 0) >= version and "seq" in m)


async def assert_converged(writers: list[Writer], fresh: Person, instance: Instance) -> int:
    """All hold what a fresh `sync_request` gives; how many versions there are."""
    board = await sync(await fresh.open(instance))
    last = fresh.socket.seq
    await asyncio.gather(*(writer.person.socket.reach(last) for writer in writers))
    assert_saw_the_same_updates(writers)
    for writer in writers:
        seen = seen_by(writer)
        assert list(seen) == list(range(1, board["version"] + 1))
        assert folded(seen, fresh.socket.welcome["session"]["settings"]["board_background"]) == board["state"]
    assert_counted_once(writers)
    return int(board["version"])


def assert_saw_the_same_updates(writers: list[Writer]) -> None:
    """A number is the same broadcast for all, but that its sender may have had an `ack` for it."""
    story: dict[int, str] = {}
    for writer in writers:
        for seq, text in writer.person.texts.items():
            if '"type":"ack"' not in text:
                assert story.setdefault(seq, text) == text


def assert_counted_once(writers: list[Writer]) -> None:
    """Each event has one version or none: none when it was refused, and the one that every acknowledgement named."""
    told: Counter[str] = Counter()
    version_of: dict[str, int] = {}
    for writer in writers:
        for socket in writer.person.sockets:
            for message in socket.messages:
                if message["type"] == "board_update" and "id" in message:
                    version_of[message["id"]] = message["version"]
    for writer in writers:
        outcomes = writer.outcomes
        for name in writer.sent:
            acks, repeats = outcomes.acks.get(name, []), outcomes.duplicates.get(name, [])
            told.update(["refused" if name in outcomes.refused else "accepted"])
            if name in outcomes.refused:
                assert name not in version_of, (name, outcomes.refused[name])
            else:
                assert len(acks) <= 1
                assert {*acks, *repeats} <= {version_of[name]}
    versions = list(version_of.values())
    assert len(versions) == len(set(versions)) == told["accepted"]
    assert told["refused"] < told["accepted"] / 2
