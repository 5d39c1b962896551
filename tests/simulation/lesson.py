"""One simulated lesson: its plan, its people, and the record of it."""

from __future__ import annotations

import asyncio

from tests.simulation.actor import Actor
from tests.simulation.deeds import play
from tests.simulation.history import LessonRecord
from tests.simulation.plan import LessonPlan
from tests.support.people_lesson import People, Person, fresh_id
from tests.support.process_instance import Instance

CHANNELS = ("system", "board", "webrtc")
BUSY_SECONDS = 1.0


class Lesson:
    """One lesson with its people, the host first."""

    def __init__(self, plan: LessonPlan, record: LessonRecord, actors: list[Actor]) -> None:
        self.plan = plan
        self.record = record
        self.actors = actors
        for actor in actors[1:]:
            actor.reads_slowly = plan.style == "heavy"

    async def play(self) -> None:
        """All at once."""
        scripts, latest = (self.plan.host, *self.plan.students), self.plan.latest_seconds
        await asyncio.gather(
            *(play(actor, script, latest) for actor, script in zip(self.actors, scripts, strict=True))
        )

    async def settle(self) -> None:
        """The host first: whether the others may be there depends on what the host did last."""
        await self.actors[0].settle(0)
        await asyncio.gather(*(actor.settle(n) for n, actor in enumerate(self.actors[1:])))

    @property
    def is_over(self) -> bool:
        """Whether the host ended it."""
        return any(write.acknowledged for write in self.record.writes_of("complete"))


async def open_lesson(people: People, instances: list[Instance], plan: LessonPlan) -> Lesson:
    """A lesson that has begun, with everybody in."""
    users = [fresh_id() for _ in range(1 + len(plan.students))]
    everybody = await _made(people, instances[0], users)
    record = LessonRecord(everybody[0].uuid, plan.style, users[0], tuple(users[1:]))
    channels = CHANNELS if plan.style == "channels" else ("",)
    actors = [
        Actor(person, record, instances, channels if number else ("",))
        for number, person in enumerate(everybody)
    ]
    lesson = Lesson(plan, record, actors)
    await actors[0].insist("start", 0, "start/")
    await asyncio.gather(*(actor.be_in(number) for number, actor in enumerate(actors)))
    return lesson


async def _made(people: People, instance: Instance, users: list[str]) -> list[Person]:
    """On a machine that is busy with other things, the store may miss a second's deadline; then once more."""
    try:
        return await people.lesson(instance, *users, session_type="group")
    except AssertionError:
        await asyncio.sleep(BUSY_SECONDS)
        return await people.lesson(instance, *users, session_type="group")
