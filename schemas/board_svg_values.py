"""What an exported board may contain: numbers, colours, texts out of elements that anybody could have sent.

Nothing of an element reaches the picture but through these functions. Each is total: what it does not
understand is as if it were not there.
"""

from __future__ import annotations

import math
import re
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from schemas.board_svg_colours import NAMES

FARTHEST = 100_000.0
"""Coordinates are kept within ± this, so that no element makes a picture without end."""
MAX_POINTS = 50_000

_NUMBER_TEXT = re.compile(r"\s*([+-]?\d{1,12}(?:\.\d{1,12})?)(?:px)?\s*")
_PART = r"\d{1,4}(?:\.\d{1,8})?"
_HEX = re.compile(r"#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})")
_RGB = re.compile(rf"rgba?\(\s*{_PART}%?(?:\s*[,\s]\s*{_PART}%?){{2}}(?:\s*[,/]\s*{_PART}%?)?\s*\)")
_HSL = re.compile(rf"hsla?\(\s*{_PART}(?:deg)?(?:\s*[,\s]\s*{_PART}%){{2}}(?:\s*[,/]\s*{_PART}%?)?\s*\)")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Box(NamedTuple):
    """A rectangle in the board's coordinates."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """From left to right, 0 or more."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """From top to bottom, 0 or more."""
        return self.bottom - self.top

    @property
    def centre(self) -> tuple[float, float]:
        """The middle, across and down."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def grown(self, by: float) -> Box:
        """The box with `by` more on each side."""
        return Box(self.left - by, self.top - by, self.right + by, self.bottom + by)

    def joined(self, other: Box) -> Box:
        """The smallest box around both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


class Point(NamedTuple):
    """A point of a line; `pressure` is 0 to 1, None where the pen gave none."""

    x: float
    y: float
    pressure: float | None = None


def number(value: Any, low: float = -FARTHEST, high: float = FARTHEST) -> float | None:
    """The finite number in `value` (also as text, `12` or `12px`), kept within `low` and `high`."""
    if isinstance(value, str):
        text = _NUMBER_TEXT.fullmatch(value)
        value = float(text[1]) if text else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return float(min(max(value, low), high))


def first_number(
    element: Any, names: tuple[str, ...], low: float = -FARTHEST, high: float = FARTHEST
) -> float | None:
    """The first number among the element's fields `names`."""
    for name in names:
        value = number(element.get(name), low, high)
        if value is not None:
            return value
    return None


def plain(value: float) -> str:
    """A number as SVG text: short, up to six digits."""
    return f"{value:.6g}"


def at(point: Point) -> str:
    """A point as SVG text."""
    return f"{point.x:.6g} {point.y:.6g}"


def colour(value: Any) -> str | None:
    """A colour that is one by its looks (`none` for transparent), None for anything else."""
    if not isinstance(value, str) or len(value) > 80:
        return None
    text = value.strip().lower()
    if text in {"transparent", "none"}:
        return "none"
    return text if text in NAMES or any(form.fullmatch(text) for form in (_HEX, _RGB, _HSL)) else None


def first_colour(element: Any, names: tuple[str, ...]) -> str | None:
    """The first colour among the element's fields `names`."""
    for name in names:
        value = colour(element.get(name))
        if value is not None:
            return value
    return None


def text(value: Any, most: int = 5_000) -> str:
    """A person's text, at most `most` characters: no control characters, not yet escaped."""
    if not isinstance(value, str):
        amount = number(value, -1e15, 1e15)
        return "" if amount is None else f"{amount:.15g}"
    return _NOT_XML.sub("", value[:most].replace("\r\n", "\n").replace("\t", "    "))


def escaped(value: str) -> str:
    """`value`, out of `text`, as the content of an XML element."""
    return escape(value)


def points(value: Any) -> list[Point]:
    """The points of a line: `{x, y, pressure?}`, `[x, y, pressure?]`, or all in a row, `x, y, x, y`."""
    if not isinstance(value, list) or not value:
        return []
    if isinstance(value[0], int | float):
        value = [list(pair) for pair in zip(value[::2], value[1::2], strict=False)]
    found = (_point(item) for item in value[:MAX_POINTS])
    return [point for point in found if point is not None]


def _point(item: Any) -> Point | None:
    if isinstance(item, dict):
        x, y, pressure = item.get("x"), item.get("y"), item.get("pressure", item.get("p"))
    elif isinstance(item, list) and len(item) >= 2:
        x, y, pressure = item[0], item[1], item[2] if len(item) > 2 else None
    else:
        return None
    left, top = number(x), number(y)
    if left is None or top is None:
        return None
    return Point(left, top, number(pressure, 0, 1))


def around(line: list[Point]) -> Box:
    """The box around at least one point."""
    across, down = [point.x for point in line], [point.y for point in line]
    return Box(min(across), min(down), max(across), max(down))
