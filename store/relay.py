"""The relay: follows the sequences of the sessions this instance has sockets in, and hands them on whole and
in order.

What pub/sub lost is read from the logs and delivered in place: at every gap, after every reconnect, and, for
sessions in which nothing happens, every `check_seconds`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, Protocol

from schemas.errors import NOT_FOUND, Refused
from store import keys
from store.backlog import Backlog
from store.client import RETRY_SECONDS, Client
from store.entry import Entry, Position, parse
from store.feed import Feed, LogReading
from store.metrics import Metrics
from store.topology import make_subscriber

HEALED_POLL_SECONDS = 0.02
TURN_SECONDS = 0.01
"""For so long messages are delivered without a pause; what then still waits is delivered room by room, in turns."""
BRAKE_MS = 500
PAGE_MESSAGES = 100
PAGE_BYTES = 1 << 19
"""So much of a log is read and delivered at a time."""
log = logging.getLogger("lessonroom.relay")


class Sink(Protocol):
    """Who gets what the relay reads: the hub. All calls are synchronous and must not block."""

    def deliver(self, uuid: str, entry: Entry) -> None:
        """The session's next entry."""

    def resync(self, uuid: str) -> None:
        """Entries are lost for good: the session's sockets have to start anew."""

    def renamed(self, uuid: str, epoch: str) -> None:
        """Nothing is lost, and the positions of what follows are of this epoch."""

    def vanished(self, uuid: str) -> None:
        """The session is no longer in the store."""


@dataclass(slots=True, eq=False)
class _Followed:
    uuid: str
    feed: Feed = field(default_factory=Feed)
    healing: bool = False
    caught_up: asyncio.Event | None = None
    braking: bool = False


