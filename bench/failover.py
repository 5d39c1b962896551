"""What a failover loses, and what it costs to lose nothing: `python -m bench.failover [SEEDS]`.

A primary, two replicas and three sentinels, on this machine. Somebody writes as fast as each write is acknowledged, and the
primary is killed: with replicas that are in step, and after they received nothing for a random time of up to half a second,
as when the network between them fails. Afterwards every acknowledged write is looked for.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.support.store_watched import Watched
from tests.support.store_writer import RETRY_SECONDS, Writer
from tests.support.stores import HOST, Stores

SEEDS = 10
DOWN_AFTER_MS = 500
WARM_SECONDS = 0.5
MOST_LAG_SECONDS = 0.5
TIMED_WRITES = 500
ROUNDS = 8
TOGETHER = 50


async def fail_over(
    nodes: Watched, dice: random.Random, wait_replicas: int, *, behind: bool
) -> tuple[int, int, float]:
    """One failover: acknowledged writes, how many of them were lost, and seconds until writes went on."""
    stores = Stores(nodes.url, wait_replicas=wait_replicas, events_cap=1_000_000)
    await stores.start()
    writer = Writer(stores, await stores.lesson())
    writing = asyncio.create_task(writer.run())
    await asyncio.sleep(WARM_SECONDS)
    if behind:
        await asyncio.to_thread(nodes.cut_replicas_off)
    await asyncio.sleep(dice.random() * MOST_LAG_SECONDS)
    killed_at = time.monotonic()
    writer.went_on_at = 0.0
    await asyncio.to_thread(nodes.kill_primary)
    await asyncio.to_thread(nodes.find_primary)
    while writer.went_on_at < killed_at:  # noqa: ASYNC110 - a measurement, not a test
        await asyncio.sleep(RETRY_SECONDS)
    writer.wanted = False
    await writing
    counted = len(writer.acknowledged), await writer.lost(), writer.went_on_at - killed_at
    await stores.stop()
    return counted


async def time_writes(nodes: Watched) -> None:
    """How long a write takes, one after the other, and how many there are a second when fifty are under way: the best of
    some rounds, in which the settings take turns.
    """
    every = {wait: Stores(nodes.url, wait_replicas=wait) for wait in (0, 1, 2)}
    took: dict[int, list[list[float]]] = {wait: [] for wait in every}
    rates: dict[int, list[float]] = {wait: [] for wait in every}
    for stores in every.values():
        await stores.start()
    for _ in range(ROUNDS):
        for wait, stores in every.items():
            one_by_one, rate = await _round(stores)
            took[wait].append(one_by_one)
            rates[wait].append(rate)
    for wait, stores in every.items():
        best = sorted(min(took[wait], key=statistics.median))
        print(
            f"wait_replicas {wait}: {statistics.median(best):.2f} ms a write (99 % within "
            f"{best[len(best) * 99 // 100]:.2f} ms), {max(rates[wait]):.0f} a second with {TOGETHER} under way"
        )
        await stores.stop()


async def _round(stores: Stores) -> tuple[list[float], float]:
    uuid, took = await stores.lesson(), []
    for _ in range(TIMED_WRITES):
        began = time.perf_counter()
        await stores.events.log_event(uuid, HOST, "tool_select", {})
        took.append((time.perf_counter() - began) * 1000)
    began = time.perf_counter()
    for _ in range(TIMED_WRITES // TOGETHER):
        together = (stores.events.log_event(uuid, HOST, "tool_select", {}) for _ in range(TOGETHER))
        await asyncio.gather(*together)
    return took, TIMED_WRITES / (time.perf_counter() - began)


def main(seeds: int) -> None:
    """Prints both measurements."""
    with tempfile.TemporaryDirectory() as folder:
        kept = {"appendonly": "yes", "appendfsync": "always"}
        nodes = Watched(Path(folder) / "timed", options=kept)
        try:
            nodes.create()
            asyncio.run(time_writes(nodes))
        finally:
            nodes.close()
        for wait_replicas, behind in ((0, False), (0, True), (1, True)):
            results = []
            for seed in range(seeds):
                folder_of_run = Path(folder) / f"{wait_replicas}-{behind}-{seed}"
                nodes = Watched(folder_of_run, down_after_ms=DOWN_AFTER_MS)
                try:
                    nodes.create()
                    results.append(
                        asyncio.run(fail_over(nodes, random.Random(seed), wait_replicas, behind=behind))
                    )
                finally:
                    nodes.close()
            report(wait_replicas, behind, results)


def report(wait_replicas: int, behind: bool, results: list[tuple[int, int, float]]) -> None:
    """Prints what some failovers came to."""
    acknowledged, lost, seconds = zip(*results, strict=True)
    print(
        f"wait_replicas {wait_replicas}, replicas {'behind' if behind else 'in step'}: {len(results)} failovers, "
        f"{sum(acknowledged)} writes acknowledged, {sum(lost)} lost (in {sum(map(bool, lost))} runs, {max(lost)} at "
        f"most); writes went on after {statistics.median(seconds):.1f} s (longest {max(seconds):.1f} s)"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS)
