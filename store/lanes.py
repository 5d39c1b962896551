"""The connections on which commands travel: a few, opened when they are wanted, each with one pipeline at a time, so that
a long reply delays nobody else's.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Any

import redis.exceptions
from redis.asyncio.connection import AbstractConnection

from store.pipe import LOST, Pipe, connect

TIMEOUT_SECONDS = 1.0
LANES = 4
log = logging.getLogger("lessonroom.store")

Outcome = list[Any] | Exception
"""The replies to a pipeline's commands, errors of the store among them; or why there are none."""


class Lane:
    """An open connection, whose pipelines are answered in order. `on_free` is called when nothing is under way any more,
    `on_lost` when the connection is at its end. No reply may take longer than the timeout.
    """

    def __init__(
        self, opened: AbstractConnection, on_free: Callable[[], None], on_lost: Callable[[Lane], None]
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._pipe = Pipe(opened, self._take, self._lose)
        self._on_free = on_free
        self._on_lost = on_lost
        self._waiting: deque[tuple[int, Callable[[Outcome], None]]] = deque()
        self._replies: list[Any] = []
        self._deadline = 0.0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_free(self) -> bool:
        """Whether nothing is under way on it."""
        return not self._waiting and self._pipe.is_open

    @property
    def is_open(self) -> bool:
        """Whether it can be used."""
        return self._pipe.is_open

    def send(self, packed: bytes, count: int, done: Callable[[Outcome], None]) -> None:
        """Sends so many commands; `done` is called with what became of them."""
        if not self._waiting:
            self._deadline = self._loop.time() + TIMEOUT_SECONDS
        self._waiting.append((count, done))
        if self._timer is None:
            self._timer = self._loop.call_later(TIMEOUT_SECONDS, self._check_time)
        self._pipe.write(packed)

    async def exchange(self, packed: bytes, count: int) -> list[Any]:
        """The replies to so many commands; raises what is in LOST."""
        answered: asyncio.Future[list[Any]] = self._loop.create_future()

        def done(outcome: Outcome) -> None:
            if answered.done():
                return
            if isinstance(outcome, Exception):
                answered.set_exception(outcome)
            else:
                answered.set_result(outcome)

        self.send(packed, count, done)
        return await answered

    def close(self, reason: Exception) -> None:
        """Ends the connection; what is under way fails with that."""
        self._pipe.close(reason)

    def _take(self, reply: Any) -> None:
        if isinstance(reply, redis.exceptions.ConnectionError):
            raise reply  # it says so of the connection, and not of one command
        count, done = self._waiting[0]
        self._deadline = self._loop.time() + TIMEOUT_SECONDS
        self._replies.append(reply)
        if len(self._replies) == count:
            self._waiting.popleft()
            replies, self._replies = self._replies, []
            done(replies)
            if not self._waiting:
                self._on_free()

    def _lose(self, problem: Exception) -> None:
        if not isinstance(problem, LOST):
            log.error("a reply of the store could not be used", exc_info=problem)
        if self._timer is not None:
            self._timer.cancel()
        while self._waiting:
            _, done = self._waiting.popleft()
            done(problem)
        self._on_lost(self)

    def _check_time(self) -> None:
        """There is one timer for all that is sent: few would ever fire."""
        self._timer = None
        left = self._deadline - self._loop.time()
        if self._waiting and left <= 0:
            self._pipe.close(TimeoutError("the store does not answer"))
        elif self._waiting:
            self._timer = self._loop.call_later(left, self._check_time)


class Lanes:
    """The lanes of one client, and one beside them. `on_free` is called when one may be free, `on_failed` when one could
    not be opened.
    """

    def __init__(
        self,
        make: Callable[[], AbstractConnection],
        on_free: Callable[[], None],
        on_failed: Callable[[Exception], None],
    ) -> None:
        self._make = make
        self._on_free = on_free
        self._on_failed = on_failed
        self._open: list[Lane] = []
        self._opening: set[asyncio.Task[None]] = set()
        self._beside: Lane | None = None
        self._beside_opens = asyncio.Lock()

    def __bool__(self) -> bool:
        """Whether any is open."""
        return bool(self._open)

    def free(self) -> Lane | None:
        """One on which nothing is under way, always the same if it can be; None when there is none yet."""
        for lane in self._open:
            if lane.is_free:
                return lane
        if len(self._open) + len(self._opening) < LANES:
            task = asyncio.create_task(self._open_one())
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)
        return None

    async def beside(self) -> Lane:
        """A further one, on which the few things travel that must not wait for others; raises what is in LOST."""
        async with asyncio.timeout(2 * TIMEOUT_SECONDS), self._beside_opens:
            if self._beside is None or not self._beside.is_open:
                connection = self._make()
                await connect(connection)
                self._beside = Lane(connection, lambda: None, lambda _: None)
            return self._beside

    def close(self) -> None:
        """Ends all of them; what is under way fails."""
        for task in self._opening:
            task.cancel()
        for lane in (*self._open, *((self._beside,) if self._beside else ())):
            lane.close(ConnectionError("the connection is not wanted any more"))

    async def stop(self) -> None:
        """The same, and returns when nothing is left of them."""
        self.close()
        await asyncio.gather(*self._opening, return_exceptions=True)

    async def _open_one(self) -> None:
        connection = self._make()
        try:
            await connect(connection)
        except LOST as problem:
            self._on_failed(problem)
            return
        self._open.append(Lane(connection, self._on_free, self._lose))
        self._on_free()

    def _lose(self, lane: Lane) -> None:
        self._open.remove(lane)
        self._on_free()  # another one may be opened in its place
