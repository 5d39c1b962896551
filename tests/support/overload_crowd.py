"""Crowds without a REST call for each of them, and what an instance says and takes meanwhile."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable

from schemas.classroom_token import ClassroomTokens
from schemas.config_sections import DEVELOPMENT_CLASSROOM_SECRET, SigningKey
from tests.support.overload_sockets import resident_bytes
from tests.support.people_lesson import People
from tests.support.process_instance import Instance

SAMPLE_SECONDS = 0.05
_TOKENS = ClassroomTokens((SigningKey("development", DEVELOPMENT_CLASSROOM_SECRET),), 3600)


def classroom_token(uuid: str, user_id: str) -> str:
    """The token of somebody invited, as `jwt/` would give it; their seat is taken with their first socket."""
    token, _ = _TOKENS.issue(
        uuid,
        user_id,
        role="student",
        permissions={},
        generation=1,
        scheduled_end=None,
        now=time.time(),
    )
    return token


async def crowded_session(people: People, instance: Instance, host: str, invited: list[str]) -> str:
    """The uuid of a session with room for all of them."""
    body = {
        "session_type": "group",
        "host": {"id": host, "name": "The host"},
        "max_participants": len(invited) + 10,
        "invite": [{"id": user} for user in invited],
    }
    made = await people.platform.post(instance, "classroom/sessions/", body)
    return str(made["uuid"])


async def figure(people: People, instance: Instance, name: str) -> float:
    """The sum of a metric's values, over those of its labels that `name` (a regular expression) has."""
    page = (await people.page(instance, "/metrics")).decode()
    return sum(float(value) for value in re.findall(rf"^lessonroom_{name} ([\d.e+]+)$", page, re.MULTILINE))


async def until_figure(
    people: People, instance: Instance, name: str, reached: Callable[[float], bool], seconds: float
) -> float:
    """Waits until a metric is so; how long that took."""
    began = time.monotonic()
    async with asyncio.timeout(seconds):
        while not reached(await figure(people, instance, name)):  # noqa: ASYNC110 - another process's figure
            await asyncio.sleep(SAMPLE_SECONDS)
    return time.monotonic() - began


class Memory:
    """The most that a process had in memory, looked at all the time until `stop`."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.began_with = self.most = resident_bytes(pid)
        self._task = asyncio.create_task(self._look())

    @property
    def now(self) -> int:
        """What it has now."""
        return resident_bytes(self._pid)

    async def stop(self) -> None:
        """Looks no more."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _look(self) -> None:
        while True:
            self.most = max(self.most, self.now)
            await asyncio.sleep(SAMPLE_SECONDS)
