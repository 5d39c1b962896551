"""When a write counts as done: when the primary has it, or only when so many replicas have it too.

Replication is asynchronous: what a primary answered a moment before it died may be on no replica. `WAIT` asks, at the
end of each pipeline that writes, how many replicas have all of it. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from schemas.errors import STORE_UNAVAILABLE, Refused
from store.metrics import Metrics
from store.scripts import Script

_NOT_KEPT = frozenset(
    (
        *("GET", "HGET", "HGETALL", "HMGET", "HVALS", "SMEMBERS", "XREVRANGE", "ZRANGEBYSCORE", "ZREVRANGE"),
        *("TIME", "PING", "PUBLISH", "SPUBLISH", "ASKING"),
    )
)
"""The commands in use that write nothing; any other is taken for a write."""
TOO_FEW = "Too few replicas of the store have confirmed it; try again."

Command = Sequence[Any]


class Durability:
    """The rule for one client: `replicas` (one or more) confirm a write within `wait_ms`."""

    def __init__(self, replicas: int, wait_ms: int, metrics: Metrics) -> None:
        self._wait = ("WAIT", replicas, wait_ms)
        self._replicas = replicas
        self._metrics = metrics
        self._passing: frozenset[str] = frozenset()

    def know(self, scripts: Iterable[Script]) -> None:
        """Tells it the scripts in use."""
        self._passing = frozenset(key for one in scripts if not one.is_write for key in (one.sha, one.text))

    def asking(self, commands: list[Command]) -> list[Command]:
        """The commands, with the question at their end when one of them writes."""
        return [*commands, self._wait] if any(map(self._is_write, commands)) else commands

    def judged(self, commands: list[Command], replies: list[Any]) -> list[Any]:
        """The replies to the commands, out of those to what was asked; those to writes that too few replicas have are
        `Refused(STORE_UNAVAILABLE)`: they may last, or not.
        """
        if len(replies) == len(commands):
            return replies
        *replies, confirmed = replies
        if not isinstance(confirmed, Exception) and confirmed >= self._replicas:
            return replies
        doubtful = [
            self._is_write(command) and not isinstance(reply, Exception)
            for command, reply in zip(commands, replies, strict=True)
        ]
        self._metrics.store_unconfirmed.inc(any(doubtful))
        return [
            Refused(STORE_UNAVAILABLE, TOO_FEW) if doubt else reply
            for doubt, reply in zip(doubtful, replies, strict=True)
        ]

    def _is_write(self, command: Command) -> bool:
        verb = command[0]
        return verb not in _NOT_KEPT and not (verb in ("EVALSHA", "EVAL") and command[1] in self._passing)
