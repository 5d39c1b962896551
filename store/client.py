"""The road to the store: commands that are issued in one turn of the loop travel as one pipeline; every wait
is bounded; while the store does not answer, calls are refused at once instead of piling up.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

import redis.asyncio as redis
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import (
    ClusterDownError,
    NoScriptError,
    OutOfMemoryError,
    ReadOnlyError,
    ResponseError,
    TryAgainError,
)

from schemas.errors import OVERLOADED, STORE_UNAVAILABLE, Refused
from store.clock import StoreClock
from store.durability import Durability
from store.fairqueue import FairQueue
from store.lanes import TIMEOUT_SECONDS, Lane, Lanes, Outcome
from store.metrics import Metrics
from store.pipe import LOST, is_cancelled, packed
from store.scripts import load_scripts

WANTED_SECONDS = 0.9
"""How long a write may be on its way: less than its caller waits, so that what was given up has happened, or never will."""
PING_SECONDS = 1.0
RETRY_SECONDS = 0.1
PIPELINE_COMMANDS = 200
QUEUE_COMMANDS = 10_000
"""How many may wait: about a second's work of the store."""
_NOT_NOW_WORDS = ("MISCONF", "BUSY", "NOREPLICAS")  # those for which redis-py has no class

NOT_AFTER = object()
"""As an argument of a script: until when somebody waits for it, in ms by the store's clock, filled in as it is sent."""

Command = Sequence[Any]
Waiting = tuple[Command, asyncio.Future[Any]]
Listener = Callable[[], None]
log = logging.getLogger("lessonroom.store")


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
        self._connections = self._make_connections(url)
        self._metrics = metrics
        self._clock = StoreClock()
        self._revive = revive
        self._durability = durability
        self._scripts = load_scripts(self.publish)
        if durability is not None:
            durability.know(self._scripts.values())
        self._queue: FairQueue[Waiting] = FairQueue()
        self._lanes = Lanes(self.new_connection, self._lane_is_free, self._no_lane)
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
    def _make_connections(url: str) -> redis.ConnectionPool:
        options: dict[str, Any] = {
            "socket_timeout": TIMEOUT_SECONDS,
            "socket_connect_timeout": TIMEOUT_SECONDS,
            "retry": Retry(NoBackoff(), 0),
            "protocol": 2,
        }
        return redis.ConnectionPool.from_url(url, **options)

    async def start(self) -> None:
        """Starts looking after the store; returns at once, whether it answers or not."""
        self._monitor = asyncio.create_task(self._watch(), name="store-monitor")

    async def stop(self) -> None:
        """Closes every connection; calls still under way, and all later ones, are refused."""
        self.available = False
        if self._monitor is not None:
            self._monitor.cancel()
            await asyncio.gather(self._monitor, return_exceptions=True)
        self._refuse_what_waits()
        await self._lanes.stop()

    async def wait_available(self) -> None:
        """Returns once the store answers."""
        while not self.available:
            await self._changed.wait()

    def new_connection(self) -> AbstractConnection:
        """A new one, not connected yet: a lane, or for whoever reads pub/sub."""
        made: AbstractConnection = self._connections.make_connection()  # type: ignore[no-untyped-call]  # no type
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
        if not self._flush_is_due:
            self._flush_is_due = True
            loop.call_soon(self._flush)
        return await future

    def _refuse_what_waits(self) -> None:
        for _, future in self._queue.take(len(self._queue)):
            self._answer(future, Refused(STORE_UNAVAILABLE))

    def _flush(self) -> None:
        self._flush_is_due = False
        while self._queue and (lane := self._lanes.free()) is not None:
            self._send(lane, self._queue.take(PIPELINE_COMMANDS))

    def _lane_is_free(self) -> None:
        if self._queue and self.available:
            self._flush()

    def _no_lane(self, problem: Exception) -> None:
        self._fail(problem)
        if not self._lanes:  # else those that are open take what waits
            self._refuse_what_waits()

    def _send(self, lane: Lane, batch: list[Waiting]) -> None:
        commands = [command for command, _ in batch]
        if self._durability is not None:
            commands = self._durability.asking(commands)
        lane.send(self._packed(commands), len(commands), partial(self._done, batch, time.perf_counter()))

    def _done(self, batch: list[Waiting], began: float, outcome: Outcome) -> None:
        self._metrics.store_seconds.observe(time.perf_counter() - began)
        if isinstance(outcome, Exception):
            self._fail(outcome)
            outcome = [Refused(STORE_UNAVAILABLE) for _ in batch]
        elif self._durability is not None:
            outcome = self._durability.judged([command for command, _ in batch], outcome)
        for (_, future), reply in zip(batch, outcome, strict=True):
            self._answer(future, reply)

    def _fail(self, problem: Exception) -> None:
        log.debug("a connection to the store failed: %r", problem)
        self._metrics.store_failures.inc()
        self._doubt.set()

    def _packed(self, commands: list[Command]) -> bytes:
        deadline = self._clock.at_ms(time.monotonic() + WANTED_SECONDS)
        return b"".join([packed(_dated(command, deadline)) for command in commands])

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
        try:
            lane = await self._lanes.beside()
            (reply,) = await lane.exchange(packed(command), 1)
        except LOST as problem:
            log.debug("the store did not answer: %r", problem)
            return None
        return None if isinstance(reply, Exception) else reply

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


def _dated(command: Command, deadline_ms: int) -> Command:
    return [deadline_ms if part is NOT_AFTER else part for part in command]
