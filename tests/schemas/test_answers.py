"""An answer has every field that it promises, and no other."""

from __future__ import annotations

import inspect
import time
from typing import Any

import pytest
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema
from openapi_spec_validator import validate

from schemas import answers, bookings, rest
from schemas.answer_fields import Out
from schemas.answers import (
    BookingListOut,
    EventsOut,
    JoinOut,
    MediaStatesOut,
    ParticipantOut,
    PermissionsOut,
    ProblemOut,
    SessionListOut,
    SessionOut,
    SuccessOut,
    TokenOut,
)
from schemas.fields import In
from schemas.permissions import PERMISSIONS, ROLES, as_object

AT = "2026-01-02T15:00:00.000Z"
AT_MS = 1_767_366_000_000
ALL_OUT = [
    schema
    for _, schema in inspect.getmembers(answers, inspect.isclass)
    if issubclass(schema, Out) and schema is not Out
]


def participant(**changes: Any) -> dict[str, Any]:
    """A participant as the store has it."""
    return {
        "user_id": 7,
        "name": "Ada",
        "avatar": None,
        "role": "host",
        "status": "connected",
        "video_enabled": True,
        "audio_enabled": True,
        "screen_sharing": False,
        "connection_quality": "good",
        "hand_raised": False,
        "joined_at": AT,
        "left_at": None,
        **changes,
    }


def session(**changes: Any) -> dict[str, Any]:
    """A session as the store has it."""
    return {
        "uuid": "2f1c9f0e-6d0b-4c39-9a55-3d8f1f0c7b11",
        "session_type": "lesson",
        "status": "active",
        "host": {"id": 7, "name": "Ada", "avatar": None},
        "participants": [participant(), participant(user_id="8", role="student")],
        "scheduled_start": None,
        "scheduled_end": None,
        "actual_start": AT,
        "actual_end": None,
        "total_duration_seconds": 12,
        "board_version": 3,
        "booking_id": 17,
        "join_url": "/classroom/2f1c9f0e-6d0b-4c39-9a55-3d8f1f0c7b11",
        "max_participants": 10,
        "settings": {
            "allow_recording": False,
            "auto_save_interval": 30,
            "max_participants": 10,
            "board_background": None,
        },
        **changes,
    }


def test_a_session_goes_out_as_it_is() -> None:
    """All that the contract names is there, in its types: ids are not turned into texts."""
    assert SessionOut().dump(session()) == session()


def test_a_session_shows_no_more_than_it_should() -> None:
    """What the store keeps for itself does not leave it; the access code is there only where it was put."""
    inside = session(generation=4, participants=[participant(password="x")])
    assert SessionOut().dump(inside) == session(participants=[participant()])
    assert SessionOut().dump(session(access_code="birch"))["access_code"] == "birch"


def test_times_go_out_as_rfc_3339() -> None:
    """A time that is still a number becomes a text, at the top and in lists."""
    inside = session(actual_start=AT_MS, participants=[participant(joined_at=AT_MS)])
    assert SessionOut().dump(inside) == session(participants=[participant()])


@pytest.mark.parametrize("name", ["uuid", "participants", "settings", "booking_id"])
def test_an_answer_that_is_not_whole_is_our_own_mistake(name: str) -> None:
    """A client never reads an answer with a hole in it."""
    whole = session()
    del whole[name]
    with pytest.raises(KeyError, match=name):
        SessionOut().dump(whole)


def test_lists_of_answers() -> None:
    """Pages of sessions and bookings say how many there are and where to go on."""
    page = {"count": 1, "next": None, "results": [session()]}
    assert SessionListOut().dump(page) == page
    assert SessionOut(many=True).dump([session()]) == [session()]
    assert BookingListOut().dump({"count": 0, "next": None, "previous": None, "results": []})["results"] == []


def test_joining_answers_all_that_a_page_needs() -> None:
    """The answer to a join has the room, oneself, the way in and the board."""
    answer = {
        "session": session(),
        "participant": participant(),
        "token": "a.b.c",
        "expires_at": AT,
        "permissions": as_object(ROLES["host"]),
        "board_state": {"strokes": []},
        "ice_servers": [{"urls": ["stun:stun.example.org"]}],
    }
    assert JoinOut().dump(answer) == answer
    del answer["participant"], answer["board_state"], answer["ice_servers"]
    assert TokenOut().dump({**answer, "expires_at": AT_MS}) == answer


def test_permissions_are_always_fifteen() -> None:
    """The page finds each permission, true or false."""
    answer = PermissionsOut().dump({"role": "viewer", "permissions": as_object(ROLES["viewer"])})
    assert list(answer["permissions"]) == list(PERMISSIONS)


def test_events_and_media_states() -> None:
    """The server's own events have no person, and a state that never changed has no time."""
    event = {"id": 5, "event_type": "session_start", "user_id": None, "data": {"a": [1]}, "created_at": AT_MS}
    shown = EventsOut().dump({"events": [event], "next": None})
    assert shown == {"events": [{**event, "created_at": AT}], "next": None}
    state = {"user_id": "8", "video_enabled": True, "audio_enabled": False, "screen_sharing": False}
    states = [{**state, "updated_at": None}]
    assert MediaStatesOut().dump({"media_states": states}) == {"media_states": states}


def test_a_problem_has_field_errors_only_if_there_are_any() -> None:
    """Programs find the code, people the sentence, forms the fields."""
    problem = {
        "type": "about:blank",
        "title": "Some fields are not valid",
        "status": 400,
        "detail": "Some fields are not valid.",
        "code": "validation_failed",
        "request_id": "r-1",
    }
    assert ProblemOut().dump(problem) == problem
    told = {**problem, "errors": {"limit": ["Not a valid integer."]}}
    assert ProblemOut().dump(told) == told
    assert SuccessOut().dump({"success": True}) == {"success": True}


@pytest.mark.parametrize("schema", ALL_OUT, ids=lambda schema: schema.__name__)
def test_every_field_says_what_it_is(schema: type[Schema]) -> None:
    """Whoever reads the API's description finds each field explained."""
    assert schema.__doc__
    for name, field in schema().fields.items():
        assert field.metadata.get("description"), name
        assert "example" in field.metadata or hasattr(field, "nested") or hasattr(field, "inner"), name


def test_everything_can_be_described() -> None:
    """The API's description is valid OpenAPI, and every field in it has a type."""
    spec = APISpec("Lessonroom", "0", "3.1.0", plugins=[MarshmallowPlugin()])
    for module in (rest, bookings, answers):
        for name, schema in inspect.getmembers(module, inspect.isclass):
            if issubclass(schema, In | Out) and name not in spec.components.schemas:
                spec.components.schema(name, schema=schema)
    described = spec.to_dict()
    validate(described)
    for name, schema in described["components"]["schemas"].items():
        for field, told in schema.get("properties", {}).items():
            assert {"type", "$ref", "anyOf"} & told.keys(), f"{name}.{field}"
    assert described["components"]["schemas"]["SessionOut"]["required"] == sorted(session())


def test_a_large_session_is_shaped_in_no_time() -> None:
    """400 people in a room do not make every answer about it slow for everybody else."""
    large = session(participants=[participant(user_id=number) for number in range(400)])
    schema = SessionOut()
    schema.dump(large)
    began = time.process_time()
    for _ in range(20):
        schema.dump(large)
    flat_seconds = time.process_time() - began
    began = time.process_time()
    for _ in range(20):
        ParticipantOut(many=True).dump(large["participants"])
    assert flat_seconds < (time.process_time() - began) / 2
