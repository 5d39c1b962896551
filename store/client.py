"""The road to the store: commands that are issued in one turn of the loop travel as one pipeline; every wait
is bounded; while the store does not answer, calls are refused at once instead of piling up.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import redis.asyncio as redis
from hiredis import pack_command
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import (
    ClusterDownError,
    NoScriptError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TryAgainError,
)

from schemas.errors import OVERLOADED, STORE_UNAVAILABLE, Refused
from store.clock import StoreClock
from store.durability import Durability
from store.fairqueue import FairQueue
from store.lanes import Lanes
from store.metrics import Metrics
from store.scripts import load_scripts

TIMEOUT_SECONDS = 1.0
WANTED_SECONDS = 0.9
"""How long a write may be on its way: less than its caller waits, so that what was given up has happened, or never will."""
PING_SECONDS = 1.0
RETRY_SECONDS = 0.1
LANES = 4
PIPELINE_COMMANDS = 200
QUEUE_COMMANDS = 10_000
"""How many may wait: about a second's work of the store."""
_NOT_NOW_WORDS = ("MISCONF", "BUSY", "NOREPLICAS")  # those for which redis-py has no class

LOST = (RedisError, OSError, TimeoutError, RuntimeError)
"""What a call on a connection raises when that is lost; uvloop has a RuntimeError for a transport that is closed."""

NOT_AFTER = object()
"""As an argument of a script: until when somebody waits for it, in ms by the store's clock, filled in as it is sent."""

Command = Sequence[Any]
Listener = Callable[[], None]
log = logging.getLogger("lessonroom.store")


