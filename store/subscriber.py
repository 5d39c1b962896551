"""The subscriber connection: one task owns it, connects it anew when it is lost, and finds out when it is
dead but open.

redis-py's own PubSub resubscribes silently and so hides that messages were lost; here every reconnect is
told.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from redis.asyncio.connection import AbstractConnection
from redis.crc import key_slot
from redis.exceptions import MovedError, ResponseError

from schemas.errors import STORE_UNAVAILABLE, Refused
from store.client import Client
from store.lanes import TIMEOUT_SECONDS
from store.metrics import Metrics
from store.pipe import LOST, Pipe, connect, is_cancelled, packed

PROBE_SECONDS = 1.0
PATIENCE_SECONDS = 3.0
RECONNECT_SECONDS = 0.1
CHANNELS_A_COMMAND = 500
log = logging.getLogger("lessonroom.relay")


@dataclass(frozen=True, slots=True)
class Verbs:
    """The words of one kind of pub/sub."""

    publish: str
    subscribe: str
    unsubscribe: str
    message: bytes
    subscribed: bytes
    channels_a_command: int


PLAIN = Verbs("PUBLISH", "SUBSCRIBE", "UNSUBSCRIBE", b"message", b"subscribe", CHANNELS_A_COMMAND)
SHARDED = Verbs("SPUBLISH", "SSUBSCRIBE", "SUNSUBSCRIBE", b"smessage", b"ssubscribe", 1)


class SilentConnectionError(Exception):
    """The connection is open, but our own messages do not come back on it."""


class MovedAwayError(Exception):
    """The connection is to a node that is not the right one any more."""


class Subscriber:
    """Channels wanted, and their messages to `on_message(channel, text)`; `on_reconnected()` after every new
    connection on which everything is subscribed again: what was published before may be lost.
    """

    def __init__(
        self,
        client: Client,
        probe_channel: str,
        metrics: Metrics,
        on_message: Callable[[str, bytes], None],
        on_reconnected: Callable[[], None],
        verbs: Verbs = PLAIN,
        on_lost: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._verbs = verbs
        self._on_lost = on_lost
        self._client = client
        self._probe_channel = probe_channel
        self._metrics = metrics
        self._on_message = on_message
        self._on_reconnected = on_reconnected
        self._wanted: dict[str, asyncio.Future[None]] = {}
        self._unconfirmed: defaultdict[str, deque[asyncio.Future[None]]] = defaultdict(deque)
        self._counted = 0
        self._unanswered = 0
        self._asked: Counter[str] = Counter()
        self._to_send: list[tuple[str, str]] = []
        self._pipe: Pipe | None = None
        self._heard_at = -math.inf
        self._task: asyncio.Task[None] | None = None
        self._moved = asyncio.Event()
        client.on_moved.append(self._moved.set)

    @property
    def ready(self) -> bool:
        """Whether the subscription is alive: our own messages came back on it within the last seconds."""
        return time.monotonic() - self._heard_at < PATIENCE_SECONDS

    def start(self) -> None:
        """Starts; returns at once, whether the store answers or not."""
        self._wanted[self._probe_channel] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._run(), name="subscriber")

    async def stop(self) -> None:
        """Closes the connection."""
        self._metrics.subscriptions.dec(self._counted)
        self._counted = 0
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def subscribe(self, channel: str) -> None:
        """Returns once the store confirmed it; `Refused(STORE_UNAVAILABLE)` when that takes too long (it
        stays wanted).
        """
        if channel not in self._wanted:
            self._wanted[channel] = asyncio.get_running_loop().create_future()
            self._queue(self._verbs.subscribe, channel)
            self._count()
        try:
            async with asyncio.timeout(2 * TIMEOUT_SECONDS):
                await asyncio.shield(self._wanted[channel])
        except TimeoutError:
            raise Refused(STORE_UNAVAILABLE) from None

    def probe_on(self, channel: str) -> None:
        """From now on our own messages go over this channel."""
        before, self._probe_channel = self._probe_channel, channel
        if self._task is not None and before != channel:
            self.unsubscribe(before)
            self._wanted[channel] = asyncio.get_running_loop().create_future()
            self._queue(self._verbs.subscribe, channel)

    def unsubscribe(self, channel: str) -> None:
        """Messages of this channel are wanted no more."""
        if self._wanted.pop(channel, None) is not None:
            self._queue(self._verbs.unsubscribe, channel)
            self._count()

    def _count(self) -> None:
        probes = self._probe_channel in self._wanted
        counted, self._counted = self._counted, len(self._wanted) - probes
        self._metrics.subscriptions.inc(self._counted - counted)

    def _queue(self, verb: str, channel: str) -> None:
        if not self._to_send and self._pipe is not None:
            asyncio.get_running_loop().call_soon(self._send)
        self._to_send.append((verb, channel))

    async def _run(self) -> None:
        while True:
            await self._client.wait_available()
            self._moved.clear()
            connection = self._client.new_connection()
            try:
                await connect(connection)
                await self._use(connection)
            except (*LOST, SilentConnectionError, MovedAwayError) as problem:
                log.info("the subscriber connection is lost: %s", problem)
            except Exception:  # one bad message must not silence the instance for good
                log.exception("the subscriber failed")
            finally:
                self._heard_at = -math.inf
            if is_cancelled():
                return
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _use(self, connection: AbstractConnection) -> None:
        """Runs until the connection fails; raises the first failure."""
        lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._unconfirmed.clear()
        self._asked.clear()
        self._wanted.setdefault(self._probe_channel, asyncio.get_running_loop().create_future())
        self._unanswered = len(self._wanted)
        self._to_send = [(self._verbs.subscribe, channel) for channel in self._wanted]
        self._pipe = Pipe(connection, self._take, partial(_end_with, lost))
        self._send()
        watches = [asyncio.create_task(self._probe()), asyncio.create_task(self._watch_moves())]
        try:
            done, _ = await asyncio.wait([lost, *watches], return_when=asyncio.FIRST_COMPLETED)
            done.pop().result()
        finally:
            pipe, self._pipe = self._pipe, None
            pipe.close(ConnectionError("it is not wanted any more"))
            for watch in watches:
                watch.cancel()
            await asyncio.gather(lost, *watches, return_exceptions=True)

    def _take(self, reply: Any) -> None:
        if isinstance(reply, MovedError):
            self._lose_moved(reply)
            return
        if isinstance(reply, Exception):
            raise reply
        kind, channel = reply[0], reply[1].decode()
        if kind == self._verbs.message:
            if channel == self._probe_channel:
                self._heard_at = time.monotonic()
            else:
                self._on_message(channel, reply[2])
        elif kind == self._verbs.subscribed:
            self._confirm(channel)
            self._count_answer()
        else:
            self._lose(channel)

    def _count_answer(self) -> None:
        self._unanswered -= 1
        if self._unanswered == 0:
            self._heard_at = time.monotonic()
            self._metrics.relay_reconnects.inc()
            self._on_reconnected()

    def _lose_moved(self, moved: MovedError) -> None:
        """The node does not have a slot, it says: if that answers a subscription, the channel is lost here."""
        names = (name for name in self._unconfirmed if key_slot(name.encode()) == moved.slot_id)
        channel = next(names, None)  # answers come in the order of the questions
        if channel is not None:
            self._take_unconfirmed(channel)
            self._lose(channel)
            self._count_answer()

    def _lose(self, channel: str) -> None:
        """The node has the channel no more: it was asked for that, or the slot went to another node."""
        if self._asked[channel]:
            self._asked[channel] -= 1
        elif self._wanted.pop(channel, None) is not None:
            self._count()
            self._on_lost(channel)

    def _confirm(self, channel: str) -> None:
        future = self._take_unconfirmed(channel)
        if future is not None and not future.done():
            future.set_result(None)

    def _take_unconfirmed(self, channel: str) -> asyncio.Future[None] | None:
        waiting = self._unconfirmed[channel]
        future = waiting.popleft() if waiting else None
        if not waiting:
            del self._unconfirmed[channel]
        return future

    def _send(self) -> None:
        """Says what waits to be said."""
        said = []
        while self._to_send:
            verb = self._to_send[0][0]
            channels: list[str] = []
            most = self._verbs.channels_a_command
            while self._to_send and self._to_send[0][0] == verb and len(channels) < most:
                channels.append(self._to_send.pop(0)[1])
            if verb == self._verbs.unsubscribe:
                self._asked.update(channels)
            else:
                for channel in channels:
                    future = self._wanted.get(channel)
                    self._unconfirmed[channel].append(future or asyncio.get_running_loop().create_future())
            said.append(packed((verb, *channels)))
        if said and self._pipe is not None:
            self._pipe.write(b"".join(said))

    async def _watch_moves(self) -> None:
        await self._moved.wait()
        raise MovedAwayError("another node has taken its place")

    async def _probe(self) -> None:
        began = time.monotonic()
        while True:
            await asyncio.sleep(PROBE_SECONDS)
            if time.monotonic() - max(self._heard_at, began) > PATIENCE_SECONDS:
                raise SilentConnectionError("our own messages do not come back")
            with contextlib.suppress(Refused, ResponseError):
                await self._client.command(
                    self._verbs.publish, self._probe_channel, b"", room=self._probe_channel
                )


def _end_with(lost: asyncio.Future[None], problem: Exception) -> None:
    if not lost.done():
        lost.set_exception(problem)
