"""Seeded days of a whole deployment: three instances, a store, six lessons, and whatever can fail."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.simulation.day import described, run
from tests.simulation.deployment import Deployment
from tests.simulation.leaks import Watch
from tests.simulation.plan import ORDINARY, WATCHED, Kind, draw_plan
from tests.support.people_lesson import People
from tests.support.process_house import House

DAY_SECONDS = 90
SOAK_MINUTES = float(os.environ.get("LONG_RUNS") or 0)
"""`LONG_RUNS=5` makes a soak of five minutes."""


def soak(test: Callable[..., Any]) -> Any:
    """A test that lasts as long as it is told."""
    timed = pytest.mark.gen_test(timeout=SOAK_MINUTES * 60 + DAY_SECONDS)(test)
    return pytest.mark.skipif(not SOAK_MINUTES, reason="LONG_RUNS=5 makes a soak of five minutes")(timed)


async def have(
    deployment: Deployment, watch: Watch, people: People, seed: int, kind: Kind = ORDINARY
) -> None:
    """A day, in which all must be well."""
    plan = draw_plan(seed, kind)
    found, figures = await run(deployment, watch, people, plan)
    sys.stdout.write(f"seed {seed}: {figures}\n")
    if found:
        found += deployment.house.unexpected_lines()
    assert found == [], "\n".join(described(plan, found))


async def have_many(
    deployment: Deployment, watch: Watch, people_of: Callable[[House], People], kind: Kind = ORDINARY
) -> None:
    """Days that nobody has seen yet, for as long as was said."""
    seed, until = int(time.time()), time.monotonic() + SOAK_MINUTES * 60
    while time.monotonic() < until:
        seed += 1
        people = people_of(deployment.house)
        await have(deployment, watch, people, seed, kind)
        await people.close()
        deployment.house.assert_logs_clean()


@pytest.mark.gen_test(timeout=DAY_SECONDS)
async def test_a_day(
    deployment: Deployment, watch: Watch, people_of: Callable[[House], People], seed: int
) -> None:
    """Whatever fails: nothing acknowledged is lost, nothing counts twice or unasked, and everybody sees the same."""
    await have(deployment, watch, people_of(deployment.house), seed)


@pytest.mark.gen_test(timeout=DAY_SECONDS)
async def test_a_day_with_promotions(
    watched_deployment: Deployment,
    watched_watch: Watch,
    people_of: Callable[[House], People],
    seed_of_watched: int,
) -> None:
    """The same holds when sentinels promote a replica, of which one confirmed what was acknowledged
    (`redis.wait_replicas = 1`), and the former primary comes back.
    """
    await have(
        watched_deployment, watched_watch, people_of(watched_deployment.house), seed_of_watched, WATCHED
    )


@soak
async def test_many_days(deployment: Deployment, watch: Watch, people_of: Callable[[House], People]) -> None:
    """Days that nobody has seen yet, on one deployment, which does not grow."""
    await have_many(deployment, watch, people_of)


@soak
async def test_many_days_with_promotions(
    watched_deployment: Deployment, watched_watch: Watch, people_of: Callable[[House], People]
) -> None:
    """The same with sentinels."""
    await have_many(watched_deployment, watched_watch, people_of, WATCHED)
