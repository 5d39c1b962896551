"""The outline of a line whose width changes: geometry only, in the board's coordinates."""

from __future__ import annotations

import math
from typing import NamedTuple

from schemas.board_svg_values import plain

_FINEST = 3.0  # the curve between two points is drawn in pieces of about this length
_MOST_PIECES = 8
_SHARP = 0.9  # cosine of the turn from which the outline gapes


class Sample(NamedTuple):
    """A point of a line and half its width there."""

    x: float
    y: float
    radius: float

    def middle(self, other: Sample) -> Sample:
        """The sample half way to the other."""
        return Sample((self.x + other.x) / 2, (self.y + other.y) / 2, (self.radius + other.radius) / 2)


def smooth(line: list[Sample]) -> list[Sample]:
    """At least two samples, along quadratic curves from middle to middle with `line` as handles."""
    found = [line[0]]
    for index in range(1, len(line) - 1):
        start = line[0] if index == 1 else line[index - 1].middle(line[index])
        end = line[-1] if index == len(line) - 2 else line[index].middle(line[index + 1])
        pieces = min(max(int(math.dist(start[:2], end[:2]) / _FINEST), 1), _MOST_PIECES)
        found.extend(_along(start, line[index], end, step / pieces) for step in range(1, pieces + 1))
    if len(line) == 2:
        found.append(line[1])
    return found


def _along(start: Sample, handle: Sample, end: Sample, share: float) -> Sample:
    one, two, three = (1 - share) ** 2, 2 * share * (1 - share), share**2
    return Sample(*(one * a + two * b + three * c for a, b, c in zip(start, handle, end, strict=True)))


def outline(line: list[Sample]) -> str:
    """The path along the left side of the line, and back along the right."""
    left, right = [], []
    for before, here, after in zip([line[0], *line], line, [*line[1:], line[-1]], strict=False):
        across, down = after.x - before.x, after.y - before.y
        length = math.hypot(across, down)
        if length > 0:
            out, up = -down / length * here.radius, across / length * here.radius
            left.append(f"{plain(here.x + out)} {plain(here.y + up)}")
            right.append(f"{plain(here.x - out)} {plain(here.y - up)}")
    return f"M{'L'.join(left + right[::-1])}Z" if left else ""


def discs(line: list[Sample]) -> str:
    """Discs for both ends of the line and where it turns sharply."""
    inner = zip(line, line[1:], line[2:], strict=False)
    turns = [here for before, here, after in inner if _is_sharp(before, here, after)]
    return "".join(_disc(sample) for sample in (line[0], *turns, line[-1]))


def _is_sharp(before: Sample, here: Sample, after: Sample) -> bool:
    one = (here.x - before.x, here.y - before.y)
    other = (after.x - here.x, after.y - here.y)
    return one[0] * other[0] + one[1] * other[1] < _SHARP * math.hypot(*one) * math.hypot(*other)


def _disc(sample: Sample) -> str:
    radius, across = plain(sample.radius), plain(2 * sample.radius)
    return (
        f"M{plain(sample.x - sample.radius)} {plain(sample.y)}"
        f"a{radius} {radius} 0 1 0 {across} 0a{radius} {radius} 0 1 0 -{across} 0"
    )
