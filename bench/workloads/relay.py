"""Relay: rooms × members, an event from everybody in turn, at two paces. The cost of a delivered message."""

from __future__ import annotations

from statistics import quantiles

from bench.crowd import Ticker
from bench.messages import board_event
from bench.peers import client_frame
from bench.seated import Seated, seated_everywhere
from bench.stage import Figures, Spent, Stage
from bench.targets import BARE, LESSONROOM, TORNADO, BareSend

MICROSECONDS = 1e6
CROWDED = 20_000
"""Deliveries in a second that the plain rival cannot make: half the time is enough to see it."""


def run(stage: Stage) -> None:
    """All shapes and paces, the targets in turn."""
    for rooms, members in stage.sizes.shapes:
        with seated_everywhere(stage, (LESSONROOM, TORNADO, BARE), rooms, members) as everywhere:
            for number in range(stage.runs):
                for rate in stage.sizes.rates:
                    case = f"{rooms}×{members} {rate}/s"
                    seconds = stage.sizes.window_seconds / (2 if rate * members > CROWDED else 1)
                    for seated in everywhere:
                        size = (
                            0
                            if seated.target.name == LESSONROOM
                            else round(stage.median_bytes("relay", case))
                        )
                        figures = window(stage, seated, max(1, round(rate * seconds)), rate, size)
                        stage.record("relay", case, seated.target.name, number, figures)


def window(stage: Stage, seated: Seated, events: int, rate: float, bare_bytes: int) -> Figures:
    """So many events at that pace (0: as fast as they go), to the end of the last one's delivery."""
    target, tally, crowd = seated.target, seated.tally, seated.crowd
    members = len(seated.peers[0])
    tally.begin()
    with Spent(target.pid, stage.store.pid) as spent:
        if isinstance(target, BareSend):
            target.play(seated.rooms, bare_bytes, events, rate)
            crowd.run(lambda: tally.count >= events * members)
            target.played()
        else:
            crowd.run(lambda: tally.count >= events * members, _sender(seated, events, rate))
    crowd.settle(0.05)
    assert tally.count == events * members, f"{target.name}: {tally.count} of {events * members} delivered"
    seated.check()
    return {
        "server_us": spent.server / tally.count * MICROSECONDS,
        "store_us_per_event": spent.store / events * MICROSECONDS,
        "bytes": tally.bytes / tally.count,
        **_latency(tally.latencies_us),
    }


def _sender(seated: Seated, events: int, rate: float) -> Ticker:
    senders = seated.pairs

    def send(number: int) -> None:
        senders[number % len(senders)].send(client_frame(board_event()))

    return Ticker(send, events, rate)


def _latency(latencies_us: list[int]) -> Figures:
    if len(latencies_us) < 2:
        return {}
    cuts = quantiles(latencies_us, n=100, method="inclusive")
    return {"p50_ms": cuts[49] / 1000, "p99_ms": cuts[98] / 1000}
