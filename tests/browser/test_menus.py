"""Menus: opened and closed by their button, and gone from the page when they are closed."""

from __future__ import annotations

from tests.support.browser_lesson import Lesson

_OPEN = "document.querySelector('.menu:popover-open') !== null"
_LEFT_OVER = "document.querySelectorAll('.menu').length"


async def test_the_button_that_opened_a_menu_closes_it(lesson: Lesson) -> None:
    """A second click closes the menu, and a third opens it again."""
    await lesson.open()
    button = lesson.tutor.page.locator('button[aria-label="Language"]')
    for _ in range(2):
        await button.click()
        await lesson.tutor.see(_OPEN)
        await button.click()
        await lesson.tutor.see(f"!({_OPEN}) && {_LEFT_OVER} === 0")
    assert await button.get_attribute("aria-expanded") == "false"
