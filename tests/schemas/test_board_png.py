"""The PNG export shows what the SVG export shows."""

from __future__ import annotations

import struct
from typing import Any

from hypothesis import given, settings

from schemas.board_png import board_png
from tests.support.board_pictures import boards


def size(png: bytes) -> tuple[int, int]:
    """Width and height in pixels."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def written(words: str, ink: str) -> bytes:
    """The picture of a board with a text on white."""
    word = {"type": "text", "x": 0, "y": 0, "text": words, "fontSize": 40, "color": ink}
    return board_png({"background": "#ffffff", "objects": [word]})


def test_size() -> None:
    """A picture is sharp on a good screen, and a huge board stays within the bounds."""
    assert size(board_png(None)) == (2560, 1440)
    width, height = size(board_png({"strokes": [{"points": [0, 0, 90_000, 40_000]}]}, max_pixels=1_000_000))
    assert 900_000 < width * height <= 1_000_000


def test_ink_is_seen() -> None:
    """What was drawn is in the picture."""
    line = {"points": [0, 0, 300, 120], "size": 9}
    pictures = {board_png({"strokes": [{**line, "color": ink}]}) for ink in ("#ffffff", "#ff0000", "#000000")}
    assert len(pictures) == 3


def test_letters_are_seen() -> None:
    """Texts are readable on a machine without any font: letters and signs are not blanks, nor all one box."""
    signs = ["ж", "щ", "λ", "²", "√", "≤", "→"]
    assert len({written(sign, "#000000") for sign in signs}) == len(signs)
    assert len({written(sign, "#ffffff") for sign in signs}) == 1


@settings(max_examples=25, deadline=None)
@given(state=boards)
def test_any_board_can_be_exported(state: Any) -> None:
    """Nobody can draw something that breaks the export."""
    width, height = size(board_png(state, max_pixels=10_000))
    assert width * height <= 10_000
