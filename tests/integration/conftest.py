"""What integration tests run against: instances as processes, and people who know nothing but the contract."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from tornado.ioloop import IOLoop

from tests.support.people_lesson import People
from tests.support.process_house import House, running

ORDINARY: dict[str, Any] = {
    "presence__grace_seconds": 1,
    "sessions__linger_seconds": 0.5,
    "limits__writes_per_second": 10_000,  # streams here are as fast as they can be
    "limits__board_events_per_second": 10_000,
}


@pytest.fixture(scope="session")
def shared_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Two instances on their embedded store, for all tests that leave them whole."""
    with running(House(tmp_path_factory.mktemp("house"), **ORDINARY)) as house:
        yield house


@pytest.fixture
def house(shared_house: House) -> Iterator[House]:
    """The shared house; what this test makes it log is looked at."""
    yield shared_house
    shared_house.assert_logs_clean()


@pytest.fixture
def build_house(tmp_path: Path) -> Iterator[Callable[..., House]]:
    """Makes houses that a test may break: `build_house(presence__lease_seconds=1.5)`."""
    with ExitStack() as stack:

        def build(count: int = 2, **settings: Any) -> House:
            return stack.enter_context(running(House(tmp_path / "house", count, **{**ORDINARY, **settings})))

        yield build


@pytest.fixture
def people_of(io_loop: IOLoop) -> Iterator[Callable[[House], People]]:
    """The people around a house."""
    made: list[People] = []

    def of(house: House) -> People:
        made.append(People(house.secret))
        return made[-1]

    yield of
    for people in made:
        io_loop.run_sync(people.close)


@pytest.fixture
def people(house: House, people_of: Callable[[House], People]) -> People:
    """The people around the shared house."""
    return people_of(house)
