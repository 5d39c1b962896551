"""The table of messages a client may send, by the kind of socket (contract §4), and the way each goes to its
command.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from marshmallow import Schema, ValidationError

from handlers.commands import board, media, people, presence, signalling
from handlers.commands.call import Call, utc_now
from handlers.connection import Kind
from schemas import frames
from schemas.board import classify
from schemas.errors import BAD_MESSAGE, UNKNOWN_TYPE, Refused
from schemas.fields import field_errors
from schemas.loading import Load, loader

Answer = dict[str, Any] | bytes | None
"""What goes to the sending socket alone: a message, or one that is text already."""

STATE_FULL = "state:full"


def _other(_: dict[str, Any]) -> str:
    return "other"


def _pointer(_: dict[str, Any]) -> str:
    return "pointer"


def _board_event(fields: dict[str, Any]) -> str:
    if fields["event_type"] == STATE_FULL:
        return "full_state"
    return {"pointer": "pointer", "signalling": "other"}.get(classify(fields["event_type"]).kind, "event")


@dataclass(frozen=True, slots=True)
class Message:
    """A row: the schema of the message, what happens, and which limit of `limits.MessageLimits` it counts in. `load` is the
    schema's.
    """

    schema: Schema
    act: Callable[[Call], Awaitable[Answer]]
    limit: Callable[[dict[str, Any]], str] = _other
    load: Load = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "load", loader(self.schema))


async def _pong(_: Call) -> Answer:
    return {"type": "pong", "server_time": utc_now()}


async def _media_state(call: Call) -> Answer:
    await media.set_media_state(call)  # everybody, the sender too, sees it as media_state_update
    return None


async def _raise_hand(call: Call) -> Answer:
    await people.raise_hand(call)
    return None


async def _token_refresh(call: Call) -> Answer:
    return {"type": "token", **await people.refresh_token(call)}


async def _pointer_move(call: Call) -> Answer:
    await board.pointer(call)
    return None


def _signal(kind: str) -> Callable[[Call], Awaitable[Answer]]:
    async def act(call: Call) -> Answer:
        payload = {name: value for name, value in call.body.items() if name not in ("type", "target_user_id")}
        await signalling.signal(call, kind, call.body["target_user_id"], payload)
        return None

    return act


def _presence(kind: str) -> Callable[[Call], Awaitable[Answer]]:
    async def act(call: Call) -> Answer:
        return await presence.pass_on(replace(call, body={**call.body, "type": kind}))

    return act


PING: Mapping[str, Message] = {"ping": Message(frames.PingIn(), _pong)}
SYSTEM: Mapping[str, Message] = {
    "media_state": Message(frames.MediaStateMessageIn(), _media_state),
    "raise_hand": Message(frames.RaiseHandIn(), _raise_hand),
    "token_refresh": Message(frames.TokenRefreshIn(), _token_refresh),
}
BOARD: Mapping[str, Message] = {
    "board_event": Message(frames.BoardEventIn(), board.event, _board_event),
    "sync_request": Message(frames.SyncRequestIn(), board.sync),
    "pointer_move": Message(frames.PointerIn(), _pointer_move, _pointer),
}
WEBRTC: Mapping[str, Message] = {
    kind: Message(frames.SignalIn(), _signal(kind)) for kind in ("offer", "answer", "ice_candidate")
}
PRESENCE: Mapping[str, Message] = {
    **{
        kind: Message(frames.PresenceIn(), _presence(kind))
        for kind in ("presence.join", "presence.leave", "presence.heartbeat")
    },
    "cursor.update": Message(frames.CursorIn(), _presence("cursor.update"), _pointer),
}

MESSAGES: Mapping[Kind, Mapping[str, Message]] = {
    Kind.FULL: {**PING, **SYSTEM, **BOARD, **WEBRTC},
    Kind.SYSTEM: {**PING, **SYSTEM},
    Kind.BOARD: {**PING, **BOARD},
    Kind.WEBRTC: {**PING, **WEBRTC},
    Kind.PRESENCE: PRESENCE,
}


def is_full_state(kind: Kind, message: dict[str, Any]) -> bool:
    """Whether this is the one message that may be as large as a board."""
    named = (message.get("type"), message.get("event_type"))
    return kind in (Kind.FULL, Kind.BOARD) and named == ("board_event", STATE_FULL)


def find(kind: Kind, message: dict[str, Any]) -> tuple[Message, dict[str, Any]]:
    """The row for a message and its loaded fields. `Refused`: bad_message, unknown_type."""
    name = message.get("type")
    if not isinstance(name, str):
        raise Refused(BAD_MESSAGE, "A message is an object with a `type`, a string.")
    row = MESSAGES[kind].get(name)
    if row is None:
        raise Refused(UNKNOWN_TYPE, "There is no such type on this socket.")
    try:
        return row, row.load(message)
    except ValidationError as problem:
        raise Refused(BAD_MESSAGE, fields=field_errors(problem.messages)) from None
