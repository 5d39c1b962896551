"""What became of what people did: acknowledged writes are there, each once; nothing forbidden, nothing unasked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.simulation.history import LessonRecord, Message, Write
from tests.simulation.model import Timeline, may

CLOCK_SECONDS = 0.1
"""How far the store's clock and ours may be read apart."""


def acknowledged_is_there(record: LessonRecord) -> Iterator[str]:
    """An acknowledged event of the board has its version, an acknowledged log entry its id, with what was sent."""
    updates = {m["version"]: m for m in record.story if m["type"] == "board_update"}
    for write in record.writes_of("board"):
        for version in {a.value for a in write.attempts if a.verdict == "ok"}:
            update = updates.get(version, {})
            if (update.get("id"), update.get("user_id")) != (write.name, write.who) or not _is_what_was_sent(
                update, write
            ):
                yield f"{write.name} was acknowledged as version {version}, which is {update}"
    for number, view in enumerate(record.views):
        logged = {event["id"]: event for event in view.events}
        for write in record.writes_of("log"):
            if write.acknowledged is None:
                continue
            event = logged.get(write.acknowledged.value, {})
            if (event.get("user_id"), event.get("data")) != (write.who, write.body["data"]):
                yield f"{write.name} was logged as {write.acknowledged.value}; instance {number} has {event}"


def nothing_is_applied_twice(record: LessonRecord) -> Iterator[str]:
    """However often it was sent."""
    told = Counter(m["id"] for m in record.story if m["type"] == "board_update")
    yield from (f"{name} has {count} versions" for name, count in told.items() if count > 1)
    for view in record.views[:1]:
        logged = Counter(e["data"]["name"] for e in view.events if e["event_type"] == "tool_select")
        yield from (f"{name} was logged {count} times" for name, count in logged.items() if count > 1)
        if view.stats["by_type"].get("tool_select", 0) != sum(logged.values()):
            yield f"the statistics say {view.stats['by_type']}, the log has {sum(logged.values())}"


def nothing_refused_is_there(record: LessonRecord) -> Iterator[str]:
    """What was refused, and never left in doubt, has no effect."""
    told = {m["id"] for m in record.story if m["type"] == "board_update"}
    logged = {e["data"].get("name") for view in record.views for e in view.events}
    for write in record.writes_of("board", "log"):
        certain = all(attempt.verdict == "refused" for attempt in write.attempts)
        if certain and write.name in (told if write.kind == "board" else logged):
            yield f"{write.name} was refused and is there"


def nothing_forbidden_takes_effect(record: LessonRecord) -> Iterator[str]:
    """What somebody sent after it was acknowledged that they may not is not accepted, on any instance."""
    told = {m["id"] for m in record.story if m["type"] == "board_update"}
    for who in record.students:
        timeline = Timeline(record, who)
        for write in record.writes_of("board", "media", "log", "enter", "seat"):
            if write.who != who or not (write.acknowledged or write.name in told):
                continue
            standings = timeline.between(write.began_at, write.ended_at)
            if not any(may(standing, write, is_host=False) for standing in standings):
                yield f"{write.kind} {write.name} {write.body} counts, though {who} stood as {standings}"


def refusals_have_a_reason(record: LessonRecord) -> Iterator[str]:
    """Nobody is refused what they may do."""
    for who in record.people:
        timeline = Timeline(record, who)
        for write in record.writes_of("board", "media", "log", "enter", "seat"):
            refusal = write.refusal
            if write.who != who or refusal is None or refusal.answered_at is None:
                continue
            standings = timeline.between(refusal.sent_at, refusal.answered_at)
            allowed = all(may(standing, write, is_host=who == record.host) for standing in standings)
            if allowed and not _was_out(record, write):
                yield f"{write.kind} {write.name} {write.body} of {who} was refused: {refusal.code}"


def nothing_happens_unasked(record: LessonRecord) -> Iterator[str]:
    """Whatever the server logged was asked for a moment before: nothing happens late, when nobody waits for it any more."""
    for event in record.views[0].events if record.views else []:
        kind = _ASKED.get(event["event_type"])
        if kind is None:
            continue
        asked = [write for write in record.writes_of(*kind) if _is_it(write, event)]
        at = event["at"]
        if not any(w.began_at - CLOCK_SECONDS <= at <= w.ended_at + CLOCK_SECONDS for w in asked):
            late = min((at - w.ended_at for w in asked), key=abs, default=None)
            yield f"{event['event_type']} {event['data']} of {event['user_id']} came unasked ({late} s late)"


_ASKED: dict[str, tuple[str, ...]] = {
    "permission_update": ("permit",),
    "role_change": ("role",),
    "participant_kick": ("kick",),
    "participant_invite": ("invite",),
    "media_state": ("media",),
    "tool_select": ("log",),
    "session_start": ("start",),
    "session_pause": ("pause",),
    "session_resume": ("resume",),
    "session_end": ("complete",),
}


def _is_it(write: Write, event: Message) -> bool:
    data: dict[str, Any] = event["data"]
    match write.kind:
        case "permit":
            return (write.body["user_id"], write.body["permissions"]) == (
                data["user_id"],
                data["permissions"],
            )
        case "role":
            return (write.body["user_id"], write.body["role"]) == (data["user_id"], data["to"])
        case "kick" | "invite":
            return bool(write.body["user_id"] == data["user_id"])
        case "media":
            return bool(write.who == event["user_id"]) and all(
                data[name] == on for name, on in write.body.items()
            )
        case "log":
            return bool(write.name == data.get("name"))
    return bool(write.who == event["user_id"])


def _is_what_was_sent(update: Message, write: Write) -> bool:
    return all(update[name] == write.body[name] for name in ("event_type", "data"))


def _was_out(record: LessonRecord, write: Write) -> bool:
    """Whether they had left or were sent out before: an older socket or token is worthless then, and who has no seat
    switches nothing on.
    """
    return any(
        other.began_at < write.ended_at and write.who in (other.who, (other.body or {}).get("user_id"))
        for other in record.writes_of("leave", "kick")
    )
