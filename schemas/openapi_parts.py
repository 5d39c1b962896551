"""The parts of the API description that all calls share: parameters, headers, refusals, and what operators ask.

Refusals are told by status: which codes a status can carry comes from the one table in `errors`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from schemas.errors import (
    BAD_EVENT,
    BAD_MESSAGE,
    BAD_ORIGIN,
    ERRORS,
    PAYLOAD_TOO_LARGE,
    PEER_UNAVAILABLE,
    SHUTTING_DOWN,
    TOO_MANY_SOCKETS,
    Error,
)
from schemas.ids import MAX_LENGTH

Json = dict[str, Any]

OF_SOCKETS = frozenset(
    (
        BAD_EVENT,
        BAD_MESSAGE,
        BAD_ORIGIN,
        PAYLOAD_TOO_LARGE,
        PEER_UNAVAILABLE,
        SHUTTING_DOWN,
        TOO_MANY_SOCKETS,
    )
)
"""What only a socket, or its handshake, is refused for."""

PATH_PARAMETERS: Mapping[str, Json] = {
    "uuid": {"description": "The session's id.", "schema": {"type": "string", "format": "uuid"}},
    "user_id": {
        "description": "The person's id.",
        "schema": {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH},
    },
    "booking_id": {
        "description": "The booking's id.",
        "schema": {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH},
    },
    "version": {"description": "The board's version.", "schema": {"type": "integer", "minimum": 0}},
}
"""Every name that can stand in a path."""

ACT_FOR: Json = {
    "name": "user_id",
    "in": "query",
    "required": False,
    "description": "The person for whom the platform acts. Counts only with a service token.",
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH},
}
IDEMPOTENCY_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key again, by the same person at the same path within a day, gets the first outcome.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
BEARER: Json = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "A platform token. Classroom tokens open sockets only.",
}
HEADERS: Mapping[str, Json] = {
    "RequestId": {
        "description": "The request's own `X-Request-ID`, or one that was made for it.",
        "schema": {"type": "string"},
    },
    "RetryAfter": {"description": "Seconds to wait before trying again.", "schema": {"type": "integer"}},
}

FILE: Mapping[str, Json] = {
    "application/json": {"schema": {"type": "object"}},
    "image/svg+xml": {"schema": {"type": "string"}},
    "image/png": {"schema": {"type": "string", "format": "binary"}},
}
"""What an export is answered as."""

_HEALTH: Json = {
    "type": "object",
    "required": ["status"],
    "properties": {"status": {"type": "string", "example": "ok"}},
}
_READY: Json = {
    "type": "object",
    "required": ["status", "store", "relay", "draining"],
    "properties": {
        "status": {"type": "string", "enum": ["ready", "not ready"]},
        "store": {"type": "boolean", "description": "The store answers."},
        "relay": {"type": "boolean", "description": "What other instances publish arrives here."},
        "draining": {"type": "boolean", "description": "This instance is about to end."},
    },
}


def _answer(description: str, schema: Json, media_type: str = "application/json") -> Json:
    return {"description": description, "content": {media_type: {"schema": schema}}}


OPERATIONAL: Mapping[str, Json] = {
    "/healthz": {
        "summary": "Whether the process works, whatever the store does",
        "responses": {"200": _answer("It does.", _HEALTH)},
    },
    "/readyz": {
        "summary": "Whether this instance wants traffic",
        "responses": {"200": _answer("It does.", _READY), "503": _answer("It does not, and why.", _READY)},
    },
    "/metrics": {
        "summary": "Counters and gauges for Prometheus",
        "responses": {"200": _answer("Prometheus text.", {"type": "string"}, "text/plain")},
    },
}
"""The calls of operators and load balancers: all GET, without a token."""


def header(name: str) -> Json:
    """A reference to one of `HEADERS`."""
    return {"$ref": f"#/components/headers/{name}"}


def problems() -> dict[int, Json]:
    """A response for every status of `errors.ERRORS` that a call can be refused with, naming its codes."""
    by_status: defaultdict[int, list[Error]] = defaultdict(list)
    for error in ERRORS.values():
        if error not in OF_SOCKETS:
            by_status[error.http].append(error)
    return {status: _problem(status, errors) for status, errors in sorted(by_status.items())}


def _problem(status: int, errors: list[Error]) -> Json:
    codes = [error.code for error in errors]
    of_these = {"type": "object", "properties": {"code": {"enum": codes}, "status": {"const": status}}}
    headers = {"X-Request-ID": header("RequestId")}
    if any(error.retry_after_seconds for error in errors):
        headers["Retry-After"] = header("RetryAfter")
    return {
        "description": " ".join(f"`{error.code}`: {error.title}." for error in errors),
        "headers": headers,
        "content": {
            "application/problem+json": {
                "schema": {"allOf": [{"$ref": "#/components/schemas/Problem"}, of_these]}
            }
        },
    }
