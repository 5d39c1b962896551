import base64
import json
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.classroom_token import ClassroomTokens
from schemas.config_sections import SigningKey
from schemas.errors import BAD_TOKEN, Refused
from schemas.ids import UserId, is_user_id
from schemas.permissions import ALL, as_object
from schemas.platform_token import mint_platform_token

NOW = 1_800_000_000.25
SECRET = "a-secret-of-thirty-two-bytes-or-more"
KEYS = (SigningKey("new", SECRET), SigningKey("old", "another-" + SECRET))
TOKENS = ClassroomTokens(KEYS, 7200)
SESSION = "7d2c0b52-6c0a-4d0e-9d3b-0d7a8d6b1a11"


def issue(user_id: UserId = 7, tokens: ClassroomTokens = TOKENS, scheduled_end: float | None = None) -> str:
    """A host's fresh token."""
    return tokens.issue(SESSION, user_id, "host", as_object(ALL), 3, scheduled_end, NOW)[0]


def claims(**changes: Any) -> dict[str, Any]:
    """All claims, with `changes`; those changed to `...` are left out."""
    whole = {
        "session_id": SESSION,
        "user_id": 7,
        "role": "host",
        "permissions": {"can_draw": True},
        "iat": int(NOW),
        "exp": int(NOW) + 60,
        "jti": "one",
        "generation": 0,
    }
    return {name: value for name, value in (whole | changes).items() if value is not ...}


def signed(payload: dict[str, Any], secret: str = SECRET, alg: str = "HS256", kid: Any = "new") -> str:
    """A token as anybody with `secret` can make it."""
    return jwt.encode(payload, secret, alg, headers={} if kid is None else {"kid": kid})


def refused(token: str, now: float = NOW, tokens: ClassroomTokens = TOKENS) -> str:
    """The sentence that `token` is refused with."""
    with pytest.raises(Refused) as caught:
        tokens.verify(token, now)
    assert caught.value.error is BAD_TOKEN
    return caught.value.detail


def atob(text: str) -> str:
    """What the browser's `atob` does: standard alphabet only, padding optional, one character a byte."""
    assert "-" not in text
    assert "_" not in text
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode("latin-1")


def test_issued_token_verifies() -> None:
    """A person's fresh token says who they are, in which session, and what they may do there."""
    token, exp = TOKENS.issue(SESSION, "ада", "student", {"can_draw": True}, 4, None, NOW)
    found = TOKENS.verify(token, NOW)
    assert (found.session_id, found.user_id, found.role) == (SESSION, "ада", "student")
    assert (found.permissions, found.generation) == ({"can_draw": True}, 4)
    assert (found.iat, found.exp) == (int(NOW), exp)


@pytest.mark.parametrize("user_id", [7, "7"])
def test_user_id_keeps_its_type(user_id: UserId) -> None:
    """A client that compares ids with `===` finds its own id in the token."""
    found = TOKENS.verify(issue(user_id), NOW).user_id
    assert found == user_id
    assert type(found) is type(user_id)


def test_every_token_is_its_own() -> None:
    """Two tokens of one second differ: each can be told by its `jti`."""
    assert TOKENS.verify(issue(), NOW).jti != TOKENS.verify(issue(), NOW).jti


@pytest.mark.parametrize(
    "scheduled_end, lifetime",
    [(None, 7200), (int(NOW) + 60.0, 7200), (int(NOW) + 7200.0, 9000), (int(NOW) + 7200.5, 9001)],
)
def test_expiry_is_the_later_one(scheduled_end: float | None, lifetime: int) -> None:
    """A token outlives a long lesson by half an hour, and never lives shorter than its lifetime."""
    _, exp = TOKENS.issue(SESSION, 7, "host", {}, 0, scheduled_end, NOW)
    assert exp - int(NOW) == lifetime


def test_header_names_the_signing_key() -> None:
    """The first key signs, and the header says which one that was."""
    assert jwt.get_unverified_header(issue()) == {"alg": "HS256", "kid": "new", "typ": "JWT"}


