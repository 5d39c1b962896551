"""Platform tokens: who somebody is, as the platform says (contract §1). `handlers.auth` checks signatures."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.classroom_token import is_classroom_token
from schemas.errors import BAD_TOKEN, Refused
from schemas.ids import UserId, is_user_id, user_key
from schemas.jws import sign

SERVICE_SCOPE = "service"
MAX_NAME_LENGTH = 200
MAX_AVATAR_LENGTH = 2048
MAX_EMAIL_LENGTH = 320
CLOCK_SKEW_SECONDS = 60
"""How far the platform's clock may be ahead of ours: a token it has just issued must not log anybody out."""

# C0, DEL, C1, line and paragraph separators, and the marks that turn the direction of the text around them.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Person:
    """The bearer of a verified platform token. `exp` is unix seconds; a `service` may act for any user."""

    user_id: UserId
    name: str | None
    avatar: str | None
    email: str | None
    service: bool
    exp: int

    @property
    def key(self) -> str:
        """The person behind the id, for comparing: 7 and "7" are one."""
        return user_key(self.user_id)


def person_from(claims: Mapping[str, Any], user_id_claim: str, now: float) -> Person:
    """The person that verified `claims` name. Refused(BAD_TOKEN) says what is wrong with them.

    The id is in `user_id_claim`, else in `sub`. Optional claims of a wrong type are ignored: a picture that
    is no text is no reason to log a person out.
    """
    if is_classroom_token(claims):
        raise Refused(BAD_TOKEN, "A classroom token is not valid here; a platform token is needed.")
    exp = _seconds(claims, "exp")
    if exp is None:
        raise Refused(BAD_TOKEN, "The token has no expiry.")
    if int(exp) <= now:
        raise Refused(BAD_TOKEN, "The token has expired.")
    for name in ("nbf", "iat"):
        since = _seconds(claims, name)
        if since is not None and since > now + CLOCK_SKEW_SECONDS:
            raise Refused(BAD_TOKEN, "The token is not valid yet.")
    user_id: Any = claims.get(user_id_claim)
    if user_id is None:
        user_id = claims.get("sub")
    if not is_user_id(user_id):
        raise Refused(BAD_TOKEN, "The token names no user that can be one.")
    return Person(
        user_id=user_id,
        name=_name(claims.get("name")),
        avatar=_short(claims.get("avatar"), MAX_AVATAR_LENGTH),
        email=_short(claims.get("email"), MAX_EMAIL_LENGTH),
        service=SERVICE_SCOPE in _scopes(claims.get("scope")),
        exp=int(exp),
    )


def mint_platform_token(
    secret: str,
    user_id: UserId,
    name: str | None,
    service: bool,
    hours: float,
    now: float,
    user_id_claim: str = "user_id",
) -> str:
    """An HS256 platform token for trying things out, valid for `hours` from `now` (unix seconds)."""
    claims: dict[str, Any] = {user_id_claim: user_id, "iat": int(now), "exp": math.ceil(now + hours * 3600)}
    if name:
        claims["name"] = name
    if service:
        claims["scope"] = SERVICE_SCOPE
    return sign(claims, secret)


def _seconds(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused(BAD_TOKEN, f"The token's {name} is not a number.")
    return value


def _name(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    return _UNSEEN.sub("", value).strip()[:MAX_NAME_LENGTH].rstrip() or None


def _short(value: Any, max_length: int) -> str | None:
    if not isinstance(value, str) or len(value) > max_length or _UNSEEN.search(value):
        return None
    return value.strip() or None


def _scopes(value: Any) -> list[Any]:
    if isinstance(value, str):
        return value.split()
    return value if isinstance(value, list) else []
