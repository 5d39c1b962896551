"""Connections on which nothing is asked; that lessons go on meanwhile is in tests/security."""

from __future__ import annotations

import asyncio
import errno
import logging
import resource
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from handlers.listener import PAUSE_SECONDS, Listener, allow_many_files
from store.metrics import Metrics
from tests.support.fuzz_wire import Wire, dropped
from tests.support.stores import eventually

MOST = 5
ASK = b"GET / HTTP/1.1\r\nHost: lesson.test\r\n"


class Slow(RequestHandler):
    """Answers when it is told to."""

    async def get(self) -> None:
        """Waits for the test."""
        await self.application.settings["go_on"].wait()
        self.write("done")


@asynccontextmanager
async def listening(metrics: Metrics | None = None) -> AsyncIterator[tuple[Listener, int, asyncio.Event]]:
    """A listener with room for five that wait, its port, and what lets its answers go."""
    go_on = asyncio.Event()
    application = Application([("/", Slow)], go_on=go_on)
    listener = Listener(application, most_waiting=MOST, metrics=metrics or Metrics())
    (door,) = bind_sockets(0, "127.0.0.1")
    port = door.getsockname()[1]
    listener.add_sockets([door])
    try:
        yield listener, port, go_on
    finally:
        go_on.set()
        listener.stop()
        await listener.close_all_connections()


async def test_the_oldest_goes() -> None:
    """Of six that have sent no whole request the first is closed, and counted; the others are served."""
    metrics = Metrics()
    async with listening(metrics) as (_, port, go_on):
        pairs = []
        for _ in range(MOST + 1):
            pairs.append(await asyncio.open_connection("127.0.0.1", port))
            pairs[-1][1].write(ASK)
        assert await pairs[0][0].read() == b""
        go_on.set()
        pairs[1][1].write(b"\r\n")
        assert (await pairs[1][0].readline()).split()[1] == b"200"
        assert metrics.registry.get_sample_value("lessonroom_connections_given_up_total") == 1
        for _, writer in pairs:
            await dropped(writer)


async def test_who_is_being_served_does_not_count() -> None:
    """However many come and send nothing, a request that was read is answered."""
    async with listening() as (_, port, go_on):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(ASK + b"\r\n")
        silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3 * MOST)]
        assert await silent[0][0].read() == b""
        go_on.set()
        assert (await reader.readline()).split()[1] == b"200"
        for _, other in (*silent, (reader, writer)):
            await dropped(other)


async def test_who_is_gone_does_not_count() -> None:
    """Connections that came and went without a request leave nothing, and nobody is given up for them."""
    metrics = Metrics()
    async with listening(metrics) as (listener, port, _):
        for _ in range(3 * MOST):
            await dropped((await asyncio.open_connection("127.0.0.1", port))[1])
            await eventually(lambda: not listener._connections)
        assert not listener._waiting
    assert metrics.registry.get_sample_value("lessonroom_connections_given_up_total") == 0


async def test_a_connection_that_ended_before_it_was_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else goes wrong with a new connection is no reason to give up others."""
    metrics, aborted = Metrics(), asyncio.Event()
    real = socket.socket.accept

    def accept(door: socket.socket) -> Any:
        if not aborted.is_set():
            aborted.set()
            raise ConnectionAbortedError(errno.ECONNABORTED, "Software caused connection abort")
        return real(door)

    async with listening(metrics) as (listener, port, go_on):
        go_on.set()
        _, waiting = await asyncio.open_connection("127.0.0.1", port)
        await eventually(lambda: bool(listener._waiting))
        monkeypatch.setattr(socket.socket, "accept", accept)
        wire = Wire(port)
        assert (await wire.request("GET", "/")).status == 200
        await wire.close()
        await dropped(waiting)
    assert aborted.is_set()
    assert metrics.registry.get_sample_value("lessonroom_connections_given_up_total") == 0


async def test_no_more_files(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Where no file can be opened, those who wait make room, it is said once, and soon connections are taken again."""
    left, tried = 3, [0.0]

    def accept(door: socket.socket) -> Any:
        nonlocal left
        left -= 1
        if left > 0:
            tried.append(time.monotonic())
            raise OSError(errno.EMFILE, "Too many open files")
        return real(door)

    async with listening() as (_, port, go_on):
        go_on.set()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(ASK)
        wire = Wire(port)
        assert (await wire.request("GET", "/")).status == 200  # so the other one has been taken, too
        await wire.close()
        real = socket.socket.accept
        monkeypatch.setattr(socket.socket, "accept", accept)
        assert (await wire.request("GET", "/")).status == 200
        await wire.close()
        assert left <= 0
        assert tried[-1] - tried[-2] > 0.8 * PAUSE_SECONDS, "it is not tried all the time"
        assert await reader.read() == b""
        await dropped(writer)
    warnings = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [record.name for record in warnings] == ["lessonroom.listener"]


@pytest.fixture
def files() -> Iterator[tuple[int, int]]:
    """The limits of this process, put back afterwards."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield before
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_as_many_files_as_allowed(files: tuple[int, int]) -> None:
    """A system's low default does not keep people out: the process takes what it may have."""
    hard = files[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(256, hard), hard))
    assert allow_many_files() == resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    assert allow_many_files() == (hard if hard != resource.RLIM_INFINITY else 1 << 20)
