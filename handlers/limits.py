"""Rate limits: token buckets that hold two seconds' worth, and the notice of somebody far beyond them
(contract §4). Pure.
"""

from __future__ import annotations

BURST_SECONDS = 2.0
FLOOD_FACTOR = 10
FLOOD_SECONDS = 5.0
FULL_STATES_PER_SECOND = 1.0
POINTER_BATCH = 10
"""Pointers are not kept, and counting each would make the store write one to its disk."""
PATIENCE_SECONDS = 2.0  # pongs are not read while a message waits, so it must not be long
PATIENCE_REGAINED = 0.2


class RateLimit:
    """So many per second, with a burst. Times are seconds of any steady clock.

    It holds on this instance; the store holds the same over all of them (decision 8). Of every `batch` that are
    allowed here the last takes all from the store's.
    """

    __slots__ = (
        "_attempts",
        "_barred_until",
        "_batch",
        "_passed",
        "_rate",
        "_tokens",
        "_updated",
        "_window_began",
    )

    def __init__(self, per_second: float, now: float, batch: int = 1) -> None:
        self._rate = per_second
        self._tokens = per_second * BURST_SECONDS
        self._updated = now
        self._window_began = now
        self._attempts = 0
        self._batch = batch
        self._passed = 0
        self._barred_until = now

    def allows(self, now: float) -> bool:
        """Whether one more is within the limit; if so it is counted."""
        self._count(now)
        self._tokens = min(self._rate * BURST_SECONDS, self._tokens + (now - self._updated) * self._rate)
        self._updated = now
        if self._tokens < 1 or now < self._barred_until:
            return False
        self._tokens -= 1
        self._passed += 1
        return True

    def share_ms(self) -> float | None:
        """What the one that was just allowed takes of the store's limit, in ms of it; None when it takes nothing."""
        return None if self._passed % self._batch else 1000 * self._batch / self._rate

    def bar(self, until: float) -> None:
        """Allows nothing before then: the store said that all instances together were at the limit."""
        self._barred_until = until

    def wait_seconds(self, now: float) -> float:
        """After how long one more will be within the limit."""
        return max((1 - self._tokens) / self._rate, self._barred_until - now, 0)

    def is_flooded(self) -> bool:
        """Whether there were over ten times as many attempts as allowed, for five seconds."""
        return self._attempts > FLOOD_FACTOR * self._rate * FLOOD_SECONDS

    def _count(self, now: float) -> None:
        if now - self._window_began >= FLOOD_SECONDS:
            self._window_began, self._attempts = now, 0
        self._attempts += 1


class Patience:
    """How long one socket's messages may wait for a room that is behind, all together: a sender who keeps such a room
    busy is made to wait at first, and refused from then on, so that what they have sent already does not wait for minutes.
    """

    __slots__ = ("_left", "_updated")

    def __init__(self) -> None:
        self._left = PATIENCE_SECONDS
        self._updated = 0.0

    def left(self, now: float) -> float:
        """Seconds that may be waited from now on."""
        self._left = min(PATIENCE_SECONDS, self._left + (now - self._updated) * PATIENCE_REGAINED)
        self._updated = now
        return self._left

    def spend(self, seconds: float) -> None:
        """So long was waited."""
        self._left -= seconds


class RateLimits:
    """One limit for each name (a person, a session and person), forgotten when it has been quiet."""

    def __init__(self, per_second: float, remembered: int = 10_000, batch: int = 1) -> None:
        self._per_second = per_second
        self._remembered = remembered
        self._batch = batch
        self._limits: dict[str, RateLimit] = {}

    def allows(self, name: str, now: float) -> bool:
        """Whether one more from `name` is within the limit; if so it is counted."""
        return self.of(name, now).allows(now)

    def of(self, name: str, now: float) -> RateLimit:
        """The limit of `name`. The one that was asked for longest ago is forgotten first."""
        limit = self._limits.pop(name, None) or RateLimit(self._per_second, now, self._batch)
        self._limits[name] = limit
        if len(self._limits) > self._remembered:
            del self._limits[next(iter(self._limits))]
        return limit


class MessageLimits:
    """The limits on socket messages, by what they are; each counts per participant, over all their sockets here."""

    def __init__(self, board_events_per_second: float, pointers_per_second: float) -> None:
        self._by_kind = {
            "event": RateLimits(board_events_per_second),
            "pointer": RateLimits(pointers_per_second, batch=POINTER_BATCH),
            "full_state": RateLimits(FULL_STATES_PER_SECOND),
            "other": RateLimits(board_events_per_second),
        }

    def of(self, kind: str, participant: str, now: float) -> RateLimit:
        """The limit of a participant on a kind of message: event, pointer, full_state, other."""
        return self._by_kind[kind].of(participant, now)
