"""Freehand lines as SVG: smooth through the points, as wide as the pen was pressed."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from schemas.board_svg_ink import Sample, discs, outline, smooth
from schemas.board_svg_values import Box, Point, around, at, first_colour, first_number, plain, points

INK = "#1e293b"
"""What a line without a colour is drawn in."""
HIGHLIGHTER_OPACITY = 0.4
"""A highlighter that names no opacity lets the text under it show."""


def line_width(element: Any, *, freehand: bool = False, default: float = 2.0) -> float:
    """How wide the element's lines are; `width` says it for `freehand` ones, which have no box."""
    names = ("strokeWidth", "lineWidth", "size", "thickness", *(("width",) if freehand else ()))
    width = first_number(element, names, 0, 500)
    return default if width is None else max(width, 0.1)


def line_colour(element: Any) -> str:
    """The colour of the element's lines."""
    return first_colour(element, ("strokeColor", "stroke", "color", "colour", "borderColor")) or INK


def opacity(element: Any) -> float:
    """0 to 1, from the element's `opacity` and what its tool is."""
    given = first_number(element, ("opacity", "alpha"), 0, 1)
    if element.get("tool") in ("highlighter", "marker") and (given is None or given == 1):
        return HIGHLIGHTER_OPACITY
    return 1.0 if given is None else given


def freehand(element: Any, paper: str) -> tuple[str, Box] | None:
    """A freehand line and the box it covers; an eraser's is drawn in the colour of the `paper`."""
    line = points(element.get("points"))
    if not line:
        return None
    ink = paper if element.get("tool") == "eraser" else line_colour(element)
    width = line_width(element, freehand=True)
    visible = opacity(element)
    fade = f' opacity="{plain(visible)}"' if visible < 1 else ""
    pressed = len(line) > 1 and len({point.pressure for point in line}) > 1
    shape = _pressed(line, width, ink, fade) if pressed else _even(line, width, ink, fade)
    return shape, around(line).grown(width)


def _even(line: list[Point], width: float, ink: str, fade: str) -> str:
    """A line as wide everywhere: a mouse, a finger; its points all say the same pressure, or none."""
    return (
        f'<path d="{_curve(line)}" fill="none" stroke="{ink}" stroke-width="{plain(width)}" '
        f'stroke-linecap="round" stroke-linejoin="round"{fade}/>'
    )


def _pressed(line: list[Point], width: float, ink: str, fade: str) -> str:
    """A line that is half to one and a half times as wide, as the pressure says (0.5: its own width).

    Ends and sharp turns get discs, as a path of their own: in one path they could cancel each other out.
    """
    inked = smooth([_sample(point, width) for point in line])
    round_parts = f'<path d="{discs(inked)}"/>'
    return f'<g fill="{ink}"{fade}><path d="{outline(inked)}"/>{round_parts}</g>'


def _sample(point: Point, width: float) -> Sample:
    pressure = 0.5 if point.pressure is None else point.pressure
    return Sample(point.x, point.y, width * (0.5 + pressure) / 2)


def _curve(line: list[Point]) -> str:
    """Quadratic curves from middle to middle with the points as handles: no corners, nothing overshoots."""
    path = [f"M{at(line[0])}"]
    for here, after in pairwise(line[1:-1]):
        path.append(f"Q{at(here)} {at(Point((here.x + after.x) / 2, (here.y + after.y) / 2))}")
    path.append(f"Q{at(line[-2])} {at(line[-1])}" if len(line) > 2 else f"L{at(line[-1])}")
    return "".join(path)
