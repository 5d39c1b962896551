"""The pings of all sockets of a server: one timer for all of them, where a task each would be 2 KiB and two turns of the
loop for every ping.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

LEAST_PAUSE_SECONDS = 0.1
"""So that at ten thousand sockets many are pinged in one go."""


class Pulse(Protocol):
    """What is pinged."""

    def beat(self) -> bool:
        """Pings it, unless the last ping was not answered; whether it is to go on."""


class Heartbeat:
    """Each is pinged every `interval_seconds` from when it was added, until it is removed or says that it is over."""

    def __init__(self, interval_seconds: float) -> None:
        self._interval_seconds = interval_seconds
        self._due: dict[Pulse, float] = {}  # in the order of their times: a new time is the latest
        self._timer: asyncio.TimerHandle | None = None

    def add(self, pulse: Pulse) -> None:
        """Pings it from now on."""
        loop = asyncio.get_running_loop()
        self._due[pulse] = loop.time() + self._interval_seconds
        if self._timer is None:
            self._timer = loop.call_later(self._interval_seconds, self._beat)

    def remove(self, pulse: Pulse) -> None:
        """Pings it no more."""
        self._due.pop(pulse, None)

    def _beat(self) -> None:
        self._timer = None
        loop = asyncio.get_running_loop()
        now, due = loop.time(), self._due
        for pulse in _until(due, now):
            if due.pop(pulse, None) is not None and pulse.beat():  # one may end another
                due[pulse] = now + self._interval_seconds
        if due:
            pause = max(next(iter(due.values())) - now, LEAST_PAUSE_SECONDS)
            self._timer = loop.call_later(min(pause, self._interval_seconds), self._beat)


def _until(due: dict[Pulse, float], now: float) -> list[Pulse]:
    found = []
    for pulse, at in due.items():
        if at > now:
            break
        found.append(pulse)
    return found
