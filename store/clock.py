"""The store's clock as an instance knows it, for deadlines that the store itself looks at. Pure.

A call that is given up may still be on its way. Every write therefore carries the time, by the store's clock, until which
somebody waits for it, and the scripts refuse what comes later: what was left in doubt has happened by then, or never will.
"""

from __future__ import annotations


class StoreClock:
    """Times here are monotonic seconds, the store's are milliseconds since 1970. Each reading says between which bounds
    the store's clock is ahead of ours: it was read after it was asked for, and before its answer was had.
    """

    def __init__(self) -> None:
        self._least_ms, self._most_ms = 0.0, 0.0

    def read(self, store_ms: float, asked_at: float, had_at: float) -> None:
        """The store said that it was `store_ms`."""
        least, most = store_ms - had_at * 1000, store_ms - asked_at * 1000
        if least > self._most_ms or most < self._least_ms:  # the first reading, or a clock that was set
            self._least_ms, self._most_ms = least, most
        else:
            self._least_ms, self._most_ms = max(least, self._least_ms), min(most, self._most_ms)

    def forget(self) -> None:
        """The store went away; the next one may have another clock."""
        self._least_ms, self._most_ms = 0.0, 0.0

    def at_ms(self, now: float) -> int:
        """The latest that the store's clock may show at `now`: later by no more than the quickest reading took. Long ago
        when it was never read.
        """
        return int(self._most_ms + now * 1000) + 1
