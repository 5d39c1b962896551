"""What the store knows of requests themselves: how many somebody made, and what a repeated one made before."""

from __future__ import annotations

import uuid as uuids

from store import keys
from store.client import Client
from store.session_scripts import checked

OPERATION_SECONDS = 86_400


class Requests:
    """The requests to all instances."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def count_write(self, user_key: str, share_ms: float) -> None:
        """Counts one write of somebody's, which takes so much of their limit. `Refused(RATE_LIMITED)` beyond it."""
        checked(await self._client.run("rate_take", [keys.writes_of(user_key)], [share_ms]))

    async def id_for(self, operation: str | None) -> str:
        """The uuid of what a request makes: the same for the same operation (`keys.operation`), for a day."""
        new = str(uuids.uuid4())
        if operation is None:
            return new
        key = keys.made_by(operation)
        if await self._client.command("SET", key, new, "NX", "EX", OPERATION_SECONDS):
            return new
        known = await self._client.command("GET", key)
        return known.decode() if known else new
