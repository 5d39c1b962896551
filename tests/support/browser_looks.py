"""What a person who looks at a screen would object to: at three widths nothing lies over anything, nothing is cut off at
the side, and axe-core finds no violation.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tests.support.browser import WIDE, Visitor

SIZES = {"1440": WIDE, "1024": (1024, 768), "390": (390, 844)}
SMALL = {"360": (360, 740), "844": (844, 390), "720": (720, 450)}
"""A narrow phone, one that lies on its side, and a laptop at 200 %."""
PICTURES = os.environ.get("SCREENSHOTS")
"""A folder for pictures of every state, to be looked at."""

_RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
_COVERED = """() => {
    const top = document.querySelector("dialog[open]") ?? document.querySelector(":popover-open") ?? document.body;
    const over = document.querySelector(".panel:not([hidden])");
    const found = [];
    for (const control of top.querySelectorAll("button, a[href], input, select, textarea")) {
        const box = control.getBoundingClientRect();
        if (!control.checkVisibility() || box.width === 0) continue;
        const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
        const scroller = control.closest(".tiles, .panel-body, .menu, .tools, .palette");
        const within = scroller?.getBoundingClientRect();
        if (within && (x < within.left || x > within.right || y < within.top || y > within.bottom)) continue;
        const label = control.getAttribute("aria-label") ?? control.textContent;
        if (x < 0 || y < 0 || x > innerWidth || y > innerHeight) {
            found.push(`${label} is outside`);
            continue;
        }
        const seen = document.elementFromPoint(x, y);
        const isIt = control.contains(seen) || seen?.contains(control) || seen?.closest("label")?.contains(control);
        const isBehindPanel = over !== null && !over.contains(control) && over.contains(seen);
        if (!isIt && !isBehindPanel) found.push(`${label} is under ${seen?.className || seen?.tagName}`);
    }
    const tiles = [...document.querySelectorAll(".tile")].map((tile) => tile.getBoundingClientRect());
    for (const [at, one] of tiles.entries()) {
        const isBeside = (two) => one.right <= two.left + 1 || two.right <= one.left + 1;
        const isUnder = (two) => !isBeside(two) && one.bottom > two.top + 1 && two.bottom > one.top + 1;
        if (tiles.slice(at + 1).some(isUnder)) found.push(`tile ${at} is under another`);
    }
    const page = document.scrollingElement;
    if (page.scrollWidth > innerWidth) found.push(`wider than the window: ${page.scrollWidth}`);
    return found;
}"""


class Looker:
    """Looks at one state after the other, and remembers what is wrong."""

    def __init__(self, axe: Path) -> None:
        """`axe` is axe-core's script."""
        self._script = axe.read_text(encoding="utf-8")
        self.objections: list[str] = []

    async def look(self, visitor: Visitor, state: str, sizes: dict[str, tuple[int, int]] = SIZES) -> None:
        """At every size, in the colours that the visitor has."""
        await visitor.page.evaluate("document.querySelectorAll('.note').forEach((note) => note.remove())")
        for size, (width, height) in sizes.items():
            await visitor.page.set_viewport_size({"width": width, "height": height})
            await visitor.painted()
            await self._settle(visitor)
            for covered in await visitor.page.evaluate(_COVERED):
                self.objections.append(f"{state} at {size}: {covered}")
            await self._picture(visitor, f"{state}-{size}")
            if size != "1024":
                await self._axe(visitor, f"{state} at {size}")
        await visitor.page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
        await visitor.painted()

    async def _settle(self, visitor: Visitor) -> None:
        await visitor.page.evaluate(
            "Promise.all(document.getAnimations().filter((one) => one.effect.getTiming().iterations === 1)"
            ".map((one) => one.finished.catch(() => 0)))"
        )

    async def _picture(self, visitor: Visitor, name: str) -> None:
        if PICTURES:
            Path(PICTURES).mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - once in a while, for a person
            await visitor.page.screenshot(path=f"{PICTURES}/{name}.png")

    async def _axe(self, visitor: Visitor, state: str) -> None:
        if not await visitor.page.evaluate("'axe' in globalThis"):
            await visitor.page.evaluate(self._script)
        result: dict[str, Any] = await visitor.page.evaluate("(rules) => axe.run(document, rules)", _RULES)
        for violation in result["violations"]:
            nodes = [f"{node['target']} {node['failureSummary']}" for node in violation["nodes"]]
            self.objections.append(f"{state}: {violation['id']}: {nodes}")
