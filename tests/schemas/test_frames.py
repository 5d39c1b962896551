from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError

from schemas.errors import RATE_LIMITED, VALIDATION_FAILED, Refused
from schemas.frames import (
    LARGEST_VERSION,
    BoardEventIn,
    CursorIn,
    MediaStateMessageIn,
    PingIn,
    PointerIn,
    PresenceIn,
    RaiseHandIn,
    SignalIn,
    SyncRequestIn,
    TokenRefreshIn,
    error_message,
)

EVENT = {"type": "board_event", "event_type": "stroke_add"}
POINTER = {"type": "pointer_move", "x": 1, "y": -2.5}
ALL: list[Schema] = [
    PingIn(),
    MediaStateMessageIn(),
    RaiseHandIn(),
    TokenRefreshIn(),
    BoardEventIn(),
    SyncRequestIn(),
    PointerIn(),
    SignalIn(),
    PresenceIn(),
    CursorIn(),
]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
FIELDS = ["type", "event_type", "data", "version", "id", "x", "y", "tool", "color", "target_user_id", "role"]


@pytest.mark.parametrize("schema", ALL, ids=lambda schema: type(schema).__name__)
@given(message=st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), json_values, max_size=6))
def test_nothing_breaks_a_message(schema: Schema, message: dict[str, Any]) -> None:
    """Whatever a client sends is a message or is refused as one; nothing else happens."""
    with contextlib.suppress(ValidationError):
        schema.load(message)


@pytest.mark.parametrize("schema", ALL, ids=lambda schema: type(schema).__name__)
def test_what_is_unknown_is_ignored(schema: Schema) -> None:
    """A newer client may send more than this server knows."""
    known = {**EVENT, **POINTER, "target_user_id": 7, "raised": True, "video_enabled": True, "role": "x"}
    loaded = schema.load({**known, "from the future": {"a": 1}})
    assert ("from the future" in loaded) == isinstance(schema, SignalIn)  # its payload is passed on


@pytest.mark.parametrize("name", ["a", "x" * 128, 0, 7, -1, 2.5, 10**30, None])
def test_event_ids(name: object) -> None:
    """Clients name their events with texts or numbers, and keep their type."""
    loaded = BoardEventIn().load({**EVENT, "id": name})["id"]
    assert loaded == name
    assert type(loaded) is type(name)


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": ""},
        {"id": "x" * 129},
        {"id": True},
        {"id": []},
        {"id": {}},
        {"version": -1},
        {"version": 1.5},
        {"version": "1"},
        {"version": True},
        {"version": LARGEST_VERSION + 1},
        {"event_type": ""},
        {"event_type": None},
        {"event_type": 5},
        {"event_type": "x" * 65},
    ],
)
def test_events_that_are_none(wrong: dict[str, Any]) -> None:
    """An event with a wrong field is refused, and the field is named."""
    with pytest.raises(ValidationError) as refused:
        BoardEventIn().load({**EVENT, **wrong})
    assert set(refused.value.messages_dict) == set(wrong)


def test_an_event_needs_its_type_alone() -> None:
    """The rest of an event is optional: data, version, id, and a timestamp nobody looks at."""
    assert BoardEventIn().load(EVENT) == {"event_type": "stroke_add"}
    full = {**EVENT, "data": [1], "version": 0, "id": None, "timestamp": "whenever"}
    assert BoardEventIn().load(full) == {"event_type": "stroke_add", "data": [1], "version": 0, "id": None}
    with pytest.raises(ValidationError):
        BoardEventIn().load({"type": "board_event"})


@pytest.mark.parametrize(
    "wrong", [{"x": "1"}, {"x": True}, {"y": None}, {"y": []}, {"tool": 5}, {"color": "x" * 65}]
)
def test_pointers_that_are_none(wrong: dict[str, Any]) -> None:
    """A pointer is two numbers; texts that look like numbers are none."""
    for schema in (PointerIn(), CursorIn()):
        with pytest.raises(ValidationError) as refused:
            schema.load({**POINTER, **wrong})
        assert set(refused.value.messages_dict) == set(wrong)


def test_a_pointer_passes_on_what_it_is() -> None:
    """Only what a pointer is made of goes to the others: nobody signs one with somebody else's name."""
    loaded = PointerIn().load({**POINTER, "tool": "pen", "color": None, "user_id": 99, "seq": 1})
    assert loaded == {"x": 1, "y": -2.5, "tool": "pen", "color": None}
    cursor = CursorIn().load({**POINTER, "userId": "99", "ts": [1]})
    assert cursor == {"x": 1, "y": -2.5, "ts": [1]}


def test_errors_name_what_they_answer() -> None:
    """A refusal names the message's type and id, so that a client finds what it is about."""
    refused = Refused(RATE_LIMITED, retry_after_seconds=2)
    told = error_message(refused, {"type": "board_event", "id": "e", "data": {}})
    assert told == {
        "type": "error",
        "code": "rate_limited",
        "message": refused.detail,
        "for": "board_event",
        "id": "e",
        "retry_after_seconds": refused.retry_after_seconds,
    }
    fields = {"x": ["This must be a number."]}
    told = error_message(Refused(VALIDATION_FAILED, fields=fields), {"type": 5, "id": ["no id"]})
    assert (told["for"], told["errors"], "id" in told) == (None, fields, False)
    assert error_message(refused, {"type": "ping", "id": 0})["id"] == 0
