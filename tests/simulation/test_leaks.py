from tests.simulation.leaks import MOST, gauges, too_much

PAGE = """# HELP lessonroom_connections Open sockets
lessonroom_connections{kind="full"} 2.0
lessonroom_connections{kind="board"} 1.0
lessonroom_tasks 12.0
"""
IDLE = {name: float(most) for name, most in MOST.items()}


def test_a_metrics_page_is_read() -> None:
    """Figures with labels are added up."""
    assert gauges(PAGE) == {"connections": 3.0, "tasks": 12.0}
    assert gauges("") == {"connections": 0.0}


def test_what_is_left_is_told() -> None:
    """One more of anything than an instance without people needs is a leak."""
    assert list(too_much(0, IDLE)) == []
    for name in MOST:
        assert len(list(too_much(0, {**IDLE, name: IDLE[name] + 1}))) == 1
