from typing import Any

import pytest

from handlers.connection import Kind
from handlers.messages import MESSAGES, find, is_full_state
from schemas.errors import BAD_MESSAGE, UNKNOWN_TYPE, Error, Refused


def refused(kind: Kind, message: dict[str, Any]) -> Error:
    """Why a message is refused."""
    with pytest.raises(Refused) as caught:
        find(kind, message)
    return caught.value.error


def test_each_socket_takes_its_own() -> None:
    """The full socket takes all that the three channels take together; the presence relay is apart."""
    channels = [set(MESSAGES[kind]) for kind in (Kind.SYSTEM, Kind.BOARD, Kind.WEBRTC)]
    assert set().union(*channels) == set(MESSAGES[Kind.FULL])
    assert channels[0] & channels[1] & channels[2] == {"ping"}
    assert not set(MESSAGES[Kind.PRESENCE]) & set(MESSAGES[Kind.FULL])
    assert refused(Kind.BOARD, {"type": "media_state", "video_enabled": True}) is UNKNOWN_TYPE


@pytest.mark.parametrize("message", [{}, {"type": None}, {"type": 7}, {"type": ["ping"]}])
def test_a_message_has_a_type(message: dict[str, Any]) -> None:
    """What has no type is refused as badly shaped, and nothing else happens."""
    assert refused(Kind.FULL, message) is BAD_MESSAGE


def test_unknown_fields_are_ignored_wrong_ones_are_not() -> None:
    """A newer client's extra field does no harm; a field of the wrong kind is named in the refusal."""
    _, fields = find(Kind.FULL, {"type": "raise_hand", "raised": True, "mood": "good"})
    assert fields == {"raised": True}
    with pytest.raises(Refused) as caught:
        find(Kind.FULL, {"type": "raise_hand", "raised": "yes"})
    assert caught.value.error is BAD_MESSAGE
    assert list(caught.value.fields or {}) == ["raised"]


@pytest.mark.parametrize(
    "event_type, limit",
    [
        ("stroke_add", "event"),
        ("state:full", "full_state"),
        ("cursor_move", "pointer"),
        ("webrtc:ice", "other"),
    ],
)
def test_what_counts_in_which_limit(event_type: str, limit: str) -> None:
    """A drawing hand is not slowed down by its own pointer, nor by signalling."""
    row, fields = find(Kind.FULL, {"type": "board_event", "event_type": event_type, "data": {}})
    assert row.limit(fields) == limit


def test_the_one_large_message() -> None:
    """Only a whole board, on a socket that carries boards, may be larger than the others."""
    message = {"type": "board_event", "event_type": "state:full"}
    assert is_full_state(Kind.FULL, message)
    assert not is_full_state(Kind.WEBRTC, message)
    assert not is_full_state(Kind.FULL, {"type": "board_event", "event_type": "stroke_add"})
    assert not is_full_state(Kind.FULL, {"type": "state:full"})
