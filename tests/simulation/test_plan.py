from collections import Counter

from tests.simulation.conftest import SEEDS
from tests.simulation.deeds import HOW
from tests.simulation.plan import FAULTS, HOST_DEEDS, LESSONS, MORE, STUDENT_DEEDS, draw_plan


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
