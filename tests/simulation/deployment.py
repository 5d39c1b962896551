"""What is simulated: three instances as processes, one Redis, and between them links that can fail; or a cluster, or nodes
that sentinels watch, without links.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from redis import Redis, RedisError

from tests.conftest import FreshRedis
from tests.simulation.history import Trouble
from tests.simulation.plan import INSTANCES, Fault
from tests.simulation.promotions import FAILOVER, HOW_WATCHED
from tests.support.links import Links
from tests.support.process_house import CRASH, OUTAGE, House
from tests.support.store_cluster import Cluster
from tests.support.store_watched import Watched

SETTINGS: Mapping[str, Any] = {
    "presence__grace_seconds": 0.5,
    "presence__lease_seconds": 1.5,
    "sessions__linger_seconds": 0.3,
    "relay__check_seconds": 1,
    "board__snapshot_events": 40,
    "board__snapshot_seconds": 0.5,
    "limits__writes_per_second": 10_000,
    "limits__board_events_per_second": 10_000,
    "limits__outbox_bytes": 16_384,
}
LOGGED = (*OUTAGE, *CRASH, *FAILOVER, r"the store refuses commands: BUSY")


class Deployment:
    """The processes, and everything that is done to them. `troubles` says what was, since `begin`."""

    def __init__(self, folder: Path, store: Cluster | Watched | None = None) -> None:
        self.redis = store or FreshRedis(folder / "redis")
        self.links = Links(self.redis.url.removeprefix("unix://"), INSTANCES)
        self.links.start()
        own = [{"redis.url": f"redis://127.0.0.1:{link.port}"} for link in self.links.links]
        settings = {**SETTINGS, "redis__url": self.redis.url}
        if isinstance(store, Watched):
            settings["redis__wait_replicas"] = 1
        self.house = House(folder / "house", INSTANCES, [] if store else own, **settings)
        self.house.allow(*LOGGED)
        self.troubles: list[Trouble] = []
        self.wrongs: list[str] = []
        self._one_at_a_time: dict[str, asyncio.Lock] = {}

    @property
    def watched(self) -> Watched | None:
        """The nodes, where sentinels watch them."""
        return self.redis if isinstance(self.redis, Watched) else None

    @property
    def unwatched(self) -> FreshRedis | Cluster:
        """The store, where no sentinel would do something about its failing."""
        assert not isinstance(self.redis, Watched)
        return self.redis

    @property
    def node_count(self) -> int:
        """How many nodes an instance uses at a time."""
        return len(self.redis.primaries) if isinstance(self.redis, Cluster) else 1

    def start(self) -> None:
        """Returns when every instance is ready; blocks."""
        self.house.start()

    def close(self) -> None:
        """Ends everything; blocks."""
        self.redis.resume()
        self.redis.start()  # the instances say good-bye to it
        self.house.close()
        self.links.close()
        self.redis.close()

    def begin(self) -> None:
        """Another lesson day: what was before is forgotten."""
        self.troubles = []
        self.wrongs = []
        self._one_at_a_time = {}

    async def suffer(self, faults: tuple[Fault, ...]) -> None:
        """Lets everything fail as planned; returns when all of it is over."""
        await asyncio.gather(*(self._one(fault) for fault in faults))

    async def _one(self, fault: Fault) -> None:
        await asyncio.sleep(fault.at_seconds)
        async with self._one_at_a_time.setdefault(fault.what, asyncio.Lock()):
            if fault.what == "redis":
                await self.whole()
            trouble = Trouble(fault.kind, fault.target, time.monotonic(), float("inf"))
            self.troubles.append(trouble)
            if isinstance(self.redis, FreshRedis) or fault.kind not in _OF_LINKS:
                await _HOW[fault.kind](self, fault)
            trouble.ended_at = time.monotonic()

    async def whole(self) -> None:
        """Returns when nothing of the last failover is left to be done."""
        if self.watched is not None:
            await asyncio.to_thread(self.watched.wait_whole)

    async def ready(self) -> None:
        """Returns when every instance says that it is ready."""
        await asyncio.gather(*(asyncio.to_thread(instance.wait_ready) for instance in self.house.instances))

    def ask_redis(self, *command: Any) -> Any:
        """One command, past the links."""
        if isinstance(self.redis, FreshRedis):
            where: dict[str, Any] = {"unix_socket_path": self.redis.url.removeprefix("unix://")}
        else:
            where = {"port": self.redis.owner_of(command[1]).port}
        with Redis(**where, socket_timeout=5) as redis:
            return redis.execute_command(*command)

    def ask_everywhere(self, *command: Any) -> None:
        """A command without a key, on every node that is written to."""
        if isinstance(self.redis, FreshRedis):
            self.ask_redis(*command)
        else:
            self.redis.call_all(*command)


async def _kill_instance(deployment: Deployment, fault: Fault) -> None:
    instance = deployment.house.instances[fault.target]
    await asyncio.to_thread(instance.kill)
    await asyncio.sleep(fault.seconds)
    await _start_again(deployment, fault)


async def _terminate_instance(deployment: Deployment, fault: Fault) -> None:
    instance = deployment.house.instances[fault.target]
    instance.terminate()
    status = await instance.exit_status()
    if status != 0:
        deployment.wrongs.append(f"instance {fault.target} drained and ended with {status}")
    await asyncio.sleep(fault.seconds)
    await _start_again(deployment, fault)


async def _start_again(deployment: Deployment, fault: Fault) -> None:
    instance = deployment.house.instances[fault.target]
    instance.spawn()
    await asyncio.to_thread(instance.wait_listening)


async def _stop_instance(deployment: Deployment, fault: Fault) -> None:
    instance = deployment.house.instances[fault.target]
    instance.pause()
    await asyncio.sleep(fault.seconds)
    instance.resume()


async def _kill_redis(deployment: Deployment, fault: Fault) -> None:
    redis = deployment.unwatched
    await asyncio.to_thread(redis.kill)
    await asyncio.sleep(fault.seconds)
    await asyncio.to_thread(redis.start)


async def _stop_redis(deployment: Deployment, fault: Fault) -> None:
    redis = deployment.unwatched
    redis.pause()
    await asyncio.sleep(fault.seconds)
    redis.resume()


async def _kill_clients(deployment: Deployment, fault: Fault) -> None:
    which = fault.kind.removeprefix("kill_")
    try:
        await asyncio.to_thread(deployment.ask_everywhere, "CLIENT", "KILL", "TYPE", which)
    except RedisError as problem:
        deployment.wrongs.append(f"clients could not be killed: {problem}")


async def _delay(deployment: Deployment, fault: Fault) -> None:
    link = deployment.links.links[fault.target]
    link.delay_seconds = fault.seconds
    await asyncio.sleep(fault.seconds)
    link.delay_seconds = 0.0


async def _cut(deployment: Deployment, fault: Fault) -> None:
    deployment.links.tell(fault.target, "cut")


async def _half_close(deployment: Deployment, fault: Fault) -> None:
    deployment.links.tell(fault.target, "half_close")
    await asyncio.sleep(fault.seconds)


async def _lose_replies(deployment: Deployment, fault: Fault) -> None:
    deployment.links.links[fault.target].loses_replies = True
    await asyncio.sleep(fault.seconds)
    deployment.links.tell(fault.target, "find_replies")


_OF_LINKS = frozenset(("delay", "cut", "half_close", "lose_replies"))
_HOW: Mapping[str, Callable[[Deployment, Fault], Awaitable[None]]] = {
    "kill_instance": _kill_instance,
    "terminate_instance": _terminate_instance,
    "stop_instance": _stop_instance,
    "kill_redis": _kill_redis,
    "stop_redis": _stop_redis,
    "kill_pubsub": _kill_clients,
    "kill_normal": _kill_clients,
    "delay": _delay,
    "cut": _cut,
    "half_close": _half_close,
    "lose_replies": _lose_replies,
    **HOW_WATCHED,
}