class Relay:
    """One instance's view of all the sequences it follows."""

    def __init__(
        self, client: Client, sink: Sink, metrics: Metrics, instance: str, check_seconds: float
    ) -> None:
        self._client = client
        self._sink = sink
        self._metrics = metrics
        self._check_seconds = check_seconds
        self._followed: dict[str, _Followed] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._backlog = Backlog()
        self._turn_ends = 0.0
        self._subscriber = make_subscriber(
            client, instance, metrics, self._on_message, lambda: self._own(self._check_all())
        )
        client.on_moved.append(self._doubt_all)

    @property
    def ready(self) -> bool:
        """Whether the subscription is alive."""
        return self._subscriber.ready

    def start(self) -> None:
        """Starts reading; returns at once, whether the store answers or not."""
        self._subscriber.start()
        self._own(self._check_forever())

    async def stop(self) -> None:
        """Ends every task and closes the connection."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._subscriber.stop()

    async def follow(self, uuid: str) -> None:
        """Subscribes to a session; what arrives waits for `begin`. `Refused` when that is not confirmed."""
        self._followed.setdefault(keys.session(uuid), _Followed(uuid))
        await self._subscriber.subscribe(keys.session(uuid))

    def begin(self, uuid: str, epoch: str, position: Position) -> bool:
        """The session's state was read at `position`: deliver what follows (later calls change nothing).
        False when delivery began at a later state, which another socket read at the same time: read again.
        """
        followed = self._followed.get(keys.session(uuid))
        if followed is None:
            return True
        self._hand_on(followed, followed.feed.start(epoch, position))
        return followed.feed.reaches(epoch, position)

    def forget(self, uuid: str) -> None:
        """The session's entries are wanted no more."""
        channel = keys.session(uuid)
        followed = self._followed.pop(channel, None)
        if followed is not None:
            self._subscriber.unsubscribe(channel)
            self._backlog.drop(channel)
            _wake(followed)

    def is_behind(self, uuid: str) -> bool:
        """Whether so much waits to be delivered in a session that nothing should be added now."""
        return bool(self._backlog) and self._backlog.is_behind(keys.session(uuid))

    async def until_caught_up(self, uuid: str, seconds: float) -> bool:
        """Waits until a session is not behind any more, no longer than that; whether it came to it."""
        followed = self._followed.get(keys.session(uuid))
        deadline = time.monotonic() + seconds
        while followed is not None and self.is_behind(uuid):
            if seconds <= 0:
                return False
            if followed.caught_up is None:
                followed.caught_up = asyncio.Event()
            try:
                async with asyncio.timeout(deadline - time.monotonic()):
                    await followed.caught_up.wait()
            except TimeoutError:
                return False
        return True

    @property
    def is_healed(self) -> bool:
        """Whether the subscription is alive and no session is being healed."""
        return self.ready and not any(followed.healing for followed in self._followed.values())

    async def healed(self) -> None:
        """Returns once the subscription is alive and no session is being healed."""
        while not self.is_healed:  # noqa: ASYNC110 - many make it true; it is asked after an outage only
            await asyncio.sleep(HEALED_POLL_SECONDS)

    def _own(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _on_message(self, channel: str, text: bytes) -> None:
        followed = self._followed.get(channel)
        if followed is None:
            return
        if not self._turn_ends:
            self._begin_turn()
        if self._backlog or time.monotonic() > self._turn_ends:
            if not self._backlog.push(channel, text):
                self._metrics.relay_put_off.inc()
            if not followed.braking and self._backlog.is_far_behind(channel):
                followed.braking = True
                self._own(self._brake(followed))
        else:
            self._hand_on(followed, followed.feed.receive(parse(text)))

    def _begin_turn(self) -> None:
        self._turn_ends = time.monotonic() + TURN_SECONDS
        asyncio.get_running_loop().call_soon(self._end_turn)

    def _end_turn(self) -> None:
        self._turn_ends = 0.0
        if self._backlog:
            self._begin_turn()
            self._work_off()

    def _work_off(self) -> None:
        """Delivers what waits, a message of each room in turn, one at least, until this turn is over."""
        is_first = True
        while self._backlog and (is_first or time.monotonic() <= self._turn_ends):
            is_first = False
            channel, text = self._backlog.pop()
            followed = self._followed[channel]
            self._hand_on(followed, followed.feed.receive(parse(text)))
            if self._backlog.was_cut_off(channel):
                self._start_healing(followed)
            if followed.caught_up is not None and not self._backlog.is_behind(channel):
                _wake(followed)

    def _hand_on(self, followed: _Followed, entries: list[Entry]) -> None:
        for entry in entries:
            self._sink.deliver(followed.uuid, entry)
        if followed.feed.gap and not followed.healing:
            self._metrics.relay_gaps.inc()
            self._start_healing(followed)

    def _doubt_all(self) -> None:
        """The store may have lost the end of every log: nothing is delivered before that was looked at."""
        for followed in self._followed.values():
            if followed.feed.position is not None:
                followed.feed.gap = True
                self._start_healing(followed)

    def _start_healing(self, followed: _Followed) -> None:
        if not followed.healing:
            followed.healing = True
            self._own(self._heal(followed))

    async def _brake(self, followed: _Followed) -> None:
        """Has the store refuse what is sent into a room that is far behind, until it has caught up."""
        channel = keys.session(followed.uuid)
        try:
            while self._backlog.is_behind(channel) or followed.feed.gap:
                await self._client.run("brake", keys.session_keys(followed.uuid), ["brake_ms", BRAKE_MS])
                await asyncio.sleep(BRAKE_MS / 2000)
        except Refused as refused:
            log.info("the noise in session %s could not be refused: %s", followed.uuid, refused)
        finally:
            followed.braking = False

    async def _heal(self, followed: _Followed) -> None:
        try:
            while (
                followed.feed.position is not None
                and self._followed.get(keys.session(followed.uuid)) is followed
            ):
                await self._client.wait_available()
                try:
                    self._apply(followed, await self._read_log(followed.uuid, followed.feed))
                except Refused as refused:
                    if refused.error is NOT_FOUND:
                        self._sink.vanished(followed.uuid)
                        return
                    await asyncio.sleep(RETRY_SECONDS)
                    continue  # the store went away again
                if not followed.feed.gap:
                    self._metrics.relay_heals.inc()
                    return
        finally:
            followed.healing = False

    def _apply(self, followed: _Followed, reading: LogReading) -> None:
        feed, before = followed.feed, followed.feed.epoch
        entries = feed.heal(reading)
        if entries is None:
            self._metrics.relay_resyncs.inc()
            self._sink.resync(followed.uuid)
            entries = feed.release()
        elif feed.epoch != before:
            self._sink.renamed(followed.uuid, feed.epoch)
        for entry in entries:
            self._sink.deliver(followed.uuid, entry)

    async def _read_log(self, uuid: str, feed: Feed) -> LogReading:
        after = feed.position
        assert after is not None
        arguments = ["seq", after.seq, "sub", after.sub, "epoch", feed.epoch]
        arguments += ["messages", PAGE_MESSAGES, "bytes", PAGE_BYTES]
        reply = await self._client.run("read_log", keys.session_keys(uuid), arguments)
        if reply[0] != b"ok":
            raise Refused(NOT_FOUND)
        _, epoch, seq, sub, texts, goes_on = reply
        entries = [parse(text) for text in texts]
        return LogReading(epoch.decode(), Position(int(seq), int(sub)), entries, after, goes_on == b"1")

    async def _check_forever(self) -> None:
        while True:
            await asyncio.sleep(self._check_seconds)
            try:
                await self._check_all()
            except Exception:  # the next round checks again
                log.exception("positions could not be checked")

    async def _check_all(self) -> None:
        """Compares every followed session's position with its log: one pipeline, until it was answered."""
        answered = False
        while not answered:
            await self._client.wait_available()
            answered = await self._check_once()

    async def _check_once(self) -> bool:
        started = [(followed, followed.feed.position) for followed in self._followed.values()]
        reads = (
            self._client.command("HMGET", keys.session(f.uuid), "epoch", "seq", "sub", room=f.uuid)
            for f, _ in started
        )
        replies = await asyncio.gather(*reads, return_exceptions=True)
        for (followed, asked_at), stored in zip(started, replies, strict=True):
            if isinstance(stored, Refused):
                await asyncio.sleep(RETRY_SECONDS)
                return False
            if isinstance(stored, BaseException):
                raise stored
            if asked_at is not None and not _stands_at(followed.feed, asked_at, stored):
                self._start_healing(followed)
        return True


def _wake(followed: _Followed) -> None:
    """Lets those go on who waited for the session's delivery."""
    waiting, followed.caught_up = followed.caught_up, None
    if waiting is not None:
        waiting.set()


def _stands_at(feed: Feed, asked_at: Position, stored: list[bytes | None]) -> bool:
    """Whether the log, read when the feed stood at `asked_at`, is the feed's and holds nothing it has not seen."""
    epoch, seq, sub = stored
    if epoch is None or seq is None or sub is None or feed.position is None:
        return False
    return feed.epoch == epoch.decode() and asked_at <= Position(int(seq), int(sub)) <= feed.position
