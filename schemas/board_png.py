"""A board as a PNG picture: the SVG export, rendered by resvg with the font that comes with the server.

resvg fetches nothing, and the SVG holds no reference. Letters that Inter lacks come from the machine's fonts.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib.resources import files
from math import sqrt
from typing import Any

import resvg_py

from schemas.board_svg import LARGEST_SIDE, picture

MAX_PIXELS = 8_000_000
SHARPNESS = 2.0
"""Pixels per unit of the board, where the picture is small enough for it."""


def board_png(state: Any, *, max_pixels: int = MAX_PIXELS) -> bytes:
    """The PNG of any `state`, twice the board's own size, smaller where that would be over `max_pixels`.

    Takes a tenth of a second, seconds for 10,000 strokes, and resvg holds the interpreter's lock meanwhile:
    call it in another process.
    """
    drawn = picture(state)
    most = min(sqrt(max_pixels / (drawn.width * drawn.height)), LARGEST_SIDE / max(drawn.width, drawn.height))
    scale = min(SHARPNESS, most)
    sized = replace(drawn, width=max(int(drawn.width * scale), 1), height=max(int(drawn.height * scale), 1))
    return resvg_py.svg_to_bytes(
        svg_string=sized.svg,
        font_files=list(_font_files()),
        sans_serif_family="Inter",
    )


@cache
def _font_files() -> tuple[str, ...]:
    return tuple(
        str(file) for file in (files("fontpkg_inter") / "files").iterdir() if file.name.endswith(".ttf")
    )
