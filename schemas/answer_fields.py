"""What the answers' schemas are made of (contract §2, §3): their base, and the kinds of fields they have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import INCLUDE, Schema, fields, post_dump, validate

from schemas.fields import Id, JsonObject, Timestamp, doc

EXAMPLE_UUID = "2f1c9f0e-6d0b-4c39-9a55-3d8f1f0c7b11"
EXAMPLE_TIME = "2026-01-02T15:00:00.000Z"


class Out(Schema):
    """An answer: every field is there, but for those that `optional` names.

    `Meta.unknown = INCLUDE` lets keys of no field through.
    """

    optional: frozenset[str] = frozenset()

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Describe as required what is always there."""
        field_obj.required = field_name not in self.optional

    @post_dump(pass_original=True)
    def _whole(self, data: dict[str, Any], original: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        if len(data) != len(self.dump_fields):
            missing = self.dump_fields.keys() - data.keys() - self.optional
            if missing:
                raise KeyError(f"{type(self).__name__} without {', '.join(sorted(missing))}")
        return {**original, **data} if self.unknown == INCLUDE else data


def text(description: str, example: str | None, *choices: str, null: bool = False) -> fields.String:
    """A text, one of `choices` if there are any."""
    allowed = validate.OneOf(choices) if choices else None
    return fields.String(allow_none=null, validate=allowed, metadata=doc(description, example))


def flag(description: str, *, example: bool = True) -> fields.Boolean:
    """True or false."""
    return fields.Boolean(metadata=doc(description, example))


def count(description: str, example: int, *, null: bool = False) -> fields.Integer:
    """An integer."""
    return fields.Integer(allow_none=null, metadata=doc(description, example))


def counts(description: str, example: dict[str, int]) -> JsonObject:
    """Integers by name."""
    return JsonObject(values=fields.Integer(), metadata=doc(description, example))


def time(description: str, *, null: bool = False) -> Timestamp:
    """A time as RFC 3339."""
    return Timestamp(allow_none=null, metadata=doc(description, EXAMPLE_TIME))


def user_id(
    description: str = "The person's id, of the type the platform gave it.", *, null: bool = False
) -> Id:
    """Somebody's id."""
    return Id(allow_none=null, metadata=doc(description, 7))


def success() -> fields.Boolean:
    """What says that it is done."""
    return flag("Always true: what failed is answered as a problem.")
