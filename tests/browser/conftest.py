"""Browsers, and what they look at: two instances, each behind a balancer of its own."""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import async_playwright
from tornado.ioloop import IOLoop

from tests.support.browser import CHROMIUM, Visitor, launch
from tests.support.browser_lesson import Lesson
from tests.support.people_lesson import People
from tests.support.process_house import House, running

SETTINGS: dict[str, Any] = {"presence__lease_seconds": 1.5}

Arrive = Callable[..., Awaitable[Visitor]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser starts in a second; a busy machine may take ten."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.gen_test(timeout=90))


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's program."""
    if CHROMIUM is None or not shutil.which(CHROMIUM):
        pytest.skip("Chromium is not installed (on Debian: apt-get install chromium)")
    return CHROMIUM


@pytest.fixture
def arrive(io_loop: IOLoop, chromium: str) -> Iterator[Arrive]:
    """Lets people arrive with browsers; whatever a browser complained of fails the test."""
    started = io_loop.run_sync(async_playwright().start)
    browser = io_loop.run_sync(lambda: launch(started), timeout=30)
    visitors: list[Visitor] = []

    async def come(name: str, **options: Any) -> Visitor:
        visitors.append(await Visitor.arrive(browser, name, **options))
        return visitors[-1]

    yield come
    io_loop.run_sync(browser.close)
    io_loop.run_sync(started.stop)
    assert [line for visitor in visitors for line in visitor.complaints()] == []


@pytest.fixture
def house(chromium: str, tmp_path: Path) -> Iterator[House]:
    """Two instances on one store, which a test may break."""
    with running(House(tmp_path / "house", **SETTINGS)) as started:
        yield started


@pytest.fixture
def lesson(io_loop: IOLoop, house: House, arrive: Arrive) -> Iterator[Lesson]:
    """A lesson of a tutor and a student, whose browsers are on different instances."""
    people = People(house.secret)
    made = io_loop.run_sync(lambda: Lesson.begin(house, people, arrive))
    yield made
    io_loop.run_sync(made.close)
    io_loop.run_sync(people.close)
