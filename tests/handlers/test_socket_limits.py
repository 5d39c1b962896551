"""What one socket may send, message by message; the sizes and rates together are in the integration tests."""

from __future__ import annotations

from typing import Any

import pytest

from handlers import messages
from handlers.connection import Kind
from handlers.limits import FLOOD_FACTOR, FLOOD_SECONDS, MessageLimits
from schemas.errors import BAD_MESSAGE, UNKNOWN_TYPE, Refused

EVENT = {"type": "board_event", "data": {}}


def limit_of(kind: Kind, message: dict[str, Any]) -> str:
    """In which limit a message counts."""
    row, fields = messages.find(kind, message)
    return row.limit(fields)


@pytest.mark.parametrize(
    ("message", "limit"),
    [
        ({**EVENT, "event_type": "stroke_add"}, "event"),
        ({**EVENT, "event_type": "undo"}, "event"),
        ({**EVENT, "event_type": "anything"}, "event"),
        ({**EVENT, "event_type": "state:full"}, "full_state"),
        ({**EVENT, "event_type": "cursor_move"}, "pointer"),
        ({**EVENT, "event_type": "webrtc:ice-candidate"}, "other"),
        ({"type": "pointer_move", "x": 1, "y": 2}, "pointer"),
        ({"type": "sync_request"}, "other"),
        ({"type": "offer", "target_user_id": 7}, "other"),
        ({"type": "ping"}, "other"),
    ],
)
def test_what_counts_in_which_limit(message: dict[str, Any], limit: str) -> None:
    """Drawing, pointing, whole boards and the rest have a limit each: nobody's pointer takes from their drawing."""
    assert limit_of(Kind.FULL, message) == limit


def test_cursors_are_pointers() -> None:
    """On the presence relay cursors have the pointers' limit, the others do not count in it."""
    assert limit_of(Kind.PRESENCE, {"type": "cursor.update", "x": 1, "y": 2}) == "pointer"
    assert limit_of(Kind.PRESENCE, {"type": "presence.join"}) == "other"


def test_only_a_whole_board_may_be_large() -> None:
    """The larger size holds for `state:full` alone, on the sockets that carry the board."""
    full = {**EVENT, "event_type": "state:full"}
    assert [messages.is_full_state(kind, full) for kind in (Kind.FULL, Kind.BOARD)] == [True, True]
    assert not any(messages.is_full_state(kind, full) for kind in (Kind.SYSTEM, Kind.WEBRTC, Kind.PRESENCE))
    assert not messages.is_full_state(Kind.FULL, {**EVENT, "event_type": "stroke_add"})
    assert not messages.is_full_state(Kind.FULL, {"type": "ping", "event_type": "state:full"})
    assert not messages.is_full_state(Kind.FULL, {"type": ["board_event"], "event_type": {}})


@pytest.mark.parametrize(
    ("kind", "message", "error"),
    [
        (Kind.SYSTEM, {"type": "board_event"}, UNKNOWN_TYPE),
        (Kind.WEBRTC, {"type": "pointer_move", "x": 1, "y": 1}, UNKNOWN_TYPE),
        (Kind.BOARD, {"type": "offer", "target_user_id": 7}, UNKNOWN_TYPE),
        (Kind.PRESENCE, {"type": "ping"}, UNKNOWN_TYPE),
        (Kind.FULL, {"type": "presence.join"}, UNKNOWN_TYPE),
        (Kind.FULL, {"type": None}, BAD_MESSAGE),
        (Kind.FULL, {"type": "board_event"}, BAD_MESSAGE),
    ],
)
def test_each_socket_has_its_own_messages(kind: Kind, message: dict[str, Any], error: object) -> None:
    """What belongs to another channel is no type on this one."""
    with pytest.raises(Refused) as refused:
        messages.find(kind, message)
    assert refused.value.error is error


def test_limits_are_apart() -> None:
    """One person's flood of one kind touches neither their other kinds nor anybody else."""
    limits = MessageLimits(board_events_per_second=60, pointers_per_second=20)
    attempts = int(60 * FLOOD_FACTOR * FLOOD_SECONDS) + 1
    allowed = sum(limits.of("event", "s 7", 0.0).allows(0.0) for _ in range(attempts))
    assert allowed == 120
    assert limits.of("event", "s 7", 0.0).is_flooded()
    for kind, who, burst in (("event", "s 8", 120), ("pointer", "s 7", 40), ("full_state", "s 7", 2)):
        limit = limits.of(kind, who, 0.0)
        assert not limit.is_flooded()
        assert sum(limit.allows(0.0) for _ in range(burst + 5)) == burst
