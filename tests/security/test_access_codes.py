"""Access codes are short: guessing them must take longer than any lesson lasts."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.people_calls import Answer
from tests.support.people_lesson import People, Person, fresh_id
from tests.support.process_house import House

TRIES = 10


async def guess(person: Person, house: House, codes: list[str]) -> list[Answer]:
    """Tries them all at once, on both instances."""
    calls = [
        person.call(house.instances[number % 2], "POST", "join/", {"access_code": code})
        for number, code in enumerate(codes)
    ]
    return list(await asyncio.gather(*calls))


@pytest.mark.gen_test(timeout=40)
async def test_guessing(house: House, people: People) -> None:
    """Ten wrong codes over all instances; then not even the right one is looked at, and it is said for how long."""
    (host,) = await people.lesson(house.instances[0], fresh_id(), access_code="1234")
    guesser = people.person(fresh_id(), host.uuid)
    answers = await guess(guesser, house, [f"{number:04}" for number in range(40)])
    codes = [answer.code for answer in answers]
    assert codes.count("bad_access_code") == TRIES
    assert codes.count("rate_limited") == 30
    (late,) = await guess(guesser, house, ["1234"])
    assert (late.status, late.code) == (429, "rate_limited")
    assert 50 <= int(late.headers["Retry-After"]) <= 60


@pytest.mark.gen_test(timeout=40)
async def test_others_are_not_locked_out(house: House, people: People) -> None:
    """One person's guesses are not another's; who was invited needs no code, and may send any as often as they like."""
    guest = fresh_id()
    host, invited = await people.lesson(house.instances[0], fresh_id(), guest, access_code="1234")
    guesser, other = (people.person(fresh_id(), host.uuid) for _ in range(2))
    await guess(guesser, house, ["0000"] * 15)
    (answer,) = await guess(other, house, ["1234"])
    assert answer.status == 200
    answers = await guess(invited, house, ["nonsense"] * 15) + await guess(host, house, ["nonsense"] * 15)
    assert {answer.status for answer in answers} == {200}
    await host.post(house.instances[1], "invite/", {"user_id": guesser.user_id})
    (answer,) = await guess(guesser, house, ["0000"])
    assert answer.status == 200
