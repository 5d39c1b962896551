"""The board's event table and its fold: whoever saw the same events holds the same board."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import jsonio
from schemas.board import (
    EVENTS,
    Board,
    apply,
    board_json,
    check_event,
    classify,
    empty_state,
    fold,
    normalise_state,
)
from schemas.errors import Refused
from schemas.permissions import PERMISSIONS

CASES = json.loads((Path(__file__).parents[1] / "shared" / "board_fold_cases.json").read_text())
KEYS = ["strokes", "objects", "assets", "layers", "background"]

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
json_ids: st.SearchStrategy[Any] = st.sampled_from(
    ["a", "b", 1, "1", 2.5, "__proto__", "", None, True, [], 10**30, 1e-7]
)
names = (
    "id",
    "stroke",
    "strokeId",
    "asset",
    "assetId",
    "object",
    "objectId",
    "layer",
    "layerId",
    "changes",
    "state",
)
elements = st.fixed_dictionaries(
    {"id": json_ids}, optional={"x": st.integers(), "color": st.text(max_size=3)}
)
states = st.fixed_dictionaries(
    {}, optional={**dict.fromkeys(KEYS[:4], st.lists(elements, max_size=4) | scalars), "background": scalars}
)
likely_data = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(names, json_ids | elements | states) | {"x": st.integers(), "state": states}
)
event_types = st.sampled_from([*EVENTS, "webrtc:ice-candidate", "layer_reorder", ""])
events = st.lists(
    st.fixed_dictionaries({"event_type": event_types, "data": likely_data | elements | anything}), max_size=25
)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_shared_case(case: dict[str, Any]) -> None:
    """Server and browser fold alike: both run this table."""
    assert fold(case["state"], case["events"]) == case["expected"]


@given(state=states | st.none(), log=events, cut=st.integers(0, 25))
def test_any_split(state: Any, log: list[dict[str, Any]], cut: int) -> None:
    """A snapshot and the events after it give the board that all events give, wherever it was taken."""
    assert repr(fold(fold(state, log[:cut]), log[cut:])) == repr(fold(state, log))


@given(log=events, cut=st.integers(0, 25))
def test_snapshot_through_json(log: list[dict[str, Any]], cut: int) -> None:
    """A snapshot that was stored as JSON and read again folds on as if it had never left."""
    stored = json.loads(json.dumps(fold(None, log[:cut])))
    assert repr(fold(stored, log[cut:])) == repr(fold(None, log))


@given(log=events)
def test_same_versions_same_board(log: list[dict[str, Any]]) -> None:
    """Folding event by event, or everything at once, gives one board, and leaves the events as they were."""
    before = repr(log)
    board = Board()
    for event in log:
        apply(board, event["event_type"], event["data"])
    assert repr(board.state()) == repr(fold(None, log))
    assert repr(log) == before


@given(state=anything, event_type=st.text(max_size=12) | event_types, data=anything | likely_data)
def test_nothing_raises(state: Any, event_type: str, data: Any) -> None:
    """A log folds whatever was ever written to it, and the board has all its keys."""
    folded = fold(state, [{"event_type": event_type, "data": data}, {}])
    assert list(folded) == KEYS
    lists = (folded["strokes"], folded["objects"], folded["assets"], folded["layers"])
    assert all(isinstance(element, dict) for elements in lists for element in elements)


@given(event_type=event_types, data=likely_data | elements | anything)
def test_accepted_events_apply(event_type: str, data: Any) -> None:
    """What was accepted and logged changes the board just as it came."""
    try:
        logged = check_event(event_type, data)
    except Refused:
        before = {
            "strokes": [{"id": "a"}],
            "objects": [{"id": "a"}],
            "assets": [{"id": "a"}],
            "layers": [{"id": "a"}],
        }
        assert fold(before, [{"event_type": event_type, "data": data}]) == normalise_state(before)
    else:
        one = fold(None, [{"event_type": event_type, "data": logged}])
        assert repr(one) == repr(fold(None, [{"event_type": event_type, "data": data}]))


@pytest.mark.parametrize(
    ("event_type", "data"),
    [
        ("stroke:add", {"points": []}),
        ("stroke_add", None),
        ("stroke:add", [1]),
        ("stroke_update", {"id": "a"}),
        ("stroke:remove", {}),
        ("asset_add", {"id": "a"}),
        ("asset_delete", {"id": "a"}),
        ("object:update", {"changes": {"x": 1}}),
        ("object:update", {"id": "a", "changes": [1]}),
        ("layer_delete", {"layerId": True}),
        ("state:full", {}),
        ("state:full", {"state": []}),
        ("state:full", {"state": {"strokes": {}}}),
        ("state:full", {"state": {"objects": ["a"]}}),
    ],
)
def test_refused(event_type: str, data: Any) -> None:
    """An event that could not be applied is refused before it gets a version."""
    with pytest.raises(Refused) as refusal:
        check_event(event_type, data)
    assert refusal.value.error.code == "bad_event"


def test_state_full_is_sent_on_in_order() -> None:
    """A whole board reaches the others with all its keys, whatever the sender left out."""
    sent = check_event(
        "state:full", {"state": {"strokes": [{"id": 1}, {"id": "1", "x": 2}], "zoom": 3}, "reason": "undo"}
    )
    assert sent == {"state": {**empty_state(), "strokes": [{"id": "1", "x": 2}]}, "reason": "undo"}


def test_other_data_is_sent_on_as_it_came() -> None:
    """The server adds nothing to what people draw; only missing data becomes an empty object."""
    data = {"id": "a", "points": [[1, 2]]}
    assert check_event("stroke:add", data) is data
    assert check_event("canvas:clear", None) == {}
    assert check_event("custom", "text") == "text"


PERMITTED = {
    "can_draw": "stroke:add stroke_add stroke_update asset_add asset_update object:add object:update "
    "layer_reorder anything",
    "can_erase": "stroke:remove stroke_delete erase_stroke asset_delete object:remove",
    "can_add_layers": "layer_add",
    "can_delete_layers": "layer_delete",
    "can_upload_images": "image_add image_upload",
    "can_clear_board": "canvas:clear board_clear clear_all state:full",
}


@pytest.mark.parametrize(
    ("event_type", "permission"),
    [(name, needed) for needed, all_ in PERMITTED.items() for name in all_.split()],
)
def test_permission(event_type: str, permission: str) -> None:
    """Each kind of change needs its own permission."""
    assert classify(event_type).permission == permission
    assert classify(event_type).versioned
    assert permission in PERMISSIONS


def test_types_without_a_version() -> None:
    """Pointers, tool changes and signalling never become part of the board's history."""
    assert classify("cursor_move").kind == "pointer"
    for name in ("tool_change", "color_change", "size_change", "select", "undo", "redo"):
        assert classify(name).kind == "silent"
    signals = {
        name: classify(name).signal
        for name in ("webrtc:offer", "webrtc:answer", "webrtc:ice", "webrtc:ice-candidate")
    }
    assert list(signals.values()) == ["offer", "answer", "ice_candidate", "ice_candidate"]
    assert not any(
        classify(name).versioned or classify(name).permission for name in ("cursor_move", "undo", *signals)
    )


