"""What a board is drawn on: a colour, and squares, dots or lines where the background asks for them."""

from __future__ import annotations

from typing import Any

from schemas.board_svg_values import Box, colour, first_colour, first_number, plain

WHITE = "#ffffff"
_COLOURS = ("color", "colour", "backgroundColor", "background", "fill", "value")
_GRID, _LINES, _DOTS = ("M{0} 0H0V{0}", 1), ("M0 0H{0}", 1), ("M{1} {1}h.01", 3)
_PATTERNS = {"grid": _GRID, "lines": _LINES, "lined": _LINES, "ruled": _LINES, "dots": _DOTS}
"""The path of one tile, to be filled in with its side and half of it, and the width it is drawn with."""
_PATTERN_NAMES = ("type", "pattern", "style", "kind")
_STEPS = ("size", "step", "gridSize")
_DEFAULT_STEP = 40.0


def paper_colour(background: Any) -> str:
    """The colour of the board's background: white where it names none, or none to be seen."""
    asked = first_colour(background, _COLOURS) if isinstance(background, dict) else colour(background)
    return WHITE if asked in (None, "none") else str(asked)


def paper(background: Any, view: Box) -> str:
    """The background over the whole of `view`."""
    corner = f'x="{plain(view.left)}" y="{plain(view.top)}"'
    area = f'{corner} width="{plain(view.width)}" height="{plain(view.height)}"'
    ground = f'<rect {area} fill="{paper_colour(background)}"/>'
    pattern = _pattern(background)
    if pattern is None:
        return ground
    path, width = pattern
    asked = first_number(background, _STEPS, 8, 500) if isinstance(background, dict) else None
    side = max(asked or _DEFAULT_STEP, view.width / 500)
    step = plain(side)
    return (
        f'{ground}<defs><pattern id="paper" width="{step}" height="{step}" patternUnits="userSpaceOnUse">'
        f'<path d="{path.format(step, plain(side / 2))}" fill="none" stroke="#94a3b8" stroke-opacity="0.5" '
        f'stroke-width="{width}" stroke-linecap="round"/></pattern></defs><rect {area} fill="url(#paper)"/>'
    )


def _pattern(background: Any) -> tuple[str, int] | None:
    whole = background if isinstance(background, dict) else {"type": background}
    names = (whole.get(name) for name in _PATTERN_NAMES)
    return next((_PATTERNS[name] for name in names if isinstance(name, str) and name in _PATTERNS), None)
