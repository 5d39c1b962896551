"""What a call may say: the fields of the contract, in its types and within its bounds."""

from __future__ import annotations

import contextlib
import inspect
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError

from schemas import bookings, rest
from schemas.fields import In, field_errors
from schemas.permissions import PERMISSIONS
from schemas.rest import (
    MAX_PARTICIPANTS,
    SETTINGS_DEFAULTS,
    AutosaveIn,
    BookingsQuery,
    EmptyIn,
    EmptyQuery,
    ErrorsQuery,
    EventIn,
    EventsQuery,
    ExportQuery,
    InviteIn,
    JoinIn,
    KickIn,
    MediaStateIn,
    PermissionsIn,
    ReasonIn,
    RoleIn,
    SessionIn,
    SessionsQuery,
    SnapshotsQuery,
    SoloIn,
)

ALL_IN = [
    schema
    for module in (rest, bookings)
    for _, schema in inspect.getmembers(module, inspect.isclass)
    if issubclass(schema, In) and schema is not In and schema.__module__ == module.__name__
]
TEXT = st.text(st.characters(), max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT | st.just("2026-01-02T15:00:00Z"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


def told(schema: Schema, body: Any) -> set[str]:
    """The paths of all that is wrong with `body`."""
    with pytest.raises(ValidationError) as caught:
        schema.load(body)
    errors = field_errors(caught.value.messages)
    assert all(sentence.endswith(".") for sentences in errors.values() for sentence in sentences)
    return set(errors)


def _bodies(schema: type[Schema]) -> st.SearchStrategy[Any]:
    """Anything at all, and things with the right names and anything in them, two levels deep."""
    known: dict[str, st.SearchStrategy[Any]] = {}
    for name, field in schema().load_fields.items():
        nested = getattr(field, "nested", None)
        known[name] = JSON if nested is None else JSON | _bodies(nested)
    return JSON | st.fixed_dictionaries({}, optional={**known, "_schema": JSON, "start.x": JSON})


@pytest.mark.parametrize("schema", ALL_IN, ids=lambda schema: schema.__name__)
@given(data=st.data())
def test_nonsense_is_refused_and_never_an_accident(schema: type[Schema], data: st.DataObject) -> None:
    """Whatever JSON somebody sends, it is taken or refused in sentences; nothing else can happen."""
    with contextlib.suppress(ValidationError):
        schema().load(data.draw(_bodies(schema)))


@pytest.mark.parametrize("schema", ALL_IN, ids=lambda schema: schema.__name__)
def test_a_body_is_an_object(schema: type[Schema]) -> None:
    """A list, a text or null is no body of any call."""
    bodies: list[Any] = [[], "x", 5, None, [{}]]
    for body in bodies:
        assert told(schema(), body) == {"_schema"}


@pytest.mark.parametrize("schema", ALL_IN, ids=lambda schema: schema.__name__)
def test_every_field_says_what_it_is(schema: type[Schema]) -> None:
    """Whoever reads the API's description finds each field explained."""
    for name, field in schema().fields.items():
        assert field.metadata.get("description"), name
        assert "example" in field.metadata or hasattr(field, "nested"), name


@pytest.mark.parametrize("schema", [schema for schema in ALL_IN if schema.Meta.unknown == "raise"])
def test_an_unknown_field_is_an_error(schema: type[Schema]) -> None:
    """A misspelt field is not silently without effect."""
    assert "colour" in told(schema(), {"colour": 1})


def test_nothing_is_nothing() -> None:
    """Calls without anything to say take an empty body."""
    for schema in (EmptyIn, EmptyQuery, JoinIn, ReasonIn):
        assert schema().load({}) == {}


def test_media_state_needs_something_to_switch() -> None:
    """Any of the three switches may be sent, but not none, and only as booleans."""
    assert MediaStateIn().load({"audio_enabled": False}) == {"audio_enabled": False}
    assert told(MediaStateIn(), {}) == {"_schema"}
    assert told(MediaStateIn(), {"video_enabled": 1, "audio_enabled": "true"}) == {
        "video_enabled",
        "audio_enabled",
    }


def test_an_event_has_a_type_and_data() -> None:
    """An event may come without data; then its data is empty, and each event's own."""
    first, second = EventIn().load({"event_type": "error"}), EventIn().load({"event_type": "x" * 64})
    assert first["data"] == second["data"] == {}
    assert first["data"] is not second["data"]
    assert told(EventIn(), {"event_type": "x" * 65, "data": []}) == {"event_type", "data"}
    assert told(EventIn(), {"data": {}}) == {"event_type"}
    assert told(EventIn(), {"event_type": ""}) == {"event_type"}


def test_a_session_needs_no_more_than_its_type() -> None:
    """Somebody who only wants a room gets one, with usual settings."""
    assert SessionIn().load({"session_type": "lesson"}) == {
        "session_type": "lesson",
        "settings": dict(SETTINGS_DEFAULTS),
        "max_participants": MAX_PARTICIPANTS,
        "invite": [],
    }
    assert told(SessionIn(), {}) == {"session_type"}
    assert told(SessionIn(), {"session_type": "party"}) == {"session_type"}


def test_a_session_keeps_what_it_was_told() -> None:
    """Times become moments, ids keep their type, settings that were not sent are the usual ones."""
    loaded = SessionIn().load(
        {
            "session_type": "group",
            "scheduled_start": "2026-01-02T15:00:00+01:00",
            "scheduled_end": "2026-01-02T15:00:00Z",
            "booking_id": 17,
            "settings": {"allow_recording": True, "board_background": None},
            "access_code": "birch",
            "max_participants": 2,
            "invite": [{"id": 7, "name": " Ada "}, {"id": "8"}, {"id": "7", "name": "Other"}],
            "host": {"id": 9},
        }
    )
    assert loaded["scheduled_end"] - loaded["scheduled_start"] == 3_600_000
    assert loaded["booking_id"] == 17
    assert loaded["settings"] == {**SETTINGS_DEFAULTS, "allow_recording": True, "max_participants": 2}
    assert loaded["max_participants"] == 2
    assert loaded["invite"] == [{"id": 7, "name": "Ada"}, {"id": "8"}]
    assert loaded["host"] == {"id": 9}


def test_a_session_ends_after_it_starts() -> None:
    """A plan that cannot be kept is refused; an end alone is a plan."""
    at, later = "2026-01-02T15:00:00Z", "2026-01-02T15:00:00.001Z"
    SessionIn().load({"session_type": "lesson", "scheduled_end": at})
    SessionIn().load({"session_type": "lesson", "scheduled_start": at, "scheduled_end": later})
    SessionIn().load({"session_type": "lesson", "scheduled_start": at, "scheduled_end": None})
    for end in (at, "2026-01-01T15:00:00Z"):
        body = {"session_type": "lesson", "scheduled_start": at, "scheduled_end": end}
        assert told(SessionIn(), body) == {"scheduled_end"}


def test_the_two_places_of_the_maximum_agree() -> None:
    """How many fit in may be said at the top or in the settings, and in both only alike."""
    inside = SessionIn().load({"session_type": "group", "settings": {"max_participants": 5}})
    both = SessionIn().load(
        {"session_type": "group", "settings": {"max_participants": 5}, "max_participants": 5}
    )
    assert inside == both
    assert inside["max_participants"] == 5
    body = {"session_type": "group", "settings": {"max_participants": 5}, "max_participants": 6}
    assert told(SessionIn(), body) == {"max_participants"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("max_participants", 0),
        ("max_participants", MAX_PARTICIPANTS + 1),
        ("access_code", ""),
        ("access_code", "x" * 129),
        ("booking_id", ""),
        ("booking_id", "x" * 129),
        ("invite", [{"id": n} for n in range(MAX_PARTICIPANTS + 1)]),
        ("scheduled_start", "2026-01-02T15:00:00"),
    ],
)
def test_a_session_has_bounds(field: str, value: Any) -> None:
    """Nobody can make a session that is larger than a session can be."""
    assert told(SessionIn(), {"session_type": "lesson", field: value}) == {field}


@pytest.mark.parametrize("interval", [4, 3601, 5.5, "30"])
def test_settings_have_bounds(interval: Any) -> None:
    """A page is never told to save all the time, nor never."""
    assert told(SoloIn(), {"settings": {"auto_save_interval": interval}}) == {"settings.auto_save_interval"}


def test_a_solo_session_needs_nothing() -> None:
    """Somebody who wants to draw alone just asks, or says how."""
    assert SoloIn().load({}) == {"settings": dict(SETTINGS_DEFAULTS)}
    assert SoloIn().load({"settings": {"board_background": "dots"}})["settings"]["board_background"] == "dots"


def test_any_text_may_be_an_access_code_to_try() -> None:
    """The deployed client sends its token as the code; that is no mistake of form."""
    assert JoinIn().load({"access_code": "x" * 4096})
    assert JoinIn().load({"access_code": None}) == {"access_code": None}
    assert told(JoinIn(), {"access_code": "x" * 4097}) == {"access_code"}
    assert told(JoinIn(), {"access_code": "ä" * 2049}) == {"access_code"}


def test_people_are_named_by_their_ids() -> None:
    """Kick, invite and role need to know of whom; a role that is given is never the host's."""
    assert KickIn().load({"user_id": "7", "reason": "noise"}) == {"user_id": "7", "reason": "noise"}
    assert InviteIn().load({"user_id": 7, "name": " "}) == {"user_id": 7, "name": None}
    assert InviteIn().load({"user_id": 7, "role": "viewer"})["role"] == "viewer"
    assert RoleIn().load({"user_id": 7, "role": "student"}) == {"user_id": 7, "role": "student"}
    assert told(KickIn(), {"reason": "x" * 501}) == {"user_id", "reason"}
    assert told(InviteIn(), {"user_id": 7, "role": "host"}) == {"role"}
    assert told(RoleIn(), {"user_id": 7, "role": "solo"}) == {"role"}
    assert told(RoleIn(), {"user_id": 7}) == {"role"}


def test_permissions_are_changed_by_name() -> None:
    """Each of the fifteen can be given, taken, or left to the role again; others do not exist."""
    changes: dict[str, bool | None] = {
        **dict.fromkeys(PERMISSIONS, True),
        "can_draw": None,
        "can_kick": False,
    }
    assert PermissionsIn().load({"user_id": 7, "permissions": changes})["permissions"] == changes
    assert told(PermissionsIn(), {"user_id": 7, "permissions": {}}) == {"permissions"}
    assert told(PermissionsIn(), {"user_id": 7, "permissions": {"can_fly": True}}) == {"permissions.can_fly"}
    assert told(PermissionsIn(), {"user_id": 7, "permissions": {"can_draw": 1}}) == {"permissions.can_draw"}
    assert told(PermissionsIn(), {"user_id": 7}) == {"permissions"}


def test_an_autosave_is_a_board_at_a_version() -> None:
    """A version below 0 cannot be; both parts are needed."""
    assert AutosaveIn().load({"board_state": {}, "version": 0}) == {"board_state": {}, "version": 0}
    assert told(AutosaveIn(), {"board_state": [], "version": -1}) == {"board_state", "version"}
    assert told(AutosaveIn(), {}) == {"board_state", "version"}


def test_queries_have_defaults() -> None:
    """A plain call gets a sensible part of a list, and an empty parameter counts as none."""
    assert EventsQuery().load({"event_type": "", "limit": "", "before": ""}) == {"limit": 100}
    assert ErrorsQuery().load({}) == {"limit": 20}
    assert SessionsQuery().load({"status": ""}) == {"page": 1, "page_size": 20}
    assert BookingsQuery().load({"status": "", "role": ""}) == {"page": 1, "page_size": 20}
    assert SnapshotsQuery().load({}) == {}
    assert ExportQuery().load({}) == {"format": "json"}


def test_queries_are_read() -> None:
    """What a URL says arrives as numbers and lists."""
    query = {"event_type": "error", "limit": "1000", "before": "4711"}
    assert EventsQuery().load(query) == {"event_type": "error", "limit": 1000, "before": 4711}
    assert SessionsQuery().load({"status": "waiting,active"})["status"] == ("waiting", "active")
    assert BookingsQuery().load({"status": "no_show", "role": "tutor"})["status"] == ("no_show",)


@pytest.mark.parametrize(
    ("schema", "name", "value"),
    [
        (EventsQuery, "limit", "0"),
        (EventsQuery, "limit", "1001"),
        (EventsQuery, "before", "0"),
        (EventsQuery, "before", "abc"),
        (EventsQuery, "event_type", "x" * 65),
        (ErrorsQuery, "limit", "201"),
        (SessionsQuery, "status", "waiting,gone"),
        (SessionsQuery, "page", "0"),
        (SessionsQuery, "page_size", "101"),
        (BookingsQuery, "status", "active"),
        (BookingsQuery, "role", "host"),
        (SnapshotsQuery, "type", "x" * 33),
        (ExportQuery, "format", "exe"),
    ],
)
def test_queries_have_bounds(schema: type[Schema], name: str, value: str) -> None:
    """A parameter that cannot be meant is refused, not guessed at."""
    assert told(schema(), {name: value}) == {name}
