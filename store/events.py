"""The event log of a session: capped, newest first; its counters are not touched by the cap (contract §2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from schemas.jsonio import dumps
from schemas.times import rfc3339
from store import keys
from store.actor import Actor
from store.session_scripts import SessionScripts

PAGE = 500

Event = dict[str, Any]
"""`{id, event_type, user_id, data, created_at}`."""


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events, newest first, and the value for `before` that continues (None at the end)."""

    events: list[Event]
    next: int | None


class Events:
    """The event store. Reading asks nobody's permission: the caller has looked that up."""

    def __init__(self, scripts: SessionScripts) -> None:
        self._scripts = scripts
        self._client = scripts.client

    async def log_event(
        self, uuid: str, actor: Actor, event_type: str, data: dict[str, Any], operation: str | None = None
    ) -> int:
        """Logs a client's own event; its id, an integer that grows by one with every event of the session."""
        reply = await self._scripts.run(
            "log_event", uuid, actor, operation, event_type=event_type, data=dumps(data)
        )
        return int(reply[0])

    async def get_session_events(
        self, uuid: str, *, event_type: str | None = None, limit: int = 100, before: int | None = None
    ) -> EventPage:
        """The newest `limit` events (of that type) with an id below `before`.

        Read in bounded pages rather than in a script: a filter that matches little must not hold up the
        store.
        """
        found: list[Event] = []
        end = f"({before}-0" if before is not None else "+"
        while len(found) <= limit:
            page = await self._client.command("XREVRANGE", keys.events(uuid), end, "-", "COUNT", PAGE)
            found += [event for event in map(_event, page) if event_type in (None, event["event_type"])]
            if len(page) < PAGE:
                break
            end = f"({page[-1][0].decode()}"
        events = found[:limit]
        return EventPage(events, events[-1]["id"] if len(found) > limit else None)

    async def get_event_stats(self, uuid: str) -> dict[str, Any]:
        """`{total, by_type: {type: n}, by_user: {user id as text: n}}`, of all events ever logged."""
        flat = await self._client.command("HGETALL", keys.stats(uuid))
        counts = {flat[i].decode(): int(flat[i + 1]) for i in range(0, len(flat), 2)}
        return {
            "total": counts.get("total", 0),
            "by_type": {k.removeprefix("type:"): n for k, n in counts.items() if k.startswith("type:")},
            "by_user": {k.removeprefix("user:"): n for k, n in counts.items() if k.startswith("user:")},
        }

    async def get_recent_errors(self, uuid: str, limit: int = 20) -> list[Event]:
        """The newest `error` events; they have a log of their own, from which no other events push them."""
        page = await self._client.command("XREVRANGE", keys.errors(uuid), "+", "-", "COUNT", limit)
        return [_event(entry) for entry in page]


def _event(entry: list[Any]) -> Event:
    raw_id, flat = entry
    fields = {flat[i]: flat[i + 1] for i in range(0, len(flat), 2)}
    return {
        "id": int(raw_id.split(b"-")[0]),
        "event_type": fields[b"type"].decode(),
        "user_id": orjson.loads(fields[b"user_id"]),
        "data": orjson.loads(fields[b"data"]),
        "created_at": rfc3339(int(fields[b"at"])),
    }
