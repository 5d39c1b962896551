"""Shapes are drawn as they were made, in every form that clients send."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.board_svg import board_svg
from tests.support.board_pictures import SVG, one, parsed


@pytest.mark.parametrize(
    ("element", "tag", "attributes"),
    [
        ({"type": "rect", "x": 1, "y": 2, "width": 30, "height": 40}, "rect", {"x": "1", "width": "30"}),
        (
            {"type": "rectangle", "x": 31, "y": 42, "w": -30, "h": -40},
            "rect",
            {"x": "1", "y": "2", "height": "40"},
        ),
        (
            {"tool": "rectangle", "points": [[1, 2], [31, 42]], "size": 3},
            "rect",
            {"width": "30", "stroke-width": "3"},
        ),
        (
            {"type": "ellipse", "cx": 5, "cy": 6, "rx": 3, "ry": 4},
            "ellipse",
            {"cx": "5", "rx": "3", "ry": "4"},
        ),
        ({"type": "circle", "x": 5, "y": 6, "radius": 3}, "ellipse", {"cx": "5", "rx": "3", "ry": "3"}),
        (
            {"tool": "circle", "points": [{"x": 0, "y": 0}], "width": 8, "height": 6},
            "ellipse",
            {"cx": "4", "cy": "3"},
        ),
        (
            {"type": "line", "x1": 1, "y1": 2, "x2": 3, "y2": 4},
            "polyline",
            {"points": "1,2 3,4", "fill": "none"},
        ),
        (
            {"type": "line", "start": {"x": 1, "y": 2}, "end": {"x": 3, "y": 4}},
            "polyline",
            {"points": "1,2 3,4"},
        ),
        ({"type": "polygon", "points": [0, 0, 9, 0, 9, 9], "fill": "Red"}, "polygon", {"fill": "red"}),
        ({"type": "triangle", "x": 0, "y": 0, "width": 8, "height": 4}, "polygon", {"points": "4,0 8,4 0,4"}),
        (
            {"type": "line", "points": [0, 0, 9, 9], "dash": [5, "x", 2]},
            "polyline",
            {"stroke-dasharray": "5 2"},
        ),
    ],
)
def test_shapes(element: dict[str, Any], tag: str, attributes: dict[str, str]) -> None:
    """Shapes come out where and how they were drawn, in every form that clients send."""
    shape = one(element)
    assert shape.tag == SVG + tag
    assert {name: shape.attrib.get(name) for name in attributes} == attributes


def test_an_arrow_has_a_head() -> None:
    """An arrow points where it was drawn to."""
    root = parsed(
        board_svg({"objects": [{"type": "arrow", "x1": 0, "y1": 0, "x2": 100, "y2": 0, "color": "red"}]})
    )
    assert root[1].tag == SVG + "polyline"
    assert root[2].attrib["points"].startswith("100,0 ")
    assert root[2].attrib["fill"] == "red"
