"""The API description: valid, complete, and what is in it comes from the tables."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from schemas.answers import ParticipantsOut, SessionOut, SuccessOut
from schemas.answers_board import FileOut
from schemas.errors import BOOKING_CANCELLED, ERRORS
from schemas.openapi import API_VERSION, Operation, describe
from schemas.openapi_parts import OF_SOCKETS
from schemas.rest import EmptyIn, EmptyQuery, EventsQuery, KickIn, ReasonIn, SessionIn

MAKE = Operation(
    method="POST",
    path="/api/v1/classroom/sessions/",
    tag="classroom",
    summary="Make a session",
    description="A new session.",
    answer=SessionOut,
    body=SessionIn,
    query=EmptyQuery,
    statuses=(201,),
    aliases=("/api/v1/classroom/session/create/",),
)
KICK = replace(
    MAKE, path="/api/v1/classroom/sessions/{uuid}/kick/", answer=SuccessOut, body=KickIn, statuses=(200,)
)
LIST = replace(
    MAKE,
    method="GET",
    path="/api/v1/classroom/sessions/{uuid}/participants/",
    answer=ParticipantsOut,
    body=EmptyIn,
    query=EventsQuery,
    statuses=(200,),
    aliases=(),
)


def call(operation: Operation) -> Any:
    """How a document describes the one call in it."""
    return describe([operation])["paths"][operation.path][operation.method.lower()]


def test_the_document_is_valid() -> None:
    """Every generator and viewer that keeps to OpenAPI 3.1 can read it."""
    document = describe([MAKE, KICK, LIST])
    validate(document)
    assert document["openapi"].startswith("3.1")


def test_the_version_is_that_of_the_project() -> None:
    """A client that reads the document knows which release it talks to."""
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["version"] == API_VERSION


def test_bodies_are_told_and_required_where_a_field_is() -> None:
    """A reader sees what to send, and whether anything has to be sent at all."""
    assert call(MAKE)["requestBody"]["required"] is True
    assert call(replace(KICK, body=ReasonIn))["requestBody"]["required"] is False
    assert "requestBody" not in call(replace(KICK, body=EmptyIn))
    assert "requestBody" not in call(LIST)


def test_parameters_are_told() -> None:
    """Parts of the path, parameters of the query, and the two that every call (every POST) has."""
    named = [(item["in"], item["name"]) for item in call(LIST)["parameters"]]
    assert named == [
        ("path", "uuid"),
        ("query", "event_type"),
        ("query", "limit"),
        ("query", "before"),
        ("query", "user_id"),
    ]
    assert ("header", "Idempotency-Key") in [(item["in"], item["name"]) for item in call(KICK)["parameters"]]


def test_an_unknown_part_of_a_path_is_an_error() -> None:
    """No parameter is left undescribed by accident."""
    with pytest.raises(KeyError, match="shoe_size"):
        describe([replace(LIST, path="/api/v1/classroom/{shoe_size}/")])


def test_refusals_follow_from_the_call() -> None:
    """A client's author sees with which statuses each call can be refused."""
    always = {"400", "401", "500", "503"}
    assert call(LIST)["responses"].keys() == {"200", "403", "404", *always}
    assert call(MAKE)["responses"].keys() == {"201", "403", "413", "415", "429", *always}
    assert call(KICK)["responses"].keys() == {
        "200",
        *(str(status) for status in (403, 404, 409, 410, 413, 415, 429)),
        *always,
    }
    assert "409" in call(replace(LIST, refused=(BOOKING_CANCELLED,)))["responses"]


def test_every_code_of_rest_is_named() -> None:
    """The codes in the document are those of the one table of errors."""
    responses = describe([])["components"]["responses"]
    schemas = [
        item["content"]["application/problem+json"]["schema"]["allOf"][1] for item in responses.values()
    ]
    codes = {code for schema in schemas for code in schema["properties"]["code"]["enum"]}
    assert codes == {code for code, error in ERRORS.items() if error not in OF_SOCKETS}


def test_refusals_that_pass_by_tell_when_to_come_back() -> None:
    """Retry-After is described where it is sent."""
    responses = describe([])["components"]["responses"]
    assert {name for name, item in responses.items() if "Retry-After" in item["headers"]} == {
        "Problem429",
        "Problem503",
    }


def test_aliases_are_mentioned() -> None:
    """Whoever knows a call by its other path finds it."""
    assert "`/api/v1/classroom/session/create/`" in call(MAKE)["description"]


def test_operators_find_their_calls_without_a_token() -> None:
    """Health, readiness and metrics are described, and ask for no token."""
    document = describe([MAKE])
    for path in ("/healthz", "/readyz", "/metrics"):
        assert "security" not in document["paths"][path]["get"]
    assert call(MAKE)["security"] == [{"bearer": []}]
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"


def test_what_is_sent_and_what_is_answered_have_names_of_their_own() -> None:
    """`Session` is an answer; the body that makes one is another schema."""
    schemas = describe([MAKE, KICK])["components"]["schemas"]
    assert {"Session", "SessionBody", "InvitedBody", "KickBody", "Participant", "Problem"} <= schemas.keys()
    assert [name for name in schemas if name.endswith(("In", "Out"))] == []


def test_lists_and_files_are_told_apart() -> None:
    """A bare list is an array, and an export is one of three kinds of file."""
    listed = call(replace(LIST, answer=SessionOut, many=True))["responses"]["200"]["content"]
    assert listed["application/json"]["schema"]["type"] == "array"
    file = call(replace(LIST, answer=FileOut))["responses"]["200"]["content"]
    assert file.keys() == {"application/json", "image/svg+xml", "image/png"}
