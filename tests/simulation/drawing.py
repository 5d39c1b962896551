"""What somebody draws, until it is answered: what is left in doubt, or was on a socket that is gone, is sent again."""

from __future__ import annotations

import time

from tests.simulation.history import Attempt, Line, Write
from tests.support.people_sockets import Message, Socket


class Drawing:
    """The board events of one person. `pending` are those without an answer, in the order in which they were drawn."""

    def __init__(self, who: str, notes: list[str]) -> None:
        self.pending: dict[str, Write] = {}
        self._all: dict[str, Write] = {}
        self._who = who
        self._notes = notes

    def add(self, write: Write) -> None:
        """Something new."""
        self.pending[write.name] = self._all[write.name] = write

    async def send(self, socket: Socket, line: Line) -> None:
        """Sends what waits for no answer on this socket."""
        for write in tuple(self.pending.values()):
            waits = any(a.value is line and a.answered_at is None for a in write.attempts)
            if not waits:
                write.attempts.append(Attempt(time.monotonic(), line.where, value=line))
                await socket.send(type="board_event", id=write.name, version=0, **write.body)

    def hear(self, message: Message, at: float, line: Line) -> None:
        """Takes in what was told on a socket, if it answers one of these."""
        write = self._all.get(message.get("id", ""))
        if write is None or message["type"] not in ("ack", "error", "conflict"):
            return
        here = [attempt for attempt in write.attempts if attempt.value is line]
        waiting = [attempt for attempt in here if attempt.answered_at is None]
        attempt = (waiting or here or write.attempts)[
            0
        ]  # what was left in doubt may be acknowledged after all
        attempt.answered_at, attempt.code = at, message.get("code")
        if message["type"] == "ack":
            attempt.verdict, attempt.value = "ok", message["version"]
        elif attempt.code != "store_unavailable":
            attempt.verdict = "refused"
        if attempt.verdict != "doubt":
            self.pending.pop(write.name, None)
        if attempt.code in ("internal", "rate_limited", "overloaded"):
            self._notes.append(f"{write.name} of {self._who}: {message}")
