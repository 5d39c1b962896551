"""One simulated day: six lessons play while things fail, everything heals, and what was recorded is judged."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator
from typing import Any

from tests.simulation.actor import Actor
from tests.simulation.check_end import HEALED_SECONDS
from tests.simulation.checker import wrongs
from tests.simulation.deployment import Deployment
from tests.simulation.leaks import Watch
from tests.simulation.lesson import Lesson, open_lesson
from tests.simulation.look import look_at
from tests.simulation.plan import Plan
from tests.simulation.tally import tally
from tests.support.people_lesson import People
from tests.support.people_sockets import Closed
from tests.support.process_instance import Instance

POLL_SECONDS = 0.1


async def run(deployment: Deployment, watch: Watch, people: People, plan: Plan) -> tuple[list[str], str]:
    """What is wrong after a day (nothing, when all is well), and what it had in it."""
    deployment.begin()
    instances = deployment.house.instances
    lessons = await asyncio.gather(*(open_lesson(people, instances, lesson) for lesson in plan.lessons))
    playing = asyncio.gather(*(lesson.play() for lesson in lessons))
    await asyncio.gather(playing, deployment.suffer(plan.faults))
    over_at = max(trouble.ended_at for trouble in deployment.troubles)
    await deployment.ready()
    await asyncio.gather(*(lesson.settle() for lesson in lessons))
    await asyncio.gather(*(_heal(people, instances[0], lesson, over_at) for lesson in lessons))
    await deployment.whole()
    await asyncio.gather(*(look_at(deployment, people, lesson) for lesson in lessons))
    found = [sentence for lesson in lessons for sentence in wrongs(lesson.record)]
    for lesson in lessons:
        for actor in lesson.actors:
            await actor.drop()
    records = [lesson.record for lesson in lessons]
    left = await watch.left_behind(deployment, people, records)
    return found + deployment.wrongs + left, tally(records, watch.resident_bytes)


async def _heal(people: People, instance: Instance, lesson: Lesson, over_at: float) -> None:
    """Waits until everybody has caught up and the list of people is true, but not for ever; who is cut off meanwhile, being
    slow, comes back.
    """
    record = lesson.record
    record.wishes = {actor.who: actor.wish for actor in lesson.actors}
    while True:
        await lesson.settle()
        with contextlib.suppress(Closed, TimeoutError):  # then they come back in the next round
            await asyncio.gather(*(actor.board() for actor in lesson.actors))
        path = f"classroom/sessions/{record.uuid}/participants/"
        answer = await people.platform.call(instance, "GET", path)
        record.healed_after_seconds = time.monotonic() - over_at
        if answer.status == 200:
            listed = {p["user_id"]: p["status"] for p in answer.body["participants"]}
            if all(_is_settled(actor, listed, over=lesson.is_over) for actor in lesson.actors):
                return
        if record.healed_after_seconds > HEALED_SECONDS:
            return
        await asyncio.sleep(POLL_SECONDS)


def _is_settled(actor: Actor, listed: dict[Any, str], *, over: bool) -> bool:
    if over or actor.is_out:
        return listed.get(actor.who) not in ("connected", "reconnecting")
    wanted = {"in": "connected", "left": "left", "gone": "disconnected"}[actor.wish]
    return listed.get(actor.who, "absent") in (wanted, "absent")


def described(plan: Plan, found: list[str]) -> Iterator[str]:
    """What to print of a day that went wrong."""
    yield str(plan)
    yield f'again: make test ARGS="tests/simulation --sim-seed {plan.seed}"'
    yield from found
