"""Somebody in a simulated lesson: keeps their sockets open wherever it is possible, repeats what was left in doubt, and
records everything.
"""

from __future__ import annotations

import asyncio
import socket as sockets
import time
from typing import Any

from websockets.exceptions import InvalidHandshake

from tests.simulation.drawing import Drawing
from tests.simulation.history import Attempt, LessonRecord, Line, Write
from tests.support.people_lesson import Person
from tests.support.people_sockets import Message, Refusal, Socket
from tests.support.process_instance import Instance

PAUSE_SECONDS = 0.05
"""Between two tries while nobody answers."""
GIVE_UP_SECONDS = 25.0
_UNSURE = (OSError, TimeoutError, InvalidHandshake, EOFError)


class Actor:
    """`wish` is where they want to be: in, left (they said so) or gone (they just went). `is_out` once they were told."""

    def __init__(
        self, person: Person, record: LessonRecord, instances: list[Instance], channels: tuple[str, ...]
    ) -> None:
        self.person = person
        self.who = str(person.user_id)
        self.record = record
        self.wish = "in"
        self.is_out = False
        self.is_over = False
        self.reads_slowly = False
        self.drawing = Drawing(self.who, record.notes)
        self._instances = instances
        self._channels = channels
        self._open: dict[str, tuple[Socket, Line]] = {}
        self._cursors: dict[str, dict[str, Any]] = {}
        self._looked_at: dict[str, int] = {}
        self._all: list[tuple[Socket, Line]] = []
        self._names = 0
        self._gives_up_at = time.monotonic() + GIVE_UP_SECONDS

    def write(self, kind: str, body: Any = None) -> Write:
        """Something new that they want."""
        self._names += 1
        write = Write(self.who, kind, f"{self.who}-{self._names}", body)
        self.record.writes.append(write)
        return write

    async def insist(self, kind: str, where: int, path: str, body: Any = None, sent: Any = None) -> Attempt:
        """A POST, repeated at one instance after the other until it is answered for certain; the last attempt. `body` is
        recorded, and sent unless `sent` is.
        """
        write = self.write(kind, body)
        if kind == "log":
            body["data"]["name"] = write.name
        while True:
            attempt = await self._post(write, where, path, body if sent is None else sent)
            if attempt.verdict != "doubt":
                return attempt
            if time.monotonic() > self._gives_up_at:
                self.record.notes.append(f"{kind} {write.name} of {self.who} was never answered")
                return attempt
            where += 1
            await asyncio.sleep(PAUSE_SECONDS)

    async def draw(self, event_type: str, data: Any) -> None:
        """Something on the board, sent now, or as soon as there is a socket."""
        self.drawing.add(self.write("board", {"event_type": event_type, "data": data}))
        await self._send_drawing()

    async def say(self, **message: Any) -> None:
        """A message that nobody keeps."""
        for channel in ("", "system"):
            if channel in self._open:
                await self._open[channel][0].send(**message)

    async def drop(self) -> None:
        """The network is gone."""
        for socket, line in self._open.values():
            line.dropped = True
            socket.drop()
            await socket.until_closed()

    async def close(self) -> None:
        """Closes the sockets in good order."""
        for socket, line in self._open.values():
            line.dropped = True
            await socket.close()

    async def stall(self, seconds: float) -> None:
        """Reads nothing for a while."""
        for socket, line in self._open.values():
            line.stalled = True
            socket.stop_reading()
        await asyncio.sleep(seconds)
        for socket, _ in self._open.values():
            socket.go_on_reading()

    async def take_token(self, where: int) -> bool:
        """Gets a seat and a classroom token, if they may."""
        attempt = await self.insist("seat", where, "join/" if where % 2 else "jwt/")
        if attempt.verdict == "ok":
            self.person.token = attempt.value["token"]
            self.is_out = False
        self._note(attempt.code)
        return attempt.verdict == "ok"

    async def be_in(self, where: int) -> bool:
        """Has all sockets open, if that is possible; what is pending is sent on new ones."""
        self.digest()
        while self.wish == "in" and not self.is_over:
            missing = [name for name in self._channels if name not in self._open]
            if not missing:
                await self._send_drawing()
                return True
            if self.is_out and not await self.take_token(where):
                return False
            for channel in missing:
                if not await self._enter(channel, where):
                    break
            where += 1
            self.digest()
            if time.monotonic() > self._gives_up_at:
                self.record.notes.append(f"{self.who} could not come back")
                return False
        return False

    async def settle(self, where: int) -> None:
        """Is where they want to be, and has an answer to everything."""
        while await self.be_in(where) and self.drawing.pending:
            if time.monotonic() > self._gives_up_at:
                self.record.notes.append(f"{self.who} waits for answers to {sorted(self.drawing.pending)}")
                return
            await asyncio.sleep(PAUSE_SECONDS)
            self.digest()

    def digest(self) -> None:
        """Takes in what the sockets were told, and which of them are closed."""
        for channel, (socket, line) in tuple(self._open.items()):
            news = socket.messages[self._looked_at[channel] :]
            self._looked_at[channel] += len(news)
            for number, message in enumerate(news, len(socket.messages) - len(news)):
                self.drawing.hear(message, socket.times[number], line)
            if socket.close_code is not None:
                del self._open[channel]
                self._cursors[channel] = socket.cursor
                self._note({4403: "kicked", 4401: "bad_token", 4410: "session_over"}.get(socket.close_code))

    def finish(self) -> None:
        """Writes what the sockets were told into the record."""
        for socket, line in self._all:
            line.told = list(zip(socket.times, socket.messages, strict=True))
            if socket.close_code is not None:
                line.closed_at, line.close_code = socket.closed_at, socket.close_code

    async def until(self, seq: int) -> None:
        """Returns when the open sockets that get everything have got that far; whether they do is for the checks to say."""
        for channel, (socket, _) in self._open.items():
            if channel == "":
                await socket.reach(seq)

    async def board(self) -> Message | None:
        """The board as their socket's instance has it; None when they have none open."""
        found = self._open.get("") or self._open.get("board")
        if found is None:
            return None
        await found[0].send(type="sync_request")
        return await found[0].find_type("sync_response")

    async def _post(self, write: Write, where: int, path: str, body: Any) -> Attempt:
        attempt = Attempt(time.monotonic(), where % len(self._instances))
        write.attempts.append(attempt)
        try:
            answer = await self.person.call(
                self._instances[attempt.where], "POST", path, body, Idempotency_Key=write.name
            )
        except OSError:
            return attempt
        attempt.answered_at = answer.had_at
        attempt.code = answer.code
        attempt.value = answer.body.get("event_id", answer.body) if write.kind == "log" else answer.body
        if answer.status < 300:
            attempt.verdict = "ok"
        elif answer.status < 500:
            attempt.verdict = "refused"
        elif answer.status != 503:
            self.record.notes.append(f"{write.kind} of {self.who}: {answer.status} {answer.code}")
        return attempt

    async def _enter(self, channel: str, where: int) -> bool:
        write = self.write("enter")
        attempt = Attempt(time.monotonic(), where % len(self._instances))
        write.attempts.append(attempt)
        cursor = self._cursors.get(channel, {})
        try:
            socket = await self.person.open(
                self._instances[attempt.where], channel, **cursor, **self._options(attempt.where)
            )
        except Refusal as refused:
            code = refused.close_code or refused.status
            if code in (403, 4403, 401, 4401, 410, 4410):
                attempt.verdict, attempt.answered_at = "refused", time.monotonic()
                attempt.code = {3: "kicked", 1: "bad_token", 0: "session_over"}[code % 10]
                self._note(attempt.code)
            else:
                await asyncio.sleep(PAUSE_SECONDS)
            return False
        except _UNSURE:
            await asyncio.sleep(PAUSE_SECONDS)
            return False
        attempt.verdict, attempt.answered_at = "ok", time.monotonic()
        self._keep(socket, channel, attempt, cursor.get("since"))
        return True

    def _keep(self, socket: Socket, channel: str, attempt: Attempt, since: int | None) -> None:
        line = Line(self.who, channel, attempt.where, attempt.sent_at, since, dict(socket.welcome))
        self.record.lines.append(line)
        self._all.append((socket, line))
        self._open[channel], self._looked_at[channel] = (socket, line), 0

    def _options(self, where: int) -> dict[str, Any]:
        if not self.reads_slowly:
            return {}
        raw = sockets.socket()
        raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
        try:
            raw.connect(("127.0.0.1", self._instances[where].port))
        except OSError:
            raw.close()
            raise
        raw.setblocking(False)
        return {"sock": raw, "max_queue": 1}

    async def _send_drawing(self) -> None:
        found = self._open.get("") or self._open.get("board")
        if found is not None:
            await self.drawing.send(*found)

    def _note(self, code: str | None) -> None:
        if code in ("kicked", "bad_token"):
            self.is_out = True
        self.is_over = self.is_over or code == "session_over"
