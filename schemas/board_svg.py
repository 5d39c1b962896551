"""A board as an SVG picture (contract §3, export): what was drawn, nothing that runs or is fetched.

Drawn from the bottom: background, then layer by layer (elements of no known layer first), in each by
`zIndex`, and where that is equal assets, objects, strokes, each in the order of the state. Images and players
are frames with their names: a reference is never followed, nor put into the picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Any

from schemas.board_state import BoardState, Element, element_key, normalise_state
from schemas.board_svg_elements import draw
from schemas.board_svg_paper import paper, paper_colour
from schemas.board_svg_values import Box, first_number, plain

MARGIN = 32.0
SMALLEST = (320.0, 180.0)
"""A single dot does not fill the picture."""
EMPTY = Box(0, 0, 1280, 720)
LARGEST_SIDE = 16_384


@dataclass(frozen=True, slots=True)
class Picture:
    """What is drawn, which part of the board it shows, and its size in pixels."""

    body: str
    view: Box
    width: int
    height: int

    @property
    def svg(self) -> str:
        """The SVG text; where whole pixels miss the ratio the picture gives way, by less than one."""
        view = self.view
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" height="{self.height}" '
            f'viewBox="{plain(view.left)} {plain(view.top)} {plain(view.width)} {plain(view.height)}" '
            f'preserveAspectRatio="none">{self.body}</svg>'
        )


@dataclass(frozen=True, slots=True)
class _Layer:
    place: float = -1
    opacity: float = 1.0
    visible: bool = True


def board_svg(state: Any, *, width: int | None = None, height: int | None = None) -> str:
    """The SVG text of any `state`; `width` and `height` are pixels, what is not given follows the content."""
    return picture(state, width=width, height=height).svg


def picture(state: Any, *, width: int | None = None, height: int | None = None) -> Picture:
    """The picture of any `state`; see `board_svg`."""
    board = normalise_state(state)
    drawn = list(_drawn(board))
    view = _view([box for _, box in drawn], width, height)
    wide, high = _pixels(view, width, height)
    shapes = "".join(shape for shape, _ in drawn)
    return Picture(paper(board["background"], view) + shapes, view, wide, high)


def _drawn(board: BoardState) -> Iterator[tuple[str, Box]]:
    """Every visible element with the box it covers, from the bottom up."""
    layers = _layers(board["layers"])
    background = paper_colour(board["background"])
    stacked = [
        (layer.place, first_number(element, ("zIndex", "z_index", "z")) or 0, kind, layer.opacity, element)
        for kind, elements in enumerate((board["assets"], board["objects"], board["strokes"]))
        for element in elements
        if (layer := _layer_of(element, layers)).visible and _visible(element)
    ]
    for *_, opacity, element in sorted(stacked, key=lambda entry: entry[:3]):
        shape = draw(element, background)
        if shape is not None:
            svg, box = shape
            yield (f'<g opacity="{plain(opacity)}">{svg}</g>' if opacity < 1 else svg), box


def _layers(layers: list[Element]) -> dict[str, _Layer]:
    """The layers by id, in their own `order` where they have one, else in that of the list."""
    known = {}
    for index, layer in enumerate(layers):
        key = element_key(layer.get("id"))
        if key is not None:
            place = first_number(layer, ("order", "zIndex", "index"), 0)
            opacity = first_number(layer, ("opacity",), 0, 1)
            known[key] = _Layer(
                index if place is None else place, 1.0 if opacity is None else opacity, _visible(layer)
            )
    return known


def _layer_of(element: Element, layers: dict[str, _Layer]) -> _Layer:
    for name in ("layerId", "layer_id", "layer"):
        layer = layers.get(element_key(element.get(name)) or "")
        if layer is not None:
            return layer
    return _Layer()


def _visible(element: Element) -> bool:
    return element.get("visible") is not False and element.get("hidden") is not True


def _view(boxes: list[Box], width: int | None, height: int | None) -> Box:
    """What of the board the picture shows: its content and a margin, widened to the ratio asked for."""
    view = reduce(Box.joined, boxes).grown(MARGIN) if boxes else EMPTY
    view = _at_least(view, *SMALLEST)
    if width is None or height is None or width <= 0 or height <= 0:
        return view
    ratio = width / height
    return _at_least(view, view.height * ratio, view.width / ratio)


def _at_least(view: Box, width: float, height: float) -> Box:
    across, down = max(width - view.width, 0) / 2, max(height - view.height, 0) / 2
    return Box(view.left - across, view.top - down, view.right + across, view.bottom + down)


def _pixels(view: Box, width: int | None, height: int | None) -> tuple[int, int]:
    if width is not None and height is not None:
        return _side(width), _side(height)
    if width is not None:
        return _side(width), _side(width * view.height / view.width)
    if height is not None:
        return _side(height * view.width / view.height), _side(height)
    scale = min(1.0, LARGEST_SIDE / max(view.width, view.height))
    return _side(view.width * scale), _side(view.height * scale)


def _side(pixels: float) -> int:
    return min(max(round(pixels), 1), LARGEST_SIDE)
