"""Texts, sticky notes and framed references as SVG.

How wide a text comes out depends on the reader's font, so widths are estimated, on the generous side.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unicodedata import east_asian_width

from schemas.board_svg_strokes import INK
from schemas.board_svg_values import Box, colour, escaped, first_colour, first_number, number, plain, text

LINE_HEIGHT = 1.25
MAX_LINES = 400
_ASCENT = 0.95  # from the top of a line to its baseline, in font sizes
_NOTE_PADDING = 12.0
_SMALLEST_FONT = 6.0
_NAMES = ("text", "content", "value", "label")


def text_of(element: Any) -> str:
    """The text an element carries, empty if none."""
    return next((found for found in (text(element.get(name)) for name in _NAMES) if found), "")


def font_size(element: Any, *, stroke: bool = False, default: float = 18.0) -> float:
    """The element's font size in the board's units; a text drawn as a stroke has it in `size`."""
    names = ("fontSize", "font_size", "size") if stroke else ("fontSize", "font_size")
    return first_number(element, names, 4, 400) or default


def free_text(element: Any, corner: tuple[float, float], width: float | None) -> tuple[str, Box] | None:
    """A text whose top left is `corner`, broken at `width` where it has one."""
    content = text_of(element)
    if not content.strip():
        return None
    size = font_size(element, stroke=True)
    lines = _lines(content, size, width)
    wide = width or max(_width(line, size) for line in lines)
    box = Box(corner[0], corner[1], corner[0] + wide, corner[1] + len(lines) * size * LINE_HEIGHT)
    ink = first_colour(element, ("textColor", "color", "colour", "fill", "stroke")) or INK
    return _block(lines, element, box, size, ink), box


def note(element: Any, box: Box) -> str:
    """A sticky note: its text is made smaller until it fits."""
    paper = first_colour(element, ("bgColor", "backgroundColor", "background", "fill", "color")) or "#fde047"
    ink = colour(element.get("textColor")) or INK
    inner = box.grown(-min(_NOTE_PADDING, box.width / 4, box.height / 4))
    size = font_size(element, default=14.0)
    lines = _lines(text_of(element), size, inner.width)
    while size > _SMALLEST_FONT and len(lines) * size * LINE_HEIGHT > inner.height:
        size = max(size * 0.85, _SMALLEST_FONT)
        lines = _lines(text_of(element), size, inner.width)
    fitting = lines[: max(int(inner.height / (size * LINE_HEIGHT)), 1)]
    return f"{_rect(box, paper, 'none', 4)}{_block(fitting, element, inner, size, ink)}"


def frame(label: str, box: Box) -> str:
    """The place of something that is not drawn, an image, a player: a frame with its name."""
    size = max(min(14.0, box.height / 4, box.width / 8), 2.0)
    shown = _shortened(label, size, box.width * 0.9)
    across, down = box.centre
    return (
        f"{_rect(box, '#f1f5f9', '#94a3b8', 2)}"
        f'<text x="{plain(across)}" y="{plain(down + size * 0.35)}" text-anchor="middle" fill="#475569" '
        f'font-family="Inter, sans-serif" font-size="{plain(size)}">{escaped(shown)}</text>'
    )


def _rect(box: Box, fill: str, stroke: str, radius: float) -> str:
    return (
        f'<rect x="{plain(box.left)}" y="{plain(box.top)}" width="{plain(box.width)}" '
        f'height="{plain(box.height)}" rx="{plain(radius)}" fill="{fill}" stroke="{stroke}"/>'
    )


def _block(lines: list[str], element: Any, box: Box, size: float, ink: str) -> str:
    align = element.get("textAlign") or element.get("align")
    anchor, across = {
        "center": ("middle", box.centre[0]),
        "right": ("end", box.right),
    }.get(align if isinstance(align, str) else "", ("start", box.left))
    rows = "".join(
        f'<tspan x="{plain(across)}" y="{plain(box.top + size * (_ASCENT + index * LINE_HEIGHT))}">'
        f"{escaped(line)}</tspan>"
        for index, line in enumerate(lines)
        if line.strip()
    )
    return (
        f'<text xml:space="preserve" text-anchor="{anchor}" fill="{ink}" font-family="{_family(element)}" '
        f'font-size="{plain(size)}"{_style(element)}>{rows}</text>'
    )


def _family(element: Any) -> str:
    asked = text(element.get("fontFamily"), 200).lower()
    if "mono" in asked or "courier" in asked:
        return "monospace, Inter"
    serif = "times" in asked or ("serif" in asked and "sans" not in asked)
    return "serif, Inter" if serif else "Inter, sans-serif"


def _style(element: Any) -> str:
    weight = element.get("fontWeight")
    bold = weight == "bold" or (number(weight) or 0) >= 600 or element.get("bold") is True
    italic = element.get("fontStyle") == "italic" or element.get("italic") is True
    return (' font-weight="bold"' if bold else "") + (' font-style="italic"' if italic else "")


def _width(line: str, size: float) -> float:
    return size * sum(1.0 if east_asian_width(letter) in "WF" else 0.6 for letter in line)


def _shortened(label: str, size: float, width: float) -> str:
    flat = " ".join(label.split())
    room = max(int(width / (size * 0.6)), 1)
    return flat if len(flat) <= room else f"{flat[: max(room - 1, 1)]}…"


def _lines(content: str, size: float, width: float | None) -> list[str]:
    lines: list[str] = []
    for paragraph in content.split("\n"):
        lines.extend([paragraph] if width is None else _broken(paragraph, size, max(width, size)))
        if len(lines) >= MAX_LINES:
            break
    return lines[:MAX_LINES]


def _broken(paragraph: str, size: float, width: float) -> Iterator[str]:
    """The paragraph in lines no wider than `width`, broken at spaces, inside a word only where it must."""
    line = ""
    for word in paragraph.split(" "):
        longer = f"{line} {word}" if line else word
        if _width(longer, size) <= width:
            line = longer
            continue
        if line:
            yield line
        line = word
        while _width(line, size) > width and len(line) > 1:
            fits = max(int(width / (size * (1.0 if east_asian_width(line[0]) in "WF" else 0.6))), 1)
            if fits >= len(line):
                break
            yield line[:fits]
            line = line[fits:]
    yield line
