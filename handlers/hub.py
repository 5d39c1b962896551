"""The hub: this instance's sockets by session. What the relay reads goes to the right ones; what happens to a
person happens to all of theirs.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from handlers.connection import CHANNELS, Connection, Kind
from handlers.room import Room, frame_of, hand
from handlers.wire import text_frame
from schemas.errors import (
    CLOSE_NOT_FOUND,
    CLOSE_RESTARTING,
    CLOSE_SESSION_OVER,
    CLOSES,
    SESSION_OVER,
    Close,
    Refused,
)
from schemas.jsonio import dumps
from store.autosnapshots import AutoSnapshots
from store.client import RETRY_SECONDS, Client
from store.entry import BOARD, OVER, Entry
from store.lanes import TIMEOUT_SECONDS
from store.metrics import Metrics
from store.presence import Arrival, Presence
from store.relay import Relay

READ_ONLY = {
    "type": "notification",
    "level": "warning",
    "code": "read_only",
    "message": "The lesson is read-only for a moment; nothing is lost.",
}
RECOVERED = {
    "type": "notification",
    "level": "info",
    "code": "recovered",
    "message": "The lesson goes on.",
}
CLOSING_SECONDS = 2.0
_AT_ONCE = nullcontext()
log = logging.getLogger("lessonroom.hub")


class Hub:
    """All rooms of this instance. `relay` is set once, when the server is put together (each needs the
    other).
    """

    relay: Relay

    def __init__(
        self,
        client: Client,
        presence: Presence,
        snapshots: AutoSnapshots,
        metrics: Metrics,
        linger_seconds: float,
        confirms: bool = False,
    ) -> None:
        self._client = client
        self._presence = presence
        self._snapshots = snapshots
        self._metrics = metrics
        self._linger_seconds = linger_seconds
        self._confirms = confirms
        self._rooms: dict[str, Room] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._read_only = False
        client.on_down.append(self._went_down)
        client.on_up.append(lambda: self._own(self._came_up()))
        presence.lease.on_lapse = lambda: self._own(self._register_everybody())

    @property
    def connections(self) -> list[Connection]:
        """Every socket of this instance."""
        return [connection for room in self._rooms.values() for connection in room.connections.values()]

    async def join(self, connection: Connection, since: int | None, epoch: str | None) -> Arrival:
        """Registers an opening socket; what is broadcast from the returned position on is held for it until
        `begin`.

        `Refused` when it may not open.
        """
        room = self._rooms.get(connection.uuid) or self._new_room(connection.uuid)
        room.connections[connection.id] = connection
        connection.pending = room.pending
        self._metrics.sessions.set(len(self._rooms))
        try:
            await self._presence.open(connection.uuid)
            await self.relay.follow(connection.uuid)
            arrival = await self._attach(connection, since, epoch)
            connection.position, connection.epoch = arrival.position, arrival.epoch
        except Refused as refused:
            self._remove(connection, registered=refused.error.http >= 500)
            raise
        except BaseException:
            self._remove(connection, registered=True)
            raise
        return arrival

    def begin(self, connection: Connection) -> None:
        """The socket has its welcome: what was held follows, and from now on everything as it comes."""
        if connection.starts_anew:
            connection.starts_anew = False
            self._own(self._register_again(connection, greet=True))
            return
        held, connection.held = connection.held or [], None
        for entry in held:
            hand(connection, entry, frame_of(entry))
        owed, connection.owed = connection.owed, []
        for frame in owed:
            if connection.transport is not None:
                connection.transport.send(frame)
        if self._is_outdated(connection):
            self._own(self._register_again(connection, greet=False))
        room = self._rooms.get(connection.uuid)
        if room is not None and room.closed_with is not None and connection.transport is not None:
            # Its handshake was under way when the others were closed.
            connection.transport.shut(room.closed_with)

    def confirming(self, uuid: str, connection_id: str) -> AbstractContextManager[None]:
        """Around a board event from a socket. Where replicas confirm writes (`redis.wait_replicas`), what comes for the
        socket waits meanwhile, since the event's ack is in it; an event that they did not confirm is no ack, but comes
        like anybody's.
        """
        room = self._rooms.get(uuid) if self._confirms else None
        connection = None if room is None else room.connections.get(connection_id)
        if room is None or connection is None or connection.held is not None:
            return _AT_ONCE
        return self._held_back(room, connection)

    @contextmanager
    def _held_back(self, room: Room, connection: Connection) -> Iterator[None]:
        room.flush()
        connection.held = []
        try:
            yield
        except Refused:
            room.flush()
            connection.disown()
            raise
        finally:
            room.flush()
            self.begin(connection)

    def flush(self, uuid: str) -> None:
        """What waits for a session's sockets goes out before what is to come now."""
        room = self._rooms.get(uuid)
        if room is not None:
            room.flush()

    def leave(self, connection: Connection) -> None:
        """The socket is closed."""
        self._remove(connection, registered=True)

    def shut_siblings(self, connection: Connection, close: Close) -> None:
        """After one channel socket was closed from our side: the person's others close too, wherever they
        are, since the deployed client answers one close by opening three new ones.
        """
        if connection.kind in CHANNELS:
            self._own(self._close_channels(connection.uuid, connection.user_key, close.code))

    def deliver(self, uuid: str, entry: Entry) -> None:
        """The session's next entry (from the relay)."""
        room = self._rooms.get(uuid)
        if room is None:
            return
        room.broadcast(entry)
        if entry.kind == BOARD and entry.origin in room.connections:
            self._snapshots.touched(uuid, len(entry.json))
        if entry.effect == OVER:
            self._snapshots.save_soon(uuid)
            self._end(room)

    def resync(self, uuid: str) -> None:
        """What the session's sockets got last is not of its log, or too far back in it: all of them get a new welcome, and
        start anew.
        """
        if uuid in self._rooms:
            log.warning("session %s starts anew: its log does not reach back, or has another epoch", uuid)
            self._greet_all(uuid)

    def renamed(self, uuid: str, epoch: str) -> None:
        """The session's positions are of another epoch from now on, and nothing is lost: a new welcome says so before any
        of them is told, since the former epoch is not good for them.
        """
        for connection in self._rooms[uuid].connections.values() if uuid in self._rooms else ():
            if connection.held is None:
                connection.epoch = epoch
        self._greet_all(uuid)

    def _greet_all(self, uuid: str) -> None:
        room = self._rooms.get(uuid)
        if room is not None:
            room.flush()
            for connection in tuple(room.connections.values()):
                if connection.held is None:
                    connection.held = []
                    self._own(self._register_again(connection, greet=True))
                else:
                    connection.starts_anew = True  # it is opening with a state from before

    def vanished(self, uuid: str) -> None:
        """The session is not in the store any more."""
        room = self._rooms.get(uuid)
        if room is not None:
            self._shut_all(room, CLOSE_NOT_FOUND)

    def tell(self, connections: Iterable[Connection], message: dict[str, Any]) -> None:
        """Sends a message of the server's own to those of the sockets that carry system messages."""
        frame = text_frame(dumps(message).encode())
        for connection in connections:
            if connection.kind in (Kind.FULL, Kind.SYSTEM) and connection.transport:
                if connection.held is None:
                    connection.transport.send(frame)
                else:
                    connection.owed.append(frame)

    async def drain(self, seconds: float) -> None:
        """Closes everything with 1012, spread over `seconds`, all of one person's sockets together."""
        people: defaultdict[tuple[str, str], list[Connection]] = defaultdict(list)
        for connection in self.connections:
            people[connection.uuid, connection.user_key].append(connection)
        pause = seconds / len(people) if people else 0
        for number, ((uuid, user_key), sockets) in enumerate(people.items()):
            if number:
                await asyncio.sleep(pause)
            for connection in sockets:
                if connection.transport is not None:
                    connection.transport.shut(CLOSE_RESTARTING)
            if any(connection.kind in CHANNELS for connection in sockets):
                self._own(self._close_channels(uuid, user_key, CLOSE_RESTARTING.code))
        for connection in self.connections:  # whose handshake was under way meanwhile
            if connection.transport is not None:
                connection.transport.shut(CLOSE_RESTARTING)

    async def stop(self) -> None:
        """Ends what is still under way."""
        for room in self._rooms.values():
            if room.ending is not None:
                room.ending.cancel()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=CLOSING_SECONDS)
            for task in late:  # what waits for the store, which may not come back
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _attach(
        self,
        connection: Connection,
        since: int | None = None,
        epoch: str | None = None,
        *,
        again: bool = False,
    ) -> Arrival:
        uuid, actor, kind = connection.uuid, connection.actor, connection.kind
        connection.registered_by = self._presence.lease.instance
        try:
            arrival = await self._presence.attach(uuid, actor, connection.id, kind, since, epoch, again=again)
            if not self.relay.begin(uuid, arrival.epoch, arrival.position):
                # Another socket attached after us and was answered first; what lies between was not kept.
                arrival = await self._presence.attach(
                    uuid, actor, connection.id, kind, since, epoch, again=again
                )
        except BaseException as problem:
            if not isinstance(problem, Refused) or problem.error.http >= 500:
                connection.in_doubt_until = time.monotonic() + TIMEOUT_SECONDS  # it may be registered yet
            raise
        return arrival

    def _new_room(self, uuid: str) -> Room:
        room = self._rooms[uuid] = Room(uuid, self._metrics.messages_out.inc)
        return room

    def _has(self, connection: Connection) -> bool:
        room = self._rooms.get(connection.uuid)
        return room is not None and connection.id in room.connections

    def _remove(self, connection: Connection, *, registered: bool) -> None:
        room = self._rooms.get(connection.uuid)
        if room is None or room.connections.pop(connection.id, None) is None:
            return
        if registered:
            doubt_seconds = max(0.0, connection.in_doubt_until - time.monotonic())
            self._presence.detach(connection.uuid, connection.user_key, connection.id, doubt_seconds)
        if not room.connections:
            del self._rooms[room.uuid]
            if room.ending is not None:
                room.ending.cancel()
            self._snapshots.save_soon(room.uuid)
            self.relay.forget(room.uuid)
            self._presence.close(room.uuid)
        self._metrics.sessions.set(len(self._rooms))

    def _shut_all(self, room: Room, close: Close) -> None:
        room.closed_with = close
        for connection in tuple(room.connections.values()):
            if connection.transport is not None:
                connection.transport.shut(close)

    def _own(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _close_channels(self, uuid: str, user_key: str, code: int) -> None:
        try:
            await self._presence.close_channels(uuid, user_key, code)
        except Refused as refused:
            log.info("the other channel sockets could not be closed: %s", refused)

    def _went_down(self) -> None:
        if not self._read_only:
            self._read_only = True
            self.tell(self.connections, READ_ONLY)

    async def _came_up(self) -> None:
        await self.relay.healed()
        if self._read_only and self._client.available:
            self._read_only = False
            self.tell(self.connections, RECOVERED)

    async def _register_everybody(self) -> None:
        """Our lease had lapsed: others may have counted our sockets as dropped."""
        for connection in self.connections:
            if connection.held is None:
                await self._register_again(connection, greet=False)

    async def _register_again(self, connection: Connection, *, greet: bool) -> None:
        while self._has(connection):
            await self._client.wait_available()
            # On behalf of its client, which would ask the same: what follows the last number it was sent.
            resumes = (connection.position.seq, connection.epoch) if greet else (None, None)
            try:
                arrival = await self._attach(connection, *resumes, again=True)
            except Refused as refused:
                if refused.error.http >= 500:
                    await asyncio.sleep(RETRY_SECONDS)
                    continue
                self._turn_out(connection, refused)
                return
            if greet and connection.transport is not None:
                connection.position, connection.epoch = arrival.position, arrival.epoch
                connection.transport.greet(arrival)
                self.begin(connection)
            elif self._is_outdated(connection):
                continue
            return

    def _turn_out(self, connection: Connection, refused: Refused) -> None:
        """It may not be open any more; what it has coming goes first, but no number, which its epoch may not be good for:
        who comes back asks for those. The end of a session has its own time.
        """
        if connection.held is not None and connection.transport is not None:
            if refused.error is not SESSION_OVER:
                held, connection.held = (
                    connection.held,
                    [],
                )  # where what still waits for the room ends as well
                for entry in held:
                    if not entry.is_numbered:
                        hand(connection, entry, frame_of(entry))
            else:
                self.begin(connection)
        room = self._rooms.get(connection.uuid)
        if room is not None and refused.error is SESSION_OVER:
            self._end(room)  # the word of it may still be on its way, and comes before the close
            return
        if connection.transport is not None:
            connection.transport.shut(CLOSES[refused.error.close])

    def _end(self, room: Room) -> None:
        """The session is over: its sockets close a moment later, so that everybody is told before."""
        if room.ending is None:
            loop = asyncio.get_running_loop()
            room.ending = loop.call_later(self._linger_seconds, self._shut_all, room, CLOSE_SESSION_OVER)

    def _is_outdated(self, connection: Connection) -> bool:
        """Whether our lease lapsed while it was being registered: in a name that counts as dead."""
        return connection.registered_by != self._presence.lease.instance
