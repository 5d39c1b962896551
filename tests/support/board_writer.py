"""Somebody who draws as fast as they may, over a bad connection, and repeats what was not acknowledged."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from tests.support.board_deeds import Event, random_event
from tests.support.people_lesson import Person
from tests.support.people_sockets import Closed, Message, Refusal, Socket
from tests.support.process_instance import Instance

WINDOW = 24
"""How many events may be under way."""
SILENCE_SECONDS = 20.0
PAUSE_SECONDS = 0.03
"""Between two tries while nobody answers."""


@dataclass(slots=True)
class Outcomes:
    """What the server said to each event, by id."""

    acks: dict[str, list[int]] = field(default_factory=dict)
    duplicates: dict[str, list[int]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    put_off: int = 0


class Writer:
    """Sends `count` random events of `person` to whichever of `instances` it is connected to."""

    def __init__(self, person: Person, instances: list[Instance], seed: int, count: int) -> None:
        self.person = person
        self.dice = random.Random(seed)
        self.sent: dict[str, Event] = {}
        self.outcomes = Outcomes()
        self.left = count
        self.reconnects = 0
        self._instances = instances
        self._count = count
        self._pending: dict[str, Event] = {}
        self._tries: Counter[str] = Counter()
        self._looked_at = 0

    async def draw(self) -> None:
        """Returns when every event was acknowledged or refused."""
        while self.left:
            await self._one_deed()
        await self._settle(0)

    async def _one_deed(self) -> None:
        chance = self.dice.random()
        if chance < 0.015:
            await self._lose_connection()
        elif chance < 0.04 and self.outcomes.acks:
            known = self.dice.choice(list(self.outcomes.acks))
            await self._send(known, ("stroke_add", {"id": "never", "again": True}))
        elif chance < 0.07:
            kind = self.dice.choice(("undo", "cursor_move", "select"))
            await self._socket.send(type="board_event", event_type=kind, data={"x": 1, "y": 2}, version=0)
        else:
            self.left -= 1
            name = f"{self.person.user_id}-{self._count - self.left}"
            self.sent[name] = self._pending[name] = random_event(self.dice)
            await self._send(name, self.sent[name])
        await self._settle(WINDOW)

    async def _send(self, name: str, event: Event) -> None:
        event_type, data = event
        self._tries[name] += 1
        # The same whenever it is sent, so that an earlier sending meets no other answer; some whole boards conflict.
        version = 2**40 if crc32(name.encode()) % 4 else 0
        await self._socket.send(
            type="board_event", event_type=event_type, data=data, version=version, id=name, timestamp=1
        )

    async def _settle(self, at_most: int) -> None:
        while True:
            again = self._digest()
            if again:
                await asyncio.sleep(PAUSE_SECONDS)
                for name in again:
                    await self._send(name, self.sent[name])
            if len(self._pending) <= at_most:
                return
            try:
                await self._socket.find(lambda _: True, since=self._looked_at, seconds=SILENCE_SECONDS)
            except Closed:
                await self._reconnect()

    async def _lose_connection(self) -> None:
        if self.dice.random() < 0.5:
            self._socket.drop()
        else:
            await self._socket.close()
        await self._socket.until_closed()
        await self._reconnect()

    async def _reconnect(self) -> None:
        self._digest()
        self.reconnects += 1
        await self._resume()
        assert self._socket.welcome["recovered"] is True
        self._looked_at = 0
        for name, event in list(self._pending.items()):
            await self._send(name, event)

    async def _resume(self) -> None:
        while True:
            try:
                await self.person.resume(self.dice.choice(self._instances))
            except (Refusal, OSError):
                await asyncio.sleep(PAUSE_SECONDS)
            else:
                return

    @property
    def _socket(self) -> Socket:
        return self.person.socket

    def _digest(self) -> list[str]:
        """Takes in what came; the events that have to be sent again, since the store was away."""
        again = []
        news = self._socket.messages[self._looked_at :]
        self._looked_at += len(news)
        for message in news:
            name: Any = message.get("id")
            if name not in self.sent:
                continue
            if self._says_nothing(name, message.get("code")):
                again.append(name)
            else:
                self._note(name, message)
        return [name for name in again if name in self._pending]

    def _says_nothing(self, name: str, code: str | None) -> bool:
        """Whether the event may count all the same: it may have reached the store, or an earlier sending of it may have."""
        self.outcomes.put_off += code == "store_unavailable"
        return code == "store_unavailable" or (code == "rate_limited" and self._tries[name] > 1)

    def _note(self, name: str, message: Message) -> None:
        kind = message["type"]
        if kind == "ack":
            noted = self.outcomes.duplicates if message.get("duplicate") else self.outcomes.acks
            noted.setdefault(name, []).append(message["version"])
        elif kind in ("error", "conflict"):
            self.outcomes.refused[name] = str(message.get("code", kind))
        self._pending.pop(name, None)
