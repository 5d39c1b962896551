"""The board (contract §4 and the board rows of §3): events into one order, states, snapshots, exports."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from marshmallow import ValidationError

from handlers.commands.call import Call, File, utc_now
from handlers.commands.signalling import signal
from schemas.board import board_json, check_event, classify, normalise_state
from schemas.errors import BAD_EVENT, VALIDATION_FAILED, Refused
from schemas.frames import PointerIn
from schemas.jsonio import dumps
from store.board import Metadata
from store.entry import EPHEMERAL
from store.sessions import View

MANUAL, AUTO = "manual", "auto"
STATE_FULL = "state:full"
CONTENT_TYPES = {"svg": "image/svg+xml", "png": "image/png"}


async def event(call: Call) -> dict[str, Any] | None:
    """A board event from a socket. Its ack comes back through the relay, in order with the others' updates; answered here
    is only what did not get a version.
    """
    event_type, data = call.body["event_type"], call.body.get("data")
    rule = classify(event_type)
    if rule.kind == "pointer":
        await pointer(replace(call, body=_pointer_data(data)))
        return None
    if rule.kind == "silent":
        return None
    if rule.signal is not None:
        await _signal_event(call, rule.signal, data)
        return None
    checked = check_event(event_type, data)
    with call.services.hub.confirming(call.uuid, call.connection_id):
        outcome = await call.services.boards.event(
            call.uuid,
            call.actor,
            event_type,
            checked,
            event_id=call.body.get("id"),
            version=call.body.get("version"),
            connection=call.connection_id,
        )
    if outcome.what == "duplicate":
        return {"type": "ack", "version": outcome.version, "duplicate": True}
    if outcome.what == "conflict":
        return await _conflict(call)
    return None


async def pointer(call: Call) -> None:
    """Where somebody points: passed on, and not kept."""
    message = {"type": "pointer_move", "user_id": call.actor.user_id, **call.body}
    await call.services.boards.pass_on(call.uuid, call.actor, call.connection_id, EPHEMERAL, message)


async def sync(call: Call) -> bytes:
    """The whole board, for one client."""
    await call.services.sessions.get_classroom_session(call.uuid, call.actor, want=None)
    board = await call.services.boards.read(call.uuid)
    state = dumps(board.state).encode()
    return b'{"type":"sync_response","version":%d,"state":%b}' % (board.version, state)


async def autosave(call: Call) -> dict[str, Any]:
    """A client's regular save: the server's own board is what is kept, but for a board nobody has drawn on yet."""
    await _need(call, "can_draw", writing=True)
    version, boards = call.body["version"], call.services.boards
    live = await boards.read(call.uuid)
    if version > live.version:
        raise Refused(VALIDATION_FAILED, fields={"version": ["The board has not come to this version yet."]})
    if live.version == 0:
        data = check_event(STATE_FULL, {"state": call.body["board_state"]})
        await boards.event(call.uuid, call.actor, STATE_FULL, data, permission="can_draw", only_first=True)
    saved = await boards.save(call.uuid, AUTO)
    now = saved["version"] if saved else live.version
    return {"version": now, "stale": version < live.version}


async def save(call: Call) -> Metadata:
    """A snapshot that somebody wants kept."""
    view = await _need(call, "can_draw", writing=True)
    saved = await call.services.boards.save(
        call.uuid, MANUAL, by=call.actor, by_name=_name(view), logged=True
    )
    if saved is None:
        raise Refused(BAD_EVENT, "The board changed underneath; try again.")
    return saved


async def snapshots(call: Call) -> dict[str, Any]:
    """What is kept of the board, newest first."""
    await _need(call)
    return {"snapshots": await call.services.boards.snapshots(call.uuid, call.query.get("type"))}


async def snapshot(call: Call) -> dict[str, Any]:
    """One snapshot with its state."""
    await _need(call)
    metadata, state = await call.services.boards.snapshot(call.uuid, int(call.path["version"]))
    return {**metadata, "board_state": state}


async def restore(call: Call) -> dict[str, Any]:
    """Makes an old state the new one: it gets the next version, and what was there is kept as a snapshot."""
    await _need(call, "can_clear_board", writing=True)
    boards, version = call.services.boards, int(call.path["version"])
    _, stored = await boards.snapshot(call.uuid, version)
    state = normalise_state(stored)
    await boards.save(call.uuid, AUTO)
    outcome = await boards.event(
        call.uuid, call.actor, STATE_FULL, {"state": state}, restores=version, operation=call.operation
    )
    return {**state, "version": outcome.version, "board_state": state, "state": state}


async def history(call: Call) -> list[dict[str, Any]]:
    """The live board, and below it the kept ones, newest first."""
    await _need(call)
    boards = call.services.boards
    live = await boards.read(call.uuid)
    entries = [_entry(live.version, live.state, live.changed_at, live.by)]
    kept = [item for item in await boards.snapshots(call.uuid) if item["version"] < live.version]
    for item in kept[: call.query["limit"] - 1]:
        try:
            _, state = await boards.snapshot(call.uuid, item["version"])
        except Refused:
            continue  # dropped meanwhile, for a newer one
        entries.append(_entry(item["version"], state, item["created_at"], item["created_by"]))
    return entries


async def export(call: Call) -> File:
    """The board, or one of its snapshots, as a file."""
    await _need(call, "can_export")
    boards = call.services.boards
    if "version" in call.path:
        version = int(call.path["version"])
        _, state = await boards.snapshot(call.uuid, version)
    else:
        live = await boards.read(call.uuid)
        version, state = live.version, live.state
    form = call.query["format"]
    name = f"board-{call.uuid}-v{version}.{form}"
    if form != "json":
        picture = await call.services.drawing.draw(form, state, call.actor.key)
        return File(name, CONTENT_TYPES[form], picture)
    return File(name, "application/json", board_json(call.uuid, version, state, utc_now()).encode())


def _pointer_data(data: Any) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = PointerIn().load(data)
    except ValidationError:
        raise Refused(BAD_EVENT, "A pointer needs `data.x` and `data.y`, numbers.") from None
    return loaded


async def _signal_event(call: Call, kind: str, data: Any) -> None:
    if not isinstance(data, dict) or data.get("targetUserId") is None:
        raise Refused(BAD_EVENT, "Signalling needs `data.targetUserId`.")
    payload = {name: value for name, value in data.items() if name != "targetUserId"}
    await signal(call, kind, data["targetUserId"], payload)


async def _conflict(call: Call) -> dict[str, Any]:
    board = await call.services.boards.read(call.uuid)
    return {
        "type": "conflict",
        "local_version": call.body.get("version"),
        "server_version": board.version,
        "server_state": board.state,
    }


async def _need(call: Call, permission: str | None = None, *, writing: bool = False) -> View:
    return await call.services.sessions.get_classroom_session(
        call.uuid, call.actor, want=None, permission=permission, writing=writing
    )


def _name(view: View) -> str | None:
    return view.participant["name"] if view.participant else None


def _entry(version: int, state: Any, created_at: str, by: dict[str, Any]) -> dict[str, Any]:
    return {"id": version, "version": version, "state": state, "created_at": created_at, "created_by": by}
