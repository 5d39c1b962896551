"""The exported picture shows the board, and holds nothing else, whatever the board holds."""

from __future__ import annotations

import math
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.board_svg import LARGEST_SIDE, board_svg, picture
from schemas.board_svg_values import colour, number, points, text

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


@settings(max_examples=150, deadline=None)
@given(state=boards | values)
def test_any_board_is_a_picture(state: Any) -> None:
    """Whatever anybody drew, the export is well-formed, runs nothing, refers to nothing, is of sane size."""
    drawn = picture(state)
    root = parsed(drawn.svg)
    assert 1 <= drawn.width <= LARGEST_SIDE
    assert 1 <= drawn.height <= LARGEST_SIDE
    assert (root.attrib["width"], root.attrib["height"]) == (str(drawn.width), str(drawn.height))


@pytest.mark.parametrize("line", [[{"x": 0, "y": 1}, {"x": 8, "y": 9}], [[0, 1], [8, 9]], [0, 1, 8, 9]])
def test_every_form_of_points(line: Any) -> None:
    """Strokes are drawn in whichever form a client sends their points."""
    stroke = one({"id": 1, "points": line, "color": "#1d4ed8", "size": 5}, "strokes")
    assert stroke.attrib["d"] == "M0 1L8 9"
    assert (stroke.attrib["stroke"], stroke.attrib["stroke-width"]) == ("#1d4ed8", "5")


def test_lines_are_smooth() -> None:
    """A stroke has no corners where the pen was sampled."""
    assert (
        one({"points": [0, 0, 10, 0, 10, 10, 20, 10]}, "strokes").attrib["d"] == "M0 0Q10 0 10 5Q10 10 20 10"
    )


def test_a_tap_is_a_dot() -> None:
    """A single point shows."""
    assert one({"points": [[5, 5]], "size": 9}, "strokes").attrib["d"] == "M5 5L5 5"


def test_pressure_changes_the_width() -> None:
    """Where the pen was pressed harder the line is wider; a mouse, always the same, draws evenly."""
    pressed = one({"size": 10, "points": [[0, 0, 0.1], [50, 0, 0.5], [100, 0, 1]]}, "strokes")
    edge = [float(y) for _, y in re.findall(r"(-?[\d.e-]+) (-?[\d.e-]+)", pressed[0].attrib["d"])]
    assert edge[0] == pytest.approx(3)  # half of 10 * (0.5 + 0.1)
    assert max(edge) == pytest.approx(7.5)
    even = one({"size": 10, "points": [[0, 0, 0.5], [50, 0, 0.5], [100, 0, 0.5]]}, "strokes")
    assert even.attrib["stroke-width"] == "10"


def test_highlighter_lets_the_text_through() -> None:
    """A highlighter is see-through even when the client sent no opacity, and as it says when it did."""
    line = [[0, 0], [9, 9]]
    assert one({"tool": "highlighter", "points": line}, "strokes").attrib["opacity"] == "0.4"
    assert one({"tool": "highlighter", "points": line, "opacity": 0.2}, "strokes").attrib["opacity"] == "0.2"
    assert one({"tool": "pen", "points": line, "opacity": 0.5}, "strokes").attrib["opacity"] == "0.5"


def test_an_eraser_leaves_paper() -> None:
    """What was rubbed out is not seen in the export."""
    root = parsed(
        board_svg({"background": "#112233", "strokes": [{"tool": "eraser", "points": [0, 0, 9, 9]}]})
    )
    assert root[1].attrib["stroke"] == "#112233"


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


def test_text_is_text() -> None:
    """Texts keep their lines, colour and every character, and none of them is markup."""
    words = "a < b && \"c\" > 'd'\n  <script>x</script>"
    block = one({"type": "text", "x": 5, "y": 5, "text": words, "fontSize": 20, "color": "#7c2d12"})
    assert [line.text for line in block] == ["a < b && \"c\" > 'd'", "  <script>x</script>"]
    assert (block.attrib["font-size"], block.attrib["fill"]) == ("20", "#7c2d12")


def test_text_is_broken_at_its_width() -> None:
    """A text with a width flows in it, as on the board."""
    block = one(
        {"type": "text", "x": 0, "y": 0, "width": 120, "text": "one two three four five six", "fontSize": 20}
    )
    rows = [line.text or "" for line in block]
    assert " ".join(rows) == "one two three four five six"
    assert len(rows) > 2


def test_a_note_holds_its_text() -> None:
    """A long text on a sticky note gets smaller and stays inside it."""
    note = {
        "type": "sticky",
        "x": 0,
        "y": 0,
        "w": 200,
        "h": 150,
        "text": "word " * 60,
        "fontSize": 24,
        "bgColor": "#86efac",
    }
    root = parsed(board_svg({"assets": [note]}))
    assert root[1].attrib["fill"] == "#86efac"
    assert float(root[2].attrib["font-size"]) < 24
    assert max(float(line.attrib["y"]) for line in root[2]) < 150
    assert "".join(f"{line.text} " for line in root[2]).split() == ["word"] * 60


def test_images_are_frames() -> None:
    """An image is shown as a frame with its name: its address is not in the file."""
    image = {
        "type": "image",
        "src": "https://example.org/secret.png?key=1",
        "alt": "A map",
        "x": 0,
        "y": 0,
        "w": 90,
        "h": 60,
    }
    svg = board_svg({"assets": [image]})
    assert "A map" in svg
    assert "example.org" not in svg


