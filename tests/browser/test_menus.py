"""Menus: opened and closed by their button, and gone from the page when they are closed."""

from __future__ import annotations

from tests.support.browser_lesson import STUDENT, Lesson

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


async def test_another_language_leads_back_into_the_lesson(lesson: Lesson) -> None:
    """Whoever chooses a language in the middle of a lesson is in it again at once, with the camera on as before."""
    await lesson.start(camera=True)
    student = lesson.student
    await student.page.click('button[aria-label="Language"]')
    await student.page.click('.menu-item[lang="uk"]')
    await student.page.wait_for_selector('html[lang="uk"] .room')
    assert await student.page.evaluate("lessonroom.local.isOn('video')")
    await lesson.tutor.watch(STUDENT)
