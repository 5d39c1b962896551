"""The small presence relay of the newer client (contract §4, presence)."""

from __future__ import annotations

from typing import Any

from handlers.commands.call import Call
from store.entry import PRESENCE

CURSOR = "cursor.update"


async def pass_on(call: Call) -> dict[str, Any] | None:
    """Sends the message on to the session's other presence sockets; acknowledged, but for cursors.

    Who it is from is the token's word, not the message's.
    """
    kind = call.body["type"]
    message = {**call.body, "userId": call.actor.key}
    await call.services.boards.pass_on(call.uuid, call.actor, call.connection_id, PRESENCE, message)
    return None if kind == CURSOR else {"type": "ack", "ok": True, "for": kind}
