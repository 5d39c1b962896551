import orjson

from handlers.connection import Connection, Kind
from handlers.welcome import replay, welcome_text
from schemas.permissions import ALL, PERMISSIONS
from store.actor import Actor
from store.entry import Position
from store.presence import Arrival

MISSED = [
    b'0-0\t1-0\ts\t\t\t\t\t\n{"seq":1,"type":"session_updated"}',
    b'1-0\t1-1\td\t7\t\t\t\t\n{"type":"permissions_updated","n":1}',
    b'1-1\t2-0\tb\t\t\t\t\t\n{"seq":2,"type":"board_update"}',
    b'2-0\t2-1\td\t8\t\t\t\t\n{"type":"permissions_updated","n":2}',
    b'2-1\t2-2\td\t7\t\tclose:4403\t\t\n{"type":"kicked"}',
    b'2-2\t2-3\td\t7\t\t\t\t\n{"type":"permissions_updated","n":3}',
    b'2-3\t2-4\tp\t\t8\t\t\t\n{"type":"peer_joined"}',
]


def arrival(missed: list[bytes]) -> Arrival:
    """What the store answered."""
    return Arrival(
        epoch="e",
        position=Position(2, 4),
        session_json=b'{"uuid":"u"}',
        participant_json=b'{"user_id":7}',
        role="host",
        bits=ALL,
        participants_json=b"[]",
        media_states_json=b"[]",
        board_version=4,
        recovered=bool(missed),
        missed=missed,
        peers_json=b"[]",
    )


def replayed(kind: Kind) -> list[str]:
    """What follows the welcome on that kind of socket, by type and number."""
    messages = [orjson.loads(e.json) for e in replay(Connection("c", "u", Actor(7), kind), arrival(MISSED))]
    return [f"{message['type']} {message.get('seq') or message.get('n')}" for message in messages]


def test_what_follows_on_each_socket() -> None:
    """A resumed socket gets its own broadcasts, the last word on its permissions, and no removal that is
    history.
    """
    assert replayed(Kind.FULL) == ["session_updated 1", "board_update 2", "permissions_updated 3"]
    assert replayed(Kind.SYSTEM) == ["session_updated 1", "permissions_updated 3"]
    assert replayed(Kind.BOARD) == ["board_update 2"]
    assert replayed(Kind.WEBRTC) == []


def test_the_welcome() -> None:
    """It has everything a client begins with, and is JSON however it was put together."""
    welcome = orjson.loads(
        welcome_text("c", arrival(MISSED), 3, [{"urls": "stun:x"}], "2026-01-01T00:00:00.000Z")
    )
    assert (welcome["type"], welcome["protocol"], welcome["connection_id"]) == ("welcome", 1, "c")
    assert (welcome["epoch"], welcome["seq"], welcome["recovered"], welcome["missed"]) == ("e", 2, True, 3)
    assert (welcome["session"], welcome["participant"]) == ({"uuid": "u"}, {"user_id": 7})
    assert welcome["permissions"] == dict.fromkeys(PERMISSIONS, True)
    assert welcome["board"] == {"version": 4}
