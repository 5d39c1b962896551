"""Whether anything stays behind when everybody has gone: on the instances, and in the store."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator

from store import keys
from tests.simulation.deployment import Deployment
from tests.simulation.history import LessonRecord
from tests.support.people_lesson import People

GONE_SECONDS = 8.0
MOST = {"connections": 0, "sessions": 0, "subscriptions": 0, "tasks": 14, "open_files": 24}
"""What an instance without people has at most. Six connections to Redis; the rest is the process itself."""
MOST_RESIDENT_BYTES = 160 << 20
POLL_SECONDS = 0.1


async def left_behind(deployment: Deployment, people: People, records: list[LessonRecord]) -> list[str]:
    """Sentences about what is still there when all had the time to go."""
    deadline = time.monotonic() + GONE_SECONDS
    while True:
        pages = [await people.page(instance, "/metrics") for instance in deployment.house.instances]
        found = [sentence for number, page in enumerate(pages) for sentence in _on_instance(number, page)]
        found += await asyncio.to_thread(lambda: list(_in_store(deployment, records)))
        if not found or time.monotonic() > deadline:
            return found
        await asyncio.sleep(POLL_SECONDS)


def _on_instance(number: int, page: bytes) -> Iterator[str]:
    figures = gauges(page.decode())
    for name, most in {**MOST, "resident_bytes": MOST_RESIDENT_BYTES}.items():
        if figures[name] > most:
            yield f"instance {number} has {figures[name]:.0f} {name} of at most {most}"


def _in_store(deployment: Deployment, records: list[LessonRecord]) -> Iterator[str]:
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


def gauges(text: str) -> dict[str, float]:
    """The metrics page's figures by name, those with labels added up."""
    found: dict[str, float] = {}
    for name, value in re.findall(r"^lessonroom_(\w+)(?:\{.*\})? (\S+)$", text, re.MULTILINE):
        found[name] = found.get(name, 0.0) + float(value)
    return {"connections": 0.0, **found}
