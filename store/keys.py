"""Every key and channel name in the store, with what it holds, its type and its lifetime. Nothing else names
keys.

A session's keys share one hash tag, so on a cluster they live together and one script may touch them all.
Nothing needs two sessions' keys at once. Lifetimes: a session's data stays (history is read for good) but for
what only open sockets and repeated requests need, which goes a day after the session is over.
"""

from __future__ import annotations

import hashlib

INSTANCES = "lr:instances"
"""Sorted set: instance id → ms at which its lease ends. An entry goes once its sockets were counted as
dropped.
"""

DUE = "lr:due"
"""Sorted set: session uuid → ms at which it expires if never started. Only a hint; the session itself
decides.
"""

UNSETTLED = "lr:unsettled"
"""Sorted set: booking id → ms since when its consequences (make, move, end the session) may be outstanding.
"""


def session(uuid: str) -> str:
    """Hash: the session's own fields, position and counters. Also the name of its pub/sub channel."""
    return f"lr:{{{uuid}}}"


def person(uuid: str, user_key: str) -> str:
    """Hash: one participant: identity, role, status, generation, custom permissions, media state, pace."""
    return f"{session(uuid)}:p:{user_key}"


def session_keys(uuid: str, operation: str | None = None) -> list[str]:
    """KEYS of every session script, in the order `lua/lib/1_args.lua` names them.

    session; log: stream of the broadcasts, capped, those that are too large for it as references; people: sorted
    set of user keys in order of acquaintance; events, errors: streams of the event log, capped; stats: hash of
    exact counters; op: string, the outcome of one idempotent request, one day; ops: stream of the board events
    since the newest snapshot; ids: sorted set of the board events' own ids, at least as long as the log;
    snapshots: hash version → metadata; auto: sorted set of the automatic ones; large: hash position → the log's
    large entries, the newest. The scripts derive four more from the first: `…:p:<user>`, a hash for each person,
    `…:sockets:<user>`, a hash connection id → `instance kind`, `…:snapshot:<version>`, a state as JSON, and
    `…:tries:<user>`, a string, the ms up to which somebody's wrong access codes count.
    """
    base = session(uuid)
    return [
        base,
        f"{base}:log",
        f"{base}:people",
        f"{base}:events",
        f"{base}:errors",
        f"{base}:stats",
        f"{base}:op:{operation or ''}",
        f"{base}:ops",
        f"{base}:ids",
        f"{base}:snapshots",
        f"{base}:auto",
        f"{base}:large",
    ]


def events(uuid: str) -> str:
    """Stream: the session's event log, newest `events.cap` entries."""
    return f"{session(uuid)}:events"


def errors(uuid: str) -> str:
    """Stream: the newest `error` events."""
    return f"{session(uuid)}:errors"


def stats(uuid: str) -> str:
    """Hash: exact event counters: `total`, `type:<event type>`, `user:<user key>`."""
    return f"{session(uuid)}:stats"


def booking(booking_key: str) -> list[str]:
    """KEYS of every booking script: a hash of `f:<field>` → JSON text, `status`, `session` (uuid, once there
    is one), `replaced` (uuid of the one before), `revision`.
    """
    return [f"lr:{{booking:{booking_key}}}"]


def sessions_of(user_key: str) -> str:
    """Sorted set: uuid → ms of acquaintance, the sessions somebody was ever let into. Only a hint, like all
    indexes.
    """
    return f"lr:{{user:{user_key}}}:sessions"


def bookings_of(user_key: str) -> str:
    """Sorted set: booking id → start in ms, the bookings somebody is or was part of."""
    return f"lr:{{user:{user_key}}}:bookings"


def writes_of(user_key: str) -> str:
    """String: the time in ms up to which somebody has used their REST writes; goes when all are free again."""
    return f"lr:{{user:{user_key}}}:writes"


def made_by(operation: str) -> str:
    """String: the id of what an idempotent request makes; one day."""
    return f"lr:{{op:{operation}}}:makes"


def sessions_on(instance: str) -> str:
    """Set: the sessions in which an instance has sockets or grace periods running. Goes with the instance."""
    return f"lr:{{instance:{instance}}}:sessions"


def lease(task: str) -> str:
    """String: the instance that runs this housekeeping task now; expires by itself."""
    return f"lr:lease:{task}"


def probe(instance: str) -> str:
    """Channel: an instance's messages to itself, by which it knows that its subscription is alive."""
    return f"lr:probe:{instance}"


def snapshots(uuid: str) -> str:
    """Hash: version → metadata of a board snapshot (JSON text)."""
    return f"{session(uuid)}:snapshots"


def snapshot(uuid: str, version: int) -> str:
    """String: the board's state at a version (JSON text)."""
    return f"{session(uuid)}:snapshot:{version}"


def operation(user_key: str, path: str, idempotency_key: str) -> str:
    """The name of one idempotent request: an `Idempotency-Key` counts per person and path (contract §1)."""
    return hashlib.sha256("\n".join((user_key, path, idempotency_key)).encode()).hexdigest()[:32]
