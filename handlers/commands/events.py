"""The event log (contract §2)."""

from __future__ import annotations

from typing import Any

from handlers.commands.call import Call
from schemas.errors import TOO_LARGE, UNKNOWN_TYPE, Refused
from schemas.jsonio import dumps
from schemas.rest import FRONTEND_EVENT_TYPES, MAX_EVENT_DATA_BYTES


async def log_event(call: Call) -> dict[str, Any]:
    """Logs what a client noticed; what the server sees, it logs itself."""
    event_type, data = call.body["event_type"], call.body["data"]
    if event_type not in FRONTEND_EVENT_TYPES:
        known = ", ".join(sorted(FRONTEND_EVENT_TYPES))
        raise Refused(UNKNOWN_TYPE, f"A client may log these event types: {known}.")
    if len(dumps(data).encode()) > MAX_EVENT_DATA_BYTES:
        raise Refused(TOO_LARGE, f"data is larger than {MAX_EVENT_DATA_BYTES} bytes.")
    event_id = await call.services.events.log_event(call.uuid, call.actor, event_type, data, call.operation)
    return {"success": True, "event_id": event_id}


async def list_events(call: Call) -> dict[str, Any]:
    """A page of the log, newest first."""
    await _need_access(call)
    page = await call.services.events.get_session_events(call.uuid, **call.query)
    return {"events": page.events, "next": page.next}


async def event_stats(call: Call) -> dict[str, Any]:
    """How many events of each type and person there ever were."""
    await _need_access(call)
    return await call.services.events.get_event_stats(call.uuid)


async def recent_errors(call: Call) -> dict[str, Any]:
    """The newest `error` events."""
    await _need_access(call)
    return {"errors": await call.services.events.get_recent_errors(call.uuid, call.query["limit"])}


async def _need_access(call: Call) -> None:
    await call.services.sessions.get_classroom_session(call.uuid, call.actor, want=None)
