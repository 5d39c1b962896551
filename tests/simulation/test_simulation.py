"""Seeded days of a whole deployment: three instances, Redis, six lessons, and whatever can fail."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.simulation.day import described, run
from tests.simulation.deployment import Deployment
from tests.simulation.plan import draw_plan
from tests.support.people_lesson import People
from tests.support.process_house import House


@pytest.mark.gen_test(timeout=90)
async def test_a_day(deployment: Deployment, people_of: Callable[[House], People], seed: int) -> None:
    """Whatever fails: nothing acknowledged is lost, nothing counts twice or unasked, and everybody sees the same."""
    plan = draw_plan(seed)
    found = await run(deployment, people_of(deployment.house), plan)
    assert found == [], "\n".join(described(plan, found))
