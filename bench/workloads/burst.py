"""Burst: everybody in one room sends all they have at once. All of it arrives, in order, and memory stays bounded."""

from __future__ import annotations

from bench.measure import forget_peak, peak_resident_bytes, resident_bytes
from bench.messages import board_event
from bench.peers import client_frame
from bench.seated import Seated, seated_everywhere
from bench.stage import Figures, Spent, Stage
from bench.targets import BARE, LESSONROOM, TORNADO, BareSend
from bench.workloads.relay import MICROSECONDS

MIB = 1 << 20


def run(stage: Stage) -> None:
    """The targets in turn."""
    events, members = stage.sizes.burst_events, stage.sizes.burst_members
    case = f"{events} to {members}"
    with seated_everywhere(stage, (LESSONROOM, TORNADO, BARE), 1, members) as everywhere:
        for number in range(stage.runs):
            for seated in everywhere:
                size = 0 if seated.target.name == LESSONROOM else round(stage.median_bytes("burst", case))
                stage.record("burst", case, seated.target.name, number, _burst(stage, seated, events, size))


def _burst(stage: Stage, seated: Seated, events: int, bare_bytes: int) -> Figures:
    target, tally, crowd = seated.target, seated.tally, seated.crowd
    expected = events * len(seated.pairs)
    before = resident_bytes(target.pid)
    forget_peak(target.pid)
    tally.begin()
    with Spent(target.pid, stage.store.pid) as spent:
        if isinstance(target, BareSend):
            target.play(seated.rooms, bare_bytes, events, 0)
        else:
            _send_all(seated, events)
        crowd.run(lambda: tally.count >= expected)
        if isinstance(target, BareSend):
            target.played()
    crowd.settle(0.05)
    assert tally.count == expected, f"{target.name}: {tally.count} of {expected} delivered"
    seated.check()
    return {
        "server_us": spent.server / expected * MICROSECONDS,
        "store_us_per_event": spent.store / events * MICROSECONDS,
        "bytes": tally.bytes / expected,
        "peak_mib": (peak_resident_bytes(target.pid) - before) / MIB,
        "last_after_ms": max(tally.latencies_us) / 1000,
    }


def _send_all(seated: Seated, events: int) -> None:
    senders = seated.pairs
    for number, sender in enumerate(senders):
        mine = len(range(number, events, len(senders)))
        sender.send(b"".join(client_frame(board_event()) for _ in range(mine)))
