"""The one table of everything that can be refused (contract §1), and the exception that carries a row of it.

REST answers `http` as problem+json; a socket answers an `error` message, or closes with `close` where the
contract's close-code table says so. `code` is stable; `title` is for people.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Error:
    """One row: the stable `code`, the HTTP status, the close code a *connection* refused for it gets, a title."""

    code: str
    http: int
    title: str
    close: int = 4400
    retry_after_seconds: int | None = None


FieldErrors = Mapping[str, Sequence[str]]


class Refused(Exception):
    """A call or message that is refused and had no effect.

    `detail` is a sentence for a person, `fields` maps a field's dotted path to its messages (validation only),
    `retry_after_seconds` overrides the row's own value; clients are told whole ones, `wait_seconds` is exact.
    """

    def __init__(
        self,
        error: Error,
        detail: str | None = None,
        *,
        fields: FieldErrors | None = None,
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(detail or error.title)
        self.error = error
        self.detail = detail or f"{error.title}."
        self.fields = fields
        self.wait_seconds = error.retry_after_seconds if retry_after_seconds is None else retry_after_seconds
        whole = None if self.wait_seconds is None else max(1, math.ceil(self.wait_seconds))
        self.retry_after_seconds = whole


BAD_REQUEST = Error("bad_request", 400, "The request is malformed")
BAD_MESSAGE = Error("bad_message", 400, "The message has the wrong shape")
UNKNOWN_TYPE = Error("unknown_type", 400, "There is no such type")
BAD_EVENT = Error("bad_event", 400, "The board event cannot be applied")
VALIDATION_FAILED = Error("validation_failed", 400, "Some fields are not valid")
UNAUTHORIZED = Error("unauthorized", 401, "A token is needed", close=4401)
BAD_TOKEN = Error("bad_token", 401, "The token is not valid here", close=4401)
FORBIDDEN = Error("forbidden", 403, "This is not allowed", close=4403)
BAD_ACCESS_CODE = Error("bad_access_code", 403, "The access code is wrong", close=4403)
KICKED = Error("kicked", 403, "You were removed from this session", close=4403)
BAD_ORIGIN = Error("bad_origin", 403, "This origin is not allowed", close=4403)
NOT_FOUND = Error("not_found", 404, "There is no such thing", close=4404)
METHOD_NOT_ALLOWED = Error("method_not_allowed", 405, "This method is not allowed here")
INVALID_TRANSITION = Error("invalid_transition", 409, "This is not possible in the present state")
STALE_VERSION = Error("stale_version", 409, "The version is out of date")
SESSION_FULL = Error("session_full", 409, "The session is full", close=4429)
LEFT = Error("left", 409, "The person has left this session", close=1000)
SESSION_PAUSED = Error("session_paused", 409, "The session is paused")
BOOKING_CANCELLED = Error("booking_cancelled", 409, "The booking was cancelled")
PEER_UNAVAILABLE = Error("peer_unavailable", 409, "That person is not connected")
SESSION_OVER = Error("session_over", 410, "The session is over", close=4410)
TOO_LARGE = Error("too_large", 413, "This is too large", close=4413)
PAYLOAD_TOO_LARGE = Error("payload_too_large", 413, "The message is too large", close=4413)
UNSUPPORTED_MEDIA_TYPE = Error("unsupported_media_type", 415, "The body must be application/json")
RATE_LIMITED = Error("rate_limited", 429, "Too many requests", close=4429, retry_after_seconds=1)
TOO_MANY_SOCKETS = Error(
    "too_many_sockets", 429, "Too many sockets are open", close=4429, retry_after_seconds=5
)
INTERNAL = Error("internal", 500, "Something went wrong on our side", close=1013)
STORE_UNAVAILABLE = Error(
    "store_unavailable", 503, "The store cannot be reached", close=1013, retry_after_seconds=1
)
OVERLOADED = Error(
    "overloaded", 503, "Too much is waiting to be done here", close=1013, retry_after_seconds=1
)
KEYS_UNAVAILABLE = Error(
    "keys_unavailable", 503, "The platform's keys cannot be fetched", close=1013, retry_after_seconds=2
)
SHUTTING_DOWN = Error("shutting_down", 503, "This instance is restarting", close=1012, retry_after_seconds=1)

ERRORS: Mapping[str, Error] = {
    value.code: value for value in list(globals().values()) if isinstance(value, Error)
}
"""Every row by its code: how the store's scripts, which answer a code, are read."""


@dataclass(frozen=True, slots=True)
class Close:
    """One row of the contract's close-code table: the code, and the reason text sent with it (≤ 123 bytes)."""

    code: int
    reason: str


CLOSE_LEFT = Close(1000, "left")
CLOSE_RESTARTING = Close(1012, "this instance is restarting")
CLOSE_OVERLOADED = Close(1013, "overloaded, or the store is unreachable")
CLOSE_BAD_FRAME = Close(4400, "not a JSON object")
CLOSE_BAD_TOKEN = Close(4401, "the token is not valid here")
CLOSE_FORBIDDEN = Close(4403, "not allowed in this session")
CLOSE_NOT_FOUND = Close(4404, "the session no longer exists")
CLOSE_TOO_SLOW = Close(4408, "too slow")
CLOSE_SESSION_OVER = Close(4410, "the session is over")
CLOSE_TOO_LARGE = Close(4413, "message too large")
CLOSE_RATE_LIMITED = Close(4429, "over the limits")

CLOSES: Mapping[int, Close] = {
    value.code: value for value in list(globals().values()) if isinstance(value, Close)
}
