"""What fails of a store that sentinels watch. Each begins when nothing is left to be done of what failed before: what one
replica confirmed is promised for as long as that replica lives and is in step.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from tests.support.store_nodes import Node
from tests.support.store_watched import Watched

if TYPE_CHECKING:
    from tests.simulation.deployment import Deployment
    from tests.simulation.plan import Fault

FAILOVER = (r"the store refuses commands: (READONLY|NOREPLICAS)",)
"""The warnings that belong to a primary that lost its rank, or its replicas."""


async def _kill_primary(watched: Watched, fault: Fault) -> None:
    """A replica is promoted; later the former primary comes back, and has to be told."""
    former = watched.primary
    await asyncio.to_thread(former.kill)
    await asyncio.to_thread(watched.wait_turned)
    await asyncio.sleep(fault.seconds)
    await asyncio.to_thread(watched.start_node, former)


async def _hang_primary(watched: Watched, fault: Fault) -> None:
    """The same, but the former primary thinks that it never was away."""
    former = watched.primary
    former.signal(signal.SIGSTOP)
    await asyncio.to_thread(watched.wait_turned)
    await asyncio.sleep(fault.seconds)
    former.signal(signal.SIGCONT)


async def _restart_primary(watched: Watched, fault: Fault) -> None:
    """It is back before the sentinels think that it is down."""
    await _restart(watched, watched.primary, fault.seconds)


async def _stop_primary(watched: Watched, fault: Fault) -> None:
    """It hangs for less time than the sentinels wait."""
    await _stop(watched.primary, fault.seconds)


async def _kill_replica(watched: Watched, fault: Fault) -> None:
    """The other one goes on confirming what is written."""
    await _restart(watched, watched.replicas[fault.target % 2], fault.seconds)


async def _stop_replica(watched: Watched, fault: Fault) -> None:
    """The other one goes on confirming what is written."""
    await _stop(watched.replicas[fault.target % 2], fault.seconds)


async def _restart(watched: Watched, node: Node, seconds: float) -> None:
    await asyncio.to_thread(node.kill)
    await asyncio.sleep(seconds)
    await asyncio.to_thread(watched.start_node, node)


async def _stop(node: Node, seconds: float) -> None:
    node.signal(signal.SIGSTOP)
    await asyncio.sleep(seconds)
    node.signal(signal.SIGCONT)


def _of_watched(
    how: Callable[[Watched, Fault], Awaitable[None]],
) -> Callable[[Deployment, Fault], Awaitable[None]]:
    async def do(deployment: Deployment, fault: Fault) -> None:
        assert deployment.watched is not None
        await how(deployment.watched, fault)

    return do


HOW_WATCHED: Mapping[str, Callable[[Deployment, Fault], Awaitable[None]]] = {
    "kill_primary": _of_watched(_kill_primary),
    "hang_primary": _of_watched(_hang_primary),
    "restart_primary": _of_watched(_restart_primary),
    "stop_primary": _of_watched(_stop_primary),
    "kill_replica": _of_watched(_kill_replica),
    "stop_replica": _of_watched(_stop_replica),
}
