from collections import Counter

from tests.simulation.conftest import SEEDS, SEEDS_OF_WATCHED
from tests.simulation.deeds import HOW
from tests.simulation.plan import (
    FAULTS,
    FAULTS_OF_WATCHED,
    HOST_DEEDS,
    LESSONS,
    MORE,
    PROMOTIONS,
    STUDENT_DEEDS,
    WATCHED,
    draw_plan,
)


def test_a_seed_always_says_the_same() -> None:
    """A day that went wrong can be played again; another seed is another day."""
    assert draw_plan(7) == draw_plan(7)
    assert draw_plan(7) != draw_plan(8)


def test_the_seeds_leave_nothing_out() -> None:
    """The days of one run have every fault, at every instance, several at once, and every kind of deed."""
    plans = [draw_plan(seed) for seed in SEEDS]
    faults = Counter(fault.kind for plan in plans for fault in plan.faults)
    assert set(faults) == set(FAULTS)
    assert min(faults.values()) >= 3
    assert {fault.what for plan in plans for fault in plan.faults} >= {"instance0", "instance1", "instance2"}
    deeds = {
        deed.kind
        for plan in plans
        for lesson in plan.lessons
        for script in (lesson.host, *lesson.students)
        for deed in script
    }
    assert deeds == set(HOW)


def test_the_days_with_promotions_leave_nothing_out() -> None:
    """Each of them has one while people are busy, and together they have everything else that can fail there."""
    plans = [draw_plan(seed, WATCHED) for seed in SEEDS_OF_WATCHED]
    assert {fault.kind for plan in plans for fault in plan.faults} == set(FAULTS_OF_WATCHED)
    early = [[f for f in plan.faults if f.at_seconds < WATCHED.active_seconds / 2] for plan in plans]
    assert all(any(fault.kind in PROMOTIONS for fault in faults) for faults in early)


def test_every_deed_can_be_done() -> None:
    """The tables agree."""
    drawn = {*STUDENT_DEEDS, *HOST_DEEDS, *(kind for more in MORE.values() for kind in more), "complete"}
    assert drawn == set(HOW)
    assert set(MORE) <= set(LESSONS)


def test_a_plan_can_be_read() -> None:
    """Whoever sees a seed fail sees what failed when."""
    text = str(draw_plan(1))
    assert text.startswith("seed 1:\n")
    assert all(fault.kind in text for fault in draw_plan(1).faults)
