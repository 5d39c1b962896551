"""Cameras, microphones, screens (contract §2)."""

from __future__ import annotations

from typing import Any

from handlers.commands.call import Call


async def set_media_state(call: Call) -> dict[str, Any]:
    """Switches the caller's own; the others are told when something changed."""
    state = await call.services.media.update_media_state(call.uuid, call.actor, **call.body)
    return {"success": True, "media_state": state}


async def list_media_states(call: Call) -> dict[str, Any]:
    """Everybody's."""
    return {"media_states": await call.services.media.get_all_media_states(call.uuid, call.actor)}
