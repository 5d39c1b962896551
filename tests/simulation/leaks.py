"""Whether anything stays behind when everybody has gone: on the instances, and in the store."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator, Mapping, Sequence

from store import keys
from tests.simulation.deployment import Deployment
from tests.simulation.history import LessonRecord
from tests.support.people_lesson import People

GONE_SECONDS = 8.0
POLL_SECONDS = 0.1
MOST = {"connections": 0, "sessions": 0, "subscriptions": 0, "tasks": 14, "open_files": 24}
"""What an instance without people has at most: six connections to Redis, and what the process needs by itself."""
MORE_A_NODE = {"tasks": 13, "open_files": 10}
"""For each more node of a cluster, with its own connections and somebody who looks after it."""
MORE_WITH_SENTINELS = {"open_files": 3}
"""A connection to each of them."""
GROWTH_BYTES = 48 << 20
"""How much more memory than at its first look an instance may come to; caches fill up, and then it stays."""


class Watch:
    """Looks at the instances of one deployment day after day."""

    def __init__(self) -> None:
        self._first: dict[tuple[int, int], float] = {}
        self.resident_bytes: list[float] = []

    async def left_behind(
        self, deployment: Deployment, people: People, records: Sequence[LessonRecord]
    ) -> list[str]:
        """Sentences about what is still there when all had the time to go."""
        deadline = time.monotonic() + GONE_SECONDS
        while True:
            instances = deployment.house.instances
            figures = [gauges((await people.page(i, "/metrics")).decode()) for i in instances]
            more = _more(deployment)
            found = [wrong for number, each in enumerate(figures) for wrong in too_much(number, each, more)]
            found += await asyncio.to_thread(lambda: list(_in_store(deployment, records)))
            if not found or time.monotonic() > deadline:
                break
            await asyncio.sleep(POLL_SECONDS)
        self.resident_bytes = [each["resident_bytes"] for each in figures]
        for number, resident in enumerate(self.resident_bytes):
            first = self._first.setdefault((number, instances[number].port), resident)
            if resident > first + GROWTH_BYTES:
                found.append(f"instance {number} grew from {first:.0f} to {resident:.0f} bytes")
        return found


def _more(deployment: Deployment) -> dict[str, int]:
    if deployment.watched is not None:
        return MORE_WITH_SENTINELS
    return {name: count * (deployment.node_count - 1) for name, count in MORE_A_NODE.items()}


def too_much(number: int, figures: dict[str, float], more: Mapping[str, int] | None = None) -> Iterator[str]:
    """What an instance has more of than one without people needs, which is MOST and `more`."""
    for name, usual in MOST.items():
        most = usual + (more or {}).get(name, 0)
        if figures[name] > most:
            yield f"instance {number} has {figures[name]:.0f} {name} of at most {most}"


def gauges(text: str) -> dict[str, float]:
    """The figures of a metrics page by name, those with labels added up."""
    found = {"connections": 0.0}
    for name, value in re.findall(r"^lessonroom_(\w+)(?:\{.*\})? (\S+)$", text, re.MULTILINE):
        found[name] = found.get(name, 0.0) + float(value)
    return found


def _in_store(deployment: Deployment, records: Sequence[LessonRecord]) -> Iterator[str]:
    for record in records:
        for who in record.people:
            left = deployment.ask_redis("HGETALL", f"{keys.session(record.uuid)}:sockets:{who}")
            if left:
                yield f"the store still has sockets of {who} in the {record.style} lesson: {left}"
    holders = deployment.ask_redis("ZRANGE", keys.INSTANCES, 0, -1)
    if len(holders) != len(deployment.house.instances):
        yield f"{len(holders)} instances hold leases"
    for holder in holders:
        kept = deployment.ask_redis("SCARD", keys.sessions_on(holder.decode()))
        if kept:
            yield f"an instance still looks after {kept} sessions"
