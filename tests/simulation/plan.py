"""What happens in a simulated deployment, drawn from a seed: who does what in six lessons, and what fails. Pure."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

INSTANCES = 3
LESSONS = ("ordinary", "ordinary", "channels", "heavy", "crossing", "ending")
"""What is particular about each lesson: its students use channel sockets, its strokes are large and some of its people
read slowly, its people come and go, or its host ends it.
"""
STUDENTS = 3
MARGIN_SECONDS = 0.2
ELEMENTS = 8
"""So few that people draw over what others drew."""
HEAVY_BYTES = 40_000

STUDENT_DEEDS: Mapping[str, int] = {
    "draw": 16,
    "log": 6,
    "toggle": 6,
    "hand": 2,
    "point": 2,
    "drop": 4,
    "close": 2,
    "leave": 2,
    "vanish": 1,
}
HOST_DEEDS: Mapping[str, int] = {
    "draw": 8,
    "save": 1,
    "log": 2,
    "toggle": 2,
    "drop": 1,
    "permit": 8,
    "role": 2,
    "kick": 3,
    "invite": 3,
    "pause": 1,
    "resume": 2,
}
MORE: Mapping[str, Mapping[str, int]] = {
    "heavy": {"stall": 5},
    "crossing": {"drop": 8, "leave": 6, "vanish": 1},
}
"""What the students of some lessons do more often."""

FAULTS: Mapping[str, tuple[int, str, float]] = {
    "kill_instance": (4, "instance", 0.4),
    "terminate_instance": (3, "instance", 0.4),
    "stop_instance": (4, "instance", 1.6),
    "kill_redis": (3, "redis", 0.8),
    "stop_redis": (3, "redis", 1.6),
    "kill_pubsub": (3, "redis", 0.0),
    "kill_normal": (3, "redis", 0.0),
    "delay": (4, "way", 1.8),
    "cut": (3, "link", 0.0),
    "half_close": (3, "link", 0.8),
    "lose_replies": (3, "link", 1.2),
}
"""Each kind of fault: how often it is drawn, of what it is one, and the longest it lasts."""

PROMOTIONS: Mapping[str, tuple[int, str, float]] = {
    "kill_primary": (3, "redis", 0.8),
    "hang_primary": (2, "redis", 0.8),
}
"""The faults after which sentinels promote a replica. The former primary comes back so much later than that."""
FAULTS_OF_WATCHED: Mapping[str, tuple[int, str, float]] = {
    **PROMOTIONS,
    "restart_primary": (2, "redis", 0.2),
    "stop_primary": (3, "redis", 0.5),
    "kill_replica": (3, "redis", 0.6),
    "stop_replica": (2, "redis", 1.6),
    **{kind: FAULTS[kind] for kind in ("kill_instance", "terminate_instance", "stop_instance")},
    **{kind: FAULTS[kind] for kind in ("kill_pubsub", "kill_normal")},
}
"""The faults of a store that sentinels watch."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of day: how long people begin something new, how many deeds they have, what may fail, and what does."""

    active_seconds: float
    deeds: int
    faults: Mapping[str, tuple[int, str, float]]
    certain: Mapping[str, tuple[int, str, float]] = field(default_factory=dict)

    @property
    def latest_seconds(self) -> float:
        """Nobody begins anything later than this, but for the end of a lesson."""
        return self.active_seconds + MARGIN_SECONDS


