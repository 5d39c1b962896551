"""The store's clock as an instance knows it, for deadlines that the store itself looks at. Pure.

A call that is given up may still be on its way. Every write therefore carries the time, by the store's clock, until which
somebody waits for it, and the scripts refuse what comes later: what was left in doubt has happened by then, or never will.
"""

from __future__ import annotations

from collections import deque

REMEMBERED_READINGS = 10
"""One a second. A reading that came late is too low; the highest of several is the nearest to the truth."""


class StoreClock:
    """Never ahead of the store's clock, as long as that one is not set back. Times here are monotonic seconds, the store's
    are milliseconds since 1970.
    """

    def __init__(self) -> None:
        self._ahead_ms: deque[float] = deque(maxlen=REMEMBERED_READINGS)

    def read(self, store_ms: float, had_at: float) -> None:
        """The store said that it was `store_ms`, and we had its answer at `had_at`."""
        self._ahead_ms.append(store_ms - had_at * 1000)

    def forget(self) -> None:
        """The store went away; the next one may have another clock."""
        self._ahead_ms.clear()

    def at_ms(self, now: float) -> int:
        """What the store's clock shows at `now`, at least; 0 when it was never read."""
        return int(max(self._ahead_ms) + now * 1000) if self._ahead_ms else 0
