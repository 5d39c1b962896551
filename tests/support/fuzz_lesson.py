"""A lesson on a server in this process, which bad input is thrown at, and everything that it must leave as it is."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from tornado.ioloop import IOLoop

from schemas.config import Config
from schemas.errors import ERRORS
from schemas.platform_token import mint_platform_token
from server import Server
from tests.support.fuzz_wire import PATIENCE_SECONDS, RawSocket, Reply, Wire, open_raw

PLATFORM, STRANGER = "platform", 99
FREE = 100_000.0
SENTENCE = re.compile(r"(?s)[`A-Z].+[.!]")
BOOKING = {
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

    def __init__(self, server: Server, port: int) -> None:
        self._server = server
        self.config = server.config
        self.port = port
        self.wire = Wire(port)
        self._wires = [self.wire]
        self._sockets: list[RawSocket] = []
        self.host = secrets.randbelow(
            2**50
        )  # the store is shared: other people's lessons must not be seen here
        self.student = str(self.host + 1)
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
        people = {
            "tutor": {"id": self.host, "name": "Ada Lovelace"},
            "student": {"id": self.student, "name": "Grace Hopper"},
        }
        booking = await self.call(PLATFORM, "POST", "booking/bookings/", {**BOOKING, **people})
        self.booking, self.uuid = booking["booking_id"], booking["classroom_id"]
        await self.call(self.student, "POST", f"classroom/sessions/{self.uuid}/join/")
        joined = await self.call(self.host, "POST", f"classroom/sessions/{self.uuid}/join/")
        self.classroom_token = joined["token"]
        await self.call(self.host, "POST", f"classroom/sessions/{self.uuid}/start/")
        await self.call(self.host, "POST", f"classroom/sessions/{self.uuid}/save/")

    async def everything(self) -> list[Any]:
        """All that can be seen of the lesson, but for what passes with time."""
        seen = [
            await self.call(self.host, "GET", f"classroom/sessions/{self.uuid}/{p}") for p in SEEN_BY_THE_HOST
        ]
        del seen[0]["total_duration_seconds"]
        seen.append(await self.call(self.student, "GET", f"classroom/sessions/{self.uuid}/permissions/"))
        for user in (self.host, self.student, STRANGER):
            sessions = await self.call(user, "GET", "classroom/my-sessions/")
            bookings = await self.call(user, "GET", "booking/bookings/?page_size=100")
            seen.append(([session["uuid"] for session in sessions], bookings["count"]))
        return [*seen, await self.call(self.host, "GET", f"booking/bookings/{self.booking}/")]

    async def open(self, channel: str = "", headers: Any = None, **query: Any) -> RawSocket | Reply:
        """A socket of the host's: full, or that channel's."""
        path = f"/ws/classroom/{self.uuid}/{channel}"
        if channel == "presence/":
            path = f"/ws/classroom/any/session/{self.uuid}"
        opened = await open_raw(self.port, path, headers, **{"token": self.classroom_token, **query})
        if isinstance(opened, RawSocket):
            self._sockets.append(opened)
        return opened

    async def socket(self, channel: str = "") -> RawSocket:
        """An open one, after its welcome."""
        opened = await self.open(channel)
        assert isinstance(opened, RawSocket), opened
        if channel != "presence/":
            await opened.hear_type("welcome")
        return opened

    def unsent_bytes(self) -> int:
        """What the server holds for clients that do not read."""
        transports: list[Any] = [connection.transport for connection in self._server.services.hub.connections]
        return sum(transport.ws_connection.stream.unsent for transport in transports)

    async def another(self) -> Lesson:
        """A lesson of other people's on the same server."""
        other = Lesson(self._server, self.port)
        await other.begin()
        return other

    async def until_nobody_is_connected(self) -> None:
        """Returns once neither this server nor the store knows of any socket; fails when that does not come to be."""
        services = self._server.services
        sockets = f"lr:{{{self.uuid}}}:sockets:{self.host}"
        async with asyncio.timeout(PATIENCE_SECONDS):
            while services.hub.connections or await services.client.command(  # noqa: ASYNC110 - nobody is told
                "HLEN", sockets
            ):
                await asyncio.sleep(0.01)


@contextmanager
def running(io_loop: IOLoop, redis_url: str) -> Iterator[Lesson]:
    """A lesson on a server of its own."""

    async def begin() -> tuple[Server, Lesson]:
        server = Server(config_for(redis_url))
        port = await server.start()
        await server.services.client.wait_available()
        lesson = Lesson(server, port)
        await lesson.begin()
        return server, lesson

    server, lesson = io_loop.run_sync(begin)
    try:
        yield lesson
    finally:
        io_loop.run_sync(lesson.close)
        io_loop.run_sync(server.stop)


def assert_no_failures(caplog: pytest.LogCaptureFixture) -> None:
    """Fails when anything was logged that says that something failed."""
    records = caplog.get_records("call")
    assert not [record.getMessage() for record in records if record.levelname in ("ERROR", "CRITICAL")]


def check(reply: Reply, what: object, *statuses: int) -> dict[str, Any]:
    """Fails unless the reply is a refusal as the contract wants it."""
    assert 400 <= reply.status < 500, (what, reply)
    assert not statuses or reply.status in statuses, (what, reply)
    problem = reply.problem
    assert problem["status"] == reply.status, (what, problem)
    assert ERRORS[problem["code"]].http == reply.status, (what, problem)
    assert SENTENCE.fullmatch(problem["detail"]), (what, problem)
    assert problem["request_id"] == reply.headers["x-request-id"], (what, problem)
    return problem
