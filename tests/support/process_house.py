"""Several instances on one store, as one would run them; the embedded store, or a Redis by URL."""

from __future__ import annotations

import os
import secrets
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support.process_instance import Instance

STORE_SECONDS = 10.0

OUTAGE = (
    r"the store is gone",
    r"the store refuses commands: LOADING",
    r"the lease of instance \w+ had lapsed",
)
"""The warnings that belong to an outage of the store."""

CRASH = (r"instance \w+ is gone; its sockets count as dropped",)
"""The warning that belongs to the death of an instance."""


class House:
    """`instances` share one store, one platform secret and `settings`; `own` are what each has beside them. One writes its
    log as text, the next as JSON.
    """

    def __init__(
        self, folder: Path, count: int = 2, own: Sequence[Mapping[str, object]] = (), **settings: object
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
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
        self.allowed: tuple[str, ...] = ()
        self._seen = dict.fromkeys(self.instances, 0)
        self._paused_store: int | None = None

    def start(self) -> None:
        """Starts every instance, and returns when all are ready."""
        for instance in self.instances:
            instance.spawn()
        for instance in self.instances:
            instance.wait_ready()

    def close(self) -> None:
        """Ends everything; the last instance stops an embedded store."""
        self.resume_store()
        for instance in self.instances:
            instance.stop()

    def allow(self, *patterns: str) -> None:
        """Log lines (regular expressions) that what is done here brings about."""
        self.allowed += patterns

    def assert_logs_clean(self) -> None:
        """Since the last call nothing was logged that speaks of a fault, and never a token."""
        found: list[str] = []
        for instance in self.instances:
            after, self._seen[instance] = self._seen[instance], len(instance.log())
            found += instance.unexpected_lines(self.allowed, after)
        assert found == [], "\n".join(found)

    @property
    def store_pid(self) -> int | None:
        """The embedded store's process; None when none runs."""
        for path in (self.folder / "data").glob("*/redis.pid"):
            text = path.read_text()
            if text.strip().isdigit() and Path(f"/proc/{text.strip()}").exists():
                return int(text)
        return None

    def kill_store(self) -> int:
        """Kills the embedded store; the process it was."""
        pid = self._running_store()
        os.kill(pid, signal.SIGKILL)
        return pid

    def pause_store(self) -> None:
        """Lets the embedded store hang: its connections stay open, nothing is answered."""
        self._paused_store = self._running_store()
        os.kill(self._paused_store, signal.SIGSTOP)

    def resume_store(self) -> None:
        """Lets it go on after `pause_store`."""
        if self._paused_store is not None:
            os.kill(self._paused_store, signal.SIGCONT)
            self._paused_store = None

    @property
    def store_socket(self) -> str:
        """The path of the embedded store's socket."""
        (path,) = (self.folder / "data").glob("*/redis.pid")
        near = path.with_name("redis.sock")
        assert near.exists(), "the path is too long for a socket in the data folder"
        return str(near)

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
