"""Boards of every kind for the tests of the exports, and what a picture of them holds."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

from hypothesis import strategies as st

from schemas.board_svg import board_svg

SVG = "{http://www.w3.org/2000/svg}"
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
TAGS = {"svg", "g", "path", "rect", "ellipse", "polyline", "polygon", "text", "tspan", "defs", "pattern"}
ATTRIBUTES = """
    width height viewBox preserveAspectRatio x y rx ry cx cy d points fill stroke stroke-width stroke-linecap
    stroke-linejoin stroke-dasharray stroke-opacity opacity transform font-family font-size font-weight
    font-style text-anchor id patternUnits
"""

nasty = st.sampled_from(
    [
        '"/><script>alert(1)</script>',
        "url(http://example.org/x)",
        "javascript:alert(1)",
        "]]><!--",
        "&lt;",
        "\x00\x0b\ud800\uffff",
        "https://example.org/image.png",
        "data:image/png;base64,AAAA",
        "1e999",
    ]
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | nasty
    | st.sampled_from([0, 5, "#f00"])
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
)
KINDS = """
    pen highlighter eraser rect rectangle circle ellipse line arrow polygon triangle diamond text sticky image
    youtube_player laser unknown
"""
kinds = st.sampled_from(KINDS.split())
coordinates = st.floats() | st.integers(-(10**6), 10**6) | st.integers(-50, 50)
lines = st.lists(
    st.fixed_dictionaries({"x": coordinates, "y": coordinates}, optional={"pressure": st.floats(-1, 2)})
    | st.lists(coordinates, min_size=2, max_size=3)
    | values,
    max_size=6,
) | st.lists(coordinates, max_size=9)
FIELDS = """
    id color stroke fill opacity size strokeWidth width height w h text content fontSize fontFamily
    fontWeight textAlign bgColor textColor rotation dash strokeStyle layerId zIndex visible src name title
    alt cornerRadius radius rx x2 y2 end start tool
"""
elements = st.fixed_dictionaries(
    {"type": kinds | values},
    optional={"points": lines | values, "x": coordinates, "y": coordinates}
    | dict.fromkeys(FIELDS.split(), scalars | values | coordinates),
)
lists = st.lists(elements, max_size=4) | values
backgrounds = values | st.sampled_from(
    ["#fff", "grid", "dots", "transparent", {"type": "lined", "color": "navy"}]
)
boards = st.fixed_dictionaries(
    {},
    optional={
        "strokes": lists,
        "objects": lists,
        "assets": lists,
        "layers": lists,
        "background": backgrounds,
    },
)


def parsed(svg: str) -> ElementTree.Element:
    """The picture's root, after the check that it holds what pictures may hold and nothing else."""
    root = ElementTree.fromstring(svg)  # noqa: S314 - our own output, and no entities get through
    for element in root.iter():
        assert element.tag.removeprefix(SVG) in TAGS
        assert set(element.attrib) <= {*ATTRIBUTES.split(), XML_SPACE}
        for name, value in element.attrib.items():
            assert "url(" not in value or (name, value) == ("fill", "url(#paper)")
            assert not re.search("nan|inf", value.replace("Inter", "")), value
    return root


def one(element: dict[str, Any], where: str = "objects") -> ElementTree.Element:
    """The picture of a board with one element: what comes after its background."""
    return parsed(board_svg({where: [element]}))[1]


def view(svg: str) -> tuple[float, float, float, float]:
    """What of the board the picture shows: left, top, width, height."""
    left, top, width, height = map(float, parsed(svg).attrib["viewBox"].split())
    return left, top, width, height
