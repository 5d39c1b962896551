"""Grow: the cost of an event while there are ever more sessions, and while a board grows. It should stay what it is."""

from __future__ import annotations

from bench.seated import Seated, seated_everywhere
from bench.stage import Stage
from bench.targets import LESSONROOM, TORNADO
from bench.workloads.relay import window

EVENTS_PER_SECOND = 200
MEMBERS = 2
FEW_MEMBERS = 4


def run(stage: Stage) -> None:
    """Sessions, then boards; the servers in turn."""
    for sessions in stage.sizes.session_counts:
        with seated_everywhere(stage, (LESSONROOM, TORNADO), sessions, MEMBERS) as everywhere:
            _runs(stage, f"{sessions} sessions", everywhere)
    for strokes in stage.sizes.board_sizes:
        with seated_everywhere(stage, (LESSONROOM, TORNADO), 1, FEW_MEMBERS, strokes) as everywhere:
            _runs(stage, f"{strokes} strokes", everywhere)


def _runs(stage: Stage, case: str, everywhere: list[Seated]) -> None:
    for number in range(stage.runs):
        for seated in everywhere:
            figures = window(stage, seated, stage.sizes.grow_events, EVENTS_PER_SECOND, 0)
            members = len(seated.peers[0])
            figures["event_us"] = figures.pop("server_us") * members
            stage.record("grow", case, seated.target.name, number, figures)
