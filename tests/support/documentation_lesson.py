"""A lesson in which everything happens that the documentation has a message for, recorded message by message."""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from tornado.httpclient import AsyncHTTPClient
from tornado.websocket import WebSocketClientConnection, websocket_connect

from schemas.config import Config
from schemas.platform_token import mint_platform_token
from server import Server

PATIENCE_SECONDS = 5.0
TUTOR, STUDENT = 7, 8
Message = dict[str, Any]


@asynccontextmanager
async def running(
    redis_url: str, change: Callable[[Config], Config] = lambda config: config
) -> AsyncIterator[tuple[Server, str]]:
    """A server in this process, and its address without the scheme; `change` is what is special about it."""
    defaults = Config()
    config = replace(
        defaults,
        server=replace(defaults.server, port=0, drain_seconds=0),
        redis=replace(defaults.redis, url=redis_url),
        sessions=replace(defaults.sessions, linger_seconds=0),
    )
    server = Server(change(config))
    port = await server.start()
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await server.services.client.wait_available()
            await server.services.relay.healed()
        yield server, f"127.0.0.1:{port}"
    finally:
        await server.stop()


class Api:
    """Calls with the token of a person or of the platform."""

    def __init__(self, address: str) -> None:
        self.address = address

    async def call(
        self, who: int | str, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, Any]:
        """Status and body; `who` is a user id, or "platform"."""
        secret, service = Config().auth.secret, who == "platform"
        names = {TUTOR: "Ada Lovelace", STUDENT: "Grace Hopper"}
        name = names.get(who) if isinstance(who, int) else None
        token = mint_platform_token(secret, who, name, service, 1, time.time())
        response = await AsyncHTTPClient().fetch(
            f"http://{self.address}/api/v1/{path}",
            method=method,
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json", **headers},
            body=None if method == "GET" else json.dumps(body if body is not None else {}),
            raise_error=False,
        )
        return response.code, json.loads(response.body)

    async def post(self, who: int | str, path: str, body: Any = None) -> Any:
        """The answer of a POST that succeeds."""
        status, answer = await self.call(who, "POST", path, body)
        assert status in (200, 201), (path, status, answer)
        return answer

    async def booked_session(self) -> str:
        """The session of a new, confirmed booking of the two."""
        pushed = {
            "tutor": {"id": TUTOR, "name": "Ada Lovelace"},
            "student": {"id": STUDENT, "name": "Grace Hopper"},
            "start": "2030-01-02T15:00:00Z",
            "end": "2030-01-02T16:00:00Z",
            "status": "confirmed",
        }
        booking = await self.post("platform", "booking/bookings/", pushed)
        return str(booking["classroom_id"])


