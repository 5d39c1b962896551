"""The exported picture shows the board, and holds nothing else, whatever the board holds."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings

from schemas.board_svg import LARGEST_SIDE, board_svg, picture
from tests.support.board_pictures import SVG, boards, one, parsed, values, view


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
