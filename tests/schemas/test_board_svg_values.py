"""Values from clients get into a picture only as what pictures know: colours, numbers, points, texts."""

from __future__ import annotations

import math
from typing import Any

import pytest

from schemas.board_svg_values import colour, number, points, text


@pytest.mark.parametrize(
    "good",
    [
        "#abc",
        "#abcd",
        "#a1b2c3",
        "#A1B2C3D4",
        "rebeccapurple",
        "rgb(1, 2, 3)",
        "rgba(1,2,3,0.5)",
        "hsl(120deg 50% 50% / 0.3)",
    ],
)
def test_colours(good: str) -> None:
    """The colours that browsers know are kept."""
    assert colour(good) == good.lower()


@pytest.mark.parametrize(
    "bad",
    [
        "url(#x)",
        "var(--x)",
        "#ab",
        "#abcdefg",
        "rgb(1,2)",
        "redd",
        "currentColor",
        'red"',
        "red;x",
        "",
        5,
        None,
        ["red"],
    ],
)
def test_no_colours(bad: Any) -> None:
    """What is no colour is not written into the picture."""
    assert colour(bad) is None


def test_numbers() -> None:
    """Numbers are finite and within bounds, also those that come as text."""
    assert [number(value) for value in (3, "3", " 3px ", -2.5, 10**400, -1e300)] == [3, 3, 3, -2.5, 1e5, -1e5]
    assert [number(value) for value in (math.nan, math.inf, "1e9", "x", True, None, [1])] == [None] * 7


def test_points_that_are_none() -> None:
    """Broken points are left out, the rest of the line is drawn."""
    assert [
        tuple(point[:2]) for point in points([[1, 2], [3], None, {"x": 4, "y": "5"}, {"x": math.nan, "y": 1}])
    ] == [
        (1, 2),
        (4, 5),
    ]
    assert points([1, 2, 3]) == points([[1, 2]])


def test_texts() -> None:
    """A text holds what XML can hold, and no more than is sensible."""
    assert text("a\x00b\ud800c\uffff\td\r\ne") == "abc    d\ne"
    assert text(3.5) == "3.5"
    assert (text(None), text(True), text({}), len(text("x" * 9999))) == ("", "", "", 5000)
