"""Messages on sockets (contract §4): what comes in as schemas, and the texts that go out."""

from __future__ import annotations

from typing import Any

from marshmallow import EXCLUDE, INCLUDE, Schema, fields

from schemas.errors import Refused
from schemas.fields import Flag, Id, Text, Whole, doc
from schemas.ids import MAX_LENGTH
from schemas.rest import MediaStateIn

LARGEST_VERSION = 2**53


class MessageIn(Schema):
    """A message from a client. What is unknown at its top level is ignored."""

    class Meta:
        unknown = EXCLUDE


class PingIn(MessageIn):
    """`{"type": "ping"}`: answered with `pong`."""


class MediaStateMessageIn(MediaStateIn):
    """`{"type": "media_state", "video_enabled": true}`: the same rules as the REST call."""

    class Meta:
        unknown = EXCLUDE


class RaiseHandIn(MessageIn):
    """`{"type": "raise_hand", "raised": true}`."""

    raised = Flag(required=True, metadata=doc("The hand is up.", True))


class TokenRefreshIn(MessageIn):
    """`{"type": "token_refresh"}`: answered with `token`."""


class Number(fields.Field[float]):
    """A JSON number, never `"5"` or `true`."""

    default_error_messages = {"invalid": "This must be a number."}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.make_error("invalid", input=value)
        return value


class EventIdField(fields.Field[Any]):
    """What a client names its event with: a string of at most 128 characters, or a number."""

    default_error_messages = {"invalid": "An id is a string of 1 to 128 characters, or a number."}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str | int | float:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number or (isinstance(value, str) and 0 < len(value) <= MAX_LENGTH):
            found: str | int | float = value
            return found
        raise self.make_error("invalid", input=value)


class BoardEventIn(MessageIn):
    """`{"type": "board_event", "event_type": "stroke_add", "data": {"id": "s1"}, "version": 3, "id": "a-1"}`."""

    event_type = Text(64, 1, required=True, metadata=doc("What happened on the board.", "stroke_add"))
    data = fields.Raw(allow_none=True, metadata=doc("The element, or what names it.", {"id": "s1"}))
    version = Whole(
        0, LARGEST_VERSION, allow_none=True, metadata=doc("The client's version of the board.", 3)
    )
    id = EventIdField(allow_none=True, metadata=doc("Makes it count once, however often it is sent.", "a-1"))


class SyncRequestIn(MessageIn):
    """`{"type": "sync_request"}`: answered with `sync_response`."""


class PointerIn(MessageIn):
    """`{"type": "pointer_move", "x": 10, "y": 20}`."""

    x = Number(required=True, metadata=doc("Where, in the board's own units.", 10))
    y = Number(required=True, metadata=doc("Where, in the board's own units.", 20))
    tool = Text(64, allow_none=True, metadata=doc("The tool in hand.", "pen"))
    color = Text(64, allow_none=True, metadata=doc("Its colour.", "#ff0000"))


class SignalIn(MessageIn):
    """`{"type": "offer", "target_user_id": 7, "sdp": "…"}`: everything besides the target is passed on."""

    class Meta:
        unknown = INCLUDE

    target_user_id = Id(required=True, metadata=doc("Whom it is for.", 7))


class PresenceIn(MessageIn):
    """`{"type": "presence.join", "userId": "7", "role": "student", "ts": 1}`."""

    role = Text(64, allow_none=True, metadata=doc("Whatever the client says it is.", "student"))
    ts = fields.Raw(allow_none=True, metadata=doc("The client's own time.", 1))


class CursorIn(PresenceIn):
    """`{"type": "cursor.update", "userId": "7", "x": 1, "y": 2, "tool": "pen", "color": "#f00", "ts": 1}`."""

    x = Number(required=True, metadata=doc("Where.", 1))
    y = Number(required=True, metadata=doc("Where.", 2))
    tool = Text(64, allow_none=True, metadata=doc("The tool in hand.", "pen"))
    color = Text(64, allow_none=True, metadata=doc("Its colour.", "#ff0000"))


def error_message(refused: Refused, message: dict[str, Any]) -> dict[str, Any]:
    """The `error` that answers a refused message: with its type and, if it had one, its id."""
    answer: dict[str, Any] = {
        "type": "error",
        "code": refused.error.code,
        "message": refused.detail,
        "for": message.get("type") if isinstance(message.get("type"), str) else None,
    }
    if isinstance(message.get("id"), (str, int, float)):
        answer["id"] = message["id"]
    if refused.fields is not None:
        answer["errors"] = refused.fields
    if refused.retry_after_seconds is not None:
        answer["retry_after_seconds"] = refused.retry_after_seconds
    return answer
