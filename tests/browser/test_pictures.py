"""The page shows on its board what the server draws into a file, for every kind of element that any client sends."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from schemas.board_svg import picture
from tests.support.browser_lesson import Lesson

HERE = Path(__file__).parent
CASES = json.loads((HERE.parent / "shared" / "board_look_cases.json").read_text("utf-8"))
CELL = 180  # each element has a square of its own
COLUMNS = 8
ALIKE = 0.85  # of the pixels that either has drawn on
ALIKE_LETTERS = 0.4  # fonts may differ from one machine to another

_COMPARE = (HERE / "pictures_compare.js").read_text("utf-8")

_REPAINT = (HERE / "pictures_repaint.js").read_text("utf-8")
SEEDS = 12
STRAY = 80  # of 800,000 values


def placed(value: Any, across: float, down: float, name: str = "") -> Any:
    """An element (or a part of one) moved to its square."""
    if isinstance(value, dict):
        return {key: placed(part, across, down, key) for key, part in value.items()}
    if name == "points":
        if isinstance(value[0], int | float):
            return [part + (down if index % 2 else across) for index, part in enumerate(value)]
        return [
            placed(part, across, down)
            if isinstance(part, dict)
            else [part[0] + across, part[1] + down, *part[2:]]
            for part in value
        ]
    if name in {"x", "x1", "x2", "cx"}:
        return value + across
    return value + down if name in {"y", "y1", "y2", "cy"} else value


async def test_the_page_shows_what_the_server_draws(lesson: Lesson) -> None:
    """Whoever takes the board away as a file gets what they saw: shapes, dashes, arrows, turned ones, notes, texts."""
    state = {
        "objects": [
            {
                "id": str(index),
                **placed(case["element"], index % COLUMNS * CELL, index // COLUMNS * CELL),
            }
            for index, case in enumerate(CASES)
        ],
        "strokes": [],
        "assets": [],
        "layers": [],
        "background": None,
    }
    exported = picture(state)
    page = lesson.tutor.page
    await page.goto(f"{lesson.roads[0].url}/")
    alike = await page.evaluate(
        _COMPARE,
        {
            "svg": base64.b64encode(exported.svg.encode()).decode(),
            "view": exported.view._asdict(),
            "state": state,
            "cell": CELL,
            "columns": COLUMNS,
            "count": len(CASES),
        },
    )
    assert len(alike) == len(CASES)
    told = {
        case["name"]: share
        for case, share in zip(CASES, alike, strict=True)
        if share < (ALIKE_LETTERS if "text" in case["element"] or "content" in case["element"] else ALIKE)
    }
    assert told == {}


async def test_what_is_painted_in_parts_is_the_whole_picture(lesson: Lesson) -> None:
    """However a board was changed and moved about, every pixel is what it would be if all were painted anew."""
    page = lesson.tutor.page
    await page.goto(f"{lesson.roads[0].url}/")
    assert await page.evaluate(_REPAINT, [SEEDS, STRAY]) == []
