"""What every test can ask for: an event loop of its own, and real Redis."""

from __future__ import annotations

import asyncio
import inspect
import os
import signal
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeVar

import hypothesis
import pytest
from tornado.ioloop import IOLoop

from store.embedded import EmbeddedRedis
from tests.support.people_lesson import People
from tests.support.process_house import House
from tests.support.store_cluster import Cluster
from tests.support.stores import Stores

T = TypeVar("T")

# A busy machine is no bug, and a failure must be found again in the next run.
hypothesis.settings.register_profile("lessonroom", deadline=None, print_blob=True)
hypothesis.settings.load_profile("lessonroom")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--sim-seed` plays a lesson of `tests/simulation` again; `--store cluster` runs the tests that can against a cluster:
    those of `tests/integration`.
    """
    parser.addoption(
        "--sim-seed", type=int, action="append", metavar="SEED", help="only these seeds of the simulation"
    )
    parser.addoption("--store", choices=("embedded", "cluster"), default="embedded")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let every coroutine test run in the event loop, without a mark of its own."""
    for item in items:
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
            if item.get_closest_marker("gen_test") is None:
                item.add_marker(pytest.mark.gen_test)
            if "io_loop" not in item.fixturenames:
                item.fixturenames.insert(0, "io_loop")  # first, so that it is closed last


@pytest.fixture
def io_loop() -> Iterator[IOLoop]:
    """A new event loop; at the end, what still runs in it is cancelled and awaited.

    The loop of pytest-tornado's own fixture is made in a way that Python has deprecated.
    """
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)

    async def current() -> IOLoop:
        return IOLoop.current()

    wrapped = loop.run_until_complete(current())
    yield wrapped
    try:
        loop.run_until_complete(_cancel_all())
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
    finally:
        asyncio.set_event_loop(None)
        wrapped.close()


async def _cancel_all() -> None:
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


def run_apart(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run `coroutine` to its end in a loop of its own, whether or not one is running here."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


@pytest.fixture(scope="session")
def clusters(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], Cluster] | None]:
    """Makes clusters, when the tests are to run against one."""
    if request.config.getoption("--store") != "cluster":
        yield None
        return
    with ExitStack() as stack:

        def create() -> Cluster:
            made = Cluster(tmp_path_factory.mktemp("cluster"))
            stack.callback(made.close)
            made.create()
            return made

        yield create


@pytest.fixture(scope="session")
def shared_cluster(clusters: Callable[[], Cluster] | None) -> Cluster | None:
    """The one for all tests that leave it whole."""
    return clusters() if clusters else None


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory, shared_cluster: Cluster | None) -> Iterator[str]:
    """The URL of one Redis for the whole run. It is never flushed: use fresh ids."""
    if shared_cluster is not None:
        yield shared_cluster.url
        return
    embedded = EmbeddedRedis(tmp_path_factory.mktemp("redis"))
    run_apart(embedded.ensure_running())
    yield embedded.url
    run_apart(embedded.stop())


class FreshRedis:
    """A Redis of one test's own, to be killed, paused and started. All calls block, for milliseconds."""

    def __init__(self, data_dir: Path) -> None:
        self._embedded = EmbeddedRedis(data_dir)
        self._paused: int | None = None
        self.start()

    @property
    def url(self) -> str:
        """The same after every start."""
        return self._embedded.url

    @property
    def pid(self) -> int | None:
        """Its process now; None when none runs."""
        return self._embedded.pid()

    def start(self) -> None:
        """Start it, with the data it had; nothing happens when it runs."""
        run_apart(self._embedded.ensure_running())

    def kill(self) -> None:
        """End it at once, without a chance to write anything."""
        pid = self.pid
        if pid is not None:
            self._paused = None
            os.kill(pid, signal.SIGKILL)
            while self.pid is not None:
                time.sleep(0.005)

    def pause(self) -> None:
        """Let it hang: connections stay open, nothing is answered."""
        self._paused = self.pid
        assert self._paused is not None, "the store doesn't run"
        os.kill(self._paused, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on after `pause`."""
        if self._paused is not None:
            os.kill(self._paused, signal.SIGCONT)
            self._paused = None

    def close(self) -> None:
        """Stop it for good."""
        self.resume()
        run_apart(self._embedded.stop())


@pytest.fixture
def fresh_redis(tmp_path: Path, clusters: Callable[[], Cluster] | None) -> Iterator[FreshRedis | Cluster]:
    """A Redis that this test may do anything to."""
    redis = clusters() if clusters else FreshRedis(tmp_path / "redis")
    yield redis
    redis.close()


@pytest.fixture
def stores(io_loop: IOLoop, redis_url: str) -> Iterator[Stores]:
    """The stores of one instance on the Redis of the whole run."""
    made = Stores(redis_url)
    io_loop.run_sync(made.start)
    yield made
    io_loop.run_sync(made.stop)


@pytest.fixture
def fresh_stores(io_loop: IOLoop, fresh_redis: FreshRedis) -> Iterator[Callable[..., Awaitable[Stores]]]:
    """Makes the stores of instances on `fresh_redis`, with the settings it is given."""
    made: list[Stores] = []

    async def make(**settings: Any) -> Stores:
        made.append(Stores(fresh_redis.url, **settings))
        await made[-1].start()
        return made[-1]

    async def stop() -> None:
        fresh_redis.resume()
        for one in made:
            await one.stop()

    yield make
    io_loop.run_sync(stop)


@pytest.fixture
def people_of(io_loop: IOLoop) -> Iterator[Callable[[House], People]]:
    """The people around a house."""
    made: list[People] = []

    def of(house: House) -> People:
        made.append(People(house.secret))
        return made[-1]

    yield of
    for people in made:
        io_loop.run_sync(people.close)
