"""The Redis that all servers of a benchmark use, in a folder of its own."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path

from redis import Redis

from store.embedded import EmbeddedRedis

MEMORY = Path("/dev/shm")  # noqa: S108 - mkdtemp makes a folder of its own in it


class Store:
    """A real Redis, with the settings Lessonroom gives its embedded one. Its data is in memory where the system has a place
    for that: how long a disk takes is not what is measured.
    """

    def __init__(self) -> None:
        self.folder = Path(
            tempfile.mkdtemp(prefix="lessonroom-bench-", dir=MEMORY if MEMORY.is_dir() else None)
        )
        self._embedded = EmbeddedRedis(self.folder / "data")
        asyncio.run(self._embedded.ensure_running())
        self.url = self._embedded.url
        self.redis: Redis = Redis.from_url(self.url)

    @property
    def pid(self) -> int:
        """Its process."""
        pid = self._embedded.pid()
        assert pid is not None
        return pid

    def empty(self) -> None:
        """Forgets everything, so that no run finds what another one left."""
        self.redis.flushall()

    def close(self) -> None:
        """Stops it, and removes the folder."""
        self.redis.close()
        asyncio.run(self._embedded.stop())
        shutil.rmtree(self.folder)
