"""A time means the same moment to whoever sends it and whoever reads it."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.times import parse_ms, rfc3339

LAST_MS = 7_258_118_400_000 - 1
"""The last millisecond of the year 2199."""


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-02T03:04:05.678Z",
        "2026-01-02t03:04:05.678z",
        "2026-01-02T04:04:05.678+01:00",
        "2026-01-01T21:34:05.678-05:30",
        "2026-01-02T03:04:05.678999999Z",
    ],
)
def test_a_moment_is_the_same_in_every_spelling(text: str) -> None:
    """However a client writes a moment, it is stored as one number, with what is finer than a ms cut off."""
    assert parse_ms(text) == 1_767_323_045_678


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-01-02",
        "2026-01-02T03:04Z",
        "2026-01-02T03:04:05",
        "2026-01-02 03:04:05Z",
        "2026-01-02T03:04:05.Z",
        "2026-01-02T03:04:05+0100",
        "2026-01-02T03:04:05Z\n",
        "2026-02-30T03:04:05Z",
        "2026-01-02T25:04:05Z",
        "2026-01-02T03:04:05+24:00",
        "2026-01-02T03:04:05+01:00:30",
        "20260102T030405Z",
        "2026-W01-5T03:04:05Z",
        "٢٠٢٦-01-02T03:04:05Z",
        "0001-01-01T00:00:00+23:59",
        "1969-12-31T23:59:59Z",
        "2200-01-01T00:00:00Z",
        "9999-12-31T23:59:59-23:59",
    ],
)
def test_what_names_no_clear_moment_is_refused(text: str) -> None:
    """A time without an offset, or far from any lesson, is never guessed at."""
    with pytest.raises(ValueError):
        parse_ms(text)


@given(st.integers(0, LAST_MS))
def test_a_time_comes_back_as_it_went_out(ms: int) -> None:
    """What a client was shown it can send back, and names the very same millisecond."""
    text = rfc3339(ms)
    assert parse_ms(text) == ms
    assert len(text) == len("2026-01-02T03:04:05.678Z")
    assert text.endswith("Z")


def test_milliseconds_are_always_written() -> None:
    """Times can be sorted as text, because all have the same length."""
    assert rfc3339(0) == "1970-01-01T00:00:00.000Z"
    assert rfc3339(1_767_323_045_678) == "2026-01-02T03:04:05.678Z"


@given(st.text())
def test_any_text_is_a_time_or_a_value_error(text: str) -> None:
    """Nothing a client writes where a time belongs is an error of ours."""
    with contextlib.suppress(ValueError):
        parse_ms(text)
