"""Lessonroom: the realtime backend of an online lesson. This file sees everything: it reads the
configuration, puts the parts together, starts them in order, and stops them in the opposite one.

    python server.py [--config config.toml] [--host H] [--port N] [--env production]
    python server.py token --user 7 --name Ada [--service] [--hours 12]
    python server.py demo --url http://127.0.0.1:8000
    python server.py watch "ws://127.0.0.1:8000/ws/classroom/<session>/?token=<classroom token>"
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import uvloop
from tornado.netutil import bind_sockets

from handlers.app import make_app
from handlers.auth import PlatformAuth
from handlers.demo import print_demo, watch
from handlers.hub import Hub
from handlers.limits import MessageLimits, RateLimits
from handlers.listener import Listener, allow_many_files
from handlers.logs import configure
from handlers.services import Services
from schemas.classroom_token import ClassroomTokens
from schemas.config import Config, ConfigError, load_config
from schemas.ids import as_user_id
from schemas.platform_token import mint_platform_token
from store.autosnapshots import AutoSnapshots
from store.board import Boards, Bounds
from store.bookings import Bookings
from store.embedded import EmbeddedError, EmbeddedRedis
from store.events import Events
from store.housekeeping import Housekeeping
from store.lease import Lease
from store.media import MediaStates
from store.metrics import Metrics
from store.participants import Participants
from store.presence import Presence
from store.relay import Relay
from store.requests import Requests
from store.session_scripts import SessionScripts, StoreSettings
from store.sessions import Sessions
from store.topology import make_client

HEADER_SECONDS = 60.0
BODY_SECONDS = 30.0
BACKLOG = 4_096
"""So many connections may wait to be taken: everybody of an instance that died comes at once."""
CLOSING_SECONDS = 2.0
MIB = 1 << 20
ENVELOPE_BYTES = 4096  # what a message of a client's may grow by when it is sent on
DEFAULT_CONFIG = Path("config.toml")
log = logging.getLogger("lessonroom.server")


class Server:
    """One instance. Several may run in one process: nothing is global."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._embedded = (
            EmbeddedRedis(Path(config.redis.data_dir), config.redis.fsync)
            if config.redis.url == "embedded"
            else None
        )
        url = self._embedded.url if self._embedded else config.redis.url
        metrics = Metrics()
        revive = self._embedded.ensure_running if self._embedded else None
        client = make_client(config.redis, metrics, url, revive)
        scripts = SessionScripts(client, store_settings(config))
        sessions = Sessions(scripts)
        presence = Presence(client, scripts, Lease(client, config.presence.lease_seconds))
        bookings = Bookings(client, sessions)
        board = config.board
        boards = Boards(scripts, Bounds(board.most_bytes, board.kept_snapshots, board.kept_bytes))
        self._snapshots = AutoSnapshots(
            client, boards, board.snapshot_seconds, board.snapshot_events, board.snapshot_bytes
        )
        hub = Hub(
            client,
            presence,
            self._snapshots,
            metrics,
            config.sessions.linger_seconds,
            confirms=config.redis.wait_replicas > 0,
        )
        hub.relay = Relay(client, hub, metrics, presence.lease.instance, config.relay.check_seconds)
        auth = config.auth
        self._housekeeping = Housekeeping(client, sessions, bookings, presence)
        self.services = Services(
            config=config,
            client=client,
            sessions=sessions,
            participants=Participants(scripts, sessions),
            media=MediaStates(scripts, sessions),
            events=Events(scripts),
            bookings=bookings,
            boards=boards,
            presence=presence,
            requests=Requests(client),
            relay=hub.relay,
            hub=hub,
            auth=PlatformAuth(
                algorithms=auth.algorithms,
                secret=auth.secret,
                public_key=auth.public_key,
                jwks_url=auth.jwks_url,
                user_id_claim=auth.user_id_claim,
            ),
            tokens=ClassroomTokens(config.classroom_token.keys, config.classroom_token.ttl_seconds),
            metrics=metrics,
            writes=RateLimits(config.limits.writes_per_second),
            message_limits=MessageLimits(
                config.limits.board_events_per_second, config.limits.pointers_per_second
            ),
        )
        self._http = Listener(
            make_app(self.services),
            most_waiting=config.limits.waiting_connections,
            metrics=metrics,
            max_body_size=config.limits.state_bytes + MIB,
            idle_connection_timeout=HEADER_SECONDS,
            body_timeout=BODY_SECONDS,
        )

    async def start(self) -> int:
        """Listens, and returns the port (the configured one, or the one the system chose for 0); does not
        wait for the store: until it answers, this instance is alive and not ready.
        """
        listening = bind_sockets(self.config.server.port, self.config.server.host, backlog=BACKLOG)
        port: int = listening[0].getsockname()[1]
        await self.services.client.start()
        self.services.relay.start()
        self.services.presence.lease.start()
        self._housekeeping.start()
        self._http.add_sockets(listening)
        log.info("listening on http://%s:%d", self.config.server.host, port)
        return port

    async def stop(self) -> None:
        """Drains and ends: not ready at once, no new sockets, the open ones closed over the drain time."""
        services = self.services
        services.draining = True
        await services.hub.drain(self.config.server.drain_seconds)
        await _until(lambda: not services.hub.connections, CLOSING_SECONDS)
        self._http.stop()
        await self._http.close_all_connections()
        await self._housekeeping.stop()
        await self._snapshots.stop()
        await _until(lambda: services.presence.is_settled, CLOSING_SECONDS)
        await services.presence.stop()
        await services.presence.lease.stop()
        await services.hub.stop()
        await services.relay.stop()
        await services.client.stop()
        services.auth.close()
        if self._embedded is not None:
            await self._embedded.stop()


