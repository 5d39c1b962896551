"""The board: the table of its event types and the fold that turns events into a state (contract §4, board).

Pure over plain JSON values. An event's data is read by one function per type, which either answers the change
to make or refuses; `check_event` (before an event gets its version) and `apply` (afterwards) share it, so an
accepted event always applies. The fold ignores what cannot be applied: a log once written folds for ever.
`tests/shared/board_fold_cases.json` holds these rules for every client that folds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from schemas.board_state import (
    LISTS,
    Board,
    BoardState,
    Element,
    ListName,
    element_key,
    empty_state,
    normalise_state,
)
from schemas.errors import BAD_EVENT, Refused
from schemas.jsonio import dumps

__all__ = [
    "EVENTS",
    "Board",
    "BoardState",
    "EventRule",
    "apply",
    "board_json",
    "check_event",
    "classify",
    "empty_state",
    "fold",
    "normalise_state",
]

Change = Callable[[Board], None]
Reader = Callable[[Any], Change]


def _object(data: Any) -> Element:
    if not isinstance(data, dict):
        raise Refused(BAD_EVENT, "`data` must be an object.")
    return data


def _put(where: ListName, wrapper: str, *, bare: bool = False) -> Reader:
    """Reads the element from `data[wrapper]`, or, where `bare` allows it, from `data` itself."""

    def read(data: Any) -> Change:
        whole = _object(data)
        for element in (whole.get(wrapper), whole if bare else None):
            key = element_key(element.get("id")) if isinstance(element, dict) else None
            if key is not None:
                return _putting(where, key, element)
        raise Refused(BAD_EVENT, f"The event needs a `{wrapper}` with an `id`.")

    return read


def _putting(where: ListName, key: str, element: Any) -> Change:
    return lambda board: board.put(where, key, element)


def _named(data: Element, names: tuple[str, ...]) -> tuple[str, Any]:
    for name in names:
        key = element_key(data.get(name))
        if key is not None:
            return key, data[name]
    raise Refused(BAD_EVENT, f"The event must name its element: `{'` or `'.join(names)}`.")


def _remove(where: ListName, *names: str) -> Reader:
    def read(data: Any) -> Change:
        key, _ = _named(_object(data), names)
        return lambda board: board.remove(where, key)

    return read


def _merge_object(data: Any) -> Change:
    whole = _object(data)
    key, given = _named(whole, ("objectId", "id"))
    changes = whole.get("changes")
    if changes is None:
        changes = {name: value for name, value in whole.items() if name not in ("objectId", "changes")}
    if not isinstance(changes, dict):
        raise Refused(BAD_EVENT, "`changes` must be an object.")
    return lambda board: board.merge("objects", key, {**changes, "id": given})


def _clear(_data: Any) -> Change:
    return Board.clear


def _replace(data: Any) -> Change:
    state = _object(data).get("state")
    if not isinstance(state, dict):
        raise Refused(BAD_EVENT, "`state` must be an object.")
    for name in LISTS:
        elements = state.get(name)
        if elements is not None and not _is_list_of_objects(elements):
            raise Refused(BAD_EVENT, f"`state.{name}` must be a list of objects.")
    return lambda board: board.replace(state)


def _is_list_of_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


Kind = Literal["applied", "relayed", "pointer", "silent", "signalling"]


@dataclass(frozen=True, slots=True)
class EventRule:
    """What happens to events of one type.

    `kind`: applied and relayed ones get a version and go to everybody, pointers go on as `pointer_move`,
    silent ones nowhere, signalling to `data.targetUserId` as a message of type `signal`. `permission` is what
    the sender needs. `conflicts`: an older client version is a conflict. `read` gives the change to make, or
    refuses.
    """

    kind: Kind
    permission: str | None = None
    read: Reader | None = None
    signal: str | None = None
    conflicts: bool = False

    @property
    def versioned(self) -> bool:
        """Whether such an event gets the board's next version, and a place in the log."""
        return self.kind in ("applied", "relayed")


