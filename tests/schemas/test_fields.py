"""A value is what JSON says it is; what only looks like it is refused."""

from __future__ import annotations

from typing import Any

import pytest
from marshmallow import Schema, ValidationError, fields

from schemas.fields import (
    Blob,
    Flag,
    Flat,
    Id,
    In,
    JsonObject,
    Name,
    OneOrMore,
    QueryWhole,
    Text,
    Timestamp,
    Whole,
    field_errors,
)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (Flag(), True),
        (Whole(0, 9), 9),
        (Text(3), ""),
        (Text(3, 1), "äöü"),
        (Text(9, lines=True), "a\n\tb"),
        (Blob(4), "\x00\n"),
        (Id(), 7),
        (Id(), "7"),
        (JsonObject(), {"a": [1, None]}),
    ],
)
def test_a_proper_value_comes_in_as_it_is(field: fields.Field[Any], value: Any) -> None:
    """Nothing is converted on the way in, so that it can be given back as it came."""
    loaded = field.deserialize(value)
    assert loaded == value
    assert type(loaded) is type(value)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (Flag(), 1),
        (Flag(), "true"),
        (Flag(), []),
        (Flag(), None),
        (Whole(), "5"),
        (Whole(), 5.0),
        (Whole(), True),
        (Whole(0, 9), -1),
        (Whole(0, 9), 10),
        (QueryWhole(0, 9), 5),
        (QueryWhole(0, 9), "10"),
        (QueryWhole(), " 5"),
        (QueryWhole(), "+5"),
        (QueryWhole(), "٥"),
        (QueryWhole(), "1_0"),
        (QueryWhole(), "9" * 5000),
        (Text(3), "abcd"),
        (Text(3, 1), ""),
        (Text(9), "a\nb"),
        (Text(9), "a\u2028b"),
        (Text(9), "\ud800"),
        (Text(9, lines=True), "a\x00b"),
        (Text(3), 5),
        (Name(), "  "),
        (Blob(4), "äöü"),
        (Blob(4), 5),
        (Id(), True),
        (Id(), 7.0),
        (Id(), ""),
        (Id(), [7]),
        (Timestamp(), 1767323045678),
        (Timestamp(), "2026-01-02T03:04:05"),
        (JsonObject(), []),
        (OneOrMore(("a", "b")), "a,c"),
        (OneOrMore(("a", "b")), "a,"),
    ],
)
def test_what_only_looks_right_is_refused(field: fields.Field[Any], value: Any) -> None:
    """A client learns of its mistake at once, and in a sentence."""
    with pytest.raises(ValidationError) as caught:
        field.deserialize(value)
    assert all(sentence.endswith(".") for sentence in caught.value.messages)


def test_a_name_has_no_blanks_around_it() -> None:
    """A name shows as it is meant, and a blank one counts as none where none is needed."""
    assert Name().deserialize("  Ada  Lovelace ") == "Ada  Lovelace"
    assert Name(allow_none=True).deserialize("   ") is None
    assert Name(allow_none=True).deserialize(None) is None


def test_a_query_is_converted() -> None:
    """Numbers and lists in a URL are texts, and become what they stand for."""
    assert QueryWhole(1, 9).deserialize("007") == 7
    several: Any = OneOrMore(("a", "b", "c")).deserialize("c,a,c")
    assert several == ("c", "a")


class _PersonOut(Schema):
    id = Id()
    since = Timestamp(allow_none=True)


class _RoomOut(Schema):
    host = Flat(_PersonOut, allow_none=True)
    people = Flat(_PersonOut, many=True)


def test_flat_objects_are_picked_by_name() -> None:
    """An answer shows what it promises and never more, with times as people can read them."""
    ada = {"id": "7", "since": 0, "secret": "x"}
    grace = {"id": 8, "since": "2026-01-02T03:04:05.678Z"}
    shaped = _RoomOut().dump({"host": ada, "people": [grace, {"id": 9, "since": None}]})
    assert shaped == {
        "host": {"id": "7", "since": "1970-01-01T00:00:00.000Z"},
        "people": [grace, {"id": 9, "since": None}],
    }
    assert _RoomOut().dump({"host": None, "people": []}) == {"host": None, "people": []}


def test_a_flat_object_that_is_not_whole_is_our_own_mistake() -> None:
    """A hole in an answer is found by us and not by a client."""
    with pytest.raises(KeyError):
        _RoomOut().dump({"host": {"id": 7}, "people": []})


class _InnerIn(In):
    size = Whole(1, 9)


class _OuterIn(In):
    inner = fields.Nested(_InnerIn)
    many = fields.List(fields.Nested(_InnerIn))


def _told(body: Any) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as caught:
        _OuterIn().load(body)
    return field_errors(caught.value.messages)


def test_errors_say_where() -> None:
    """A mistake deep in a body is found by its dotted path."""
    body = {"inner": {"size": 0, "colour": 1}, "many": [{"size": 1}, {"size": "1"}, 5], "x": 1}
    told = _told(body)
    assert set(told) == {"inner.size", "inner.colour", "many.1.size", "many.2", "x"}
    assert told["x"] == ["There is no such field here."]
    assert told["many.2"] == ["This must be a JSON object."]
    assert _told([]) == {"_schema": ["This must be a JSON object."]}


def test_a_body_full_of_mistakes_has_a_short_answer() -> None:
    """The answer to nonsense is not larger than the nonsense."""
    assert len(_told({f"k{number}": 1 for number in range(5000)})) == 50
