"""A primary, its replicas, and the sentinels that watch them, as processes on this machine."""

from __future__ import annotations

import secrets
import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from redis.exceptions import RedisError, ResponseError

from tests.support.store_nodes import Node, eventually
from tests.support.tls import Doors

PATIENCE_SECONDS = 60.0
"""How long the sentinels may take for anything, on a machine that is busy with much else."""
CONF = "node.conf"
DOWN_AFTER_MS = 1000
"""Long enough for a machine that is busy with much else: a primary that is replaced though it was only slow may go on
acknowledging, together with a replica that has not been turned yet.
"""
BRISK = (
    *("PING-PERIOD", 300, "INFO-PERIOD", 500, "PUBLISH-PERIOD", 300),
    *("TILT-PERIOD", 1000, "SLAVE-RECONF-TIMEOUT", 2000, "ELECTION-TIMEOUT", 2000),
)
"""What sentinels do every so many ms: a former primary is made a replica within a second or two, not after ten. A new
primary is asked for the first time after a ping's period, which must be much less than when it counts as down.
"""
_MISSED = {"s_down", "o_down", "disconnected", "failover_in_progress"}

Facts = dict[str, str]


class Watched:
    """A primary, its replicas, and three sentinels that watch them. A node that is started again is what it was last, as
    its file says, until the sentinels tell it otherwise. With `doors`, clients need TLS.
    """

    SERVICE = "lessonroom"

    def __init__(
        self,
        folder: Path,
        replicas: int = 2,
        doors: Doors | None = None,
        options: Mapping[str, object] | None = None,
        down_after_ms: int = DOWN_AFTER_MS,
    ) -> None:
        common = {"appendonly": "no", "repl-diskless-sync-delay": 0, **(options or {})}
        self.nodes = [Node(folder / f"node{number}", **common) for number in range(1 + replicas)]
        self.sentinels = [Node(folder / f"sentinel{number}") for number in range(3)]
        self.primary = self.nodes[0]
        self._down_after_ms = down_after_ms
        self._doors = doors
        if doors is not None:
            for node in self.nodes:
                node.door = doors.open(lambda node=node: node.port)  # type: ignore[misc]  # the default binds this turn's node
                node.options["replica-announce-port"] = node.door.port
            for sentinel in self.sentinels:
                sentinel.door = doors.open(lambda node=sentinel: node.port, strict=True)  # type: ignore[misc]  # likewise
        self._ids = [secrets.token_hex(20) for _ in self.sentinels]

    @property
    def url(self) -> str:
        """For `redis.url`."""
        hosts = ",".join(f"127.0.0.1:{sentinel.seen_port}" for sentinel in self.sentinels)
        where = f"{hosts}/{self.SERVICE}"
        if self._doors is None:
            return f"redis+sentinel://{where}"
        return f"rediss+sentinel://{where}?ssl_ca_certs={self._doors.authority.ca}"

    @property
    def replicas(self) -> list[Node]:
        """The nodes that are not the primary."""
        return [node for node in self.nodes if node is not self.primary]

    def create(self) -> None:
        """Starts everything, and returns when all know of one another."""
        for node in self.nodes:
            node.folder.joinpath(CONF).touch()
            self.start_node(node)
        for node in self.replicas:
            node.call("REPLICAOF", "127.0.0.1", self.primary.seen_port)
            node.call("CONFIG", "REWRITE")
        for sentinel in self.sentinels:
            sentinel.folder.joinpath(CONF).write_text(self._conf_of(sentinel))
        for sentinel in self.sentinels:
            sentinel.start(str(sentinel.folder / CONF), "--sentinel")
            with suppress(ResponseError):  # Redis 6 has no such command, and takes its time
                sentinel.call("SENTINEL", "DEBUG", *BRISK)
        self.wait_whole()

    def start_node(self, node: Node) -> None:
        """Starts a node for the first time, or after it was killed."""
        node.start(str(node.folder / CONF))

    def start(self) -> None:
        """Starts what does not run, and lets go on what hangs."""
        self.resume()
        for node in self.nodes:
            if node.pid is None:
                self.start_node(node)

    def resume(self) -> None:
        """Lets everything go on that hangs."""
        for node in self.nodes:
            node.signal(signal.SIGCONT)

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
        eventually(
            lambda: self._agreed() not in (None, self.primary), "no replica was promoted", PATIENCE_SECONDS
        )
        self.primary = self._agreed() or self.primary
        return self.primary

    def wait_promoted(self) -> None:
        """Returns when one of the replicas is none any more; whether anybody knows it yet is another thing."""
        eventually(
            lambda: any(map(self._is_promoted, self.replicas)), "no replica was promoted", PATIENCE_SECONDS
        )

    def wait_turned(self) -> Node:
        """The primary of now, once the sentinels agree on another one, which all other nodes that answer follow."""
        former = self.primary
        self.find_primary()
        eventually(
            lambda: all(self._follows(node) for node in self.replicas if node is not former),
            "a replica follows the former primary",
            PATIENCE_SECONDS,
        )
        return self.primary

    def call_all(self, *command: object) -> list[Any]:
        """The reply of the node that is written to."""
        return [self.primary.call(*command)]

    def owner_of(self, _: str | bytes) -> Node:
        """The node that has the key: the primary has all."""
        return self.primary

    def wait_whole(self) -> None:
        """Returns when all nodes run, follow the primary, and have what it has, and the sentinels know."""
        eventually(self._is_whole, "the sentinels do not find everybody", PATIENCE_SECONDS)

    def close(self) -> None:
        """Ends everything."""
        for node in (*self.sentinels, *self.nodes):
            node.close()

    def _conf_of(self, sentinel: Node) -> str:
        """All that there is to know, so that nobody has to be discovered first."""
        number = self.sentinels.index(sentinel)
        others = [n for n in range(len(self.sentinels)) if n != number]
        return "\n".join(
            [
                f"sentinel myid {self._ids[number]}",
                f"sentinel monitor {self.SERVICE} 127.0.0.1 {self.primary.seen_port} 2",
                f"sentinel down-after-milliseconds {self.SERVICE} {self._down_after_ms}",
                f"sentinel failover-timeout {self.SERVICE} 3000",
                *(
                    f"sentinel known-replica {self.SERVICE} 127.0.0.1 {node.seen_port}"
                    for node in self.replicas
                ),
                *(
                    f"sentinel known-sentinel {self.SERVICE} 127.0.0.1 {self.sentinels[n].port} {self._ids[n]}"
                    for n in others
                ),
                "",
            ]
        )

    def _is_whole(self) -> bool:
        agreed = self._agreed()
        if agreed is None:
            return False
        self.primary = agreed
        return all(map(self._follows, self.replicas)) and all(map(self._sees_all, self.sentinels))

    def _is_promoted(self, node: Node) -> bool:
        try:
            return node.told("replication")["role"] == "master"
        except (RedisError, OSError):
            return False

    def _follows(self, node: Node) -> bool:
        try:
            told = node.told("replication")
        except (
            RedisError,
            OSError,
        ):  # also when a sentinel has cut its clients off, since it has another rank now
            return False
        at = told.get("master_port"), told.get("master_link_status")
        return at == (str(self.primary.seen_port), "up")

    def _sees_all(self, sentinel: Node) -> bool:
        """Whether it reaches everybody, and knows whom the replicas follow: else it might promote nobody."""
        nodes = _all_facts(sentinel, "REPLICAS", self.SERVICE)
        others = _all_facts(sentinel, "SENTINELS", self.SERVICE)
        everybody = [_facts(sentinel, self.SERVICE), *nodes, *others]
        return (
            len(everybody) == len(self.nodes) + len(self.sentinels) - 1
            and all(_MISSED.isdisjoint(facts["flags"].split(",")) for facts in everybody)
            and all(facts["master-port"] == str(self.primary.seen_port) for facts in nodes)
            and all(facts["master-link-status"] == "ok" for facts in nodes)
        )

    def _agreed(self) -> Node | None:
        named = {_facts(sentinel, self.SERVICE)["port"] for sentinel in self.sentinels}
        port = int(named.pop()) if len(named) == 1 else None
        return next((node for node in self.nodes if node.seen_port == port), None)


def _facts(sentinel: Node, service: str) -> Facts:
    return _paired(sentinel.call("SENTINEL", "MASTER", service))


def _all_facts(sentinel: Node, whose: str, service: str) -> list[Facts]:
    return [_paired(flat) for flat in sentinel.call("SENTINEL", whose, service)]


def _paired(flat: list[bytes]) -> Facts:
    return {key.decode(): value.decode() for key, value in zip(flat[::2], flat[1::2], strict=True)}