def test_layers() -> None:
    """Hidden layers stay hidden, and a lower layer is under a higher one."""
    root = parsed(
        board_svg(
            {
                "layers": [{"id": 1}, {"id": "off", "visible": False}, {"id": "top", "opacity": 0.5}],
                "strokes": [
                    {"points": [1, 1], "color": "red", "layerId": "top"},
                    {"points": [2, 2], "color": "lime", "layerId": "off"},
                    {"points": [3, 3], "color": "blue", "layer": "1"},
                    {"points": [4, 4], "color": "gold"},
                    {"points": [5, 5], "color": "pink", "visible": False},
                ],
            }
        )
    )
    inks = [path.attrib["stroke"] for path in root.iter(SVG + "path")]
    assert inks == ["gold", "blue", "red"]
    assert root[3].attrib["opacity"] == "0.5"


def test_strokes_are_over_objects_over_images() -> None:
    """What was written over a picture is seen in the export."""
    state = {
        "strokes": [{"points": [1, 1]}],
        "objects": [
            {"type": "ellipse", "x": 0, "y": 0, "w": 9, "h": 9},
            {"type": "rect", "x": 0, "y": 0, "w": 1, "h": 1, "zIndex": 5},
        ],
        "assets": [{"type": "image", "x": 0, "y": 0, "w": 9, "h": 9}],
    }
    tags = [shape.tag.removeprefix(SVG) for shape in parsed(board_svg(state))]
    assert tags == ["rect", "rect", "text", "ellipse", "path", "rect"]


def test_the_picture_fits_the_content() -> None:
    """Nothing that was drawn is outside the picture, and the background fills it."""
    svg = board_svg({"background": "navy", "strokes": [{"points": [-500, -300, 1500, 900], "size": 20}]})
    left, top, width, height = view(svg)
    assert left < -510
    assert top < -310
    assert left + width > 1510
    assert top + height > 910
    ground = parsed(svg)[0].attrib
    assert (ground["fill"], float(ground["x"]), float(ground["width"])) == ("navy", left, width)


def test_empty_and_tiny_boards() -> None:
    """An empty board is a blank page; one dot does not fill the picture."""
    assert view(board_svg(None)) == (0, 0, 1280, 720)
    assert view(board_svg({"strokes": [{"points": [10, 10]}]})) == (-150, -80, 320, 180)


def test_asked_size() -> None:
    """A thumbnail has the size it was asked for, without bars or distortion."""
    svg = board_svg({"strokes": [{"points": [0, 0, 1000, 100]}]}, width=400, height=300)
    _, _, width, height = view(svg)
    assert width / height == pytest.approx(4 / 3, rel=1e-4)
    assert (parsed(svg).attrib["width"], parsed(svg).attrib["height"]) == ("400", "300")
    wide = picture({"strokes": [{"points": [0, 0, 1000, 100]}]}, width=500)
    assert wide.width == 500
    assert wide.height == pytest.approx(500 * wide_ratio(wide.svg), abs=1)


def wide_ratio(svg: str) -> float:
    """Height by width of what the picture shows."""
    _, _, width, height = view(svg)
    return height / width


@pytest.mark.parametrize(
    ("background", "path"), [("grid", "M40 0H0V40"), ({"type": "dots", "size": 20}, "M10 10h.01")]
)
def test_paper(background: Any, path: str) -> None:
    """Squared paper is squared in the export."""
    root = parsed(board_svg({"background": background}))
    assert [element.attrib["d"] for element in root.iter(SVG + "path")] == [path]
    assert root[-1].attrib["fill"] == "url(#paper)"


@pytest.mark.parametrize(
    "good",
    [
        "#abc",
        "#abcd",
        "#a1b2c3",
        "#A1B2C3D4",
        "rebeccapurple",
        "rgb(1, 2, 3)",
        "rgba(1,2,3,0.5)",
        "hsl(120deg 50% 50% / 0.3)",
    ],
)
def test_colours(good: str) -> None:
    """The colours that browsers know are kept."""
    assert colour(good) == good.lower()


@pytest.mark.parametrize(
    "bad",
    [
        "url(#x)",
        "var(--x)",
        "#ab",
        "#abcdefg",
        "rgb(1,2)",
        "redd",
        "currentColor",
        'red"',
        "red;x",
        "",
        5,
        None,
        ["red"],
    ],
)
def test_no_colours(bad: Any) -> None:
    """What is no colour is not written into the picture."""
    assert colour(bad) is None


def test_numbers() -> None:
    """Numbers are finite and within bounds, also those that come as text."""
    assert [number(value) for value in (3, "3", " 3px ", -2.5, 10**400, -1e300)] == [3, 3, 3, -2.5, 1e5, -1e5]
    assert [number(value) for value in (math.nan, math.inf, "1e9", "x", True, None, [1])] == [None] * 7


def test_points_that_are_none() -> None:
    """Broken points are left out, the rest of the line is drawn."""
    assert [
        tuple(point[:2]) for point in points([[1, 2], [3], None, {"x": 4, "y": "5"}, {"x": math.nan, "y": 1}])
    ] == [
        (1, 2),
        (4, 5),
    ]
    assert points([1, 2, 3]) == points([[1, 2]])


def test_texts() -> None:
    """A text holds what XML can hold, and no more than is sensible."""
    assert text("a\x00b\ud800c\uffff\td\r\ne") == "abc    d\ne"
    assert text(3.5) == "3.5"
    assert (text(None), text(True), text({}), len(text("x" * 9999))) == ("", "", "", 5000)
