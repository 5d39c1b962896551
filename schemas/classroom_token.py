"""Classroom tokens: ours, for one user in one session; they open WebSockets, nothing else (contract §1)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from schemas.config_sections import SigningKey
from schemas.errors import BAD_TOKEN, Refused
from schemas.ids import UserId, is_user_id
from schemas.jws import check_secret, read_claims, read_header, sign

AFTER_SCHEDULED_END_SECONDS = 30 * 60


@dataclass(frozen=True, slots=True)
class ClassroomClaims:
    """What a verified token says. `iat` and `exp` are unix seconds.

    `role` and `permissions` are what they were when it was issued: for the client to show, never to decide
    by. `generation` is the participant's of then: the token is worthless once the store has a later one.
    """

    session_id: str
    user_id: UserId
    role: str
    permissions: dict[str, bool]
    iat: int
    exp: int
    jti: str
    generation: int


class ClassroomTokens:
    """Issues and verifies with the configured keys: the first signs, all verify.

    ValueError for a set of keys that cannot work: none, two of one name, an empty name or secret.
    """

    def __init__(self, keys: Sequence[SigningKey], ttl_seconds: float) -> None:
        if not keys:
            raise ValueError("classroom_token.keys is empty")
        self._secrets = {key.kid: key.secret for key in keys}
        if len(self._secrets) != len(keys) or "" in self._secrets:
            raise ValueError("classroom_token.keys: every key needs a kid of its own")
        for key in keys:
            try:
                check_secret(key.secret)
            except ValueError as problem:
                raise ValueError(f"classroom_token.keys: {key.kid}: {problem}") from None
        self._signing = keys[0]
        self._ttl_seconds = ttl_seconds

    def issue(
        self,
        session_id: str,
        user_id: UserId,
        role: str,
        permissions: Mapping[str, bool],
        generation: int,
        scheduled_end: float | None,
        now: float,
    ) -> tuple[str, int]:
        """A new token and its expiry: the later of its lifetime and `scheduled_end` plus 30 minutes.

        `scheduled_end`, `now` and the expiry are unix seconds.
        """
        iat = int(now)
        exp = iat + self._ttl_seconds
        if scheduled_end is not None:
            exp = max(exp, scheduled_end + AFTER_SCHEDULED_END_SECONDS)
        claims = {
            "session_id": session_id,
            "user_id": user_id,
            "role": role,
            "permissions": dict(permissions),
            "iat": iat,
            "exp": math.ceil(exp),
            "jti": uuid4().hex,
            "generation": generation,
        }
        return sign(claims, self._signing.secret, self._signing.kid), math.ceil(exp)

    def verify(self, token: str, now: float) -> ClassroomClaims:
        """What `token` says. Refused(BAD_TOKEN) for a forged one, one expired at `now`, and other kinds."""
        header = read_header(token)
        secret = self._secrets.get(header.kid) if header.kid is not None else None
        if secret is None:
            raise Refused(BAD_TOKEN, "This is not a classroom token, or its key is no longer in use.")
        claims = _claims(read_claims(token, secret, "HS256"))
        if claims.exp <= now:
            raise Refused(BAD_TOKEN, "The classroom token has expired.")
        return claims


def is_classroom_token(claims: Mapping[str, Any]) -> bool:
    """Whether verified claims are those of a classroom token, whoever's key signed them."""
    return "session_id" in claims and "generation" in claims


def _claims(raw: Mapping[str, Any]) -> ClassroomClaims:
    for name, is_valid in _VALID.items():
        if not is_valid(raw.get(name)):
            raise Refused(BAD_TOKEN, f"This is not a classroom token: its {name} is missing or malformed.")
    return ClassroomClaims(**{name: raw[name] for name in _VALID})


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_flags(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(flag, bool) for flag in value.values())


_VALID = {
    "session_id": _is_text,
    "user_id": is_user_id,
    "role": _is_text,
    "permissions": _is_flags,
    "iat": _is_count,
    "exp": _is_count,
    "jti": _is_text,
    "generation": _is_count,
}
