"""What people do on a board: seeded events of every type, on elements that all of them share."""

from __future__ import annotations

import random
from typing import Any

Event = tuple[str, Any]
"""An event's type and data."""

SHARED_IDS = 40


def random_event(dice: random.Random) -> Event:
    """Some event; one in forty cannot be applied, and clearing and replacing everything are rare."""
    chance = dice.random()
    if chance < 0.012:
        return dice.choice(("canvas:clear", "board_clear", "clear_all")), dice.choice(({}, None))
    if chance < 0.02:
        return "state:full", {"state": {"strokes": [_stroke(dice)], "layers": [{"id": "base"}], "junk": 1}}
    if chance < 0.045:
        return dice.choice((("stroke_add", {"points": []}), ("object:remove", {}), ("asset_add", 5)))
    if chance < 0.1:
        return dice.choice(("laser:on", "ünknown", "image_add")), {"at": dice.random()}
    return dice.choice((_strokes, _strokes, _objects, _assets, _layers))(dice)


def _strokes(dice: random.Random) -> Event:
    stroke = _stroke(dice)
    return dice.choice(
        (
            ("stroke_add", {"stroke": stroke}),
            ("stroke:add", stroke),
            ("stroke_update", {"stroke": stroke}),
            ("stroke_delete", {"strokeId": _name(dice, "s")}),
            ("erase_stroke", {"id": _name(dice, "s")}),
            ("stroke:remove", {"strokeId": _name(dice, "s")}),
        )
    )


def _objects(dice: random.Random) -> Event:
    name, side = _name(dice, "o"), dice.random()
    return dice.choice(
        (
            ("object:add", {"object": {"id": name, "type": "rect", "w": side}}),
            ("object:update", {"objectId": name, "changes": {"h": side}}),
            ("object:update", {"id": name, "x": side}),
            ("object:remove", {"objectId": name}),
        )
    )


def _assets(dice: random.Random) -> Event:
    asset = {"id": dice.randrange(SHARED_IDS), "type": "sticky", "text": f"ⓐ\n{dice.random()}"}
    return dice.choice(
        (
            ("asset_add", {"asset": asset}),
            ("asset_update", {"asset": asset}),
            ("asset_delete", {"assetId": asset["id"]}),
        )
    )


def _layers(dice: random.Random) -> Event:
    name = _name(dice, "l")
    return dice.choice((("layer_add", {"id": name}), ("layer_delete", {"layerId": name})))


def _stroke(dice: random.Random) -> dict[str, Any]:
    line = [[dice.randrange(900), dice.randrange(600)] for _ in range(dice.randrange(1, 6))]
    return {"id": _name(dice, "s"), "points": line, "color": "#1d4ed8", "n": dice.random()}


def _name(dice: random.Random, kind: str) -> str:
    return f"{kind}{dice.randrange(SHARED_IDS)}"
