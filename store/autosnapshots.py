"""Automatic snapshots: a board is saved when it has been dirty for a while or has many or large new events, and at the
end.

Every instance looks after the boards its own sockets draw on. Saving is idempotent, so two may do it at once; what an
instance that died had not saved is still in the events, and is saved with the next change.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from schemas.errors import Refused
from store.board import Boards
from store.client import Client

AUTO = "auto"
log = logging.getLogger("lessonroom.board")


@dataclass(slots=True)
class _Dirty:
    timer: asyncio.TimerHandle
    events: int = 0
    size_bytes: int = 0


class AutoSnapshots:
    """The dirty boards of this instance."""

    def __init__(self, client: Client, boards: Boards, seconds: float, events: int, size_bytes: int) -> None:
        self._client = client
        self._boards = boards
        self._seconds = seconds
        self._events = events
        self._size_bytes = size_bytes
        self._dirty: dict[str, _Dirty] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def touched(self, uuid: str, size_bytes: int = 0) -> None:
        """One of our sockets changed the board, with an event of that size."""
        dirty = self._dirty.get(uuid)
        if dirty is None:
            timer = asyncio.get_running_loop().call_later(self._seconds, self.save_soon, uuid)
            dirty = self._dirty[uuid] = _Dirty(timer)
        dirty.events += 1
        dirty.size_bytes += size_bytes
        if dirty.events >= self._events or dirty.size_bytes >= self._size_bytes:
            self.save_soon(uuid)

    def save_soon(self, uuid: str) -> None:
        """Saves the board now if it is dirty: it was for long enough, or its last socket is gone, or its session over."""
        dirty = self._dirty.pop(uuid, None)
        if dirty is not None:
            dirty.timer.cancel()
            self._own(self._save(uuid))

    async def stop(self) -> None:
        """Saves what is dirty, if the store is there."""
        for uuid in list(self._dirty):
            self.save_soon(uuid)
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _save(self, uuid: str) -> None:
        try:
            await self._boards.save(uuid, AUTO)
        except Refused as refused:
            log.info("board %s is not saved now: %s", uuid, refused)
            if refused.error.http >= 500:
                self.touched(uuid)

    def _own(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
