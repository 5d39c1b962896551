"""The board: events in one order, the state they fold to, and its snapshots (contract §3 and §4; rules in `schemas.board`).

Event-sourced: a stream of events since the newest snapshot. Folded boards are remembered, so that reading a state again
costs the events since; folding a large one happens in a thread, so that nobody waits for it.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

import orjson

from schemas.board import Board, BoardState, apply, classify, empty_state
from schemas.errors import NOT_FOUND, Refused
from schemas.ids import UserId
from schemas.jsonio import dumps
from schemas.times import rfc3339
from store import keys
from store.actor import Actor
from store.session_scripts import SessionScripts

REMEMBERED_BOARDS = 64
LARGE_EVENTS = 200
LARGE_BYTES = 262_144

Metadata = dict[str, Any]
"""`{version, snapshot_type, created_at, created_by, size_bytes, participant_count, thumbnail_url}`."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an event: `applied` with its version, a `duplicate` of that version, or a `conflict`: nothing, since
    the board is at that version already.
    """

    what: str
    version: int


@dataclass(frozen=True, slots=True)
class BoardAt:
    """A board at one version. `by` is `{id, name}` of who changed it last."""

    epoch: str
    version: int
    state: BoardState
    by: dict[str, Any]
    changed_at: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a session's board may take in the store: the live board (its events included), the number of automatic
    snapshots, and all snapshots together.
    """

    board_bytes: int
    kept_automatic: int
    kept_bytes: int


@dataclass(slots=True)
class _Folded:
    epoch: str
    version: int
    board: Board


class Boards:
    """The board store."""

    def __init__(self, scripts: SessionScripts, bounds: Bounds) -> None:
        self._scripts = scripts
        self._bounds = bounds
        self._client = scripts.client
        self._folded: OrderedDict[str, _Folded] = OrderedDict()
        self._reading: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def event(
        self,
        uuid: str,
        actor: Actor,
        event_type: str,
        data: Any,
        *,
        permission: str | None = None,
        event_id: str | int | float | None = None,
        version: int | None = None,
        connection: str | None = None,
        only_first: bool = False,
        restores: int | None = None,
        operation: str | None = None,
    ) -> Outcome:
        """Puts an event into the board's order: one round trip, whatever the size of the board.

        `data` is what `check_event` gave. `Refused`: forbidden, kicked, bad_token, session_paused, session_over; too_large
        when the board is full, overloaded when events come faster than they can be saved.
        """
        rule = classify(event_type)
        what, number = await self._scripts.run(
            "board_event",
            uuid,
            actor,
            operation,
            permission=permission or rule.permission,
            event_type=dumps(event_type),
            data=dumps(data),
            id=None if event_id is None else dumps(event_id),
            version=version,
            conflicts=1 if rule.conflicts else None,
            clears=1 if rule.permission == "can_clear_board" and not rule.conflicts else None,
            connection=connection,
            only_first=1 if only_first else None,
            restores=restores,
            board_bytes=self._bounds.board_bytes,
        )
        return Outcome(what.decode(), int(number))

    async def read(self, uuid: str) -> BoardAt:
        """The live board. Asks nobody's permission."""
        async with self._reading.setdefault(uuid, asyncio.Lock()):
            return await self._read(uuid)

    async def _read(self, uuid: str) -> BoardAt:
        known = self._folded.get(uuid)
        reply = await self._scripts.run(
            "board_read",
            uuid,
            have=known.version if known else None,
            epoch=known.epoch if known else None,
        )
        epoch, _, background, base_version, base_state, events, by, at = reply
        if known is None or base_version:
            initial = base_state or dumps(empty_state(orjson.loads(background))).encode()
            large = len(initial) > LARGE_BYTES
            board = await asyncio.to_thread(_board, initial) if large else _board(initial)
            known = _Folded(epoch.decode(), int(base_version), board)
        await self._fold(known, events)
        self._remember(uuid, known)
        return BoardAt(known.epoch, known.version, known.board.state(), orjson.loads(by), rfc3339(int(at)))

    async def save(
        self,
        uuid: str,
        kind: str,
        *,
        by: Actor | None = None,
        by_name: str | None = None,
        logged: bool = False,
    ) -> Metadata | None:
        """Keeps the live board as a snapshot, `auto` or `manual`; its metadata. Saving a version again changes nothing.
        `Refused(TOO_LARGE)` when there is no room for another manual one.
        """
        board = await self.read(uuid)
        state = dumps(
            board.state
        )  # orjson keeps the interpreter to itself: in a thread the others would wait all the same
        author = board.by if by is None else {"id": by.user_id, "name": by_name or by.name or str(by.user_id)}
        (text,) = await self._scripts.run(
            "board_snapshot",
            uuid,
            by if logged else None,
            None,
            version=board.version,
            epoch=board.epoch,
            state=state,
            kind=kind,
            by=dumps(author),
            size_bytes=len(state.encode()),
            kept_automatic=self._bounds.kept_automatic,
            kept_bytes=self._bounds.kept_bytes,
            logged=1 if logged else None,
        )
        return orjson.loads(text) if text else None

    async def snapshots(self, uuid: str, kind: str | None = None) -> list[Metadata]:
        """The metadata of the kept snapshots, newest first."""
        flat = await self._client.command("HVALS", keys.snapshots(uuid))
        found: list[Metadata] = sorted(
            map(orjson.loads, flat), key=lambda item: item["version"], reverse=True
        )
        return [item for item in found if kind in (None, item["snapshot_type"])]

    async def snapshot(self, uuid: str, version: int) -> tuple[Metadata, BoardState]:
        """One snapshot; `Refused(NOT_FOUND)`."""
        metadata, state = await asyncio.gather(
            self._client.command("HGET", keys.snapshots(uuid), version),
            self._client.command("GET", keys.snapshot(uuid, version)),
        )
        if metadata is None or state is None:
            raise Refused(NOT_FOUND, "There is no snapshot of that version.")
        return orjson.loads(metadata), orjson.loads(state)

    async def pass_on(
        self,
        uuid: str,
        actor: Actor,
        connection: str,
        kind: str,
        message: dict[str, Any],
        to: UserId | None = None,
    ) -> None:
        """Sends a message on that is not kept; `kind` is one of `store.entry`'s. `Refused(PEER_UNAVAILABLE)` when `to` is
        on no socket that carries signalling.
        """
        await self._scripts.run(
            "pass_on",
            uuid,
            actor,
            None,
            connection=connection,
            kind=kind,
            to=None if to is None else str(to),
            message=dumps(message),
        )

    def forget(self, uuid: str) -> None:
        """The board is needed here no more."""
        self._folded.pop(uuid, None)

    async def _fold(self, known: _Folded, flat: list[bytes]) -> None:
        if len(flat) > 3 * LARGE_EVENTS:
            await asyncio.to_thread(_apply_all, known, flat)
        else:
            _apply_all(known, flat)

    def _remember(self, uuid: str, folded: _Folded) -> None:
        self._folded[uuid] = folded
        self._folded.move_to_end(uuid)
        if len(self._folded) > REMEMBERED_BOARDS:
            self._folded.popitem(last=False)


def _board(state: bytes) -> Board:
    return Board(orjson.loads(state))


def _apply_all(known: _Folded, flat: list[bytes]) -> None:
    """Events are version, type, data, …; those that are in the board already (two readers at once) are passed over."""
    for index in range(0, len(flat), 3):
        version = int(flat[index])
        if version == known.version + 1:
            apply(known.board, orjson.loads(flat[index + 1]), orjson.loads(flat[index + 2]))
            known.version = version
