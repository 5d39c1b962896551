"""Seeded days of a whole deployment: three instances, Redis, six lessons, and whatever can fail."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

import pytest

from tests.simulation.day import described, run
from tests.simulation.deployment import Deployment
from tests.simulation.leaks import Watch
from tests.simulation.plan import draw_plan
from tests.support.people_lesson import People
from tests.support.process_house import House

DAY_SECONDS = 90
SOAK_MINUTES = float(os.environ.get("LONG_RUNS") or 0)
"""`LONG_RUNS=5` makes a soak of five minutes."""


async def have(deployment: Deployment, watch: Watch, people: People, seed: int) -> None:
    """A day, in which all must be well."""
    plan = draw_plan(seed)
    found, figures = await run(deployment, watch, people, plan)
    sys.stdout.write(f"seed {seed}: {figures}\n")
    if found:
        found += deployment.house.unexpected_lines()
    assert found == [], "\n".join(described(plan, found))


@pytest.mark.gen_test(timeout=DAY_SECONDS)
async def test_a_day(
    deployment: Deployment, watch: Watch, people_of: Callable[[House], People], seed: int
) -> None:
    """Whatever fails: nothing acknowledged is lost, nothing counts twice or unasked, and everybody sees the same."""
    await have(deployment, watch, people_of(deployment.house), seed)


@pytest.mark.skipif(not SOAK_MINUTES, reason="LONG_RUNS=5 makes a soak of five minutes")
@pytest.mark.gen_test(timeout=SOAK_MINUTES * 60 + DAY_SECONDS)
async def test_many_days(deployment: Deployment, watch: Watch, people_of: Callable[[House], People]) -> None:
    """Days that nobody has seen yet, on one deployment, which does not grow."""
    seed, until = int(time.time()), time.monotonic() + SOAK_MINUTES * 60
    while time.monotonic() < until:
        seed += 1
        people = people_of(deployment.house)
        await have(deployment, watch, people, seed)
        await people.close()
        deployment.house.assert_logs_clean()
