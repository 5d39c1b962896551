"""A lesson on a server in this process, which bad input is thrown at, and everything that it must leave as it is."""

from __future__ import annotations

import dataclasses
import json
import time
from typing import Any

from schemas.config import Config
from schemas.platform_token import mint_platform_token
from server import Server
from tests.support.fuzz_wire import RawSocket, Reply, Wire, open_raw

HOST, STUDENT, PLATFORM, STRANGER = 7, "8", "platform", 99
FREE = 100_000.0
BOOKING = {
    "tutor": {"id": HOST, "name": "Ada Lovelace"},
    "student": {"id": STUDENT, "name": "Grace Hopper"},
    "start": "2026-01-02T15:00:00Z",
    "end": "2199-01-02T16:00:00Z",
    "status": "confirmed",
}
SEEN_BY_THE_HOST = ("", "participants/", "permissions/", "media-state/", "events/stats/", "snapshots/")


def config_for(redis_url: str) -> Config:
    """A server on that store, any port, whose limits on speed are out of the way."""
    config = Config()
    return dataclasses.replace(
        config,
        redis=dataclasses.replace(config.redis, url=redis_url),
        server=dataclasses.replace(config.server, host="127.0.0.1", port=0, drain_seconds=0),
        limits=dataclasses.replace(
            config.limits,
            writes_per_second=FREE,
            board_events_per_second=FREE,
            pointers_per_second=FREE,
            sockets_per_participant=1_000,
        ),
        http=dataclasses.replace(config.http, cors_origins=("https://app.example.org",)),
    )


class Lesson:
    """A confirmed booking's active session with its host and a student."""

    def __init__(self, config: Config, port: int) -> None:
        self.config = config
        self.port = port
        self.wire = Wire(port)
        self._wires = [self.wire]
        self._sockets: list[RawSocket] = []
        self.booking = self.uuid = self.classroom_token = ""

    def another_wire(self) -> Wire:
        """A connection of its own, for requests after which none can be trusted."""
        self._wires.append(Wire(self.port))
        return self._wires[-1]

    async def close(self) -> None:
        """Ends every connection."""
        for wire in self._wires:
            await wire.close()
        for socket in self._sockets:
            await socket.drop()

    def bearer(self, user: int | str, **more: str) -> dict[str, str]:
        """The headers with which that person calls."""
        service = user == PLATFORM
        token = mint_platform_token(self.config.auth.secret, user, f"Person {user}", service, 1, time.time())
        return {"Authorization": f"Bearer {token}", "Content-Type": "application/json", **more}

    async def call(self, user: int | str, method: str, path: str, body: Any = None) -> Any:
        """What is answered to a call that must succeed."""
        data = b"" if body is None else json.dumps(body).encode()
        reply = await self.wire.request(method, f"/api/v1/{path}", data, self.bearer(user))
        assert reply.status in (200, 201), (path, reply)
        return json.loads(reply.body)

    async def begin(self) -> None:
        """Everybody comes in, and the lesson starts."""
        booking = await self.call(PLATFORM, "POST", "booking/bookings/", BOOKING)
        self.booking, self.uuid = booking["booking_id"], booking["classroom_id"]
        for user in (STUDENT, HOST):
            joined = await self.call(user, "POST", f"classroom/sessions/{self.uuid}/join/")
        self.classroom_token = joined["token"]
        await self.call(HOST, "POST", f"classroom/sessions/{self.uuid}/start/")
        await self.call(HOST, "POST", f"classroom/sessions/{self.uuid}/save/")

    async def everything(self) -> list[Any]:
        """All that can be seen of the lesson, but for what passes with time."""
        seen = [await self.call(HOST, "GET", f"classroom/sessions/{self.uuid}/{p}") for p in SEEN_BY_THE_HOST]
        del seen[0]["total_duration_seconds"]
        seen.append(await self.call(STUDENT, "GET", f"classroom/sessions/{self.uuid}/permissions/"))
        for user in (HOST, STUDENT, STRANGER):
            sessions = await self.call(user, "GET", "classroom/my-sessions/")
            bookings = await self.call(user, "GET", "booking/bookings/?page_size=100")
            seen.append(([session["uuid"] for session in sessions], bookings["count"]))
        return [*seen, await self.call(HOST, "GET", f"booking/bookings/{self.booking}/")]

    async def open(self, channel: str = "", headers: Any = None, **query: Any) -> RawSocket | Reply:
        """A socket of the host's: full, or that channel's."""
        path = f"/ws/classroom/{self.uuid}/{channel}"
        opened = await open_raw(self.port, path, headers, **{"token": self.classroom_token, **query})
        if isinstance(opened, RawSocket):
            self._sockets.append(opened)
        return opened

    async def socket(self, channel: str = "") -> RawSocket:
        """An open one, after its welcome."""
        opened = await self.open(channel)
        assert isinstance(opened, RawSocket), opened
        await opened.hear_type("welcome")
        return opened


async def started(server: Server) -> Lesson:
    """The lesson on that server, once it is ready."""
    port = await server.start()
    await server.services.client.wait_available()
    lesson = Lesson(server.config, port)
    await lesson.begin()
    return lesson