def _applied(permission: str, read: Reader, *, conflicts: bool = False) -> EventRule:
    return EventRule("applied", permission, read, conflicts=conflicts)


_ADD_STROKE = _applied("can_draw", _put("strokes", "stroke", bare=True))
_ERASE_STROKE = _applied("can_erase", _remove("strokes", "strokeId", "id"))
_PUT_ASSET = _applied("can_draw", _put("assets", "asset"))
_CLEAR = _applied("can_clear_board", _clear)
_IMAGE = EventRule("relayed", "can_upload_images")
_SILENT = EventRule("silent")
_UNKNOWN = EventRule("relayed", "can_draw")
_ICE = EventRule("signalling", signal="ice_candidate")

EVENTS: Final[Mapping[str, EventRule]] = {
    "stroke:add": _ADD_STROKE,
    "stroke_add": _ADD_STROKE,
    "stroke_update": _applied("can_draw", _put("strokes", "stroke")),
    "stroke:remove": _ERASE_STROKE,
    "stroke_delete": _ERASE_STROKE,
    "erase_stroke": _ERASE_STROKE,
    "asset_add": _PUT_ASSET,
    "asset_update": _PUT_ASSET,
    "asset_delete": _applied("can_erase", _remove("assets", "assetId")),
    "object:add": _applied("can_draw", _put("objects", "object", bare=True)),
    "object:update": _applied("can_draw", _merge_object),
    "object:remove": _applied("can_erase", _remove("objects", "objectId", "id")),
    "layer_add": _applied("can_add_layers", _put("layers", "layer", bare=True)),
    "layer_delete": _applied("can_delete_layers", _remove("layers", "layerId", "id")),
    "canvas:clear": _CLEAR,
    "board_clear": _CLEAR,
    "clear_all": _CLEAR,
    "state:full": _applied("can_clear_board", _replace, conflicts=True),
    "image_add": _IMAGE,
    "image_upload": _IMAGE,
    "cursor_move": EventRule("pointer"),
    "tool_change": _SILENT,
    "color_change": _SILENT,
    "size_change": _SILENT,
    "select": _SILENT,
    "undo": _SILENT,
    "redo": _SILENT,
    "webrtc:offer": EventRule("signalling", signal="offer"),
    "webrtc:answer": EventRule("signalling", signal="answer"),
}
"""Every type with a meaning of its own; see `classify` for the rest."""


def classify(event_type: str) -> EventRule:
    """The rule for a type; unknown types are relayed, versioned, and need `can_draw`."""
    return EVENTS.get(event_type) or (_ICE if event_type.startswith("webrtc:ice") else _UNKNOWN)


def check_event(event_type: str, data: Any) -> Any:
    """The data to log and send on: `{}` for none, a `state:full` normalised.

    Refused(BAD_EVENT) for what cannot be applied.
    """
    rule = classify(event_type)
    given = {} if data is None else data
    if rule.read is not None:
        rule.read(given)
    if event_type == "state:full":
        return {**given, "state": normalise_state(given["state"])}
    return given


def apply(board: Board, event_type: str, data: Any) -> None:
    """Fold one event into `board`; what changes no state, or cannot be applied, is ignored. Never raises."""
    read = classify(event_type).read
    if read is None:
        return
    try:
        change = read({} if data is None else data)
    except Refused:  # an old log may hold what is refused today
        return
    change(board)


def fold(state: Any, events: Iterable[Mapping[str, Any]]) -> BoardState:
    """`state` (None: an empty board) with `events`, `{event_type, data, …}` in version order, applied."""
    board = Board(state)
    for event in events:
        apply(board, str(event.get("event_type")), event.get("data"))
    return board.state()


def board_json(session_id: str, version: int, state: BoardState, exported_at: str) -> str:
    """The JSON export: whose board, at which version, when it was exported (RFC 3339), and the state."""
    return dumps({"session_id": session_id, "version": version, "exported_at": exported_at, "state": state})
