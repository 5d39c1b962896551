"""What is no proper JSON is refused before anybody looks at it, and at no great cost."""

from __future__ import annotations

import contextlib
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.jsonio import MAX_DEPTH, MalformedJson, dumps, loads

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def _nested(levels: int, opening: str = "[", closing: str = "]") -> str:
    return opening * levels + ("1" if closing == "}" else "") + closing * levels


@given(JSON)
def test_what_was_written_is_read_again(value: Any) -> None:
    """A value survives the way out and in again."""
    assert loads(dumps(value)) == value
    assert loads(json.dumps(value).encode()) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[1,]",
        "NaN",
        "Infinity",
        "1e999",
        "[-1e999]",
        '"\\ud800"',
        '"\ud800"',
        "\ufeff{}",
        "'a'",
        "{}{}",
        '{"a":1',
        b'"\xff"',
    ],
)
def test_malformed_text_is_refused(text: str | bytes) -> None:
    """What other programs could not read, or would read as something else, does not come in."""
    with pytest.raises(MalformedJson):
        loads(text)


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_nesting_has_a_bottom(opening: str, closing: str) -> None:
    """64 levels are taken and 65 are not, whether of lists or of objects."""
    assert loads(_nested(MAX_DEPTH, opening, closing)) is not None
    with pytest.raises(MalformedJson, match="nested"):
        loads(_nested(MAX_DEPTH + 1, opening, closing))


def test_brackets_in_a_text_are_no_nesting() -> None:
    """Somebody may write as many brackets as they like, also next to quotes and backslashes."""
    text = dumps({"note": '[{"\\' * 500, "more": ['\\"[[', "}" * 100], "many": [[]] * 500})
    assert loads(text)["note"] == '[{"\\' * 500


def test_a_hostile_text_costs_no_more_than_any_other() -> None:
    """One person's nonsense does not make the lesson stop for the others."""
    hostile = [
        b"[" * 65 + b'"' + b'\\"' * 20_000,
        b"[" * 1_000_000,
        b'{"a":' * 200_000,
        b"[" + b"[]," * 300_000 + b'"' + b"x" * 1_000_000 + b'"]',
    ]
    began = time.process_time()
    for text in hostile:
        with contextlib.suppress(MalformedJson):
            loads(text)
    assert time.process_time() - began < 2


def test_text_goes_out_compact_and_readable() -> None:
    """An answer has no blanks to send, and names are not escaped."""
    assert dumps({"name": "Zoë", "ids": [1, "2"]}) == '{"name":"Zoë","ids":[1,"2"]}'


@pytest.mark.parametrize("value", [{1, 2}, object(), {"a": b"x"}, "\ud800", 2**70])
def test_what_json_cannot_say_is_our_own_mistake(value: Any) -> None:
    """A value that has no JSON is found where it is written, not by a client."""
    with pytest.raises(TypeError):
        dumps(value)
