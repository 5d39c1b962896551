"""Where an element is, and rectangles, ellipses, lines, arrows and polygons as SVG."""

from __future__ import annotations

import math
from typing import Any

from schemas.board_svg_strokes import line_colour, line_width
from schemas.board_svg_values import Box, Point, around, first_colour, first_number, number, plain, points

_LEFT = ("x", "x1", "left", "startX")
_TOP = ("y", "y1", "top", "startY")
_DASHES = {"dashed": (4.0, 3.0), "dotted": (0.1, 2.0)}  # in widths of the line


def corner(element: Any) -> tuple[float, float] | None:
    """The point an element hangs on: its top left, or where its line starts."""
    x, y = first_number(element, _LEFT), first_number(element, _TOP)
    if x is not None and y is not None:
        return x, y
    for start in (
        points(element.get("points"))[:1],
        points([element.get("start") or element.get("position")]),
    ):
        if start:
            return start[0].x, start[0].y
    return None


def far_corner(element: Any) -> tuple[float, float] | None:
    """The other end of what was dragged open."""
    x, y = first_number(element, ("x2", "endX")), first_number(element, ("y2", "endY"))
    if x is not None and y is not None:
        return x, y
    line = points(element.get("points"))
    for end in (line[-1:] if len(line) > 1 else [], points([element.get("end")])):
        if end:
            return end[0].x, end[0].y
    return None


def box_of(element: Any, default: tuple[float, float] | None = None) -> Box | None:
    """The box an element fills, by corner and size, two corners, centre and radius, or the `default` size."""
    at = corner(element)
    across, down = first_number(element, ("width", "w")), first_number(element, ("height", "h"))
    if at is not None and across is not None and down is not None:
        return _between(at, (at[0] + across, at[1] + down))
    far = far_corner(element)
    if at is not None and far is not None:
        return _between(at, far)
    return _round_box(element, at) or (
        None if at is None or default is None else _between(at, (at[0] + default[0], at[1] + default[1]))
    )


def _between(one: tuple[float, float], other: tuple[float, float]) -> Box:
    return around([Point(*one), Point(*other)])


def _round_box(element: Any, at: tuple[float, float] | None) -> Box | None:
    x, y = first_number(element, ("cx", "centerX")), first_number(element, ("cy", "centerY"))
    middle = (x, y) if x is not None and y is not None else at
    across = first_number(element, ("rx", "radiusX", "radius", "r"), 0)
    down = first_number(element, ("ry", "radiusY", "radius", "r"), 0)
    if middle is None or across is None or down is None:
        return None
    return Box(middle[0] - across, middle[1] - down, middle[0] + across, middle[1] + down)


def rectangle(element: Any) -> tuple[str, Box] | None:
    """A rectangle, its corners rounded where it says so."""
    box = box_of(element)
    if box is None:
        return None
    radius = first_number(element, ("cornerRadius", "borderRadius", "radius", "rx"), 0, 500) or 0
    shape = (
        f'<rect x="{plain(box.left)}" y="{plain(box.top)}" width="{plain(box.width)}" '
        f'height="{plain(box.height)}" rx="{plain(radius)}"{_paint(element)}/>'
    )
    return shape, box.grown(line_width(element))


def ellipse(element: Any) -> tuple[str, Box] | None:
    """An ellipse or a circle, out of the box around it or of its centre and radius."""
    box = box_of(element)
    if box is None:
        return None
    across, down = box.centre
    shape = (
        f'<ellipse cx="{plain(across)}" cy="{plain(down)}" rx="{plain(box.width / 2)}" '
        f'ry="{plain(box.height / 2)}"{_paint(element)}/>'
    )
    return shape, box.grown(line_width(element))


def polygon(element: Any) -> tuple[str, Box] | None:
    """A closed polygon through its points; a triangle or a diamond out of its box."""
    line = points(element.get("points"))
    box = box_of(element)
    if len(line) < 3 and box is not None:
        across, down = box.centre
        top, bottom = Point(across, box.top), Point(across, box.bottom)
        triangle = [top, Point(box.right, box.bottom), Point(box.left, box.bottom)]
        diamond = [top, Point(box.right, down), bottom, Point(box.left, down)]
        line = diamond if element.get("type") == "diamond" else triangle
    if len(line) < 3:
        return None
    return f'<polygon points="{_row(line)}"{_paint(element)}/>', around(line).grown(line_width(element))


def straight(element: Any) -> tuple[str, Box] | None:
    """A line, straight or through several points."""
    line = _ends(element)
    if len(line) < 2:
        return None
    shape = f'<polyline points="{_row(line)}"{_paint(element, filled=False)}/>'
    return shape, around(line).grown(line_width(element))


def arrow(element: Any) -> tuple[str, Box] | None:
    """A line with a head at its end."""
    line = _ends(element)
    if len(line) < 2:
        return None
    tip, before = line[-1], line[-2]
    size = max(line_width(element) * 4, 10.0)
    angle = math.atan2(tip.y - before.y, tip.x - before.x)
    neck = Point(tip.x - size * 0.7 * math.cos(angle), tip.y - size * 0.7 * math.sin(angle))
    wings = [
        Point(tip.x - size * math.cos(angle + side), tip.y - size * math.sin(angle + side))
        for side in (-0.45, 0.45)
    ]
    ink = line_colour(element)
    shape = (
        f'<polyline points="{_row([*line[:-1], neck])}"{_paint(element, filled=False)}/>'
        f'<polygon points="{_row([tip, *wings])}" fill="{ink}" stroke="{ink}" stroke-linejoin="round"/>'
    )
    return shape, around([*line, *wings]).grown(line_width(element))


def _ends(element: Any) -> list[Point]:
    line = points(element.get("points"))
    if len(line) > 1:
        return line
    start, end = corner(element), far_corner(element)
    if start is None:
        return []
    if end is None:
        width, height = first_number(element, ("width", "w")), first_number(element, ("height", "h"))
        if width is None and height is None:
            return []
        end = start[0] + (width or 0), start[1] + (height or 0)
    return [Point(*start), Point(*end)]


def _row(line: list[Point]) -> str:
    return " ".join(f"{plain(point.x)},{plain(point.y)}" for point in line)


def _paint(element: Any, *, filled: bool = True) -> str:
    """What a shape is filled and outlined with; without a fill of its own it is an outline."""
    fill = "none"
    if filled:
        asked = first_colour(element, ("fill", "fillColor", "backgroundColor", "bgColor"))
        solid = element.get("fill") is True or element.get("filled") is True
        fill = asked or (line_colour(element) if solid else "none")
    return (
        f' fill="{fill}" stroke="{line_colour(element)}" stroke-width="{plain(line_width(element))}"'
        f' stroke-linecap="round" stroke-linejoin="round"{_dash(element)}'
    )


def _dash(element: Any) -> str:
    width = line_width(element)
    for name in ("dash", "lineDash", "strokeDash", "strokeStyle", "lineStyle"):
        asked = element.get(name)
        if isinstance(asked, str) and asked in _DASHES:
            return f' stroke-dasharray="{" ".join(plain(part * width) for part in _DASHES[asked])}"'
        if isinstance(asked, list):
            parts = [part for part in (number(item, 0, 1000) for item in asked[:8]) if part is not None]
            if sum(parts) > 0:
                return f' stroke-dasharray="{" ".join(map(plain, parts))}"'
    return ""
