"""A classroom socket, from handshake to close (contract §1 and §4).

All that can refuse a socket is looked at before the handshake is answered. Channel and presence sockets are
then refused over HTTP; the full socket is accepted and closed with a code, so that a browser can read it.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import uuid as uuids
from collections.abc import Awaitable, Coroutine
from typing import Any

from tornado.http1connection import HTTP1Connection
from tornado.web import HTTPError
from tornado.websocket import WebSocketHandler, WebSocketProtocol13

from handlers.base import Base
from handlers.commands.call import utc_now
from handlers.commands.people import ice_servers_for
from handlers.connection import Connection, Kind
from handlers.handshake import check_token, check_upgrade, find_token, read_cursor
from handlers.handshake_end import forget_handshake, hang_up
from handlers.incoming import BOARDS, Incoming, call_of
from handlers.line import Line
from handlers.protocol import ClassroomProtocol
from handlers.room import ack_frame
from handlers.services import Services
from handlers.welcome import replay, welcome_text
from handlers.wire import Wire, text_frame
from schemas.errors import (
    BAD_ORIGIN,
    BAD_REQUEST,
    CLOSE_TOO_LARGE,
    CLOSE_TOO_SLOW,
    CLOSES,
    SESSION_FULL,
    SHUTTING_DOWN,
    TOO_MANY_SOCKETS,
    Close,
    Refused,
)
from store.actor import Actor
from store.presence import Arrival

KERNEL_BUFFER_BYTES = {socket.SO_SNDBUF: 262_144, socket.SO_RCVBUF: 65_536}
"""What the kernel may hold for a client that does not read, and of one that sends faster than can be taken; by itself
it would take some megabytes.
"""
SLACK_BYTES = 4_096
"""So that what is a little too large is refused for what it is, after it was read."""
SIGNALLING = (Kind.FULL, Kind.WEBRTC)
log = logging.getLogger("lessonroom.socket")


class SocketHandler(Base, WebSocketHandler):
    """One socket of one kind."""

    def initialize(self, services: Services, kind: Kind = Kind.FULL) -> None:
        """`kind` is what the path says it carries."""
        super().initialize(services)
        self.kind = kind
        self.connection: Connection | None = None
        self.arrival: Arrival | None = None
        self._is_registered = False
        self.wire: Wire | None = None
        self.refused: Refused | None = None
        self._subprotocol: str | None = None
        self._shut = False
        self._gone = False
        self._incoming: Incoming | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def prepare(self) -> None:
        """Decides whether the socket may open, and registers it."""
        if not self.allow_origin():
            raise Refused(BAD_ORIGIN)
        check_upgrade(self.request.method, self.request.headers)
        try:
            await self._admit()
        except (Refused, HTTPError) as problem:
            if isinstance(problem, Refused) and problem.error is SESSION_FULL:
                problem = Refused(TOO_MANY_SOCKETS, problem.detail)  # a handshake has no 409 (contract §1)
            if self.kind is not Kind.FULL:
                raise problem from None
            self.refused = problem if isinstance(problem, Refused) else Refused(BAD_REQUEST)

    async def get(self, *args: str, **kwargs: str) -> None:
        """The whole life of the socket. Tornado tells nobody when it ends before it was open."""
        try:
            await super().get(*args, **kwargs)
        finally:
            self.on_close()

    def finish_problem(self, refused: Refused) -> None:
        """Answers a refused handshake, and ends the connection: there is nothing else to ask for on it."""
        self.set_header("Connection", "close")
        super().finish_problem(refused)
        assert isinstance(self.request.connection, HTTP1Connection)
        self.own(hang_up(self.request.connection.stream))

    def check_origin(self, origin: str) -> bool:
        """Looked at in `prepare` already."""
        return True

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        """`access_token`, when it was offered."""
        return self._subprotocol

    def get_websocket_protocol(self) -> ClassroomProtocol | None:
        """Version 13, the only one there is."""
        made = super().get_websocket_protocol()
        if not isinstance(made, WebSocketProtocol13):
            return None
        limits = self.services.config.limits
        most_bytes = limits.state_bytes if self.kind in BOARDS else limits.message_bytes
        return ClassroomProtocol(self, made, most_bytes + SLACK_BYTES, self.services.heartbeat)

    def open(self, *_: str, **__: str) -> None:
        """The handshake is done: the welcome, what was missed, and from then on everything as it comes."""
        if self.services.draining and self.refused is None:
            self.refused = Refused(SHUTTING_DOWN)
        if self.refused is not None:
            self.services.metrics.errors.labels(self.refused.error.code).inc()
            self.close_with(CLOSES[self.refused.error.close])
            return
        connection, arrival = self.connection, self.arrival
        assert self.ws_connection is not None
        line: Any = self.ws_connection.stream
        assert isinstance(line, Line)
        if connection is None or line.closed():  # the client is gone already
            return
        assert arrival is not None
        self.set_nodelay(True)
        for direction, size_bytes in KERNEL_BUFFER_BYTES.items():
            line.socket.setsockopt(socket.SOL_SOCKET, direction, size_bytes)
        self.wire = Wire(
            line,
            self.services.flusher,
            self.services.config.limits.outbox_bytes,
            self._too_slow,
            connection.set_way,
        )
        self._incoming = Incoming(self.services, connection, self)
        connection.transport = self
        self.services.metrics.connections.labels(self.kind).inc()
        self.greet(arrival)
        self.arrival = None
        forget_handshake(self)
        self.services.hub.begin(connection)

    def greet(self, arrival: Arrival) -> None:
        """Sends the welcome, and after it what was missed; when that is very much, the first of it, and the client is to
        come back for the rest.
        """
        connection = self.connection
        assert connection is not None
        if self.kind is Kind.PRESENCE:
            return
        missed = replay(connection, arrival)
        ice = ice_servers_for(call_of(self.services, connection, {}), connection.actor.user_id)
        self.send(text_frame(welcome_text(connection.id, arrival, len(missed), ice, utc_now())))
        for entry in missed:  # a socket that is welcomed anew may still wait for acks
            self.send(ack_frame(entry) if connection.is_origin_of(entry) else text_frame(entry.json))
        if arrival.more_missed:
            self.give_up(CLOSE_TOO_SLOW)
            return
        if self.kind in SIGNALLING:
            self.send(text_frame(b'{"type":"peers","peers":%b}' % arrival.peers_json))

    def take(self, text: bytes | None) -> Awaitable[None] | None:
        """One message, None for one that is no text: answered, refused, or the end of the socket."""
        if self._incoming is None or not self.is_open:
            return None
        return self._incoming.take(text)

    def on_close(self) -> None:
        """The socket is gone, whoever closed it."""
        wire, self.wire = self.wire, None
        if wire is not None:
            wire.close()
            self.services.metrics.connections.labels(self.kind).dec()
            self.services.metrics.messages_dropped.inc(wire.outbox.dropped)
        self._leave()

    def send(self, payload_frame: bytes, ephemeral: bool = False) -> None:
        """Queues a frame, after what waits for everybody."""
        self._flush_room()
        if self.wire is not None and not self._shut:
            self.services.metrics.messages_out.inc()
            self.wire.send(payload_frame, ephemeral)

    def send_rest(self, payload_frames: bytes, sent: int) -> None:
        """So much of them was sent past it."""
        if self.wire is not None and not self._shut:
            self.wire.send_rest(payload_frames, sent)

    def writing(self, written: asyncio.Future[None], size: int) -> None:
        """Tornado writes a frame of its own."""
        if self.wire is not None:
            self.wire.wait_for(written, size)

    def shut(self, close: Close) -> None:
        """Sends what waits, then closes with that code."""
        self._flush_room()
        if not self._shut:
            if self.wire is not None:
                self.wire.finish()
            self.close_with(close)

    def give_up(self, close: Close) -> None:
        """Closes it, and with it the person's other sockets where the kind wants that."""
        self.shut(close)
        self._shut_siblings(close)

    @property
    def is_open(self) -> bool:
        """Whether anything may still come in."""
        return not self._shut and self.connection is not None

    def close_with(self, close: Close) -> None:
        """Closes now; nothing more is sent or taken."""
        self._no_more()
        self.services.metrics.closes.labels(str(close.code)).inc()
        self.close(close.code, close.reason)

    def message_too_large(self) -> None:
        """A frame was refused for its length, and the socket is closing."""
        if not self._shut:
            self._no_more()
            self.services.metrics.closes.labels(str(CLOSE_TOO_LARGE.code)).inc()
            self._shut_siblings(CLOSE_TOO_LARGE)

    def own(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs work that belongs to this socket."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _admit(self) -> None:
        token, self._subprotocol = find_token(self.get_query_argument("token", None), self.request.headers)
        claims = check_token(self.services.tokens, token, self.path_kwargs["uuid"])
        cursor = read_cursor(self.get_query_argument("since", None), self.get_query_argument("epoch", None))
        if self.services.draining:
            raise Refused(SHUTTING_DOWN)
        self.user_key = str(claims.user_id)
        self.connection = Connection(
            id=uuids.uuid4().hex,
            uuid=claims.session_id,
            actor=Actor(claims.user_id, generation=claims.generation),
            kind=self.kind,
        )
        try:
            self.arrival = await self.services.hub.join(self.connection, cursor.since, cursor.epoch)
            self._is_registered = True
        except BaseException:
            self.connection = None
            raise
        if self._gone:
            self._leave()
            raise Refused(BAD_REQUEST, "The client is gone.")

    def _no_more(self) -> None:
        self._shut = True
        if self.wire is not None:
            self.wire.close()

    def _too_slow(self) -> None:
        if self.wire is not None and not self._shut:
            self.wire.outbox.clear()
            self.close_with(
                CLOSE_TOO_SLOW
            )  # at once: what waits for everybody must not follow what was dropped
            self._shut_siblings(CLOSE_TOO_SLOW)

    def _shut_siblings(self, close: Close) -> None:
        if self.connection is not None:
            self.services.hub.shut_siblings(self.connection, close)

    def _flush_room(self) -> None:
        if self.connection is not None and self.connection.pending:
            self.services.hub.flush(self.connection.uuid)

    def _leave(self) -> None:
        self._gone = True
        if self.connection is not None and self._is_registered:  # else it leaves once it is
            self.services.hub.leave(self.connection)
            self.connection = None
