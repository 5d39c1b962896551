"""A node that may lose its rank: it counts as alive only while it is a primary, and its history has a name.

A history (the replication id) begins when a node starts and when it is promoted. What was said on another history may be
missing on this one; so every script about a session is told on which one it runs (`lua/lib/9_lineage.lua`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from store.client import Client
from store.script_call import ScriptCall, played

LINEAGE_CHARACTERS = 16


class PrimaryClient(Client):
    """A client of one such node. `lineage` names the history that it writes; "" before the first contact."""

    lineage = ""

    async def run(self, name: str, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
        """Runs the script `name`; its reply as it came."""
        call = ScriptCall(self._scripts[name], keys, arguments)
        return await played(call, lambda: self.command(*call.command(self.lineage), room=keys[0]), _has_ended)

    async def _ping(self) -> bool:
        found = await self._history()
        if found is not None and found != self.lineage:
            self._let_go()  # what was called for the old history must not be run on the new one
            self.lineage = found
            self._tell(self.on_moved)
        return found is not None

    async def _history(self) -> str | None:
        """The name of the node's history; None when it does not answer, or is no primary."""
        told = await self._ask("INFO", "replication")
        if told is None:
            return None
        fields = dict(line.split(":", 1) for line in told.decode().splitlines() if ":" in line)
        return fields["master_replid"][:LINEAGE_CHARACTERS] if fields["role"] == "master" else None

    def _let_go(self) -> None:
        """Refuses what waits, and ends what is under way."""
        if self.available:
            self._change(alive=False)
        self._lanes.close()


async def _has_ended(_lineage: str) -> bool:
    """Here there is one primary: a history other than its own has ended."""
    return False
