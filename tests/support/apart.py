"""An event loop in a thread of its own, for what must go on while a test blocks, or outlive the loop of one test."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Apart:
    """The loop. All calls block, but for `tell`."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=name, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The outcome of the work, which runs there."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def tell(self, what: Callable[[], None]) -> None:
        """Has something called there, soon."""
        self._loop.call_soon_threadsafe(what)

    def close(self) -> None:
        """Ends the loop."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