def is_cancelled() -> bool:
    """Whether the running task was told to end. To be asked after calls of redis-py, in which a cancellation
    may become an error of the connection; for the same reason nothing here uses `asyncio.wait_for`, which may
    lose one before Python 3.12.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


class Client:
    """One instance's connections to the store, and its knowledge of whether the store answers.

    `revive` is called when the store went away (the embedded store is started again there). A command is sent
    at most once: a write whose reply got lost may have happened, and only its caller knows whether repeating
    it is harmless.
    """

    publish = "PUBLISH"
    not_now: tuple[type[Exception], ...] = (OutOfMemoryError, ReadOnlyError, ClusterDownError, TryAgainError)

    def __init__(
        self,
        url: str,
        metrics: Metrics,
        *,
        revive: Callable[[], Awaitable[None]] | None = None,
        durability: Durability | None = None,
    ) -> None:
        self._pool = self._make_pool(url)
        self._metrics = metrics
        self._clock = StoreClock()
        self._revive = revive
        self._durability = durability
        self._scripts = load_scripts(self.publish)
        if durability is not None:
            durability.know(self._scripts.values())
        self._queue: FairQueue[tuple[Command, asyncio.Future[Any]]] = FairQueue()
        self._lanes: set[asyncio.Task[None]] = set()
        self._lanes_at_hand = Lanes()
        self._flush_is_due = False
        self._monitor: asyncio.Task[None] | None = None
        self._doubt = asyncio.Event()
        self._changed = asyncio.Event()
        self.available = False
        self.on_up: list[Listener] = []
        self.on_down: list[Listener] = []
        self.on_moved: list[Listener] = []
        """Told when another node, or another history of one, takes the place of what was there."""

    @staticmethod
    def _make_pool(url: str) -> redis.BlockingConnectionPool:
        options: dict[str, Any] = {
            "socket_timeout": TIMEOUT_SECONDS,
            "socket_connect_timeout": TIMEOUT_SECONDS,
            "retry": Retry(NoBackoff(), 0),
            "protocol": 2,
        }
        return redis.BlockingConnectionPool.from_url(
            url, max_connections=LANES + 1, timeout=2 * TIMEOUT_SECONDS, **options
        )

    async def start(self) -> None:
        """Starts looking after the store; returns at once, whether it answers or not."""
        self._monitor = asyncio.create_task(self._watch(), name="store-monitor")

    async def stop(self) -> None:
        """Closes every connection; calls still under way, and all later ones, are refused."""
        self.available = False
        tasks = [*self._lanes, *([self._monitor] if self._monitor else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._refuse_what_waits()
        await self._pool.aclose()

    async def wait_available(self) -> None:
        """Returns once the store answers."""
        while not self.available:
            await self._changed.wait()

    def subscriber_connection(self) -> AbstractConnection:
        """A new connection of its own, not connected yet, for the one task that reads pub/sub."""
        made: AbstractConnection = self._pool.make_connection()  # type: ignore[no-untyped-call]  # no type
        return made

    async def run(self, name: str, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
        """Runs the script `name`; its reply as it came (strings are bytes)."""
        script = self._scripts[name]
        try:
            return await self.command("EVALSHA", script.sha, len(keys), *keys, *arguments, room=keys[0])
        except NoScriptError:  # the store restarted; the script has not run
            return await self.command("EVAL", script.text, len(keys), *keys, *arguments, room=keys[0])

    async def command(self, *command: Any, room: str = "") -> Any:
        """The reply to one command (bytes). `Refused(STORE_UNAVAILABLE)` when it could not be had. Commands of one
        `room` wait in order, rooms in turn; when too many wait, rooms that have one waiting are refused: OVERLOADED.
        """
        if not self.available:
            raise Refused(STORE_UNAVAILABLE)
        if len(self._queue) >= QUEUE_COMMANDS and self._queue.holds(room):
            raise Refused(OVERLOADED)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        self._queue.push(room, (command, future))
        if not self._flush_is_due and len(self._lanes) < LANES:
            self._flush_is_due = True
            loop.call_soon(self._flush)
        return await future

    def _refuse_what_waits(self) -> None:
        for _, future in self._queue.take(len(self._queue)):
            self._answer(future, Refused(STORE_UNAVAILABLE))

    def _flush(self) -> None:
        self._flush_is_due = False
        while self._queue and len(self._lanes) < LANES:
            batch = self._queue.take(PIPELINE_COMMANDS)
            task = asyncio.create_task(self._send(batch))
            self._lanes.add(task)
            task.add_done_callback(self._lane_is_free)

    def _lane_is_free(self, task: asyncio.Task[None]) -> None:
        self._lanes.discard(task)
        if self._queue and self.available:
            self._flush()

    async def _send(self, batch: list[tuple[Command, asyncio.Future[Any]]]) -> None:
        began = time.perf_counter()
        try:
            commands = [command for command, _ in batch]
            if self._durability is None:
                replies = await self._exchange(commands)
            else:
                replies = await self._durability.exchange(self._exchange, commands)
        except LOST as problem:
            log.debug("a pipeline of %d commands failed: %r", len(batch), problem)
            self._metrics.store_failures.inc()
            self._doubt.set()
            replies = [Refused(STORE_UNAVAILABLE) for _ in batch]
        except asyncio.CancelledError:
            replies = [Refused(STORE_UNAVAILABLE) for _ in batch]
        self._metrics.store_seconds.observe(time.perf_counter() - began)
        for (_, future), reply in zip(batch, replies, strict=True):
            self._answer(future, reply)

    async def _exchange(self, commands: list[Command]) -> list[Any]:
        pool = self._pool
        connection = await self._lanes_at_hand.take(pool)
        try:
            await connection.send_packed_command(self._packed(commands))
            return await _replies(connection, len(commands))
        except BaseException:
            await connection.disconnect(nowait=True)  # its remaining replies must not meet the next commands
            raise
        finally:
            await self._lanes_at_hand.give(pool, connection)

    def _packed(self, commands: list[Command]) -> bytes:
        deadline = self._clock.at_ms(time.monotonic() + WANTED_SECONDS)
        return b"".join(pack_command(_dated(command, deadline)) for command in commands)

    def _answer(self, future: asyncio.Future[Any], reply: Any) -> None:
        if future.done():
            return
        if isinstance(reply, self.not_now) or (
            isinstance(reply, ResponseError) and str(reply).startswith(_NOT_NOW_WORDS)
        ):
            self._doubt.set()
            log.warning("the store refuses commands: %s", reply)
            reply = Refused(STORE_UNAVAILABLE)
        if isinstance(reply, Exception):
            future.set_exception(reply)
        else:
            future.set_result(reply)

    async def _watch(self) -> None:
        if self._revive is not None:
            # Even if it answers already: it stops with the last of those who asked for it.
            await self._try_to_revive(self._revive)
        while True:
            alive = await self._ping() and await self._read_clock()
            if is_cancelled():
                return
            if alive != self.available:
                self._change(alive)
            if not alive and self._revive is not None:
                await self._try_to_revive(self._revive)
            self._doubt.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PING_SECONDS if alive else RETRY_SECONDS):
                    await self._doubt.wait()

    async def _ping(self) -> bool:
        return bool(await self._ask("PING") == b"PONG")

    async def _read_clock(self) -> bool:
        asked_at = time.monotonic()
        told = await self._ask("TIME")
        if told is not None:
            self._clock.read(int(told[0]) * 1000 + int(told[1]) / 1000, asked_at, time.monotonic())
        return told is not None

    async def _ask(self, *command: str) -> Any:
        """The reply to a command beside the lanes; None when there is none in time."""
        pool = self._pool
        try:
            async with asyncio.timeout(2 * TIMEOUT_SECONDS):
                connection = await self._lanes_at_hand.take(pool)
        except LOST:
            return None
        try:
            await connection.send_command(*command)
            return await connection.read_response()
        except LOST:
            await connection.disconnect(nowait=True)
            return None
        except BaseException:
            await connection.disconnect(nowait=True)  # the reply may still come
            raise
        finally:
            await self._lanes_at_hand.give(pool, connection)

    async def _try_to_revive(self, revive: Callable[[], Awaitable[None]]) -> None:
        try:
            await revive()
        except Exception as problem:  # noqa: BLE001 - whatever it is, the next round tries again
            log.error("the store could not be started: %s", problem)  # noqa: TRY400 - it says why itself

    def _change(self, alive: bool) -> None:
        self.available = alive
        self._announce(alive)
        if not alive:
            self._clock.forget()
            self._refuse_what_waits()
        self._changed.set()
        self._changed = asyncio.Event()
        self._tell(self.on_up if alive else self.on_down)

    def _announce(self, alive: bool) -> None:
        self._metrics.store_up.set(int(alive))
        log.log(logging.INFO if alive else logging.WARNING, "the store %s", "answers" if alive else "is gone")

    def _tell(self, listeners: list[Listener]) -> None:
        for listener in listeners:
            try:
                listener()
            except Exception:  # looking after the store must go on
                log.exception("a listener failed")


def _dated(command: Command, deadline_ms: int) -> Any:
    parts = list(command)
    with contextlib.suppress(ValueError):
        parts[parts.index(NOT_AFTER)] = deadline_ms
    return tuple(parts)


async def _replies(connection: AbstractConnection, count: int) -> list[Any]:
    """So many replies, errors among them; none may take longer than the timeout."""
    loop = asyncio.get_running_loop()
    replies: list[Any] = []
    async with asyncio.timeout(TIMEOUT_SECONDS) as patience:
        for _ in range(count):
            try:
                replies.append(await connection.read_response(timeout=math.inf))
            except ResponseError as problem:
                replies.append(problem)
            patience.reschedule(loop.time() + TIMEOUT_SECONDS)
    return replies
