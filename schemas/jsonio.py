"""JSON at the edge (contract §1): strict in (no NaN, no lone surrogate, at most 64 levels), compact out."""

from __future__ import annotations

import re
from typing import Any

import orjson

MAX_DEPTH = 64
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_AS_SQUARE = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


class MalformedJson(ValueError):
    """The text is no JSON, or JSON that we do not take (see the module)."""


def loads(text: bytes | str) -> Any:
    """The value of `text`; `MalformedJson` says what is wrong, in words for a person."""
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as problem:
        raise MalformedJson(str(problem)) from None
    if _deeper_than_allowed(raw):
        raise MalformedJson(f"nested more than {MAX_DEPTH} levels deep")
    return value


def dumps(value: Any) -> str:
    """`value` as compact JSON text; non-ASCII stays as it is. TypeError for what JSON cannot say."""
    return orjson.dumps(value).decode()


def _deeper_than_allowed(raw: bytes) -> bool:
    """Only for what is known to be JSON: an unclosed string would be searched to the end from every quote."""
    if raw.count(b"[") + raw.count(b"{") <= MAX_DEPTH:
        return False
    brackets = _STRING.sub(b"", raw).translate(_AS_SQUARE, _NO_BRACKETS)
    for _ in range(MAX_DEPTH):
        brackets = brackets.replace(b"[]", b"")  # peels the innermost level everywhere, at C speed
    return bool(brackets)
