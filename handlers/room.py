"""A session's sockets on this instance, and what is on its way to all of them: kept until the end of the loop's turn,
then joined once for everybody who gets the same, and sent to each with one system call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from handlers.connection import Connection, Kind
from handlers.wire import text_frame
from schemas.errors import CLOSES, Close
from store.entry import CLOSE_CONNECTIONS, MAY_BE_DROPPED, Entry, Position

LONG_SECONDS = 0.001
RESTS = 6
MOST_REST_SECONDS = 0.015
"""A flush that takes long (hundreds of sockets) is followed by a rest of so many times as much, at most so long: under load
every system call carries several messages, and a room whose flushes are short never waits.
"""

Pending = tuple[Entry, bytes]
"""An entry and its frame."""


@dataclass(slots=True, eq=False)
class Room:
    """A session's sockets on this instance. `pending` is what all of them get next; they share the list. `count` is
    told how many messages were sent.
    """

    uuid: str
    count: Callable[[float], None]
    connections: dict[str, Connection] = field(default_factory=dict)
    ending: asyncio.TimerHandle | None = None
    closed_with: Close | None = None
    pending: list[Pending] = field(default_factory=list)
    _is_due: bool = False
    _rests_until: float = 0.0

    def broadcast(self, entry: Entry) -> None:
        """The next entry for everybody; it leaves at the end of this turn of the loop, or of the room's rest."""
        self.pending.append((entry, frame_of(entry)))
        if not self._is_due:
            self._is_due = True
            loop = asyncio.get_running_loop()
            if self._rests_until > loop.time():
                loop.call_at(self._rests_until, self._flush_when_due)
            else:
                loop.call_soon(self._flush_when_due)

    def flush(self) -> None:
        """Hands on what waits, before anything else is sent to one of the sockets or done with them."""
        if self.pending:
            batch = Batch(self.pending)
            self.pending.clear()
            self.count(batch.send(self.connections))

    def _flush_when_due(self) -> None:
        self._is_due = False
        loop = asyncio.get_running_loop()
        began = loop.time()
        self.flush()
        now = loop.time()
        if now - began > LONG_SECONDS:
            self._rests_until = now + min(RESTS * (now - began), MOST_REST_SECONDS)


class Batch:
    """Entries in their order, joined once for all who get what their kind of socket carries."""

    def __init__(self, pending: Iterable[Pending]) -> None:
        self._pending = tuple(pending)
        self._first: Position | None = None
        self._last: Position | None = None
        self._origins: set[str] = set()
        self._is_for_all = True
        for entry, _ in self._pending:
            if entry.position is not None:
                self._first = self._first or entry.position
                self._last = entry.position
            if entry.origin:
                self._origins.add(entry.origin)
            if entry.to or entry.without or entry.effect or entry.kind == CLOSE_CONNECTIONS:
                self._is_for_all = False
        self._joined: dict[Kind, tuple[bytes, int]] = {}

    def send(self, connections: Mapping[str, Connection]) -> int:
        """To each of the sockets (by their ids); how many messages were joined."""
        sent = 0
        first, last, joined, is_for_all = self._first, self._last, self._joined, self._is_for_all
        authors = {connections[origin] for origin in self._origins if origin in connections}
        # For hundreds, whatever is touched or called here has left the processor's cache since the last time.
        for connection in tuple(connections.values()):
            if (
                not is_for_all
                or connection.held is not None
                or (first is not None and connection.position >= first)
            ):
                self._hand(connection)
                continue
            if last is not None:
                connection.position = last
            same = None if connection in authors else joined.get(connection.kind)
            data, count = same or self._join(connection)
            way = connection.way
            if way is None or not count:
                self._send_each(connection)
                continue
            sent += count
            try:
                gone = way(data)
            except OSError:  # the kernel takes nothing now, or never again
                gone = 0
            if gone < len(data) and connection.transport is not None:
                connection.transport.send_rest(data, gone)
        return sent

    def _hand(self, connection: Connection) -> None:
        """One after the other, to a socket that may have some of it already; or held back."""
        if connection.held is not None:
            connection.held.extend(entry for entry, _ in self._pending)
            return
        for entry, frame in self._pending:
            hand(connection, entry, frame)

    def _send_each(self, connection: Connection) -> None:
        """To a client that is behind: some of it may be dropped."""
        if connection.transport is not None:
            for entry, frame in self._wanted(connection):
                connection.transport.send(frame, entry.kind in MAY_BE_DROPPED)

    def _join(self, connection: Connection) -> tuple[bytes, int]:
        frames = [frame for _, frame in self._wanted(connection)]
        made = b"".join(frames), len(frames)
        if connection.id not in self._origins:
            self._joined[connection.kind] = made
        return made

    def _wanted(self, connection: Connection) -> list[Pending]:
        return [
            (entry, ack_frame(entry) if connection.is_origin_of(entry) else frame)
            for entry, frame in self._pending
            if connection.wants(entry)
        ]


def frame_of(entry: Entry) -> bytes:
    """The entry's message as a frame; empty when it is none for clients."""
    return text_frame(entry.json) if entry.json and entry.kind != CLOSE_CONNECTIONS else b""


def hand(connection: Connection, entry: Entry, frame: bytes) -> None:
    """Gives one socket what is its own of an entry."""
    transport = connection.transport
    if transport is None:
        return
    if entry.kind == CLOSE_CONNECTIONS:
        if connection.id.encode() in entry.json.split() and entry.close_code is not None:
            transport.shut(CLOSES[entry.close_code])
        return
    if not connection.is_new_to(entry):
        return
    if connection.is_origin_of(entry):
        transport.send(ack_frame(entry))
    elif connection.wants(entry):
        transport.send(frame, entry.kind in MAY_BE_DROPPED)
    code = connection.closes_with(entry)
    if code is not None:
        transport.shut(CLOSES[code])


def ack_frame(entry: Entry) -> bytes:
    """What the sender of a board event gets in the event's place, in the same order."""
    seq = entry.position.seq if entry.position else 0
    return text_frame(b'{"type":"ack",%b,"seq":%d}' % (entry.ack.encode(), seq))
