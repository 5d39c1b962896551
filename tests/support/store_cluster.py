"""A cluster of the store as processes on this machine."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import Any

from redis.crc import key_slot

from tests.support.store_nodes import Node, eventually
from tests.support.tls import Doors

SLOTS = 16_384
BATCH = 100


class Cluster:
    """Three primaries, each with as many `replicas` as said; they keep their data. With `doors`, clients need TLS."""

    def __init__(
        self, folder: Path, primaries: int = 3, replicas: int = 0, doors: Doors | None = None
    ) -> None:
        options = {
            "cluster-enabled": "yes",
            "cluster-node-timeout": 2000,
            "cluster-replica-validity-factor": 0,
            "appendonly": "yes",
            "appendfsync": "always",
            "repl-diskless-sync-delay": 0,
        }
        self.primaries = [self._node(folder / f"primary{n}", options) for n in range(primaries)]
        self.replicas = [self._node(folder / f"replica{n}", options) for n in range(primaries * replicas)]
        self._paused = False
        self._doors = doors
        for node in self.nodes if doors is not None else ():
            node.door = doors.open(lambda node=node: node.port)  # type: ignore[misc,union-attr]  # this turn's node; doors are there
            node.options["cluster-announce-port"] = node.door.port

    @staticmethod
    def _node(folder: Path, options: dict[str, object]) -> Node:
        return Node(folder, **{**options, "cluster-port": 0})

    @property
    def nodes(self) -> list[Node]:
        """All of them."""
        return [*self.primaries, *self.replicas]

    @property
    def url(self) -> str:
        """For `redis.url`: two of the nodes are enough."""
        hosts = ",".join(f"127.0.0.1:{node.seen_port}" for node in self.primaries[:2])
        if self._doors is None:
            return f"redis+cluster://{hosts}"
        return f"rediss+cluster://{hosts}?ssl_ca_certs={self._doors.authority.ca}"

    @property
    def pid(self) -> int | None:
        """The first node's process; None when it does not run."""
        return self.primaries[0].pid

    def create(self) -> None:
        """Starts the nodes, spreads the slots, and returns when everybody knows."""
        self.start_nodes()
        share = -(-SLOTS // len(self.primaries))
        for number, node in enumerate(self.primaries):
            last = min((number + 1) * share, SLOTS) - 1
            node.call("CLUSTER", "ADDSLOTSRANGE", number * share, last)
            node.call("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        first = self.primaries[0]
        for node in self.nodes[1:]:
            first.call("CLUSTER", "MEET", "127.0.0.1", node.seen_port, node.options["cluster-port"])
        eventually(self._is_acquainted, "the nodes do not get to know each other")
        for number, node in enumerate(self.replicas):
            primary = self.primaries[number % len(self.primaries)]
            node.call("CLUSTER", "REPLICATE", primary.call("CLUSTER", "MYID"))
        eventually(self.is_whole, "the cluster is not whole")

    def start_nodes(self) -> None:
        """Starts what does not run, all at once."""
        threads = [threading.Thread(target=node.start) for node in self.nodes if node.pid is None]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def start(self) -> None:
        """Starts it again after `kill`, with the data it had."""
        self.start_nodes()
        eventually(self.is_whole, "the cluster is not whole again")

    def kill(self) -> None:
        """Ends all nodes at once."""
        self._paused = False
        for node in self.nodes:
            node.signal(signal.SIGKILL)
        for node in self.nodes:
            node.kill()

    def pause(self) -> None:
        """Lets all nodes hang."""
        self._paused = True
        for node in self.nodes:
            node.signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Lets them go on."""
        if self._paused:
            self._paused = False
            for node in self.nodes:
                node.signal(signal.SIGCONT)

    def call_all(self, *command: object) -> list[Any]:
        """The replies of all primaries."""
        return [node.call(*command) for node in self.primaries]

    def call_at(self, key: str | bytes, *command: object) -> Any:
        """The reply of the primary that has the key."""
        return self.owner_of(key).call(*command)

    def owner_of(self, key: str | bytes) -> Node:
        """The primary that has the key now."""
        slot = key_slot(key if isinstance(key, bytes) else key.encode())
        for first, last, primary, *_ in self.primaries[0].call("CLUSTER", "SLOTS"):
            if first <= slot <= last:
                return next(node for node in self.nodes if node.seen_port == primary[1])
        raise AssertionError(f"nobody has slot {slot}")

    def is_whole(self) -> bool:
        """Whether all nodes say so, and every replica is in step."""
        infos = [node.call("CLUSTER", "INFO") for node in self.nodes]
        return all(b"cluster_state:ok" in info for info in infos) and all(
            node.told("replication").get("master_link_status") == "up" for node in self.replicas
        )

    def close(self) -> None:
        """Ends it for good."""
        self.resume()
        for node in self.nodes:
            node.close()

    def _is_acquainted(self) -> bool:
        return all(
            node.call("CLUSTER", "NODES").count(b" connected") >= len(self.nodes) for node in self.nodes
        )


class Migration:
    """One slot on its way from one primary to another, step by step, as an operator's tools do it."""

    def __init__(self, cluster: Cluster, slot: int, source: Node, target: Node) -> None:
        self._cluster = cluster
        self._slot = slot
        self._source = source
        self._target = target

    def begin(self) -> None:
        """From now on the slot is between the two."""
        self._target.call("CLUSTER", "SETSLOT", self._slot, "IMPORTING", self._source.call("CLUSTER", "MYID"))
        self._source.call("CLUSTER", "SETSLOT", self._slot, "MIGRATING", self._target.call("CLUSTER", "MYID"))

    def move_keys(self, most: int = SLOTS) -> int:
        """Moves so many keys; how many there were."""
        moved = 0
        while moved < most:
            names = self._source.call("CLUSTER", "GETKEYSINSLOT", self._slot, min(BATCH, most - moved))
            if not names:
                break
            self._source.call("MIGRATE", "127.0.0.1", self._target.port, "", 0, 2000, "KEYS", *names)
            moved += len(names)
        return moved

    def end(self) -> None:
        """The slot is the target's."""
        owner = self._target.call("CLUSTER", "MYID")
        for node in (self._target, self._source, *self._cluster.primaries):
            node.call("CLUSTER", "SETSLOT", self._slot, "NODE", owner)