def store_settings(config: Config) -> StoreSettings:
    """What the scripts need to know of it."""
    return StoreSettings(
        log_length=config.relay.log_length,
        log_bytes=config.relay.log_bytes,
        large_bytes=config.limits.message_bytes + ENVELOPE_BYTES,
        events_cap=config.events.cap,
        expire_ms=int(config.sessions.expire_hours * 3_600_000),
        grace_ms=int(config.presence.grace_seconds * 1000),
        joining_ms=int(config.presence.joining_seconds * 1000),
        max_sockets=config.limits.sockets_per_participant,
    )


async def _until(reached: Callable[[], bool], seconds: float) -> None:
    """Waits until something is so, but no longer than that."""
    deadline = time.monotonic() + seconds
    while not reached() and time.monotonic() < deadline:  # noqa: ASYNC110 - asked at the end only, a few times
        await asyncio.sleep(0.01)


async def serve(config: Config) -> int:
    """Runs one instance until SIGTERM or SIGINT; a second one does not hurry it: the drain is bounded."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    log.info("this process may open %d files", allow_many_files())
    server = Server(config)
    try:
        await server.start()
    except OSError as problem:
        log.error(  # noqa: TRY400 - a port in use is no bug: the sentence says it all
            "cannot listen on %s port %d: %s", config.server.host, config.server.port, problem
        )
        return 1
    await stop.wait()
    log.info("draining")
    await server.stop()
    log.info("stopped")
    return 0


def main(arguments: list[str]) -> int:
    """The command line; the exit status."""
    options = _parser().parse_args(arguments)
    try:
        config = _configuration(options)
    except ConfigError as problem:
        print(f"The configuration is refused:\n{problem}", file=sys.stderr)
        return 2
    if options.command == "token":
        return _print_token(config, options)
    configure(config.log.level, config.log.format)
    if options.command == "demo":
        return asyncio.run(print_demo(config, options.url))
    if options.command == "watch":
        return asyncio.run(watch(options.address))
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(serve(config))
    except (ValueError, EmbeddedError) as problem:
        print(f"The configuration is refused:\n{problem}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="server.py", description="The realtime backend of an online lesson."
    )
    parser.add_argument(
        "--config", type=Path, help="the configuration file (default: config.toml, if it is there)"
    )
    parser.add_argument("--host", help="the address to listen on")
    parser.add_argument("--port", help="the port to listen on")
    parser.add_argument("--env", help="development or production")
    commands = parser.add_subparsers(dest="command")
    token = commands.add_parser("token", help="print a platform token for the configured secret (HS256 only)")
    token.add_argument("--user", required=True, help="the user id; digits make it a number")
    token.add_argument("--name", help="how the person is called")
    token.add_argument("--service", action="store_true", help="a token of the platform itself")
    token.add_argument("--hours", type=float, default=12, help="how long it lives")
    demo = commands.add_parser(
        "demo", help="make a demo lesson on a running server and print how to enter it"
    )
    demo.add_argument("--url", default="http://127.0.0.1:8000", help="the running server")
    watching = commands.add_parser("watch", help="print what a socket receives, and send it what is typed")
    watching.add_argument("address", help="the socket's address, with its token")
    return parser


def _configuration(options: argparse.Namespace) -> Config:
    path = options.config or (DEFAULT_CONFIG if DEFAULT_CONFIG.exists() else None)
    given = {"server.host": options.host, "server.port": options.port, "server.env": options.env}
    return load_config(path, os.environ, {key: value for key, value in given.items() if value is not None})


def _print_token(config: Config, options: argparse.Namespace) -> int:
    if "HS256" not in config.auth.algorithms:
        print(
            "Platform tokens are signed by the platform's own key (auth.algorithms has no HS256).",
            file=sys.stderr,
        )
        return 2
    user_id = as_user_id(options.user)
    if user_id is None:
        print("--user is no user id: 1 to 128 printable characters, or an integer.", file=sys.stderr)
        return 2
    token = mint_platform_token(
        config.auth.secret, user_id, options.name, options.service, options.hours, time.time()
    )
    print(token)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