class Recorder:
    """One socket, and all that came on it."""

    def __init__(self, socket: WebSocketClientConnection) -> None:
        self.messages: list[Message] = []
        self._socket = socket
        self._news = asyncio.Condition()
        self._reader = asyncio.create_task(self._read())

    async def send(self, message: Message) -> None:
        """Sends."""
        await self._socket.write_message(json.dumps(message))

    async def until(self, *types: str, since: int = 0) -> Message:
        """The first message of one of these types from number `since` on, now or when it comes."""
        return await self.find(lambda message: message["type"] in types, since)

    async def find(self, wanted: Callable[[Message], bool], since: int = 0) -> Message:
        """The same, for anything."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._news:
            while True:
                for message in self.messages[since:]:
                    if wanted(message):
                        return message
                await self._news.wait()

    async def settle(self) -> None:
        """Everything sent until now was dealt with."""
        mark = len(self.messages)
        await self.send({"type": "ping", "id": "settle"})
        await self.find(lambda message: message["type"] == "pong" and message.get("id") == "settle", mark)

    async def closed(self) -> int | None:
        """The close code, once the other side has closed."""
        await asyncio.wait_for(asyncio.shield(self._reader), PATIENCE_SECONDS)
        return self._socket.close_code

    async def close(self) -> None:
        """Closes."""
        self._socket.close()
        await self._reader

    async def _read(self) -> None:
        while True:
            text = await self._socket.read_message()
            if text is None:
                return
            async with self._news:
                self.messages.append(json.loads(text))
                self._news.notify_all()


class Lesson:
    """The two in their lesson. `received` has all that came on their classroom sockets, by type; `relayed` all that
    came on their presence sockets.
    """

    def __init__(self, server: Server, address: str) -> None:
        self.api = Api(address)
        self._server = server
        self._sockets: list[Recorder] = []
        self._presence: list[Recorder] = []
        self.uuid = ""

    @property
    def received(self) -> dict[str, list[Message]]:
        """By type."""
        return _by_type(self._sockets)

    @property
    def relayed(self) -> dict[str, list[Message]]:
        """By type."""
        return _by_type(self._presence)

    async def play(self, sent: Sequence[Message], presence: Sequence[Message]) -> None:
        """The whole lesson; the tutor sends `sent`, then, on a presence socket, `presence`."""
        self.uuid = await self.api.booked_session()
        tutor = await self._open(TUTOR)
        await self.call(TUTOR, "start/")
        student = await self._open(STUDENT)
        await tutor.until("peer_joined")
        for message in sent:
            await tutor.send(message)
            await tutor.settle()
        await self._draw_twice(tutor)
        await student.send({"type": "pointer_move", "x": 1, "y": 2, "tool": "pen", "color": "#000000"})
        await tutor.until("pointer_move")
        await student.send({"type": "somersault", "id": "a-9"})
        await student.until("error")
        for listener in (*self._server.services.client.on_down, *self._server.services.client.on_up):
            listener()
        await tutor.find(lambda message: message.get("code") == "recovered")
        await self._pass_on(presence)
        await self._send_away(tutor, student)
        await self.call(TUTOR, "complete/")
        assert await tutor.closed() == 4410

    async def call(self, who: int, path: str, body: Any = None) -> Any:
        """A POST below the session."""
        return await self.api.post(who, f"classroom/sessions/{self.uuid}/{path}", body)

    async def close(self) -> None:
        """Closes every socket."""
        for socket in (*self._sockets, *self._presence):
            await socket.close()

    async def _open(self, who: int) -> Recorder:
        token = (await self.call(who, "jwt/"))["token"]
        address = f"ws://{self.api.address}/ws/classroom/{self.uuid}/?token={token}"
        recorder = Recorder(await websocket_connect(address))
        self._sockets.append(recorder)
        await recorder.until("peers")
        return recorder

    async def _draw_twice(self, tutor: Recorder) -> None:
        stroke = {"type": "board_event", "event_type": "stroke_add", "data": {"id": "twice"}, "id": "a-8"}
        for _ in range(2):
            await tutor.send(stroke)
        await tutor.find(lambda message: message["type"] == "ack" and "duplicate" in message)
        state = {"strokes": [{"id": "old"}]}
        await tutor.send(
            {"type": "board_event", "event_type": "state:full", "data": {"state": state}, "version": 0}
        )
        await tutor.until("conflict")

    async def _pass_on(self, presence: Sequence[Message]) -> None:
        for who in (TUTOR, STUDENT):
            token = (await self.call(who, "jwt/"))["token"]
            address = f"ws://{self.api.address}/ws/classroom/algebra/session/{self.uuid}"
            socket = await websocket_connect(address, subprotocols=["access_token", token])
            self._presence.append(Recorder(socket))
        tutor, student = self._presence
        for message in presence:
            await tutor.send(message)
            await student.until(message["type"])
        await tutor.send({"type": "presence.join", "ts": "x" * 3000})
        await tutor.until("error")

    async def _send_away(self, tutor: Recorder, student: Recorder) -> None:
        await self.call(TUTOR, "permissions/", {"user_id": STUDENT, "permissions": {"can_clear_board": True}})
        await student.until("permissions_updated")
        await self.call(STUDENT, "leave/")
        assert await student.closed() == 1000
        await tutor.until("participant_left")
        await tutor.until("peer_left")
        again = await self._open(STUDENT)
        await self.call(TUTOR, f"kick/{STUDENT}/", {"reason": "Please come back on Monday."})
        await again.until("kicked")
        assert await again.closed() == 4403


def _by_type(sockets: Sequence[Recorder]) -> dict[str, list[Message]]:
    found: defaultdict[str, list[Message]] = defaultdict(list)
    for socket in sockets:
        for message in socket.messages:
            found[message["type"]].append(message)
    return found
