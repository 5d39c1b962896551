"""The shorter way through a schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st
from marshmallow import EXCLUDE, INCLUDE, RAISE, Schema, ValidationError, fields, post_load, validates

from handlers.messages import MESSAGES
from schemas.loading import loader
from tests.support.attack_rounds import rounds

SCHEMAS = sorted(
    {row.schema for rows in MESSAGES.values() for row in rows.values()}, key=lambda schema: repr(type(schema))
)
NAMES = sorted({name for schema in SCHEMAS for name in schema.load_fields})
values = st.one_of(
    st.none(), st.booleans(), st.integers(-1, 9), st.integers(2**53 - 1, 2**53 + 1), st.floats(), st.text(max_size=4),
    st.sampled_from(["stroke_add", "x" * 64, "x" * 65, "x" * 129, "\0"]), st.just({"id": "s1"}), st.just([1]),
)  # fmt: skip
messages = st.dictionaries(st.sampled_from([*NAMES, "type", "other"]), values, max_size=8)


def outcome(load: Any, message: dict[str, Any]) -> str:
    """What it gives, in its order and with its types, or what is wrong."""
    try:
        return repr(load(message))
    except ValidationError as problem:
        return f"{problem.messages!r} {problem.valid_data!r}"


def assert_same(schema: Schema, message: dict[str, Any]) -> None:
    """Both ways come to the same."""
    assert outcome(loader(schema), message) == outcome(schema.load, message)


@rounds(300)
@hypothesis.given(message=messages)
def test_the_same_as_the_schema(message: dict[str, Any]) -> None:
    """There is one definition of each message: whatever comes is taken, or refused, just as its schema says."""
    for schema in SCHEMAS:
        assert_same(schema, message)


class Defaults(Schema):
    """What comes when nothing is given."""

    class Meta:
        unknown = EXCLUDE

    plain = fields.Integer(load_default=7)
    made = fields.List(fields.Integer(), load_default=list)
    none = fields.Integer(load_default=None)


class Renamed(Defaults):
    """Names that differ inside and outside."""

    there = fields.Integer(data_key="here")
    inside = fields.Integer(attribute="outside")


class Hooked(Defaults):
    """More than its fields."""

    @post_load
    def _wrap(self, data: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        return {"wrapped": data}


class Validating(Defaults):
    """A rule beside a field."""

    @validates("plain")
    def _even(self, value: int, **_: Any) -> None:
        if value % 2:
            raise ValidationError("odd")


@pytest.mark.parametrize(
    "schema",
    [
        Defaults(), Renamed(), Hooked(), Validating(), Defaults(unknown=INCLUDE), Defaults(unknown=RAISE),
        Defaults(partial=True), Defaults(partial=("plain",)), Defaults(only=("made",)),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "message", [{}, {"plain": 3, "here": 1, "inside": 2, "odd": 1}, {"plain": "x", "made": {}, "none": None}]
)
def test_whatever_a_schema_does(schema: Schema, message: dict[str, Any]) -> None:
    """A schema that does more than ask its fields is asked itself."""
    assert_same(schema, message)
