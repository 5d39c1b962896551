"""One simulated day: six lessons play while things fail, everything heals, and what was recorded is judged."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from store import keys
from store.entry import parse
from tests.simulation.actor import Actor
from tests.simulation.check_end import HEALED_SECONDS
from tests.simulation.checker import wrongs
from tests.simulation.deeds import play
from tests.simulation.deployment import Deployment
from tests.simulation.history import LessonRecord, View
from tests.simulation.leaks import Watch
from tests.simulation.plan import LessonPlan, Plan
from tests.simulation.tally import tally
from tests.support.people_calls import Caller
from tests.support.people_lesson import People, fresh_id
from tests.support.people_sockets import Closed, open_socket
from tests.support.process_instance import Instance

POLL_SECONDS = 0.1
CHANNELS = ("system", "board", "webrtc")


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
        scripts = (self.plan.host, *self.plan.students)
        await asyncio.gather(
            *(play(actor, script) for actor, script in zip(self.actors, scripts, strict=True))
        )

    async def settle(self) -> None:
        """The host first: whether the others may be there depends on what the host did last."""
        await self.actors[0].settle(0)
        await asyncio.gather(*(actor.settle(n) for n, actor in enumerate(self.actors[1:])))

    @property
    def is_over(self) -> bool:
        """Whether the host ended it."""
        return any(write.acknowledged for write in self.record.writes_of("complete"))


async def run(deployment: Deployment, watch: Watch, people: People, plan: Plan) -> tuple[list[str], str]:
    """What is wrong after a day (nothing, when all is well), and what it had in it."""
    deployment.begin()
    instances = deployment.house.instances
    lessons = await asyncio.gather(*(_open(people, instances, lesson) for lesson in plan.lessons))
    playing = asyncio.gather(*(lesson.play() for lesson in lessons))
    await asyncio.gather(playing, deployment.suffer(plan.faults))
    over_at = max(trouble.ended_at for trouble in deployment.troubles)
    await deployment.ready()
    await asyncio.gather(*(lesson.settle() for lesson in lessons))
    await asyncio.gather(*(_heal(people, instances[0], lesson, over_at) for lesson in lessons))
    await asyncio.gather(*(_look(deployment, people, lesson) for lesson in lessons))
    found = [sentence for lesson in lessons for sentence in wrongs(lesson.record)]
    for lesson in lessons:
        for actor in lesson.actors:
            await actor.drop()
    records = [lesson.record for lesson in lessons]
    left = await watch.left_behind(deployment, people, records)
    return found + deployment.wrongs + left, tally(records, watch.resident_bytes)


async def _open(people: People, instances: list[Instance], plan: LessonPlan) -> Lesson:
    users = [fresh_id() for _ in range(1 + len(plan.students))]
    everybody = await people.lesson(instances[0], *users, session_type="group")
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


async def _heal(people: People, instance: Instance, lesson: Lesson, over_at: float) -> None:
    """Waits until the list of people is true, but not for ever."""
    record = lesson.record
    record.wishes = {actor.who: actor.wish for actor in lesson.actors}
    while time.monotonic() - over_at < HEALED_SECONDS:
        path = f"classroom/sessions/{record.uuid}/participants/"
        answer = await people.platform.call(instance, "GET", path)
        record.healed_after_seconds = time.monotonic() - over_at
        if answer.status == 200:
            listed = {p["user_id"]: p["status"] for p in answer.body["participants"]}
            if all(_is_settled(actor, listed, over=lesson.is_over) for actor in lesson.actors):
                return
        await asyncio.sleep(POLL_SECONDS)


def _is_settled(actor: Actor, listed: dict[Any, str], *, over: bool) -> bool:
    if over:
        return listed.get(actor.who) not in ("connected", "reconnecting")
    wanted = {"in": "connected", "left": "left", "gone": "disconnected"}[actor.wish]
    return actor.is_out or listed.get(actor.who, "absent") in (wanted, "absent")


async def _look(deployment: Deployment, people: People, lesson: Lesson) -> None:
    """Records how the lesson stands: what everybody was told, the store's log, and what each instance shows."""
    record, instances = lesson.record, deployment.house.instances
    log = await asyncio.to_thread(
        deployment.ask_redis, "XRANGE", f"{keys.session(record.uuid)}:log", "-", "+"
    )
    entries = [parse(fields[b"m"]) for _, fields in log]
    record.story = [json.loads(e.json) for e in entries if e.position and e.position.sub == 0]
    for actor in lesson.actors:
        try:
            await actor.until(len(record.story))
            board = await actor.board()
        except (Closed, TimeoutError) as problem:
            record.notes.append(f"{actor.who} does not get to {len(record.story)}: {problem}")
        else:
            record.boards.update({actor.who: board} if board else {})
        actor.digest()
        actor.finish()
        answer = await actor.person.call(instances[0], "GET", "permissions/")
        if answer.status == 200:
            record.rights[actor.who] = answer.body
    record.snapshots = await _snapshots(people.platform, instances[0], record.uuid)
    record.troubles = deployment.troubles
    for instance in instances:
        view = await _view(people.platform, instance, record.uuid)
        if not lesson.is_over:
            view.replayed = await _replay(lesson.actors[0], instance, len(record.story))
        record.views.append(view)


async def _snapshots(platform: Caller, instance: Instance, uuid: str) -> dict[int, dict[str, Any]]:
    """The newest few of those that were made automatically, and all others."""
    path = f"classroom/sessions/{uuid}/snapshots/"
    kept = (await platform.get(instance, path))["snapshots"]
    made = [one["version"] for one in kept if one["snapshot_type"] != "auto"]
    automatic = [one["version"] for one in kept if one["snapshot_type"] == "auto"][:2]
    return {
        version: (await platform.get(instance, f"{path}{version}/"))["board_state"]
        for version in made + automatic
    }


async def _view(platform: Caller, instance: Instance, uuid: str) -> View:
    async def get(path: str, **query: Any) -> Any:
        return await platform.get(instance, f"classroom/sessions/{uuid}/{path}", **query)

    session = await get("")
    session.pop("total_duration_seconds")
    page = await get("events/", limit=1000)
    assert page["next"] is None
    for event in page["events"]:
        event["at"] = _monotonic(event["created_at"])
    return View(
        session=session,
        participants=(await get("participants/"))["participants"],
        media=(await get("media-state/"))["media_states"],
        board=await get("export/", format="json"),
        events=page["events"],
        stats=await get("events/stats/"),
    )


async def _replay(host: Actor, instance: Instance, last: int) -> list[dict[str, Any]]:
    epoch = host.person.socket.epoch
    socket = await open_socket(instance, host.person.uuid, host.person.token, since=0, epoch=epoch)
    with contextlib.suppress(TimeoutError):
        await socket.reach(last)
    await socket.close()
    return [message for message in socket.messages if message.get("seq") is not None]


def _monotonic(created_at: str) -> float:
    return datetime.fromisoformat(created_at).timestamp() - _OFFSET


_OFFSET = time.time() - time.monotonic()


def described(plan: Plan, found: list[str]) -> Iterator[str]:
    """What to print of a day that went wrong."""
    yield str(plan)
    yield f'again: make test ARGS="tests/simulation --sim-seed {plan.seed}"'
    yield from found
