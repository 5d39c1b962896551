"""Seeded random lessons: whatever people do, wherever they are, and however often they come back, all see one story."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.support.people_lesson import People, Person, assert_saw_the_same, fresh_id
from tests.support.people_sockets import Closed, Refusal
from tests.support.process_house import House
from tests.support.process_instance import Instance

SEEDS = (1, 2, 3)
STUDENTS = 5
STEPS = 60
RIGHTS = {"video_enabled": "can_toggle_video", "screen_sharing": "can_share_screen"}


@dataclass
class Run:
    """One run: the dice, the house, the host, and when which right of whom was taken, as far as acknowledged."""

    seed: int
    house: House
    host: Person
    students: list[Person]
    dice: random.Random = field(init=False)
    taken_at: dict[tuple[Any, str], float] = field(default_factory=dict)
    given_at: dict[tuple[Any, str], float] = field(default_factory=dict)
    wrongs: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)

    @property
    def instance(self) -> Instance:
        """Any one."""
        return self.dice.choice(self.house.instances)

    def may_not(self, person: Person, right: str, asked_at: float) -> bool:
        """Whether the right was taken before `asked_at`, and nobody has begun to give it back since."""
        taken = self.taken_at.get((person.user_id, right))
        return taken is not None and taken < asked_at and (person.user_id, right) not in self.given_at


async def switch_by_rest(run: Run, person: Person) -> None:
    """Switches something by a call; a right that was taken must be missed."""
    name = run.dice.choice(list(RIGHTS))
    on = run.dice.random() < 0.6
    answer = await person.call(run.instance, "POST", "media-state/", {name: on})
    if answer.status not in (200, 403):
        run.wrongs.append(f"{person.user_id} {name} {on}: {answer.status}")
    if on and answer.status == 200 and run.may_not(person, RIGHTS[name], answer.asked_at):
        run.wrongs.append(f"{person.user_id} switched {name} on without the right")


async def switch_by_socket(run: Run, person: Person) -> None:
    """Switches something by a message."""
    name = run.dice.choice(list(RIGHTS))
    await person.socket.send(type="media_state", **{name: run.dice.random() < 0.6})


async def raise_hand(run: Run, person: Person) -> None:
    """Raises or lowers the hand."""
    await person.socket.send(type="raise_hand", raised=run.dice.random() < 0.5)


async def log_event(run: Run, person: Person) -> None:
    """Logs something."""
    await person.post(run.instance, "event/", {"event_type": "layout_change", "data": {"n": run.seed}})


async def come_back(run: Run, person: Person) -> None:
    """Loses the connection, or closes it, and resumes anywhere."""
    if run.dice.random() < 0.5:
        person.socket.drop()
        await person.socket.until_closed()
    else:
        await person.socket.close()
    resumed = await person.resume(run.instance)
    if not resumed.welcome["recovered"]:
        run.wrongs.append(f"{person.user_id} was not recovered")
    if resumed.welcome["epoch"] != person.sockets[0].epoch:
        run.wrongs.append(f"{person.user_id} met another epoch")


async def take_or_give(run: Run, person: Person) -> None:
    """The host takes a right, or gives it back (just the host's own steps, one after the other)."""
    right = run.dice.choice(list(RIGHTS.values()))
    key = (person.user_id, right)
    give = run.dice.random() < 0.4
    if give:
        run.given_at[key] = time.monotonic()
    body = {"user_id": person.user_id, "permissions": {right: None if give else False}}
    await run.host.post(run.instance, "permissions/", body)
    if not give:
        run.given_at.pop(key, None)
        run.taken_at[key] = time.monotonic()


Step = Callable[[Run, Person], Awaitable[None]]
STUDENT_STEPS: tuple[Step, ...] = (
    switch_by_rest,
    switch_by_socket,
    switch_by_socket,
    raise_hand,
    log_event,
    come_back,
)


async def be_a_student(run: Run, person: Person) -> None:
    """Random steps, as fast as they are answered."""
    for _ in range(STEPS):
        await run.dice.choice(STUDENT_STEPS)(run, person)


async def be_the_host(run: Run) -> None:
    """Takes and gives rights, pauses and resumes; half way, the connections that carry broadcasts are cut; then one
    student is kicked.
    """
    paused = False
    for step in range(STEPS):
        if step == STEPS // 2:
            run.house.cut_broadcasts()
        if run.dice.random() < 0.2:
            await run.host.post(run.instance, "resume/" if paused else "pause/")
            paused = not paused
        else:
            await take_or_give(run, run.dice.choice(run.students))


async def be_kicked(run: Run, person: Person) -> None:
    """Goes on switching until the host's kick, which ends everything at once."""
    answers = []
    kick = None
    for step in range(40):
        if step == 15:
            kick = asyncio.create_task(run.host.call(run.instance, "POST", f"kick/{person.user_id}/"))
        answers.append(
            await person.call(run.instance, "POST", "media-state/", {"audio_enabled": step % 2 == 0})
        )
    assert kick is not None
    acknowledged = await kick
    late = [answer for answer in answers if answer.asked_at > acknowledged.had_at]
    if {answer.code for answer in late} != {"kicked"}:
        run.wrongs.append(f"after the kick: {[answer.code for answer in late]}")
    if await person.socket.until_closed() != 4403:
        run.wrongs.append(f"the kicked one's socket closed with {person.socket.close_code}")
    try:
        await person.resume(run.instance)
    except Refusal as refused:
        if refused.close_code != 4403:
            run.wrongs.append(f"the kicked one came back to {refused}")
    else:
        run.wrongs.append("the kicked one came back")


def check(run: Run, story: dict[int, str]) -> None:
    """The story itself: no hole in it, every change of a medium a change, nothing of the kicked one after the kick."""
    assert list(story) == list(range(min(story), max(story) + 1))
    states: dict[Any, dict[str, Any]] = {}
    gone: set[Any] = set()
    for text in story.values():
        message = json.loads(text)
        if message["type"] == "participant_left":
            gone.add((message["user_id"], message["reason"]))
        if message["type"] != "media_state_update":
            continue
        user, state = message["user_id"], dict(message["media_state"])
        state.pop("updated_at")
        assert (user, "kicked") not in gone
        assert states.get(user) != state
        states[user] = state
    assert {reason for _, reason in gone} == {"kicked"}


@pytest.mark.gen_test(timeout=30)
@pytest.mark.parametrize("seed", SEEDS)
async def test_a_random_lesson(house: House, people: People, seed: int) -> None:
    """No gap, no duplicate, one order for all, and nothing accepted after a right was taken."""
    a, b = house.instances
    host, unlucky, *students = lesson = await people.lesson(a, *(fresh_id() for _ in range(2 + STUDENTS)))
    run = Run(seed, house, host, students)
    await host.post(a, "start/")
    for number, person in enumerate(lesson):
        await person.open((a, b)[number % 2])
    await asyncio.gather(
        be_the_host(run), be_kicked(run, unlucky), *(be_a_student(run, person) for person in students)
    )
    staying = [host, *students]
    last = (await host.post(a, "media-state/", {"audio_enabled": True}))["media_state"]
    end = await host.socket.find(
        lambda m: m["type"] == "media_state_update" and m["media_state"] == last, since=0
    )
    try:
        await asyncio.gather(*(person.socket.reach(end["seq"]) for person in staying))
    except (Closed, TimeoutError) as problem:
        raise AssertionError(f"seed {seed}: not everybody got to {end['seq']}: {problem}") from problem
    assert run.wrongs == [], f"seed {seed}"
    story = assert_saw_the_same(lesson)
    check(run, story)
    errors = {error["code"] for person in students for s in person.sockets for error in s.of_type("error")}
    assert errors <= {"forbidden"}, f"seed {seed}"