def test_only_a_whole_state_conflicts() -> None:
    """Two people drawing at once never get in each other's way; two whole boards do."""
    assert [name for name, rule in EVENTS.items() if rule.conflicts] == ["state:full"]


def test_background_of_the_session() -> None:
    """An empty board has the background that the session's settings name."""
    assert empty_state("#102030")["background"] == "#102030"
    assert fold(empty_state("#102030"), [{"event_type": "canvas:clear"}])["background"] == "#102030"


def test_a_full_board_costs_what_an_empty_one_costs() -> None:
    """Drawing stays as quick with 10,000 strokes as with none, whichever of them changes."""

    def seconds(board: Board, first: int) -> float:
        started = time.perf_counter()
        for index in range(first, first + 1000):
            apply(board, "stroke:add", {"id": index, "points": []})
            apply(board, "stroke:remove", {"strokeId": index})
        return time.perf_counter() - started

    full = Board({"strokes": [{"id": index} for index in range(10_000)]})
    on_full = min(seconds(full, 20_000) for _ in range(5))
    on_empty = min(seconds(Board(), 0) for _ in range(5))
    assert on_full < on_empty * 5


def test_the_fold_never_changes_what_it_was_given() -> None:
    """A state that somebody still sends to a client does not change under their hands."""
    given_state = {"objects": [{"id": "a", "x": 1}]}
    board = Board(given_state)
    handed_out = board.state()
    apply(board, "object:update", {"id": "a", "x": 2})
    apply(board, "object:add", {"id": "b"})
    assert given_state == {"objects": [{"id": "a", "x": 1}]}
    assert handed_out["objects"] == [{"id": "a", "x": 1}]


def test_json_export() -> None:
    """The exported file says whose board it is, at which version and when, and can be folded on."""
    state = fold(None, [{"event_type": "stroke:add", "data": {"id": "a", "text": "é"}}])
    file = jsonio.loads(board_json("5b4e", 12, state, "2026-03-01T10:00:00.000Z"))
    assert file == {
        "session_id": "5b4e",
        "version": 12,
        "exported_at": "2026-03-01T10:00:00.000Z",
        "state": state,
    }
    assert fold(file["state"], []) == state


def test_float_ids_print_as_in_javascript() -> None:
    """Ids made with Date.now() + Math.random() name one element on both sides."""
    for number, printed in (
        (1e-6, "0.000001"),
        (1.5e-5, "0.000015"),
        (1 / 3, "0.3333333333333333"),
        (-2.0, "-2"),
    ):
        left = fold({"strokes": [{"id": number}]}, [{"event_type": "stroke:remove", "data": {"id": printed}}])
        assert left["strokes"] == [], printed
