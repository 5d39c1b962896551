"""The workloads, in the order in which they play."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bench.stage import Stage
from bench.workloads import burst, grow, idle, join, media, relay, storm, sync

WORKLOADS: Mapping[str, Callable[[Stage], None]] = {
    "relay": relay.run,
    "burst": burst.run,
    "media": media.run,
    "join": join.run,
    "idle": idle.run,
    "storm": storm.run,
    "sync": sync.run,
    "grow": grow.run,
}
