"""The kinds of value a configuration key can have: strict marshmallow fields, each with its range.

Strict, because TOML is typed: `port = "8000"` is a mistake and not a port. An environment variable is text,
so `from_text` turns it into the kind its key has before the same rule is asked.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from schemas import jsonio
from schemas.store_url import check_store_url

_ORIGIN = re.compile(r"\*|https?://[^\s/?#@*]+")


class Many(fields.List[Any]):
    """A TOML array, kept as a tuple so that a configuration can't change after the start."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, list | tuple):  # the parent class takes a table too, as a list of its keys
            raise self.make_error("invalid")
        return tuple(super()._deserialize(value, attr, data, **kwargs))


class Decimal(fields.Float):
    """A TOML integer or float; text that merely looks like a number is refused."""

    def _validated(self, value: Any) -> float:
        if isinstance(value, str):
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


class OneOrMany(Many):
    """An array of strings or one string alone, kept as it came: what WebRTC takes as `urls`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, str):
            return self.inner.deserialize(value)
        return list(super()._deserialize(value, attr, data, **kwargs))


def whole(least: int, most: int) -> fields.Field[Any]:
    """An integer from `least` to `most`."""
    return fields.Integer(strict=True, validate=_within(least, most))


class Switch(fields.Boolean):
    """A TOML boolean; in the environment `true` or `false`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("must be true or false")
        return value


def flag() -> fields.Field[Any]:
    """`true` or `false`."""
    return Switch()


def number(least: float, most: float) -> fields.Field[Any]:
    """An integer or a float from `least` to `most`."""
    return Decimal(validate=_within(least, most))


def text(least: int = 0, most: int = 4096) -> fields.Field[Any]:
    """A string of `least` to `most` characters."""
    return fields.String(validate=validate.Length(min=least, max=most))


def matching(pattern: str, says: str) -> fields.Field[Any]:
    """A string that `pattern` matches as a whole; `says` completes "must be …" for a person."""
    compiled = re.compile(pattern, re.DOTALL)

    def check(value: str) -> None:
        if not compiled.fullmatch(value):
            raise ValidationError(f"must be {says}")

    return fields.String(validate=check)


def store_url() -> fields.Field[Any]:
    """What `redis.url` can be: see `schemas.store_url`."""

    def check(value: str) -> None:
        try:
            check_store_url(value)
        except ValueError as problem:
            raise ValidationError(f"must be {problem}") from None

    return fields.String(validate=check)


def one_of(*choices: str) -> fields.Field[Any]:
    """One of the strings `choices`."""
    return fields.String(validate=validate.OneOf(choices, error="must be one of {choices}"))


def many(rule: fields.Field[Any], least: int = 0) -> fields.Field[Any]:
    """An array of at least `least` values, no two alike, each of which keeps `rule`."""

    def check(values: tuple[Any, ...]) -> None:
        if len(values) < least:
            raise ValidationError(f"must have at least {least} of them")
        if any(value in values[:index] for index, value in enumerate(values)):
            raise ValidationError("must not name one twice")

    return Many(rule, validate=check)


def urls(schemes: str) -> fields.Field[Any]:
    """One URL or a non-empty array of them, each with one of `schemes` ("stun|turn")."""
    return OneOrMany(
        matching(rf"(?:{schemes}):\S+", f"a URL that begins with {schemes.replace('|', ': or ')}:"),
        validate=validate.Length(min=1),
    )


class _Table(fields.Nested):
    """A TOML table of its own kind: what it holds is handed to `make`."""

    def __init__(self, make: Callable[..., Any], rules: Mapping[str, fields.Field[Any]]) -> None:
        self.make = make
        super().__init__(Schema.from_dict(dict(rules)), unknown=RAISE)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        return self.make(**super()._deserialize(value, *args, **kwargs))


def table(
    make: Callable[..., Any], required: Mapping[str, fields.Field[Any]], **optional: fields.Field[Any]
) -> fields.Field[Any]:
    """A table with the `required` keys and perhaps the `optional` ones, given to `make` by name."""
    for rule in required.values():
        rule.required = True
    return _Table(make, {**required, **optional})


def origin() -> fields.Field[Any]:
    """What a browser sends as `Origin`: a scheme, a host, a port where it is not the usual one; or `*`."""

    def check(value: str) -> None:
        if not _ORIGIN.fullmatch(value) or value != value.lower():
            raise ValidationError('must be like "https://app.example.org", without a path, in lower case')

    return fields.String(validate=check)


def network() -> fields.Field[Any]:
    """An IP address, or a network of them like `10.0.0.0/8`."""

    def check(value: str) -> None:
        try:
            ipaddress.ip_network(value)
        except ValueError as problem:
            raise ValidationError(f"must be an IP address or a network: {problem}") from None

    return fields.String(validate=check)


def from_text(rule: fields.Field[Any], raw: str) -> Any:
    """An environment variable's text as the kind of value that `rule` wants; ValueError when it can't be."""
    if isinstance(rule, Many):
        return _json_array(raw)
    if isinstance(rule, Switch):
        return {"true": True, "false": False}.get(raw, raw)
    if isinstance(rule, Decimal):
        return _as_number(float, raw, "must be a number")
    if isinstance(rule, fields.Integer):
        return _as_number(int, raw, "must be a whole number")
    return raw


def messages_by_path(errors: Mapping[Any, Any], above: str = "") -> list[tuple[str, str]]:
    """The nested errors of marshmallow as pairs of a dotted path and a message: `("keys.0.kid", "…")`."""
    found: list[tuple[str, str]] = []
    for key, below in errors.items():
        path = f"{above}.{key}" if above else str(key)
        if isinstance(below, Mapping):
            found += messages_by_path(below, path)
        else:
            found += [(path, str(message)) for message in below]
    return found


def _as_number(kind: type[int] | type[float], raw: str, says: str) -> int | float:
    try:
        return kind(raw)
    except ValueError:
        raise ValueError(says) from None  # without the value, which could be a misplaced secret


def _json_array(raw: str) -> Any:
    try:
        return jsonio.loads(raw)
    except jsonio.MalformedJson as problem:
        raise ValueError(f"must be a JSON array: {problem}") from None


def _within(least: float, most: float) -> validate.Range:
    return validate.Range(min=least, max=most, error="must be from {min} to {max}")
