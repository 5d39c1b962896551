"""Idle: sockets that are open and say nothing. The memory each of them takes over the empty process."""

from __future__ import annotations

from bench.measure import KIB, resident_bytes
from bench.seated import Seated
from bench.stage import Figures, Stage
from bench.targets import BARE, LESSONROOM, TORNADO

MEMBERS = 4


def run(stage: Stage) -> None:
    """The targets in turn, a new process for each run."""
    case = f"{stage.sizes.idle_sockets} sockets"
    for number in range(stage.runs):
        for name in (LESSONROOM, TORNADO, BARE):
            stage.record("idle", case, name, number, _measured(stage, name))


def _measured(stage: Stage, name: str) -> Figures:
    with stage.target(name) as target:
        # What is loaded for the first sockets is not the others' cost.
        first = Seated(stage, target, target.rooms(1, MEMBERS))
        rooms = target.rooms(stage.sizes.idle_sockets // MEMBERS, MEMBERS)
        before = resident_bytes(target.pid)
        seated = Seated(stage, target, rooms)
        after = resident_bytes(target.pid)
        seated.crowd.close()
        first.crowd.close()
    return {"kib": (after - before) / KIB / stage.sizes.idle_sockets}
