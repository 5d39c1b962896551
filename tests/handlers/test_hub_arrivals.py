"""Sockets that open at the same moment miss nothing, in whatever order the store's answers come."""

from __future__ import annotations

import asyncio
import dataclasses
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from schemas.config import Config
from server import Server
from store.presence import Arrival
from tests.support.people_lesson import People, fresh_id


@dataclass(frozen=True)
class Here:
    """A server in this process, as far as clients care."""

    port: int

    @property
    def url(self) -> str:
        """Where its REST calls are."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws(self) -> str:
        """Where its sockets are."""
        return f"ws://127.0.0.1:{self.port}"


async def test_answers_that_overtake_one_another(
    redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two people enter an empty room at once and the second one's answer is first: the first one still sees them come."""
    secret = secrets.token_hex(32)
    config = Config()
    config = dataclasses.replace(
        config,
        server=dataclasses.replace(config.server, port=0, host="127.0.0.1", drain_seconds=0.0),
        redis=dataclasses.replace(config.redis, url=redis_url),
        auth=dataclasses.replace(config.auth, secret=secret),
    )
    server = Server(config)
    here: Any = Here(await server.start())
    await server.services.client.wait_available()
    people = People(secret)
    presence, original = server.services.presence, server.services.presence.attach
    second_is_in = asyncio.Event()
    calls: list[str] = []

    async def attach(uuid: str, *arguments: Any, **options: Any) -> Arrival:
        calls.append(uuid)
        number = len(calls)
        arrival = await original(uuid, *arguments, **options)
        if number == 1:
            first_is_in.set()
            await second_is_in.wait()
        return arrival

    first_is_in = asyncio.Event()
    monkeypatch.setattr(presence, "attach", attach)
    try:
        host, student = await people.lesson(here, fresh_id(), fresh_id())
        opening = asyncio.create_task(host.open(here))
        await first_is_in.wait()
        await student.open(here)
        second_is_in.set()
        await opening
        await student.socket.send(type="raise_hand", raised=True)
        await host.socket.find(lambda m: m["type"] == "participant_updated")
        assert host.socket.faults == []
        known = {person["user_id"] for person in host.socket.welcome["participants"]}
        came = {m["participant"]["user_id"] for m in host.socket.of_type("participant_joined")}
        assert student.user_id in known | came
    finally:
        await people.close()
        await server.stop()