ORDINARY = Kind(2.2, 14, FAULTS)
WATCHED = Kind(6.0, 30, FAULTS_OF_WATCHED, PROMOTIONS)
CERTAIN_WITHIN_SECONDS = 1.2
"""One of the certain faults begins so early that people go on for a while after it."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing somebody does: after a pause, at an instance; `dice` is the seed of its details."""

    pause_seconds: float
    kind: str
    where: int
    dice: int


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that fails, when it begins, and for how long."""

    at_seconds: float
    kind: str
    target: int
    seconds: float

    @property
    def what(self) -> str:
        """What fails; one of a kind fails at a time."""
        of = {**FAULTS, **FAULTS_OF_WATCHED}[self.kind][1]
        return of if of == "redis" else f"{of}{self.target}"

    def __str__(self) -> str:
        return f"{self.at_seconds:5.2f} s  {self.kind} of {self.what} for {self.seconds:.2f} s"


@dataclass(frozen=True, slots=True)
class LessonPlan:
    """One lesson: what is particular about it, and what its host and its students do, up to when."""

    style: str
    latest_seconds: float
    host: tuple[Deed, ...]
    students: tuple[tuple[Deed, ...], ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a seed says."""

    seed: int
    lessons: tuple[LessonPlan, ...]
    faults: tuple[Fault, ...]

    def __str__(self) -> str:
        return "\n".join([f"seed {self.seed}:", *map(str, self.faults)])


def draw_plan(seed: int, kind: Kind = ORDINARY) -> Plan:
    """The plan of a seed: always the same."""
    dice = random.Random(seed)
    lessons = tuple(_lesson(dice, style, kind) for style in LESSONS)
    faults = [_fault(dice, kind.faults, kind.active_seconds) for _ in range(dice.randint(3, 5))]
    if kind.certain:
        faults[0] = _fault(dice, kind.certain, CERTAIN_WITHIN_SECONDS)
    return Plan(seed, lessons, tuple(sorted(faults, key=lambda fault: fault.at_seconds)))


def _lesson(dice: random.Random, style: str, kind: Kind) -> LessonPlan:
    host = _deeds(dice, HOST_DEEDS, kind)
    if style == "ending":
        host = (*host[:-1], Deed(0.0, "complete", dice.randrange(INSTANCES), 0))
    often = {**STUDENT_DEEDS, **MORE.get(style, {})}
    students = tuple(_deeds(dice, often, kind) for _ in range(STUDENTS))
    return LessonPlan(style, kind.latest_seconds, host, students)


def _deeds(dice: random.Random, often: Mapping[str, int], kind: Kind) -> tuple[Deed, ...]:
    kinds = dice.choices(list(often), list(often.values()), k=kind.deeds)
    pause = 2 * kind.active_seconds / kind.deeds
    return tuple(
        Deed(dice.random() * pause, what, dice.randrange(INSTANCES), dice.getrandbits(32)) for what in kinds
    )


def _fault(dice: random.Random, table: Mapping[str, tuple[int, str, float]], within_seconds: float) -> Fault:
    (kind,) = dice.choices(list(table), [often for often, _, _ in table.values()])
    longest = table[kind][2]
    at = MARGIN_SECONDS + dice.random() * (within_seconds - 2 * MARGIN_SECONDS)
    return Fault(at, kind, dice.randrange(INSTANCES), longest * (0.3 + 0.7 * dice.random()))


def heavy_event(dice: random.Random) -> tuple[str, Any]:
    """A large stroke."""
    return "stroke_add", {"stroke": {"id": f"e{dice.randrange(ELEMENTS)}", "pad": "x" * HEAVY_BYTES}}


def board_event(dice: random.Random) -> tuple[str, Any]:
    """Something drawn, changed, erased or cleared, on elements that all share."""
    name = f"e{dice.randrange(ELEMENTS)}"
    stroke = {"id": name, "points": [[dice.randrange(900), dice.randrange(600)]]}
    return dice.choices(
        (
            ("stroke_add", {"stroke": stroke}),
            ("stroke_delete", {"strokeId": name}),
            ("object:add", {"id": name, "w": dice.randrange(100)}),
            ("object:update", {"objectId": name, "changes": {"h": dice.randrange(100)}}),
            ("object:remove", {"objectId": name}),
            ("layer_add", {"id": name}),
            ("canvas:clear", {}),
        ),
        (10, 3, 4, 4, 2, 1, 1),
    )[0]
