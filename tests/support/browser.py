"""People at browsers: headless Chromium with a camera and a microphone that are made up, and everything that a person who
looks and clicks would see. What the browser complains of fails the test.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import Sequence
from typing import Any

from playwright.async_api import Browser, ConsoleMessage, Page, Playwright

CHROMIUM = os.environ.get("CHROMIUM") or next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))),
    None,
)
"""The browser's program; the variable CHROMIUM names another one."""

OPTIONS = (
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--auto-select-desktop-capture-source=Entire screen",
    "--disable-features=WebRtcHideLocalIpsWithMdns",  # there is no multicast here
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-sandbox",  # as root Chromium starts in no other way
)
WIDE = (1440, 900)
PATIENCE_MS = 10_000
POLL_SECONDS = 0.02
LOST_CONNECTION = (r"WebSocket connection to .* failed", r"net::ERR_(CONNECTION|EMPTY|SOCKET)")
"""What the browser says when a server is gone or a connection was cut."""

Point = tuple[float, float]
_OBSERVE_POLICY = (
    'document.addEventListener("securitypolicyviolation", (event) =>'
    ' console.error("policy violation:", event.violatedDirective, event.blockedURI));'
)
_INK = """(name) => {
    const canvas = document.querySelector(name);
    const { data, width, height } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let ink = 0;
    for (let at = 3; at < data.length; at += 4) ink += data[at] > 127;
    return { width, height, ink };
}"""


async def launch(playwright: Playwright) -> Browser:
    """Starts the browser."""
    assert CHROMIUM is not None
    return await playwright.chromium.launch(executable_path=CHROMIUM, args=[*OPTIONS])


class Visitor:
    """One person's window."""

    def __init__(self, name: str, page: Page) -> None:
        self.name = name
        self.page = page
        self._complaints: list[str] = []
        self._allowed: tuple[str, ...] = ()
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self._complaints.append(f"{name}: {error}"))

    @classmethod
    async def arrive(cls, browser: Browser, name: str, **options: Any) -> Visitor:
        """Somebody with a browser of their own: nothing is shared with the others."""
        width, height = options.pop("size", WIDE)
        context = await browser.new_context(
            viewport={"width": width, "height": height}, permissions=["camera", "microphone"], **options
        )
        await context.add_init_script(_OBSERVE_POLICY)
        return cls(name, await context.new_page())

    async def open(self, url: str, uuid: str, token: str) -> None:
        """Follows the link that the platform shows; the waiting room is there."""
        await self.page.goto(f"{url}/classroom/{uuid}#token={token}")
        await self.page.wait_for_selector('[data-screen="lobby"]')

    async def come_in(self, camera: bool = True) -> None:
        """From the waiting room into the lesson."""
        if camera:
            await self.page.click('.preview [data-source="video"]')
            await self.page.wait_for_selector('.preview [data-source="video"][aria-pressed="true"]')
        await self.page.click(".lobby form button")
        await self.page.wait_for_selector(".room")

    async def press(self, action: str) -> None:
        """Presses one of the host's buttons, or the one to leave."""
        await self.page.click(f'[data-action="{action}"]:visible')

    async def agree(self) -> None:
        """Says yes to the question that is asked."""
        await self.page.click("dialog.question .button:not(.quiet)")

    async def take(self, tool: str) -> None:
        """Takes a tool by its name in the toolbar."""
        await self.page.click(f'.tools [aria-label^="{tool}"]')

    async def draw(self, points: Sequence[Point], steps: int = 6) -> None:
        """Draws a line with the mouse, through points in pixels of the board."""
        board = await self.page.locator(".board-paper").bounding_box()
        assert board is not None
        (first, *others), mouse = points, self.page.mouse
        await mouse.move(board["x"] + first[0], board["y"] + first[1])
        await mouse.down()
        for x, y in others:
            await mouse.move(board["x"] + x, board["y"] + y, steps=steps)
        await mouse.up()

    async def panel(self, name: str) -> None:
        """Opens a panel, or closes the open one."""
        await self.page.click(f'[data-panel="{name}"]')

    async def painted(self) -> None:
        """Waits until what the page knows now is on the screen."""
        await self.page.evaluate(
            "new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))"
        )

    async def picture(self) -> str:
        """What is on the board, every pixel of it."""
        shown: str = await self.page.evaluate("document.querySelector('.board-below').toDataURL()")
        return shown

    async def ink(self, canvas: str = ".board-below") -> int:
        """How many pixels of a canvas are drawn on."""
        found: dict[str, int] = await self.page.evaluate(_INK, canvas)
        assert found["width"] > 0
        return found["ink"]

    async def elements(self, kind: str = "strokes") -> list[dict[str, Any]]:
        """What this page knows to be on the board."""
        found: list[dict[str, Any]] = await self.page.evaluate(
            "(kind) => [...lessonroom.client.board.elements(kind)]", kind
        )
        return found

    async def see(self, expression: str, argument: Any = None) -> None:
        """Waits until a JavaScript expression (or function) holds. Asked from here again and again: a question that
        the page asks itself would have to be made of a string there, which its policy forbids.
        """
        async with asyncio.timeout(PATIENCE_MS / 1000):
            while not await self.page.evaluate(expression, argument):  # noqa: ASYNC110 - see above
                await asyncio.sleep(POLL_SECONDS)

    async def see_elements(self, count: int, kind: str = "strokes") -> None:
        """Waits until so many are on the board, all of them the server's."""
        await self.see(
            "([kind, count]) => lessonroom.client.board.elements(kind).length === count && !lessonroom.client.pending",
            [kind, count],
        )

    async def watch(self, user_id: int) -> None:
        """Waits until somebody's camera is really seen: a picture that moves."""
        await self.see(
            """(user) => {
                const video = document.querySelector(`.tile[data-user="${user}"] video`);
                if (!video || video.hidden || video.videoWidth === 0) return false;
                video.dataset.seen ??= video.currentTime;
                return video.currentTime > Number(video.dataset.seen);
            }""",
            user_id,
        )

    async def leave(self) -> None:
        """Closes the window."""
        await self.page.context.close()

    def allow(self, *patterns: str) -> None:
        """Complaints (regular expressions) that what is done here brings about."""
        self._allowed += patterns

    def complaints(self) -> list[str]:
        """What the browser complained of."""
        return [
            line for line in self._complaints if not any(re.search(allow, line) for allow in self._allowed)
        ]

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            where = message.location.get("url", "")
            self._complaints.append(f"{self.name}: {message.text} {where}")
