"""What an element is, by its `type` or `tool`, and so how it is drawn: one table.

Strokes and objects share it: clients send rectangles and texts as either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from schemas import board_svg_shapes as shapes
from schemas.board_svg_strokes import freehand, opacity
from schemas.board_svg_text import frame, free_text, note, text_of
from schemas.board_svg_values import FARTHEST, Box, first_number, plain, text

Drawn = tuple[str, Box] | None
NOTE_SIZE = (200.0, 150.0)
FRAME_SIZE = (200.0, 150.0)
_KINDS = ("type", "tool", "kind", "shape")
_LABELS = ("alt", "name", "title", "label", "filename", "fileName")


def _text(element: Any) -> Drawn:
    at = shapes.corner(element)
    return at and free_text(element, at, first_number(element, ("width", "w"), 1))


def _note(element: Any) -> Drawn:
    box = shapes.box_of(element, NOTE_SIZE)
    return box and (note(element, box), box)


def _frame(element: Any) -> Drawn:
    box = shapes.box_of(element, FRAME_SIZE)
    return box and (frame(_label(element), box), box)


def _nothing(_element: Any) -> Drawn:
    return None


_DRAWERS: Final[Mapping[str, Callable[[Any], Drawn]]] = {
    "rect": shapes.rectangle,
    "rectangle": shapes.rectangle,
    "square": shapes.rectangle,
    "circle": shapes.ellipse,
    "ellipse": shapes.ellipse,
    "oval": shapes.ellipse,
    "line": shapes.straight,
    "polyline": shapes.straight,
    "arrow": shapes.arrow,
    "polygon": shapes.polygon,
    "triangle": shapes.polygon,
    "diamond": shapes.polygon,
    "text": _text,
    "textbox": _text,
    "i-text": _text,
    "sticky": _note,
    "sticky_note": _note,
    "sticky-note": _note,
    "stickynote": _note,
    "note": _note,
    "image": _frame,
    "select": _nothing,
    "laser": _nothing,
}


def draw(element: Any, paper: str) -> Drawn:
    """The element's SVG and the box it covers, None if nothing is seen; `paper` is what an eraser leaves."""
    kind = next(
        (kind for kind in map(element.get, _KINDS) if isinstance(kind, str) and kind in _DRAWERS), None
    )
    drawn = freehand(element, paper) if kind is None else _faded(element, _DRAWERS[kind](element))
    if drawn is None and kind is None:
        drawn = _faded(element, _unknown(element))
    return _turned(element, drawn)


def _unknown(element: Any) -> Drawn:
    """What we have no name for still shows that it is there."""
    return _text(element) if text_of(element) else _frame(element)


def _label(element: Any) -> str:
    names = (*_LABELS, *_KINDS)
    return next(
        (found for found in (text(element.get(name), 200).strip() for name in names) if found), "image"
    )


def _faded(element: Any, drawn: Drawn) -> Drawn:
    visible = opacity(element)
    if drawn is None or visible == 1:
        return drawn
    return f'<g opacity="{plain(visible)}">{drawn[0]}</g>', drawn[1]


def _turned(element: Any, drawn: Drawn) -> Drawn:
    """Turned about its middle by `rotation` degrees."""
    degrees = first_number(element, ("rotation", "angle")) or 0
    if drawn is None or degrees % 360 == 0:
        return drawn
    shape, box = drawn
    across, down = box.centre
    reach = min((box.width**2 + box.height**2) ** 0.5 / 2, FARTHEST)
    turn = f"rotate({plain(degrees % 360)} {plain(across)} {plain(down)})"
    return f'<g transform="{turn}">{shape}</g>', Box(
        across - reach, down - reach, across + reach, down + reach
    )
