"""Bodies that must be refused, worked out from the schemas that say what is right."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from marshmallow import Schema, fields

from schemas import fields as ours
from schemas.bookings import Price
from schemas.frames import EventIdField, Number

LONG = "x" * 9_000
DEEP: Any = "bottom"
for _ in range(60):
    DEEP = [DEEP]
CONTROL = "a\x00b"
NOT_TEXT: tuple[Any, ...] = (True, 0, 1.5, [], {}, ["a"], {"a": 1}, DEEP)
NOT_OBJECT: tuple[Any, ...] = (True, 0, 1.5, "", "a", [], [{}], DEEP)
NOT_FLAG: tuple[Any, ...] = (0, 1, 1.5, "", "true", [], {}, DEEP)
NOT_WHOLE: tuple[Any, ...] = (True, 1.5, 1e300, -(2**53), 2**64, 10**30, "", "5", [], {}, DEEP)
NOT_ID: tuple[Any, ...] = (True, 1.5, 2**53, -(2**53), 10**30, "", CONTROL, LONG, [], {}, DEEP)
NOT_TIME: tuple[Any, ...] = (
    True,
    0,
    1.5,
    "",
    "now",
    "2026-01-02",
    "2026-13-02T00:00:00Z",
    "2026-01-02T00:00:00",
    LONG,
    [],
    {},
)
NOT_MANY: tuple[Any, ...] = (True, 0, 1.5, "", "a", {}, {"0": {}}, DEEP, [None], [0], [[]], [{}] * 2_000)

NO_OBJECT: tuple[bytes, ...] = (
    b"{", b"}", b"\xff\xfe", b"\x00", b"nul", b"null", b"true", b"17", b'"text"', b"[]", b'[{"user_id": 8}]',
    b"{} {}", b'{"a": NaN}', b'{"a": Infinity}', b'{"a": -Infinity}', b'{"a": 1e999}', b'{"a": 01}', b"{'a': 1}",
    b'{"a": "\\ud800"}', b'{"a": "\\udc00\\ud800"}', b'{"a": "\xed\xa0\x80"}', b'{"a": 1,}', b'{"a": "\n"}',
    b'\xef\xbb\xbf{"a": 1}', b'{"a":' * 65 + b"1" + b"}" * 65, b"[" * 30_000, b'{"a": ' + b"9" * 60_000,
)  # fmt: skip
"""Texts that are no strict JSON object."""


def wrong_values(field: fields.Field[Any]) -> tuple[Any, ...]:
    """Values that this kind of field must refuse, whatever its own limits are."""
    kinds: tuple[tuple[type[Any], tuple[Any, ...]], ...] = (
        (Price, (True, [], {}, LONG, DEEP)),
        (ours.Flag, NOT_FLAG),
        (ours.Whole, NOT_WHOLE),
        (ours.Id, NOT_ID),
        (ours.Timestamp, NOT_TIME),
        (fields.Raw, ()),
        (Number, (True, "", "1", [], {}, DEEP)),
        (EventIdField, (True, "", LONG, [], {}, DEEP)),
        (ours.Text, (*NOT_TEXT, CONTROL, LONG)),
        (fields.String, (*NOT_TEXT, LONG)),
        (fields.List, NOT_MANY),
        (fields.Nested, NOT_OBJECT),
        (fields.Dict, NOT_OBJECT),
    )
    for kind, values in kinds:
        if isinstance(field, kind):
            return values if field.allow_none else (None, *values)
    raise AssertionError(f"it is not known what is wrong for a {type(field).__name__}")


def right_body(schema: Schema) -> dict[str, Any]:
    """The required fields with the values that their descriptions show."""
    return {name: right_value(field) for name, field in schema.load_fields.items() if field.required}


def right_value(field: fields.Field[Any]) -> Any:
    """What the field's description shows, or the right body of what it nests."""
    if "example" in field.metadata:
        return copy.deepcopy(field.metadata["example"])
    if isinstance(field, fields.Nested):
        return right_body(field.schema)
    raise AssertionError(f"{field.name} shows no example")


def wrong_bodies(schema: Schema, *, unknown: bool = True) -> Iterator[tuple[str, Any]]:
    """Bodies with one thing wrong each, and what that is; `unknown`: a field nobody knows is wrong, too."""
    right = right_body(schema)
    if unknown:
        yield "unknown field", {**right, "no_such_field": 1}
        yield "unknown field of no name", {**right, "": 1}
        yield "prototype", {**right, "__proto__": {"role": "host"}}
    for name, field in schema.load_fields.items():
        if field.required:
            yield f"no {name}", {key: value for key, value in right.items() if key != name}
        for value in wrong_values(field):
            yield f"{name} = {value!r:.40}", {**right, name: value}
        inner = field.schema if isinstance(field, fields.Nested) else None
        for what, below in wrong_bodies(inner, unknown=unknown) if inner is not None else ():
            yield f"{name}: {what}", {**right, name: below}
