from prometheus_client import generate_latest

from store.metrics import Metrics


def test_each_server_counts_for_itself() -> None:
    """Two servers in one process do not see each other's numbers."""
    one, other = Metrics(), Metrics()
    one.relay_gaps.inc()
    assert one.registry.get_sample_value("lessonroom_relay_gaps_total") == 1
    assert other.registry.get_sample_value("lessonroom_relay_gaps_total") == 0


def test_everything_is_ours_by_name() -> None:
    """An operator finds all that we count under one prefix."""
    lines = generate_latest(Metrics().registry).decode().splitlines()
    assert lines
    assert [line for line in lines if not line.startswith(("#", "lessonroom_"))] == []
