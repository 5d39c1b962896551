"""WebRTC signalling: messages from one participant to another, wherever they are connected (contract §4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers.commands.call import Call
from schemas.errors import BAD_MESSAGE, Refused
from schemas.ids import is_user_id, user_key
from store.entry import ICE, SIGNAL

ICE_CANDIDATE = "ice_candidate"


async def signal(call: Call, kind: str, target: Any, payload: Mapping[str, Any]) -> None:
    """Sends `kind` (offer, answer, ice_candidate) to `target`'s webrtc and full sockets, with who it is from.

    `Refused(PEER_UNAVAILABLE)` when they have none.
    """
    if not is_user_id(target):
        raise Refused(BAD_MESSAGE, "The person to signal is not named by a user id.")
    message = {**payload, "type": kind, "target_user_id": target, "from_user_id": call.actor.user_id}
    relayed = ICE if kind == ICE_CANDIDATE else SIGNAL
    await call.services.boards.pass_on(
        call.uuid, call.actor, call.connection_id, relayed, message, to=user_key(target)
    )
