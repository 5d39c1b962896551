"""What integration tests run against: instances as processes, and people who know nothing but the contract."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.support.people_lesson import People
from tests.support.process_house import House, running
from tests.support.store_cluster import Cluster

ORDINARY: dict[str, Any] = {
    "presence__grace_seconds": 1,
    "sessions__linger_seconds": 0.5,
    "limits__writes_per_second": 10_000,  # streams here are as fast as they can be
    "limits__board_events_per_second": 10_000,
}


@pytest.fixture(scope="session")
def shared_house(tmp_path_factory: pytest.TempPathFactory, shared_cluster: Cluster | None) -> Iterator[House]:
    """Two instances on their store, for all tests that leave them whole."""
    with running(House(tmp_path_factory.mktemp("house"), cluster=shared_cluster, **ORDINARY)) as house:
        yield house


@pytest.fixture
def house(shared_house: House) -> Iterator[House]:
    """The shared house; what this test makes it log is looked at."""
    yield shared_house
    shared_house.assert_logs_clean()


@pytest.fixture
def build_house(tmp_path: Path, clusters: Callable[[], Cluster] | None) -> Iterator[Callable[..., House]]:
    """Makes houses that a test may break: `build_house(presence__lease_seconds=1.5)`."""
    with ExitStack() as stack:

        def build(count: int = 2, **settings: Any) -> House:
            cluster = None
            if clusters is not None and "redis__url" not in settings:
                cluster = clusters()
                stack.callback(cluster.close)
            house = House(tmp_path / "house", count, cluster=cluster, **{**ORDINARY, **settings})
            return stack.enter_context(running(house))

        yield build


@pytest.fixture
def people(house: House, people_of: Callable[[House], People]) -> People:
    """The people around the shared house."""
    return people_of(house)
