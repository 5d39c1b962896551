"""Somebody who writes as fast as each write is acknowledged, and looks for all of it afterwards."""

from __future__ import annotations

import asyncio
import time

from schemas.errors import Refused
from tests.support.stores import HOST, Stores

RETRY_SECONDS = 0.01


class Writer:
    """Log entries with a number of its own each, one after the other."""

    def __init__(self, stores: Stores, uuid: str) -> None:
        self._stores = stores
        self._uuid = uuid
        self.acknowledged: set[int] = set()
        self.went_on_at = 0.0
        self.wanted = True

    async def run(self) -> None:
        """Writes until told to end; a refused write is repeated with its id."""
        number, refused = 0, False
        while self.wanted:
            number += 1
            while self.wanted:
                try:
                    await self._stores.events.log_event(
                        self._uuid, HOST, "tool_select", {"n": number}, f"op-{number}"
                    )
                except Refused:
                    refused = True
                    await asyncio.sleep(RETRY_SECONDS)
                    continue
                if refused and not self.went_on_at:
                    self.went_on_at = time.monotonic()
                self.acknowledged.add(number)
                break

    async def lost(self) -> int:
        """How many acknowledged writes are not there."""
        there: set[int] = set()
        before = None
        while True:
            await self._stores.client.wait_available()
            try:
                page = await self._stores.events.get_session_events(self._uuid, limit=1000, before=before)
            except Refused:
                continue
            there.update(event["data"]["n"] for event in page.events)
            before = page.next
            if before is None:
                return len(self.acknowledged - there)
