"""Every state of the page, looked at: SCREENSHOTS=folder keeps the pictures."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Arrive
from tests.support.browser import LOST_CONNECTION, Visitor
from tests.support.browser_lesson import STUDENT, Lesson
from tests.support.browser_looks import SMALL, Looker
from tests.support.npm import require_package
from tests.support.process_house import CRASH, OUTAGE, House

WAVE = [(200, 200), (260, 150), (330, 260), (420, 180), (500, 240)]


@pytest.fixture
def looker() -> Looker:
    """Somebody with sharp eyes."""
    return Looker(require_package("axe-core/axe.min.js"))


async def draw_something(lesson: Lesson) -> None:
    """So that there is something to look at."""
    await lesson.tutor.draw(WAVE)
    await lesson.student.take("Ellipse")
    await lesson.student.draw([(520, 300), (700, 400)])
    await lesson.student.page.mouse.move(430, 330)
    await lesson.tutor.page.wait_for_selector(".pointer span")


async def test_the_ways_in(house: House, arrive: Arrive, lesson: Lesson, looker: Looker) -> None:
    """The door for visitors, the waiting room, and every reason why there is no way in."""
    tutor, student, url = lesson.tutor, lesson.student, lesson.roads[0].url
    await student.page.goto(f"{url}/")
    await student.page.wait_for_selector(".doors")
    await looker.look(student, "door")
    await lesson.open()
    await looker.look(tutor, "lobby")
    await tutor.page.click('.preview [data-source="video"]')
    await tutor.page.wait_for_selector(".preview video:visible")
    await looker.look(tutor, "lobby-camera")
    await looker.look(tutor, "lobby-camera", SMALL)
    dark = await arrive("dark", color_scheme="dark", locale="uk-UA")
    await dark.open(url, lesson.uuid, lesson.token_of(STUDENT))
    await looker.look(dark, "lobby-dark-ukrainian")
    dark.allow(r"status of (401|403|404)")
    await dark.page.goto(f"{url}/classroom/{lesson.uuid}#token=none")
    await dark.page.wait_for_selector('[data-screen="gate.401"]')
    await looker.look(dark, "no-good-token")
    await dark.page.goto(
        f"{url}/classroom/00000000-0000-4000-8000-000000000000#token={lesson.token_of(STUDENT)}"
    )
    await dark.page.wait_for_selector('[data-screen="gate.404"]')
    await looker.look(dark, "no-such-lesson")
    stranger = await arrive("stranger")
    await stranger.page.goto(f"{url}/classroom/{lesson.uuid}")
    await stranger.page.wait_for_selector('[data-screen="gate.no_token"]')
    await looker.look(stranger, "no-token")
    assert not looker.objections, "\n".join(looker.objections)


async def test_the_lesson(lesson: Lesson, looker: Looker) -> None:
    """The layouts, the panels, menus and questions, a hand, a screen, and the pause."""
    tutor, student = lesson.tutor, lesson.student
    await lesson.open()
    await tutor.come_in(camera=True)
    await looker.look(tutor, "before-the-start")
    await student.come_in(camera=False)
    await looker.look(student, "waiting-for-the-start")
    await tutor.press("start")
    await draw_something(lesson)
    await student.page.click('.controls [aria-label="Raise your hand"]')
    await tutor.page.wait_for_selector(".tile-hand:visible")
    for layout in ("board", "video", "pip", "side"):
        await tutor.page.click(f'.icon-button[data-layout="{layout}"]')
        await looker.look(tutor, f"layout-{layout}")
        if layout == "video":
            await look_at_a_crowd(looker, tutor)
    await looker.look(tutor, "layout-side", SMALL)
    await tutor.page.click('[data-source="screen"]')
    await student.page.wait_for_selector(".tile.screen video")
    await looker.look(student, "shared-screen")
    await tutor.page.click('[data-source="screen"]')
    await look_at_panels(looker, tutor)
    await student.page.emulate_media(color_scheme="dark")
    await looker.look(student, "dark")
    await student.page.click('button[aria-label="Language"]')
    await looker.look(student, "language-dark")
    await student.page.keyboard.press("Escape")
    await tutor.press("pause")
    await student.page.wait_for_selector(".banner:visible")
    await looker.look(tutor, "paused")
    await looker.look(student, "paused-dark")
    assert not looker.objections, "\n".join(looker.objections)


async def look_at_a_crowd(looker: Looker, tutor: Visitor) -> None:
    """Twenty people, with names that are long: copies of the two who are there."""
    await tutor.page.evaluate(
        """() => {
            const tiles = document.querySelector(".tiles");
            for (let count = 2; count < 20; count += 1) {
                const copy = tiles.children[1].cloneNode(true);
                copy.querySelector(".tile-name").textContent = "Wolfeschlegelsteinhausenbergerdorff Konstantin";
                copy.dataset.copy = "";
                tiles.append(copy);
            }
            tiles.dataset.count = "20";
        }"""
    )
    await looker.look(tutor, "crowd")
    await tutor.page.evaluate(
        """() => {
            for (const copy of document.querySelectorAll("[data-copy]")) copy.remove();
            document.querySelector(".tiles").dataset.count = "2";
        }"""
    )


async def look_at_panels(looker: Looker, tutor: Visitor) -> None:
    """People with their menu, saved boards, activity, and the questions before something that cannot be taken back."""
    await tutor.panel("people")
    await looker.look(tutor, "people")
    await tutor.page.click(f'.people [data-user="{STUDENT}"] button')
    await tutor.page.wait_for_selector(".menu .switches input")
    await looker.look(tutor, "manage")
    await tutor.page.click(".menu .danger")
    await looker.look(tutor, "question-remove")
    await tutor.page.keyboard.press("Escape")
    await tutor.panel("snapshots")
    await tutor.page.click(".snapshot-actions .button")
    await tutor.page.wait_for_selector(".snapshots li canvas")
    await looker.look(tutor, "snapshots")
    await tutor.panel("activity")
    await tutor.page.wait_for_selector(".activity li")
    await looker.look(tutor, "activity")
    await tutor.panel("activity")
    await tutor.page.click('.tools [aria-label="Clear the board"]')
    await looker.look(tutor, "question-clear")
    await tutor.page.keyboard.press("Escape")


async def test_trouble_and_ends(lesson: Lesson, looker: Looker) -> None:
    """Connection lost, store away, pen taken, removed, over: each says so, and what can be done."""
    tutor, student = lesson.tutor, lesson.student
    await lesson.start()
    await draw_something(lesson)
    student.allow(*LOST_CONNECTION)
    lesson.roads[1].cut()
    await student.page.wait_for_selector('.banner[data-kind="problem"]:visible')
    await looker.look(student, "reconnecting")
    await tutor.page.wait_for_selector(f'.tile[data-user="{STUDENT}"].away')
    await looker.look(tutor, "somebody-is-reconnecting")
    lesson.roads[1].mend()
    await student.page.click(".banner button")  # rather than wait for the next try
    await student.page.wait_for_selector(".banner", state="hidden")
    lesson.house.allow(*OUTAGE, *CRASH)
    lesson.house.pause_store()
    await tutor.page.wait_for_selector('.banner[data-kind="problem"]:visible')
    await looker.look(tutor, "read-only")
    lesson.house.resume_store()
    await tutor.page.wait_for_selector(".banner", state="hidden")
    await lesson.call("role/", {"user_id": STUDENT, "role": "viewer"})
    await student.page.wait_for_selector('.banner:has-text("looking on")')
    await looker.look(student, "looking-on")
    await lesson.call(f"kick/{STUDENT}/", {"reason": "Please come back tomorrow."})
    await student.page.wait_for_selector('[data-screen="over.kicked"]')
    await looker.look(student, "removed")
    await tutor.panel("people")
    await tutor.page.wait_for_selector(".removed li")
    await looker.look(tutor, "people-removed")
    await tutor.press("end")
    await looker.look(tutor, "question-end")
    await tutor.agree()
    await tutor.page.wait_for_selector('[data-screen="over.session_over"]')
    await looker.look(tutor, "over")
    assert not looker.objections, "\n".join(looker.objections)
