import pytest

from handlers.socket_auth import socket_token
from schemas.errors import BAD_TOKEN, Refused


@pytest.mark.parametrize(
    "query, subprotocols, authorization, expected",
    [
        (None, [], None, (None, None)),
        ("", [], "", (None, None)),
        ("q.q.q", [], None, ("q.q.q", None)),
        (None, ["access_token", "s.s.s"], None, ("s.s.s", "access_token")),
        (None, [" access_token", " s.s.s "], None, ("s.s.s", "access_token")),
        (None, [], "Bearer h.h.h", ("h.h.h", None)),
        ("", ["access_token", "s.s.s"], "Bearer h.h.h", ("s.s.s", "access_token")),
        ("q.q.q", ["access_token", "s.s.s"], "Bearer h.h.h", ("q.q.q", "access_token")),
    ],
)
def test_three_ways(
    query: str | None,
    subprotocols: list[str],
    authorization: str | None,
    expected: tuple[str | None, str | None],
) -> None:
    """A client hands its token over in any of the three ways; what it says first counts."""
    assert socket_token(query, subprotocols, authorization) == expected


@pytest.mark.parametrize("subprotocols", [["access_token"], ["s.s.s", "access_token"], ["access_token", ""]])
def test_pair_without_a_token(subprotocols: list[str]) -> None:
    """A browser that offers the name but no token still gets an answer to it, and so the close code."""
    assert socket_token(None, subprotocols, None) == (None, "access_token")
    assert socket_token(None, subprotocols, "Bearer h.h.h") == ("h.h.h", "access_token")


def test_other_subprotocols_are_not_answered() -> None:
    """We never claim to speak a subprotocol that we do not."""
    assert socket_token("q.q.q", ["graphql-ws", "s.s.s"], None) == ("q.q.q", None)


def test_malformed_header() -> None:
    """Another scheme is refused, unless the token came in another way: the header may be for a proxy."""
    assert socket_token("q.q.q", [], "Basic YTpi") == ("q.q.q", None)
    with pytest.raises(Refused) as caught:
        socket_token(None, [], "Basic YTpi")
    assert caught.value.error is BAD_TOKEN
