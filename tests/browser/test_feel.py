"""How it feels: a line appears under the pen, reaches the other side in a moment, and the keyboard is enough."""

from __future__ import annotations

import statistics

from tests.support.browser_lesson import STUDENT, Lesson
from tests.support.people_measure import measured

STROKES = 20
AT_MOST_SECONDS = 0.1

# What is drawn when the callbacks of the next frame run is on the screen with that frame.
_WATCH_FRAMES = """() => {
    globalThis.seen = [];
    const canvas = document.querySelector(".board-above");
    const inkAt = (x, y) => {
        const { data } = canvas.getContext("2d").getImageData(x - 3, y - 3, 7, 7);
        return data.some((value, at) => at % 4 === 3 && value > 0);
    };
    addEventListener("pointermove", (event) => {
        if (event.buttons !== 1) return;
        const box = canvas.getBoundingClientRect();
        const ratio = canvas.width / box.width;
        const [x, y] = [event.clientX - box.left, event.clientY - box.top];
        requestAnimationFrame(() => seen.push(inkAt(x * ratio, y * ratio)));
    }, { capture: true });
}"""
_TIMES = """(name) => {
    globalThis.times = {};
    lessonroom.client.on("board", ({ change, event }) => {
        if (change === name) times[event.data.stroke.id] = performance.timeOrigin + performance.now();
    });
}"""


async def test_a_line_appears_with_the_frame_it_is_drawn_in(lesson: Lesson) -> None:
    """The pen's line is under the pen, not behind it: nothing waits for the server or for another frame."""
    await lesson.start()
    lesson.tutor.allow("Multiple readback operations")  # ours, which look at the canvas
    await lesson.tutor.page.evaluate(_WATCH_FRAMES)
    await lesson.tutor.draw([(200, 200), (400, 300), (600, 200)], steps=20)
    await lesson.tutor.see("seen.length >= 10")
    assert all(await lesson.tutor.page.evaluate("seen"))


async def test_a_line_reaches_the_other_side_in_a_moment(lesson: Lesson) -> None:
    """From the pen's going up in one window to the line in the other, on another instance: well under 100 ms."""
    await lesson.start()
    await lesson.tutor.page.evaluate(_TIMES, "local")
    await lesson.student.page.evaluate(_TIMES, "applied")
    for number in range(STROKES):
        await lesson.tutor.draw([(200, 150 + 20 * number), (300, 160 + 20 * number)], steps=2)
    await lesson.student.see_elements(STROKES)
    drawn = await lesson.tutor.page.evaluate("times")
    shown = await lesson.student.page.evaluate("times")
    seconds = [(shown[stroke] - drawn[stroke]) / 1000 for stroke in drawn]
    measured("a stroke, from one browser to the other on another instance", seconds)
    assert len(seconds) == STROKES
    assert statistics.median(seconds) < AT_MOST_SECONDS


async def test_the_keyboard_is_enough(lesson: Lesson) -> None:
    """Whoever has no mouse comes in, starts, takes tools, opens the people, and takes away a right."""
    await lesson.open()
    await lesson.student.come_in(camera=False)
    page = lesson.tutor.page
    await tab_to(lesson, "Join the lesson")
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".room")
    assert await focused(lesson) == "Lesson with Grace Hopper"
    await tab_to(lesson, "Start lesson")
    await page.keyboard.press("Enter")
    await lesson.tutor.see("lessonroom.client.session.status === 'active'")
    await page.keyboard.press("r")
    await page.wait_for_selector('.tools [aria-label^="Rectangle"][aria-pressed="true"]')
    await tab_to(lesson, "People: 2 here")
    await page.keyboard.press("Enter")
    await tab_to(lesson, "Manage Grace Hopper", most=2)
    await page.keyboard.press("Enter")
    await page.wait_for_selector('.menu input[name="can_draw"]')
    await page.wait_for_selector(".menu select:focus")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Space")
    await lesson.student.page.wait_for_selector('.tools [aria-label^="Pen"]:disabled')
    await page.keyboard.press("Escape")
    assert await focused(lesson) == "Manage Grace Hopper"


async def test_keys_can_be_read_about_and_switched_off(lesson: Lesson) -> None:
    """Whoever speaks to their computer does not change tools by it; the paper moves and zooms by keys where it has them."""
    await lesson.start()
    page = lesson.tutor.page
    shown = lesson.tutor.page.locator(".zoom-level")
    await page.keyboard.press("?")
    await page.uncheck('dialog input[name="single_keys"]')
    await page.keyboard.press("Escape")
    await page.wait_for_selector("dialog", state="detached")
    await page.keyboard.press("r")
    assert await page.get_attribute('.tools [aria-pressed="true"]', "aria-label") == "Pen"
    before = await shown.inner_text()
    await page.focus(".board-paper")
    await page.keyboard.press("+")
    assert await shown.inner_text() != before
    await page.keyboard.press("0")
    assert await shown.inner_text() == before


async def test_names_are_text(lesson: Lesson) -> None:
    """What somebody calls themselves, or writes on the board, is shown as it is; it runs nowhere."""
    evil = "<img src=x onerror=alert(1)>"
    await lesson.start()
    await lesson.call("invite/", {"user_id": "evil", "name": evil})
    await lesson.call("permissions/", {"user_id": STUDENT, "permissions": {"can_invite": True}})
    await lesson.tutor.page.evaluate(
        "(text) => lessonroom.client.draw('object:add', {id: text, type: 'text', x: 10, y: 10, text, color: text})",
        evil,
    )
    await lesson.student.see_elements(1, "objects")
    somebody = lesson.people.person("evil", lesson.uuid, name=evil)
    await somebody.take_token(lesson.house.instances[0])
    await somebody.open(lesson.house.instances[0])
    await lesson.tutor.panel("people")
    await lesson.tutor.page.wait_for_selector('.people [data-user="evil"]')
    assert evil in await lesson.tutor.page.inner_text(".people")
    assert await lesson.tutor.page.locator('img[src="x"]').count() == 0


async def focused(lesson: Lesson) -> str:
    """The name of what has the keyboard."""
    name: str = await lesson.tutor.page.evaluate(
        "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent.trim()"
    )
    return name


async def tab_to(lesson: Lesson, name: str, most: int = 60) -> None:
    """Presses Tab until that control has the keyboard; what has it can be seen to have it."""
    for _ in range(most):
        await lesson.tutor.page.keyboard.press("Tab")
        if await focused(lesson) == name:
            assert (
                await lesson.tutor.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                != "none"
            )
            return
    raise AssertionError(f"{name} is not reached by Tab")
