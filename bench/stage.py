"""Where a workload plays: the store, how large and how often, and what was measured."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bench.measure import cpu_seconds
from bench.store import Store
from bench.targets import TARGETS, BareSend, Lessonroom, PlainTornado

AnyTarget = Lessonroom | PlainTornado | BareSend
Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large the workloads are."""

    shapes: tuple[tuple[int, int], ...] = ((50, 4), (5, 40), (1, 400))
    rates: tuple[int, ...] = (10, 200)
    window_seconds: float = 2.0
    burst_events: int = 2_000
    burst_members: int = 50
    posts: int = 1_000
    joining_rooms: int = 500
    idle_sockets: int = 10_000
    storm_rooms: int = 500
    storm_events: int = 5
    boards: tuple[int, ...] = (1_000, 10_000)
    syncs: int = 20
    session_counts: tuple[int, ...] = (20, 200, 2_000)
    board_sizes: tuple[int, ...] = (100, 1_000, 10_000)
    grow_events: int = 500
    quiet_seconds: float = 1.0
    """When nothing has come for so long, everything has."""
    fresh: bool = True
    """Whether every case gets processes of its own."""


FULL = Sizes()
QUICK = Sizes(
    window_seconds=1.0,
    burst_events=1_000,
    posts=400,
    joining_rooms=100,
    idle_sockets=2_000,
    storm_rooms=100,
    syncs=5,
    session_counts=(10, 100, 1_000),
)
TINY = Sizes(
    shapes=((2, 2), (1, 4)),
    rates=(100,),
    window_seconds=0.1,
    burst_events=40,
    burst_members=4,
    posts=10,
    joining_rooms=2,
    idle_sockets=8,
    storm_rooms=2,
    storm_events=2,
    boards=(10,),
    syncs=2,
    session_counts=(1, 10),
    board_sizes=(1, 10),
    grow_events=20,
    quiet_seconds=0.05,
    fresh=False,
)


@dataclass(frozen=True, slots=True)
class Sample:
    """What one run of one case of a workload measured of one target."""

    workload: str
    case: str
    target: str
    run: int
    figures: Figures


@dataclass(slots=True)
class Stage:
    """What a workload gets, and where it puts what it found. `say` tells whoever waits."""

    store: Store
    sizes: Sizes
    runs: int
    say: Callable[[str], None]
    samples: list[Sample] = field(default_factory=list)
    _kept: dict[str, AnyTarget] = field(default_factory=dict)

    def record(self, workload: str, case: str, target: str, run: int, figures: Figures) -> None:
        """One run's figures."""
        self.samples.append(Sample(workload, case, target, run, figures))
        shown = "  ".join(f"{name} {value:.4g}" for name, value in figures.items())
        self.say(f"{workload:8} {case:14} {target:14} run {run + 1}  {shown}")

    def median_bytes(self, workload: str, case: str) -> float:
        """The mean size of what Lessonroom delivered in this case: what the floor sends."""
        return next(
            sample.figures["bytes"]
            for sample in self.samples
            if (sample.workload, sample.case, sample.target) == (workload, case, Lessonroom.name)
        )

    @contextmanager
    def target(self, name: str) -> Iterator[AnyTarget]:
        """A target that lives for a block, on a store that forgets it afterwards; or until `close`."""
        made = self._kept.get(name) or TARGETS[name](self.store)
        if not self.sizes.fresh:
            self._kept[name] = made
        try:
            yield made
        finally:
            if self.sizes.fresh:
                made.kill()
                self.store.empty()

    def close(self) -> None:
        """Ends what was kept."""
        for target in self._kept.values():
            target.kill()


class Spent:
    """CPU from `__enter__` to `__exit__`: the server's and the store's, in seconds. The load's garbage collector rests."""

    server = 0.0
    store = 0.0

    def __init__(self, pid: int, store_pid: int) -> None:
        self._pids = (pid, store_pid)

    def __enter__(self) -> Spent:
        gc.collect()
        gc.disable()
        self._began = [cpu_seconds([pid]) for pid in self._pids]
        return self

    def __exit__(self, *_: object) -> None:
        self.server, self.store = (
            cpu_seconds([pid]) - began for pid, began in zip(self._pids, self._began, strict=True)
        )
        gc.enable()
