"""One person is one person, however the platform writes their id."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.ids import MAX_LENGTH, is_user_id, user_key


@pytest.mark.parametrize(
    "value", [0, 7, -1, 2**53 - 1, -(2**53 - 1), "7", "a" * MAX_LENGTH, "user|auth0 7", "é😀"]
)
def test_an_id_is_an_integer_or_a_short_text(value: Any) -> None:
    """Ids are opaque: any short text and any integer that a browser can hold names a person."""
    assert is_user_id(value)


@pytest.mark.parametrize(
    "value",
    [
        True,
        False,
        None,
        7.0,
        "",
        "a" * (MAX_LENGTH + 1),
        "a\nb",
        "\x00",
        "a\x7f",
        "\ud800",
        2**53,
        -(2**53),
        [],
        {},
    ],
)
def test_what_could_be_mistaken_is_no_id(value: Any) -> None:
    """A number that a browser would round, or a text that breaks a log line, names nobody."""
    assert not is_user_id(value)


def test_a_number_and_its_text_are_one_person() -> None:
    """Somebody whose token says 7 is let into a lesson booked for "7"."""
    assert user_key(7) == user_key("7") == "7"
    assert user_key("07") != user_key(7)
