"""One deployment for all simulated days of a kind, until one goes wrong: the next gets a new one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.simulation.deployment import Deployment
from tests.simulation.leaks import Watch
from tests.support.store_cluster import Cluster
from tests.support.store_watched import Watched

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
FAILED_OF_WATCHED = {
    2: "who was away during two promotions could not resume: only one former epoch was remembered",
    4: "who left just after a promotion could not resume: they knew numbers of the new epoch, and not that epoch",
}
"""The same of days with promotions."""
SEEDS_OF_WATCHED = (*FAILED_OF_WATCHED, 14, 109)
"""So few that have every fault: a promotion takes its time."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The seeds."""
    for name, seeds in (("seed", SEEDS), ("seed_of_watched", SEEDS_OF_WATCHED)):
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, metafunc.config.getoption("--sim-seed") or seeds)


class Holder:
    """The deployment in use; `store` makes what it has instead of one Redis."""

    def __init__(
        self, factory: pytest.TempPathFactory, store: Callable[[], Cluster | Watched] | None = None
    ) -> None:
        self._factory = factory
        self._store = store
        self.deployment: Deployment | None = None
        self.watch = Watch()

    def get(self) -> Deployment:
        """A whole one."""
        if self.deployment is None:
            store = self._store() if self._store else None
            self.deployment, self.watch = Deployment(self._factory.mktemp("sim"), store), Watch()
            self.deployment.start()
        return self.deployment

    def discard(self) -> None:
        """The next day gets a new one."""
        if self.deployment is not None:
            deployment, self.deployment = self.deployment, None
            deployment.close()

    def lend(self, session: pytest.Session) -> Iterator[Deployment]:
        """For a day; its logs are looked at afterwards."""
        whole = self.get()
        failed_before = session.testsfailed
        yield whole
        if session.testsfailed > failed_before:
            self.discard()
        else:
            whole.house.assert_logs_clean()


@pytest.fixture(scope="session")
def holder(
    tmp_path_factory: pytest.TempPathFactory, clusters: Callable[[], Cluster] | None
) -> Iterator[Holder]:
    """Ends the last one."""
    made = Holder(tmp_path_factory, clusters)
    yield made
    made.discard()


@pytest.fixture(scope="module")
def watched_holder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Holder]:
    """The same for a store that sentinels watch. What a node took in is in its file before it is answered, so that one
    that is killed and started at once has it.
    """

    def store() -> Watched:
        watched = Watched(
            tmp_path_factory.mktemp("watched"),
            options={"appendonly": "yes", "min-replicas-to-write": 1},
        )
        watched.create()
        return watched

    made = Holder(tmp_path_factory, store)
    yield made
    made.discard()


@pytest.fixture
def deployment(holder: Holder, request: pytest.FixtureRequest) -> Iterator[Deployment]:
    """The deployment of the ordinary days."""
    yield from holder.lend(request.session)


@pytest.fixture
def watched_deployment(watched_holder: Holder, request: pytest.FixtureRequest) -> Iterator[Deployment]:
    """The deployment of the days with promotions."""
    yield from watched_holder.lend(request.session)


@pytest.fixture
def watch(holder: Holder, deployment: Deployment) -> Watch:
    """Who looks for leaks on it."""
    return holder.watch


@pytest.fixture
def watched_watch(watched_holder: Holder, watched_deployment: Deployment) -> Watch:
    """Who looks for leaks on that one."""
    return watched_holder.watch
