"""The embedded Redis: a real one, started on demand, shared by all instances of one folder.

Three locks make it safe against races and crashes, because the kernel lets go of them for whoever dies:
`start.lock` around every start and stop, `users.lock` shared by the instances, `running.lock` kept by the
Redis process itself. The reasons are in `docs/decisions/0002-embedded-store.md`.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from redis import BusyLoadingError, Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from store import filelock
from store.embedded_place import EmbeddedError, Place, find_place

__all__ = ["EmbeddedError", "EmbeddedRedis"]

_LOCK_SECONDS = 20
_READY_SECONDS = 15
_LOADING_SECONDS = 60
_STOP_SECONDS = 10
_KILL_SECONDS = 5
_PING_SECONDS = 1
_POLL_SECONDS = 0.01
_LOG_LINES = 5
_LOG_BYTES = 1 << 20

_log = logging.getLogger(__name__)


class EmbeddedRedis:
    """A user of the Redis that keeps its data under `data_dir`; `fsync` is its `appendfsync`.

    The methods may be called at any time, also at once from several tasks, objects or processes.
    """

    def __init__(self, data_dir: Path, fsync: str = "always") -> None:
        self._data_dir = data_dir
        self._fsync = fsync
        self._in_use: int | None = None
        self._stopped = False

    @property
    def url(self) -> str:
        """The `unix://` URL; EmbeddedError when there is no program to start."""
        return f"unix://{quote(str(self._place.socket))}"

    async def ensure_running(self) -> None:
        """Return when the store answers, starting it if none runs. EmbeddedError says why it doesn't."""
        await asyncio.to_thread(self._ensure_running)

    async def stop(self) -> None:
        """Stop using the store; the last user of all shuts it down and waits for its end."""
        if not self._stopped:
            self._stopped = True
            await asyncio.to_thread(self._stop)

    def pid(self) -> int | None:
        """The process that is the store now; None when none runs."""
        with _alone(self._place):
            return _pid(self._place)

    @cached_property
    def _place(self) -> Place:
        return find_place(self._data_dir)

    def _ensure_running(self) -> None:
        place = self._place
        with _alone(place):
            self._require_wanted()
            if self._in_use is None:
                self._in_use = filelock.take(place.users_lock, shared=True)
            running = filelock.take(place.running_lock)
            if running is None:
                if self._answers(place):
                    return
                # It was about to end when we looked, and now it has: nobody else can start it meanwhile.
                running = filelock.take(place.running_lock)
            if running is not None:
                _start(place, self._fsync, running)
            if not self._answers(place):
                raise EmbeddedError(f"Redis ended at once in {place.folder}:\n{_last_lines(place)}")

    def _answers(self, place: Place) -> bool:
        """Wait for an answer; False when the process ended instead, EmbeddedError when it merely hangs."""
        started = time.monotonic()
        patience = _READY_SECONDS
        with _client(place) as client:
            while True:
                self._require_wanted()
                try:
                    client.ping()
                    client.config_set("appendfsync", self._fsync)  # for one that was found running
                    return True
                except BusyLoadingError:
                    patience = _LOADING_SECONDS
                except RedisError as problem:
                    _log.debug("the embedded Redis doesn't answer yet: %s", problem)
                if not filelock.is_taken(place.running_lock):
                    return False
                if time.monotonic() - started > patience:
                    raise EmbeddedError(f"Redis in {place.folder} doesn't answer:\n{_last_lines(place)}")
                time.sleep(_POLL_SECONDS)

    def _require_wanted(self) -> None:
        if self._stopped:  # a call that was still under way must not bring back what is being shut down
            raise EmbeddedError("The embedded Redis was stopped.")

    def _stop(self) -> None:
        if "_place" not in self.__dict__:
            return
        with _alone(self._place):
            if self._in_use is None:
                return
            os.close(self._in_use)
            self._in_use = None
            if not filelock.is_taken(self._place.users_lock):
                _shut_down(self._place)


@contextmanager
def _alone(place: Place) -> Iterator[None]:
    """Let nobody else start, look for or stop the store within the block; OSError becomes EmbeddedError."""
    try:
        with filelock.held(place.start_lock, _LOCK_SECONDS):
            yield
    except TimeoutError:
        raise EmbeddedError(f"Another process is starting or stopping Redis in {place.folder}.") from None
    except OSError as problem:
        raise EmbeddedError(f"Redis can't be run in {place.folder}: {problem.strerror}.") from None


def _start(place: Place, fsync: str, running: int) -> None:
    """Start it with `running`, the open file that holds the running lock: the child's own from then on."""
    try:
        place.pid.unlink(missing_ok=True)
        place.socket.unlink(missing_ok=True)
        with place.log.open("ab") as log:
            if log.tell() > _LOG_BYTES:
                log.truncate(0)
            process = subprocess.Popen(
                _command(place, fsync),
                cwd=place.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(running,),
                start_new_session=True,  # Ctrl-C reaches us alone: we drain while the store still works
            )
    finally:
        os.close(running)
    # Somebody must collect it when it ends, or it stays a zombie for as long as this process lives.
    threading.Thread(target=process.wait, name="embedded-redis-reaper", daemon=True).start()
    _log.info("started the embedded Redis %s in %s", place.program, place.folder)


def _command(place: Place, fsync: str) -> list[str]:
    options = {
        "port": "0",
        "unixsocket": str(place.socket),
        "unixsocketperm": "700",
        "dir": str(place.folder),
        "pidfile": str(place.pid),
        "appendonly": "yes",
        "appendfsync": fsync,
        "save": "",  # the append-only file is the only copy wanted
        "daemonize": "no",
    }
    return [str(place.program), *(word for name, value in options.items() for word in (f"--{name}", value))]


def _client(place: Place) -> Redis:
    return Redis(
        unix_socket_path=str(place.socket),
        socket_timeout=_PING_SECONDS,
        socket_connect_timeout=_PING_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


def _shut_down(place: Place) -> None:
    for how, seconds in ((signal.SIGTERM, _STOP_SECONDS), (signal.SIGKILL, _KILL_SECONDS)):
        if _ends(place, how, seconds):
            return
        _log.warning("the embedded Redis in %s didn't end within %g s of %s", place.folder, seconds, how.name)


def _ends(place: Place, how: signal.Signals, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    told = False
    while filelock.is_taken(place.running_lock):
        pid = _pid(place)
        if pid is not None and not told:  # one that was started a moment ago has yet to write its id
            with suppress(ProcessLookupError):
                os.kill(pid, how)
            told = True
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def _pid(place: Place) -> int | None:
    if not filelock.is_taken(place.running_lock):
        return None
    try:
        return int(place.pid.read_text())
    except (OSError, ValueError):
        return None


def _last_lines(place: Place) -> str:
    try:
        lines = place.log.read_text(errors="replace").splitlines()
    except OSError:
        return "(it printed nothing)"
    return "\n".join(lines[-_LOG_LINES:])
