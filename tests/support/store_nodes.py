"""A node of a store as a process on this machine, to be killed, paused and started."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from store.embedded_place import EmbeddedError, find_place
from tests.support.tls import Door

START_SECONDS = 30.0
"""For a machine that is busy with much else."""
PROGRAM_VARIABLE = "STORE_PROGRAM"
"""The environment may name another program than the one that the embedded store would be."""


class Node:
    """One process of the store, in a folder of its own."""

    def __init__(self, folder: Path, **options: object) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.options = {"bind": "127.0.0.1", "save": "", "dir": folder, **options}
        self.door: Door | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._settled = False
        self._take_ports()

    def start(self, *words: str) -> None:
        """Starts it, with the data it had, and returns when it answers."""
        while True:
            options = [word for name, value in self.options.items() for word in (f"--{name}", str(value))]
            with (self.folder / "node.out").open("ab") as out:
                self._process = subprocess.Popen(
                    [str(program()), *words, *options], stdin=subprocess.DEVNULL, stdout=out, stderr=out
                )
            eventually(self._is_decided, f"the node in {self.folder} does not answer")
            if self.pid is not None:
                self._settled = True
                return
            assert not self._settled, (self.folder / "node.out").read_text()
            self._take_ports()  # somebody else was quicker to use one

    def _is_decided(self) -> bool:
        return self.pid is None or self.answers()

    def _take_ports(self) -> None:
        self.port = free_port()
        self.options["port"] = self.port
        if "cluster-port" in self.options:
            self.options["cluster-port"] = free_port()
        self.client = Redis(
            port=self.port,
            protocol=2,
            socket_timeout=2,
            socket_connect_timeout=2,
            retry=Retry(NoBackoff(), 0),
        )
        self.client.response_callbacks.clear()

    @property
    def seen_port(self) -> int:
        """Where others find it: at its door, if it has one."""
        return self.door.port if self.door is not None else self.port

    def answers(self) -> bool:
        """Whether it does."""
        try:
            return bool(self.call("PING") == b"PONG")
        except (RedisError, OSError):
            return False

    @property
    def pid(self) -> int | None:
        """Its process; None when it does not run."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def call(self, *command: object) -> Any:
        """The reply to any command, as it came."""
        return self.client.execute_command(*command)  # type: ignore[no-untyped-call]  # redis-py gives it no type

    def told(self, section: str) -> dict[str, str]:
        """What `INFO` says."""
        lines = self.call("INFO", section).decode().splitlines()
        return dict(line.split(":", 1) for line in lines if ":" in line)

    def kill(self) -> None:
        """Ends it at once."""
        self.signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def signal(self, number: signal.Signals) -> None:
        """SIGSTOP lets it hang, SIGCONT go on."""
        if self._process is not None and self._process.poll() is None:
            os.kill(self._process.pid, number)

    def close(self) -> None:
        """Ends it for good."""
        self.client.close()
        self.kill()


def program() -> Path:
    """The program; skips the test when there is none."""
    named = os.environ.get(PROGRAM_VARIABLE)
    if named:
        return Path(named)
    try:
        return find_place(Path("/tmp") / "lessonroom-store-program").program  # noqa: S108 - holds nothing
    except EmbeddedError as problem:
        pytest.skip(str(problem))


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def eventually(reached: Callable[[], bool], complaint: str, seconds: float = START_SECONDS) -> None:
    """Returns once something is so; blocks."""
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline, complaint
        time.sleep(0.01)
