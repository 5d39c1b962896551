"""What a socket's opening request says (contract §1 and §4): whose token, for which session, from which position on."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

from tornado.httputil import HTTPHeaders

from handlers.socket_auth import socket_token
from schemas.classroom_token import ClassroomClaims, ClassroomTokens
from schemas.errors import BAD_REQUEST, BAD_TOKEN, UNAUTHORIZED, Refused

LARGEST_SEQ = 2**53
"""No log comes this far; what is beyond is where no client can have been, and taken for this."""
VERSION = "13"
_SINCE = re.compile(r"0*([0-9]+)")
_MOST_DIGITS = len(str(LARGEST_SEQ))


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a client wants to go on: both None when it begins anew."""

    since: int | None = None
    epoch: str | None = None


def check_upgrade(method: str | None, headers: HTTPHeaders) -> None:
    """`Refused(BAD_REQUEST)` for what is no WebSocket handshake. As strict as Tornado, which would refuse it only after
    the socket was registered.
    """
    upgrade = headers.get("Upgrade", "").lower() == "websocket"
    connection = "upgrade" in (word.strip().lower() for word in headers.get("Connection", "").split(","))
    key = headers.get("Sec-WebSocket-Key") and headers.get("Host")
    if method != "GET" or not (upgrade and connection and key):
        raise Refused(BAD_REQUEST, "This address is for WebSockets.")
    if headers.get("Sec-WebSocket-Version") != VERSION:
        raise Refused(BAD_REQUEST, f"The WebSocket version must be {VERSION}.")


def find_token(query_token: str | None, headers: HTTPHeaders) -> tuple[str | None, str | None]:
    """The token, and the subprotocol to answer with; None for what is not there."""
    offered = headers.get("Sec-WebSocket-Protocol", "")
    return socket_token(
        query_token, [name for name in offered.split(",") if name], headers.get("Authorization")
    )


def check_token(tokens: ClassroomTokens, token: str | None, uuid: str) -> ClassroomClaims:
    """What the token says. `Refused`: unauthorized when there is none, bad_token when it is not for this session."""
    if not token:
        raise Refused(UNAUTHORIZED)
    claims = tokens.verify(token, time.time())
    if claims.session_id != uuid.lower():
        raise Refused(BAD_TOKEN, "The token is for another session.")
    return claims


def read_cursor(since: str | None, epoch: str | None) -> Cursor:
    """The `since` and `epoch` of the query. `Refused(BAD_REQUEST)` when `since` is no number ≥ 0."""
    if since is None:
        return Cursor()
    number = _SINCE.fullmatch(since)
    if number is None:
        raise Refused(BAD_REQUEST, "`since` must be a number, 0 or more.")
    return Cursor(min(int(number[1][: _MOST_DIGITS + 1]), LARGEST_SEQ), epoch)
