"""What clients are told when more is asked of an instance than it can do (docs/protocol.md, Overload)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from handlers import limits
from schemas.config import Config
from server import Server
from store import client
from store.actor import Actor
from tests.support.documentation_lesson import running
from tests.support.people_lesson import People, Person, fresh_id
from tests.support.people_sockets import Refusal

MIB = 1 << 20


@dataclass
class Scene:
    """A server in this process, where it is, and a lesson of two, both on their socket."""

    server: Server
    here: Any
    host: Person
    student: Person


@dataclass(frozen=True)
class Here:
    """As far as clients care."""

    url: str
    ws: str


@asynccontextmanager
async def lesson(redis_url: str) -> AsyncIterator[Scene]:
    """A lesson."""
    people = People(Config().auth.secret)
    async with running(redis_url) as (server, address):
        here: Any = Here(f"http://{address}", f"ws://{address}")
        host, student = await people.lesson(here, fresh_id(), fresh_id())
        await host.open(here)
        await student.open(here)
        try:
            yield Scene(server, here, host, student)
        finally:
            await people.close()


async def draw(person: Person, name: str) -> None:
    """A stroke."""
    await person.socket.send(type="board_event", event_type="stroke_add", data={"id": name}, id=name)


async def test_a_message_waits_for_a_slow_room(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who sends into a room that is behind waits, and counts as soon as it has caught up; pointers are dropped."""
    async with lesson(redis_url) as scene:
        relay, is_behind = scene.server.services.relay, True
        waiting, caught_up = asyncio.Event(), asyncio.Event()

        async def until_caught_up(*_: Any) -> bool:
            waiting.set()
            await caught_up.wait()
            return True

        monkeypatch.setattr(relay, "is_behind", lambda _: is_behind)
        monkeypatch.setattr(relay, "until_caught_up", until_caught_up)
        await scene.host.socket.send(type="pointer_move", x=1, y=1)
        await draw(scene.host, "a")
        await draw(scene.host, "b")
        await waiting.wait()
        assert scene.student.socket.of_type("board_update") == []
        is_behind = False
        caught_up.set()
        for person in (scene.host, scene.student):
            await person.socket.find(lambda m: m.get("id") == "b")
        assert [m["id"] for m in scene.host.socket.of_type("ack")] == ["a", "b"]
        assert [m["id"] for m in scene.student.socket.of_type("board_update")] == ["a", "b"]
        assert scene.student.socket.of_type("pointer_move") == []


async def test_who_goes_on_is_refused(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the room does not catch up a message is refused by name, without effect, and the same one counts afterwards.
    The socket stays open, and REST goes on.
    """
    monkeypatch.setattr(limits, "PATIENCE_SECONDS", 0.05)
    async with lesson(redis_url) as scene:
        relay = scene.server.services.relay
        monkeypatch.setattr(scene.server.services.relay._backlog, "is_behind", lambda _: True)
        monkeypatch.setattr(relay, "is_behind", lambda _: True)
        await draw(scene.host, "a")
        refused = await scene.host.socket.find_type("error")
        assert (refused["code"], refused["for"], refused["id"]) == ("overloaded", "board_event", "a")
        await scene.host.get(scene.here, "participants/")
        monkeypatch.undo()
        await draw(scene.host, "a")
        assert (await scene.host.socket.find_type("ack"))["version"] == 1


async def test_too_much_for_the_store(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """When more waits for the store than it can answer soon, calls are 503 and say when to come again, messages are
    refused, new sockets come later; those that are open stay.
    """
    async with lesson(redis_url) as scene:
        monkeypatch.setattr(client, "QUEUE_COMMANDS", 0)
        monkeypatch.setattr(scene.server.services.client._queue, "holds", lambda _: True)
        answer = await scene.host.call(scene.here, "POST", "start/")
        assert (answer.status, answer.code, answer.headers["Retry-After"]) == (503, "overloaded", "1")
        await draw(scene.host, "a")
        assert (await scene.host.socket.find_type("error"))["code"] == "overloaded"
        with pytest.raises(Refusal) as refused:
            await scene.student.open(scene.here)
        assert refused.value.close_code == 1013
        with pytest.raises(Refusal) as refused:
            await scene.student.open(scene.here, "board")
        assert refused.value.status == 503
        monkeypatch.undo()
        assert (await scene.host.call(scene.here, "POST", "start/")).status == 200
        assert scene.host.socket.close_code is None


@pytest.mark.gen_test(timeout=40)
async def test_coming_back_after_very_much(redis_url: str) -> None:
    """Who missed more than 8 MiB gets the first of it and 4408, comes back, and has everything, in order, each once."""
    async with lesson(redis_url) as scene:
        await scene.student.socket.close()
        state = {"strokes": [{"id": "s", "ink": "x" * 900_000}]}
        for _ in range(11):
            await scene.server.services.boards.event(
                scene.host.uuid, Actor(scene.host.user_id), "state:full", {"state": state}
            )
        first = await scene.student.resume(scene.here)
        assert first.welcome["recovered"]
        assert await first.until_closed() == 4408
        assert 0 < len(first.of_type("board_update")) < 11
        second = await scene.student.resume(scene.here)
        assert second.welcome["recovered"]
        await second.reach(first.welcome["seq"])
        versions = [m["version"] for s in (first, second) for m in s.of_type("board_update")]
        assert versions == list(range(1, 12))
        assert scene.student.texts.keys() >= set(range(second.seq - 10, second.seq))
