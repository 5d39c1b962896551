"""What was recorded of a simulated lesson, as plain data: the checks read nothing else. Times are monotonic seconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Message = dict[str, Any]

STORE_SECONDS = 1.0
"""A call to the store is given up after this long, and cannot happen later."""
LATE_SECONDS = STORE_SECONDS + 0.25
"""How long after it was sent a write that nobody acknowledged may still happen, on a busy machine."""


@dataclass(slots=True)
class Attempt:
    """One sending of a write, and what was said to it: `ok`, `refused` (with a code), or `doubt`: nothing certain."""

    sent_at: float
    where: int
    verdict: str = "doubt"
    answered_at: float | None = None
    code: str | None = None
    value: Any = None


@dataclass(slots=True)
class Write:
    """One thing that somebody wanted, however often they had to send it; its `name` was the same each time."""

    who: str
    kind: str
    name: str
    body: Any = None
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def acknowledged(self) -> Attempt | None:
        """The first attempt that was acknowledged."""
        return next((attempt for attempt in self.attempts if attempt.verdict == "ok"), None)

    @property
    def refusal(self) -> Attempt | None:
        """The attempt with the refusal that ended it."""
        return next((attempt for attempt in self.attempts if attempt.verdict == "refused"), None)

    @property
    def began_at(self) -> float:
        """From when on it may have happened."""
        return self.attempts[0].sent_at

    @property
    def ended_at(self) -> float:
        """From when on nothing of it can happen any more."""
        certain = [a.answered_at for a in self.attempts if a.verdict != "doubt" and a.answered_at is not None]
        doubtful = [a.sent_at + LATE_SECONDS for a in self.attempts if a.verdict == "doubt"]
        return max(certain + doubtful)


@dataclass(slots=True)
class Line:
    """One socket's life: what it was told, when, and how it ended; `welcome` is its first message."""

    who: str
    channel: str
    where: int
    opened_at: float
    since: int | None
    welcome: Message
    told: list[tuple[float, Message]] = field(default_factory=list)
    closed_at: float | None = None
    close_code: int | None = None
    dropped: bool = False
    stalled: bool = False


@dataclass(slots=True)
class View:
    """The lesson at the end, as one instance shows it over REST; `replayed` is all that a socket from 0 on is told."""

    session: Message
    participants: list[Message]
    media: list[Message]
    board: Message
    events: list[Message]
    stats: Message
    replayed: list[Message] | None = None


@dataclass(slots=True)
class Trouble:
    """A fault as it happened: its kind, what it hit, and from when to when."""

    kind: str
    target: int
    began_at: float
    ended_at: float


@dataclass(slots=True)
class LessonRecord:
    """All of one lesson. `story` is the log in the store; `rights` are what REST tells each person of theirs, where it
    does; `boards` what everybody's socket answers to a `sync_request`, `snapshots` the kept states by version;
    `wishes` says who wanted to be where at the end: in, left or gone.
    """

    uuid: str
    style: str
    host: str
    students: tuple[str, ...]
    lines: list[Line] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)
    views: list[View] = field(default_factory=list)
    story: list[Message] = field(default_factory=list)
    rights: dict[str, Message] = field(default_factory=dict)
    boards: dict[str, Message] = field(default_factory=dict)
    snapshots: dict[int, Message] = field(default_factory=dict)
    wishes: dict[str, str] = field(default_factory=dict)
    troubles: list[Trouble] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    healed_after_seconds: float = 0.0

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody."""
        return (self.host, *self.students)

    def writes_of(self, *kinds: str) -> list[Write]:
        """The writes of these kinds, in the order in which they began."""
        return sorted((w for w in self.writes if w.kind in kinds and w.attempts), key=lambda w: w.began_at)
