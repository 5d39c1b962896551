"""Nodes of a store as processes on this machine: primaries, replicas, sentinels, to be killed, paused and started."""

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

START_SECONDS = 10.0
PROGRAM_VARIABLE = "STORE_PROGRAM"
"""The environment may name another program than the one that the embedded store would be."""


class Node:
    """One process of the store, in a folder of its own."""

    def __init__(self, folder: Path, **options: object) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.options = {"bind": "127.0.0.1", "save": "", "dir": folder, **options}
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


class Watched:
    """A primary, its replicas, and three sentinels that watch them."""

    SERVICE = "lessonroom"

    def __init__(self, folder: Path, replicas: int = 2, **options: object) -> None:
        common = {"appendonly": "no", "repl-diskless-sync-delay": 0, **options}
        self.nodes = [Node(folder / f"node{number}", **common) for number in range(1 + replicas)]
        self.sentinels = [Node(folder / f"sentinel{number}") for number in range(3)]
        self.primary = self.nodes[0]

    @property
    def url(self) -> str:
        """For `redis.url`."""
        hosts = ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in self.sentinels)
        return f"redis+sentinel://{hosts}/{self.SERVICE}"

    @property
    def replicas(self) -> list[Node]:
        """The nodes that are not the primary."""
        return [node for node in self.nodes if node is not self.primary]

    def start(self) -> None:
        """Starts everything, and returns when all know of one another."""
        for node in self.nodes:
            node.start()
        for node in self.replicas:
            node.call("REPLICAOF", "127.0.0.1", self.primary.port)
        for sentinel in self.sentinels:
            self._watch_by(sentinel)
        eventually(self._is_complete, "the sentinels do not find everybody")

    def cut_replicas_off(self) -> None:
        """From now on no replica receives anything, until the primary is killed."""
        self.primary.call("WAIT", len(self.replicas), 2000)
        for node in self.replicas:
            node.signal(signal.SIGSTOP)
        # Else what is sent would wait for them in the kernel.
        self.primary.call("CLIENT", "KILL", "TYPE", "replica")

    def kill_primary(self) -> None:
        """Kills the primary; the replicas go on with what they have."""
        self.primary.kill()
        for node in self.replicas:
            node.signal(signal.SIGCONT)

    def find_primary(self) -> Node:
        """The primary of now, once the sentinels agree on another one."""
        eventually(lambda: self._agreed() not in (None, self.primary.port), "no replica was promoted")
        self.primary = next(node for node in self.nodes if node.port == self._agreed())
        return self.primary

    def close(self) -> None:
        """Ends everything."""
        for node in (*self.sentinels, *self.nodes):
            node.close()

    def _watch_by(self, sentinel: Node) -> None:
        conf = sentinel.folder / "sentinel.conf"
        conf.write_text(
            f"sentinel monitor {self.SERVICE} 127.0.0.1 {self.primary.port} 2\n"
            f"sentinel down-after-milliseconds {self.SERVICE} 500\n"
            f"sentinel failover-timeout {self.SERVICE} 3000\n"
        )
        sentinel.start(str(conf), "--sentinel")

    def _is_complete(self) -> bool:
        in_step = all(node.told("replication")["master_link_status"] == "up" for node in self.replicas)
        wanted = [str(len(self.replicas)), str(len(self.sentinels) - 1)]
        return in_step and all(
            [facts["num-slaves"], facts["num-other-sentinels"]] == wanted
            for facts in (_facts(sentinel, self.SERVICE) for sentinel in self.sentinels)
        )

    def _agreed(self) -> int | None:
        named = {_facts(sentinel, self.SERVICE)["port"] for sentinel in self.sentinels}
        return int(named.pop()) if len(named) == 1 else None


def _facts(sentinel: Node, service: str) -> dict[str, str]:
    flat = sentinel.call("SENTINEL", "MASTER", service)
    return {key.decode(): value.decode() for key, value in zip(flat[::2], flat[1::2], strict=True)}


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
