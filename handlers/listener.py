"""The HTTP server, so that connections on which nothing is asked keep nobody else out.

Somebody may open connections and send no request, or one byte of it a minute. Those whose request has not been read
are counted; beyond a limit the one that has waited longest goes, which is never the one that has just come. The same
where the process may open no more files.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import resource
import socket
import time
from typing import Any

from tornado.http1connection import HTTP1Connection
from tornado.httpserver import HTTPServer
from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPMessageDelegate,
    RequestStartLine,
    ResponseStartLine,
)
from tornado.ioloop import IOLoop

from store.metrics import Metrics

GIVEN_UP_AT_ONCE = 100
PAUSE_SECONDS = 0.05
COMPLAINT_SECONDS = 10.0
FILES_WITHOUT_BOUND = 1 << 20
log = logging.getLogger("lessonroom.listener")


class Listener(HTTPServer):
    """Tornado's server with a bound on the connections that wait; the other arguments are Tornado's."""

    def initialize(  # type: ignore[override]  # two arguments of our own
        self, *args: Any, most_waiting: int, metrics: Metrics, **kwargs: Any
    ) -> None:
        """`most_waiting` connections may have no complete request."""
        super().initialize(*args, **kwargs)
        self._most_waiting = most_waiting
        self._metrics = metrics
        self._waiting: dict[object, HTTP1Connection] = {}
        self._complained_at = -COMPLAINT_SECONDS

    def add_sockets(self, sockets: Any) -> None:
        """Listens on them."""
        super().add_sockets([_Door(self, listening) for listening in sockets])

    def start_request(self, server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        """Called when a connection begins to wait for its next request."""
        assert isinstance(request_conn, HTTP1Connection)
        self._waiting[server_conn] = request_conn
        if len(self._waiting) > self._most_waiting:
            self._give_up(1)
        return _Arriving(super().start_request(server_conn, request_conn), self, server_conn)

    def arrived(self, server_conn: object) -> None:
        """A request has been read."""
        self._waiting.pop(server_conn, None)

    def on_close(self, server_conn: object) -> None:
        """A connection is gone, or belongs to a WebSocket now."""
        self._waiting.pop(server_conn, None)
        super().on_close(server_conn)

    def out_of_files(self, door: _Door) -> None:
        """No connection can be taken: room is made, and the door stays shut for a moment, so as not to try all the time."""
        self._give_up(GIVEN_UP_AT_ONCE)
        now = time.monotonic()
        if now - self._complained_at >= COMPLAINT_SECONDS:
            self._complained_at = now
            log.warning("no more files can be opened, so connections have to wait; is the limit too low?")
        loop = IOLoop.current()
        loop.update_handler(door.fileno(), 0)
        asyncio.get_running_loop().call_later(PAUSE_SECONDS, _open_again, loop, door)

    def _give_up(self, count: int) -> None:
        for server_conn in list(self._waiting)[:count]:
            self._metrics.connections_given_up.inc()
            self._waiting.pop(server_conn).stream.close()


class _Door(socket.socket):
    """A listening socket that says when no more files can be opened, and looks as if nobody were there."""

    def __init__(self, listener: Listener, listening: socket.socket) -> None:
        super().__init__(listening.family, listening.type, listening.proto, fileno=listening.detach())
        self.setblocking(False)
        self._listener = listener

    def accept(self) -> tuple[socket.socket, Any]:
        """The next connection."""
        try:
            return super().accept()
        except OSError as problem:
            if problem.errno not in (errno.EMFILE, errno.ENFILE):
                raise
        self._listener.out_of_files(self)
        raise BlockingIOError


class _Arriving(HTTPMessageDelegate):
    """Passes a request on, and tells when it was read."""

    def __init__(self, delegate: HTTPMessageDelegate, listener: Listener, server_conn: object) -> None:
        self._delegate = delegate
        self._listener = listener
        self._server_conn = server_conn

    def headers_received(self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders) -> Any:
        """The head."""
        return self._delegate.headers_received(start_line, headers)

    def data_received(self, chunk: bytes) -> Any:
        """A part of the body."""
        return self._delegate.data_received(chunk)

    def finish(self) -> None:
        """All of it."""
        self._listener.arrived(self._server_conn)
        self._delegate.finish()

    def on_connection_close(self) -> None:
        """The end, before that."""
        self._delegate.on_connection_close()


def _open_again(loop: IOLoop, door: _Door) -> None:
    if door.fileno() >= 0:
        loop.update_handler(door.fileno(), IOLoop.READ)


def allow_many_files() -> int:
    """Raises the number of files this process may open, each connection being one, as far as it may; the number."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES_WITHOUT_BOUND if hard == resource.RLIM_INFINITY else hard
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return soft
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (ValueError, OSError):  # some systems have a bound of their own below the hard one
        return soft
    return wanted
