"""Several instances on one store, as one would run them; the embedded store, a cluster, or a Redis by URL."""

from __future__ import annotations

import os
import secrets
import signal
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from redis import Redis

from tests.support.process_instance import Instance
from tests.support.store_cluster import Cluster

STORE_SECONDS = 10.0

OUTAGE = (
    r"the store is gone",
    r"the store refuses commands: LOADING",
    r"the lease of instance \w+ had lapsed",
)
"""The warnings that belong to an outage of the store."""

ANEW = (r"session \S+ starts anew",)
"""The warning when a log is continued by another node, or by one that was started again."""

CRASH = (r"instance \w+ is gone; its sockets count as dropped",)
"""The warning that belongs to the death of an instance."""


class House:
    """`instances` share one store, one platform secret and `settings`; `own` are what each has beside them. One writes its
    log as text, the next as JSON.
    """

    def __init__(
        self,
        folder: Path,
        count: int = 2,
        own: Sequence[Mapping[str, object]] = (),
        *,
        cluster: Cluster | None = None,
        **settings: object,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.cluster = cluster
        if cluster is not None:
            settings.setdefault("redis__url", cluster.url)
        self.secret = secrets.token_hex(32)
        common = {
            "auth.secret": self.secret,
            "redis.data_dir": str(folder / "data"),
            "log.level": "debug",
            "server.drain_seconds": 0.2,
            **{name.replace("__", "."): value for name, value in settings.items()},
        }
        forms = ("text", "json")
        self.instances = [
            Instance(
                f"instance{i}",
                folder,
                {**common, "log.format": forms[i % 2], **(own[i] if own else {})},
            )
            for i in range(count)
        ]
        self.fails_over = str(settings.get("redis__url", "")).startswith("redis+")
        self.allowed: tuple[str, ...] = ANEW if self.fails_over else ()
        self._seen = dict.fromkeys(self.instances, 0)
        self._paused_store: int | None = None
        self._restart: threading.Thread | None = None

    def start(self) -> None:
        """Starts every instance, and returns when all are ready."""
        for instance in self.instances:
            instance.spawn()
        for instance in self.instances:
            instance.wait_ready()

    def close(self) -> None:
        """Ends everything; the last instance stops an embedded store."""
        self.resume_store()
        if self._restart is not None:
            self._restart.join()
        for instance in self.instances:
            instance.stop()

    def allow(self, *patterns: str) -> None:
        """Log lines (regular expressions) that what is done here brings about."""
        self.allowed += patterns

    def unexpected_lines(self) -> list[str]:
        """What was logged since the last call that speaks of a fault, or holds a token."""
        found: list[str] = []
        for instance in self.instances:
            after, self._seen[instance] = self._seen[instance], len(instance.log())
            found += instance.unexpected_lines(self.allowed, after)
        return found

    def assert_logs_clean(self) -> None:
        """Since the last call nothing was logged that speaks of a fault, and never a token."""
        found = self.unexpected_lines()
        assert found == [], "\n".join(found)

    @property
    def store_pid(self) -> int | None:
        """The store's process (a cluster's first); None when none runs."""
        if self.cluster is not None:
            return self.cluster.pid
        for path in (self.folder / "data").glob("*/redis.pid"):
            text = path.read_text()
            if text.strip().isdigit() and Path(f"/proc/{text.strip()}").exists():
                return int(text)
        return None

    def kill_store(self) -> int:
        """Kills the store, which is started again at once; the process it was."""
        pid = self._running_store()
        if self.cluster is not None:
            self.cluster.kill()
            self._restart = threading.Thread(target=self.cluster.start)
            self._restart.start()
            return pid
        os.kill(pid, signal.SIGKILL)
        return pid

    def pause_store(self) -> None:
        """Lets the store hang: its connections stay open, nothing is answered."""
        if self.cluster is not None:
            self.cluster.pause()
            return
        self._paused_store = self._running_store()
        os.kill(self._paused_store, signal.SIGSTOP)

    def resume_store(self) -> None:
        """Lets it go on after `pause_store`."""
        if self.cluster is not None:
            self.cluster.resume()
        if self._paused_store is not None:
            os.kill(self._paused_store, signal.SIGCONT)
            self._paused_store = None

    def cut_broadcasts(self) -> int:
        """Cuts the connections that carry broadcasts; how many there were."""
        return sum(int(killed) for killed in self._call_store("CLIENT", "KILL", "TYPE", "pubsub"))

    def lose_session(self, uuid: str) -> None:
        """Lets the store forget all of a session."""
        for names in self._call_store("KEYS", f"*{uuid}*"):
            for name in names:
                self._call_store("DEL", name) if self.cluster is None else self.cluster.call_at(
                    name, "DEL", name
                )

    def _call_store(self, *command: object) -> list[Any]:
        """The replies of all the store's nodes."""
        if self.cluster is not None:
            return self.cluster.call_all(*command)
        (path,) = (self.folder / "data").glob("*/redis.pid")
        near = path.with_name("redis.sock")
        assert near.exists(), "the path is too long for a socket in the data folder"
        with Redis(unix_socket_path=str(near)) as store:
            return [store.execute_command(*command)]

    def _running_store(self) -> int:
        deadline = time.monotonic() + STORE_SECONDS
        while (pid := self.store_pid) is None:
            assert time.monotonic() < deadline, "no store runs"
            time.sleep(0.005)
        return pid


@contextmanager
def running(house: House) -> Iterator[House]:
    """The house, started; at the end it is stopped and its logs are looked at."""
    try:
        house.start()
        yield house
    finally:
        house.close()
    house.assert_logs_clean()
