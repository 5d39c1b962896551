"""What happens on one instance is seen on the other: at once, in one order, each message once (contract §4)."""

from __future__ import annotations

import asyncio
import random
import statistics
from collections.abc import Callable

from tests.support.people_lesson import People, Person, assert_saw_the_same, fresh_id
from tests.support.people_measure import measured
from tests.support.people_sockets import Message
from tests.support.process_house import House

ROUNDS = 60
MEDIAN_SECONDS = 0.05
"""A few milliseconds on a machine that does nothing else."""


async def test_media_state_crosses_in_order(house: House, people: People) -> None:
    """A camera switched by REST on one instance is seen on the sockets of the other, in order, within milliseconds."""
    a, b = house.instances
    tutor, student = await people.lesson(a, 1, 2)
    socket = await tutor.open(b)
    seconds: list[float] = []
    for turn in range(ROUNDS):
        mark = socket.mark
        answer = await student.call(a, "POST", "media-state/", {"video_enabled": turn % 2 == 0})
        assert answer.status == 200
        update = await socket.find_type("media_state_update", since=mark)
        assert update["media_state"] == answer.body["media_state"]
        seconds.append(max(0.0, socket.times[-1] - answer.asked_at))
    seen = [m["media_state"]["video_enabled"] for m in socket.of_type("media_state_update")]
    assert seen == [turn % 2 == 0 for turn in range(ROUNDS)]
    median = statistics.median(seconds)
    measured("media-state, call on one instance to socket on the other", seconds)
    assert median < MEDIAN_SECONDS


def has_switched(person: Person, audio: bool) -> Callable[[Message], bool]:
    """Whether a message tells that the person's microphone is now on, or off."""
    return lambda message: (
        message["type"] == "media_state_update"
        and message["user_id"] == person.user_id
        and message["media_state"]["audio_enabled"] is audio
    )


async def test_all_see_one_order(house: House, people: People) -> None:
    """People who switch at once, on two instances, by REST and by socket, are all seen in one and the same order."""
    a, b = house.instances
    everybody = await people.lesson(a, *range(10, 16))
    dice = random.Random(4)
    for number, person in enumerate(everybody):
        await person.open((a, b)[number % 2])
    last = everybody[-1].socket.seq + len(everybody) * (ROUNDS // 2)

    async def switch(number: int) -> None:
        person = everybody[number]
        for turn in range(ROUNDS // 2):
            wanted = turn % 2 == 0
            if dice.random() < 0.5:
                await person.post(dice.choice((a, b)), "media-state/", {"audio_enabled": wanted})
            else:
                mark = person.socket.mark
                await person.socket.send(type="media_state", audio_enabled=wanted)
                await person.socket.find(has_switched(person, wanted), since=mark)

    await asyncio.gather(*(switch(number) for number in range(len(everybody))))
    await asyncio.gather(*(person.socket.reach(last) for person in everybody))
    story = assert_saw_the_same(everybody)
    assert sum('"media_state_update"' in text for text in story.values()) == len(everybody) * (ROUNDS // 2)


async def test_a_late_comer_misses_nothing(house: House, people: People) -> None:
    """The state of a welcome and what comes after it fit together, however busy the lesson is just then."""
    a, b = house.instances
    tutor, student = await people.lesson(a, 1, 2)
    await tutor.open(a)
    switching = asyncio.create_task(_switch_on_and_off(tutor, 100))
    for _ in range(8):
        socket = await student.open(b)
        states = {state["user_id"]: state["video_enabled"] for state in socket.welcome["media_states"]}
        before = states[tutor.user_id]
        first = await socket.find_type("media_state_update")
        assert first["media_state"]["video_enabled"] is not before  # each switch is a change
    await switching
    await asyncio.gather(*(socket.reach(tutor.socket.seq) for socket in student.sockets))
    for socket in student.sockets:
        assert socket.faults == []
        assert all(tutor.socket.texts.get(seq, text) == text for seq, text in socket.texts.items())


async def _switch_on_and_off(person: Person, times: int) -> None:
    for turn in range(times):
        mark = person.socket.mark
        await person.socket.send(type="media_state", video_enabled=turn % 2 == 0)
        await person.socket.find_type("media_state_update", since=mark)


async def test_who_comes_first_together_misses_nothing(house: House, people: People) -> None:
    """The first people of a lesson, who open their sockets in the same moment, see one another arrive, each once."""
    a, b = house.instances

    async def arrive() -> None:
        lesson = await people.lesson(a, *(fresh_id() for _ in range(6)))
        await asyncio.gather(*(person.open((a, a, b)[number % 3]) for number, person in enumerate(lesson)))
        await asyncio.gather(*(person.socket.reach(len(lesson)) for person in lesson))
        assert_saw_the_same(lesson)
        for person in lesson:
            met = [
                message["participant"]["user_id"] for message in person.socket.of_type("participant_joined")
            ]
            there = [known["user_id"] for known in person.socket.welcome["participants"]]
            present = [known["status"] for known in person.socket.welcome["participants"]]
            assert present.count("connected") + len(met) == len(lesson)
            assert set(met) <= set(there)

    for _ in range(4):
        await asyncio.gather(*(arrive() for _ in range(5)))