def test_rotation_keeps_older_tokens_valid() -> None:
    """When a new key is put first, the tokens that people have stay good, until their own key goes."""
    before = ClassroomTokens(KEYS[1:], 7200)
    token = issue(tokens=before)
    assert TOKENS.verify(token, NOW).user_id == 7
    refused(token, tokens=ClassroomTokens(KEYS[:1], 7200))


def test_expired_token_is_refused() -> None:
    """A token is good until its last second and not a moment longer."""
    token = signed(claims())
    TOKENS.verify(token, int(NOW) + 59.9)
    assert "expired" in refused(token, int(NOW) + 60)


@pytest.mark.parametrize(
    "token",
    [
        signed(claims(), secret="not-the-secret-but-as-long-as-it-is"),
        signed(claims(), secret=KEYS[1].secret),
        signed(claims(), kid="unknown"),
        signed(claims(), kid=None),
        signed(claims(), alg="HS512", secret=SECRET + SECRET),
        jwt.encode(claims(), "", "none", headers={"kid": "new"}),
        signed(claims())[:-4],
        signed(claims()) + ".x",
        "",
        "a.b.c",
        "é" + signed(claims()),
        "\ud800",
        signed(claims(padding="a" * 9000)),
    ],
)
def test_forged_token_is_refused(token: str) -> None:
    """Nobody opens a socket with a token that we did not sign just so."""
    refused(token)


@pytest.mark.parametrize(
    "name, value",
    [
        *((name, ...) for name in claims()),
        *((name, None) for name in claims()),
        ("session_id", ""),
        ("session_id", 7),
        ("user_id", True),
        ("user_id", 2**60),
        ("user_id", 7.5),
        ("role", ["host"]),
        ("permissions", {"can_draw": 1}),
        ("permissions", ["can_draw"]),
        ("exp", str(int(NOW) + 60)),
        ("exp", True),
        ("generation", -1),
        ("generation", "0"),
    ],
)
def test_odd_claims_are_refused(name: str, value: Any) -> None:
    """A token of ours that lacks a claim, or has one of another type, is no token."""
    assert name in refused(signed(claims(**{name: value})))


def test_platform_token_is_refused() -> None:
    """A platform token opens no socket, even where both kinds share a secret."""
    refused(mint_platform_token(SECRET, 7, "Ada", True, 1, NOW))
    refused(signed({"user_id": 7, "exp": int(NOW) + 60}))


def test_short_secret_is_quiet() -> None:
    """A short secret, as in development, works without a warning at every token."""
    tokens = ClassroomTokens([SigningKey("dev", "short")], 60)
    assert tokens.verify(issue(tokens=tokens), NOW).user_id == 7


@pytest.mark.parametrize(
    "keys",
    [
        [],
        [SigningKey("a", "x"), SigningKey("a", "y")],
        [SigningKey("", "x")],
        [SigningKey("a", "")],
        [SigningKey("a", "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n")],
    ],
)
def test_unusable_keys_stop_the_start(keys: list[SigningKey]) -> None:
    """Whoever configures keys that cannot work is told at once, and where."""
    with pytest.raises(ValueError, match=r"classroom_token\.keys"):
        ClassroomTokens(keys, 60)


@given(
    user_id=st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=40).filter(is_user_id),
    session_id=st.text(st.sampled_from('a>?~\x7f\\"/é😀<&'), min_size=1, max_size=20),
)
def test_payload_is_readable_with_atob(user_id: str, session_id: str) -> None:
    """The deployed client, which decodes with `atob`, reads every token, whatever letters its claims have."""
    token, _ = TOKENS.issue(session_id, user_id, "host", as_object(ALL), 1, None, NOW)
    text = atob(token.split(".")[1])
    assert text.isascii()
    payload = json.loads(text)
    assert (payload["user_id"], payload["session_id"]) == (user_id, session_id)
    assert TOKENS.verify(token, NOW).user_id == user_id
