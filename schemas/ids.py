"""User ids: opaque to us, a JSON string or integer that keeps its type; `7` and `"7"` are one person (contract §1)."""

from __future__ import annotations

import re
from typing import Any

UserId = str | int
"""As it came: what every answer shows."""

MAX_LENGTH = 128
_SAFE_INTEGER = 2**53 - 1
_DIGITS = re.compile(r"0|[1-9][0-9]{0,15}")
_PRINTABLE = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]+")


def is_user_id(value: Any) -> bool:
    """Whether `value` can name a person: an integer a browser can hold, or 1 to 128 printable characters."""
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return abs(value) <= _SAFE_INTEGER
    return isinstance(value, str) and len(value) <= MAX_LENGTH and _PRINTABLE.fullmatch(value) is not None


def as_user_id(text: str) -> UserId | None:
    """The id that `text` (an address, a command line) spells: plain digits are an integer; None when it is none."""
    user_id: UserId = int(text) if _DIGITS.fullmatch(text) else text
    return user_id if is_user_id(user_id) else None


def user_key(user_id: UserId) -> str:
    """The person behind an id, for comparing and for keys: the id as text."""
    return str(user_id)
