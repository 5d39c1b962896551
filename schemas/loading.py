"""A schema's `load` for small objects that come often."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, missing
from marshmallow.fields import Field

Load = Callable[[dict[str, Any]], dict[str, Any]]


def loader(schema: Schema) -> Load:
    """`schema.load`, with the same results and the same errors. Most of what marshmallow's own takes for a `board_event` is
    spent on what the schemas of messages do not use, so here a field's own reading and its validators are called
    directly. Where one refuses, the schema says what all is wrong.
    """
    if not _is_plain(schema):
        return schema.load
    steps = tuple(
        (
            name,
            field,
            field._deserialize,
            tuple(field.validators),
            not field.required and field.load_default is missing,
        )
        for name, field in schema.load_fields.items()
    )

    def load(message: dict[str, Any]) -> dict[str, Any]:
        loaded = {}
        try:
            for name, field, read, validators, may_miss in steps:
                value = message.get(name, missing)
                if value is None or value is missing:
                    if value is None or not may_miss:
                        loaded[name] = field.deserialize(value, name, message)
                    continue
                loaded[name] = value = read(value, name, message)
                for validate in validators:
                    validate(value)
        except ValidationError:
            loaded = schema.load(message)
        return loaded

    return load


def _is_plain(schema: Schema) -> bool:
    """Nothing but fields, each under its own name, and what is unknown is ignored."""
    every = schema.load_fields.values()
    renamed = any(field.data_key or field.attribute for field in every)
    hooks = any(schema._hooks.values()) or any(field.pre_load or field.post_load for field in every)
    own = any(type(field).deserialize is not Field.deserialize for field in every)
    return schema.unknown == EXCLUDE and not (renamed or hooks or own or schema.many or schema.partial)
