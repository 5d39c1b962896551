"""One deployment for all simulated days, until one goes wrong: the next gets a new one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.simulation.deployment import Deployment
from tests.simulation.leaks import Watch
from tests.support.store_cluster import Cluster

FAILED = {
    9: "somebody who had left was connected anew by their old socket, whose instance had counted as dead",
    13: "a command that a slow road had held back changed a role after its host had gone on",
    14: "an instance that was ready refused writes as late, since it had read the clock late",
    116: "a socket that was too slow was sent what waited for everybody after what had been dropped: a hole",
    218: "a connection that had just closed ended a pipeline's task, and its callers waited for ever",
    227: "who had a seat and no socket when the lesson ended was listed as joining for ever",
    262: "an instance was not ready any more: most likely its subscriber waited for a task that had not heard its end",
}
"""Seeds that failed once, and what they showed."""
DAYS = 25
SEEDS = (*FAILED, *(seed for seed in range(1, DAYS + 1) if seed not in FAILED))[:DAYS]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The seeds."""
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", metafunc.config.getoption("--sim-seed") or SEEDS)


class Holder:
    """The deployment in use."""

    def __init__(self, factory: pytest.TempPathFactory, clusters: Callable[[], Cluster] | None) -> None:
        self._factory = factory
        self._clusters = clusters
        self.deployment: Deployment | None = None
        self.watch = Watch()

    def get(self) -> Deployment:
        """A whole one."""
        if self.deployment is None:
            cluster = self._clusters() if self._clusters else None
            self.deployment, self.watch = Deployment(self._factory.mktemp("sim"), cluster), Watch()
            self.deployment.start()
        return self.deployment

    def discard(self) -> None:
        """The next day gets a new one."""
        if self.deployment is not None:
            deployment, self.deployment = self.deployment, None
            deployment.close()


@pytest.fixture(scope="session")
def holder(
    tmp_path_factory: pytest.TempPathFactory, clusters: Callable[[], Cluster] | None
) -> Iterator[Holder]:
    """Ends the last one."""
    made = Holder(tmp_path_factory, clusters)
    yield made
    made.discard()


@pytest.fixture
def deployment(holder: Holder, request: pytest.FixtureRequest) -> Iterator[Deployment]:
    """The deployment; its logs are looked at after each day."""
    whole = holder.get()
    failed_before = request.session.testsfailed
    yield whole
    if request.session.testsfailed > failed_before:
        holder.discard()
    else:
        whole.house.assert_logs_clean()


@pytest.fixture
def watch(holder: Holder, deployment: Deployment) -> Watch:
    """Who looks for leaks on it."""
    return holder.watch
