import hashlib
import hmac
from base64 import b64encode
from typing import Any

import pytest

from schemas.ice import ice_servers

STUN = {"urls": ["stun:stun.example.org"]}
NOW = 1_800_000_000.9


def servers(**changes: Any) -> list[dict[str, Any]]:
    """What person 7 is given, with STUN and TURN configured, or as `changes` say."""
    values: dict[str, Any] = {
        "configured": (STUN,),
        "turn_secret": "shared",
        "turn_urls": ("turn:turn.example.org",),
        "turn_ttl_seconds": 600,
    }
    return ice_servers("7", NOW, **values | changes)


def test_turn_credentials() -> None:
    """A TURN server that shares the secret lets the person in until the expiry in the username."""
    username = "1800000600:7"
    credential = b64encode(hmac.new(b"shared", username.encode(), hashlib.sha1).digest()).decode()
    assert servers() == [
        STUN,
        {"urls": ["turn:turn.example.org"], "username": username, "credential": credential},
    ]


def test_known_credential() -> None:
    """The credential is the one that other implementations of the scheme compute."""
    (turn,) = servers(configured=())
    assert turn["credential"] == "PhjmbDrmw/7fGLe27KBd5kO+q9w="


@pytest.mark.parametrize("changes", [{"turn_secret": ""}, {"turn_secret": None}, {"turn_urls": ()}])
def test_no_turn_unless_configured(changes: dict[str, Any]) -> None:
    """Without a secret or without an address nobody is offered a TURN server that would refuse them."""
    assert servers(**changes) == [STUN]


def test_nothing_configured() -> None:
    """A room without any server still has a list."""
    assert servers(configured=(), turn_urls=()) == []


def test_configuration_is_not_handed_out() -> None:
    """What a caller does to an answer changes nobody else's."""
    servers()[0]["urls"] = []
    assert servers()[0] == STUN
