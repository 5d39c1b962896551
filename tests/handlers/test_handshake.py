from __future__ import annotations

import time

import pytest
from tornado.httputil import HTTPHeaders

from handlers.handshake import LARGEST_SEQ, Cursor, check_token, check_upgrade, find_token, read_cursor
from schemas.classroom_token import ClassroomTokens
from schemas.config import Config
from schemas.errors import BAD_REQUEST, BAD_TOKEN, UNAUTHORIZED, Error, Refused

SESSION = "6f1c1f8e-6c8c-4e0a-9d0c-0a5f3c1f2a77"
OTHER = "11111111-6c8c-4e0a-9d0c-0a5f3c1f2a77"
UPGRADE = {
    "Host": "example.org",
    "Upgrade": "websocket",
    "Connection": "keep-alive, Upgrade",
    "Sec-WebSocket-Key": "x" * 22,
    "Sec-WebSocket-Version": "13",
}


def refusal_of(refused: pytest.ExceptionInfo[Refused]) -> Error:
    """Which refusal it was."""
    return refused.value.error


def tokens() -> ClassroomTokens:
    """The issuer of classroom tokens."""
    config = Config().classroom_token
    return ClassroomTokens(config.keys, config.ttl_seconds)


def headers(**values: str) -> HTTPHeaders:
    """Request headers; `_` stands for `-`."""
    return HTTPHeaders({name.replace("_", "-"): value for name, value in values.items()})


def test_a_handshake() -> None:
    """What browsers and proxies send as a handshake is one, whatever its spelling."""
    check_upgrade("GET", HTTPHeaders(UPGRADE))
    check_upgrade("GET", HTTPHeaders({**UPGRADE, "Upgrade": "WebSocket", "Connection": "upgrade"}))


@pytest.mark.parametrize(
    ("method", "changed"),
    [
        ("POST", {}),
        (None, {}),
        ("GET", {"Upgrade": "h2c"}),
        ("GET", {"Connection": "keep-alive"}),
        ("GET", {"Connection": "not-upgrade"}),
        ("GET", {"Sec-WebSocket-Key": ""}),
        ("GET", {"Host": ""}),
        ("GET", {"Sec-WebSocket-Version": "8"}),
        ("GET", dict.fromkeys(UPGRADE, "")),
    ],
)
def test_no_handshake(method: str | None, changed: dict[str, str]) -> None:
    """A plain request to a socket's address is told so."""
    with pytest.raises(Refused) as refused:
        check_upgrade(method, HTTPHeaders({**UPGRADE, **changed}))
    assert refusal_of(refused) is BAD_REQUEST


def test_where_the_token_is() -> None:
    """In the query, the subprotocol pair or the header; the pair is answered whenever it was offered."""
    pair = headers(Sec_WebSocket_Protocol="access_token, abc")
    assert find_token("q", headers()) == ("q", None)
    assert find_token(None, pair) == ("abc", "access_token")
    assert find_token("q", pair) == ("q", "access_token")
    assert find_token(None, headers(Authorization="Bearer def")) == ("def", None)
    assert find_token(None, headers(Sec_WebSocket_Protocol="access_token")) == (None, "access_token")
    assert find_token(None, headers()) == (None, None)


def test_whose_token() -> None:
    """A token opens the sockets of its own session, in whatever case its address is written, and no others."""
    issued = tokens()
    token, _ = issued.issue(
        session_id=SESSION,
        user_id=7,
        role="host",
        permissions={},
        generation=3,
        scheduled_end=None,
        now=time.time(),
    )
    claims = check_token(issued, token, SESSION.upper())
    assert (claims.user_id, claims.generation, claims.session_id) == (7, 3, SESSION)
    for bad, uuid, error in (
        (None, SESSION, UNAUTHORIZED),
        ("", SESSION, UNAUTHORIZED),
        (token, OTHER, BAD_TOKEN),
        (token[:-2], SESSION, BAD_TOKEN),
    ):
        with pytest.raises(Refused) as refused:
            check_token(issued, bad, uuid)
        assert refusal_of(refused) is error


def test_from_where_on() -> None:
    """A client begins anew, or goes on after a number; an epoch alone means nothing."""
    assert read_cursor(None, None) == read_cursor(None, "e") == Cursor()
    assert read_cursor("0", "e") == Cursor(0, "e")
    assert read_cursor("12", None) == Cursor(12, None)
    assert read_cursor(str(LARGEST_SEQ), "e").since == LARGEST_SEQ
    assert read_cursor("0" * 5_000 + "12", "e").since == 12


@pytest.mark.parametrize("since", [str(LARGEST_SEQ + 1), "9" * 16, "9" * 20, "1" + "0" * 5_000])
def test_from_beyond_all_logs(since: str) -> None:
    """A number is one however large: who comes with it is welcomed, and asks for the state."""
    assert read_cursor(since, "e").since == LARGEST_SEQ


@pytest.mark.parametrize("since", ["-1", "", "1.5", "x", " 1", "1e3", "١"])
def test_from_nowhere(since: str) -> None:
    """What is no number of zero or more is refused, not guessed at."""
    with pytest.raises(Refused) as refused:
        read_cursor(since, "e")
    assert refusal_of(refused) is BAD_REQUEST
