"""A lesson as two people have it, in browsers on two instances."""

from __future__ import annotations

from tests.support.browser import LOST_CONNECTION, Visitor
from tests.support.browser_lesson import STUDENT, TUTOR, Lesson
from tests.support.process_house import CRASH

WAVE = [(200, 200), (260, 150), (330, 260), (420, 180), (500, 240)]
HILL = [(220, 420), (300, 360), (380, 430)]


async def test_they_see_each_other(lesson: Lesson) -> None:
    """Camera pictures really play, in both windows, before and after somebody looks away."""
    await lesson.start(camera=True)
    await lesson.tutor.watch(STUDENT)
    await lesson.student.watch(TUTOR)
    await lesson.student.page.click('.controls [data-source="video"]')
    await lesson.tutor.see(f"document.querySelector('.tile[data-user=\"{STUDENT}\"] video').hidden")
    await lesson.tutor.page.wait_for_selector(f'.tile[data-user="{STUDENT}"] .face:visible')
    await lesson.student.page.click('.controls [data-source="video"]')
    await lesson.tutor.watch(STUDENT)


async def test_they_draw_on_one_board(lesson: Lesson) -> None:
    """Whatever either of them draws, both look at the same picture; undo and redo are one's own."""
    await lesson.start()
    tutor, student = lesson.tutor, lesson.student
    empty = await tutor.picture()
    await tutor.draw(WAVE)
    await student.draw(HILL)
    await tutor.take("Rectangle")
    await tutor.draw([(600, 200), (760, 300)])
    await student.take("Ellipse")
    await student.draw([(600, 380), (760, 480)])
    await student.take("Highlighter")
    await student.draw([(200, 520), (520, 520)])
    await tutor.take("Text")
    await tutor.page.click(".board-paper", position={"x": 620, "y": 240})
    await tutor.page.wait_for_selector(".writing:focus")
    await tutor.page.keyboard.type("a² + b² = c²")
    await tutor.page.keyboard.press("Enter")
    await same_picture(lesson, strokes=3, objects=3)
    assert await tutor.picture() != empty

    await student.page.keyboard.press("Control+z")
    await same_picture(lesson, strokes=2, objects=3)
    await student.page.keyboard.press("Control+Shift+z")
    await same_picture(lesson, strokes=3, objects=3)
    await tutor.take("Eraser")
    await tutor.draw([(250, 100), (250, 300)])
    await same_picture(lesson, strokes=2, objects=3)

    await tutor.page.click('.tools [aria-label="Clear the board"]')
    await tutor.agree()
    await same_picture(lesson, strokes=0, objects=0)
    assert await student.picture() == empty


async def test_a_saved_board_comes_back(lesson: Lesson) -> None:
    """A board that was saved and cleared is restored, for both, and can be taken home."""
    await lesson.start()
    tutor = lesson.tutor
    await tutor.draw(WAVE)
    await same_picture(lesson, strokes=1)
    drawn = await lesson.student.picture()
    await tutor.panel("snapshots")
    await tutor.page.click(".snapshot-actions .button")
    await tutor.page.wait_for_selector(".snapshots li canvas")
    await tutor.page.click('.tools [aria-label="Clear the board"]')
    await tutor.agree()
    await lesson.student.see_elements(0)
    await tutor.page.click(".snapshots li .button >> nth=-1")
    await tutor.agree()
    await lesson.student.see_elements(1)
    for kind in ("PNG", "SVG", "JSON"):
        async with tutor.page.expect_download() as downloading:
            await tutor.page.click(f'.export .button:text-is("{kind}")')
        download = await downloading.value
        assert download.suggested_filename.endswith(f".{kind.lower()}")
    await tutor.panel("snapshots")
    await same_picture(lesson, strokes=1)
    assert await lesson.student.picture() == drawn


async def test_a_right_that_is_taken_is_gone_at_once(lesson: Lesson) -> None:
    """The tutor takes the pen away: the student's tools go dark, what they try leaves no trace; then it is back."""
    await lesson.start()
    tutor, student = lesson.tutor, lesson.student
    await student.draw(HILL)
    await same_picture(lesson, strokes=1)
    await manage_student(tutor)
    await tutor.page.click('.menu input[name="can_draw"]')
    await student.page.wait_for_selector('.tools [aria-label^="Pen"]:disabled')
    await student.page.wait_for_selector('.banner:has-text("looking on")')
    await student.draw(WAVE)
    assert await student.ink(".board-above") == 0
    await student.page.evaluate("lessonroom.client.draw('stroke_add', {id: 'sly', points: [[0, 0], [9, 9]]})")
    for visitor in (tutor, student):
        await visitor.see_elements(1)
    await tutor.page.click('.menu input[name="can_draw"]')
    await student.page.wait_for_selector('.tools [aria-label^="Pen"]:enabled')
    await student.draw(WAVE)  # the pen is in the hand again
    for visitor in (tutor, student):
        await visitor.see_elements(2)


async def test_who_was_cut_off_comes_back_with_what_they_drew(lesson: Lesson) -> None:
    """A connection is lost in the middle of a lesson: it says so, drawing goes on, and everything is there once, after."""
    await lesson.start(camera=True)
    tutor, student = lesson.tutor, lesson.student
    student.allow(*LOST_CONNECTION)
    await student.draw(HILL)
    await same_picture(lesson, strokes=1)
    lesson.roads[1].cut()
    await student.page.wait_for_selector('.banner[data-kind="problem"]:visible')
    await student.draw(WAVE)
    await student.draw([(600, 200), (700, 300), (650, 350)])
    assert len(await student.elements()) == 3
    assert await student.page.evaluate("lessonroom.client.pending") == 2
    await tutor.draw([(600, 420), (700, 430)])
    await tutor.see_elements(2)
    lesson.roads[1].mend()
    await student.page.wait_for_selector(".banner", state="hidden")
    await same_picture(lesson, strokes=4)
    assert len({stroke["id"] for stroke in await tutor.elements()}) == 4
    await tutor.watch(STUDENT)
    await student.watch(TUTOR)


async def test_an_instance_dies_and_the_lesson_goes_on(lesson: Lesson) -> None:
    """The student's server process is killed: they come back on the other one, and have missed nothing."""
    await lesson.start()
    tutor, student = lesson.tutor, lesson.student
    student.allow(*LOST_CONNECTION)
    lesson.house.allow(*CRASH)
    lesson.roads[1].target = lesson.house.instances[0]
    lesson.house.instances[1].kill()
    await student.draw(HILL)
    await tutor.draw(WAVE)
    await same_picture(lesson, strokes=2)
    await student.see("lessonroom.client.state === 'open'")
    await tutor.page.wait_for_selector(f'.tile[data-user="{STUDENT}"]:not(.away)')


async def test_who_is_removed_is_out_until_let_back_in(lesson: Lesson) -> None:
    """The student is told that they were removed and cannot come back; let in again, they can."""
    await lesson.start(camera=True)
    tutor, student = lesson.tutor, lesson.student
    await manage_student(tutor)
    await tutor.page.click(".menu .danger")
    await tutor.page.fill("dialog.question input", "Please come back tomorrow.")
    await tutor.agree()
    await student.page.wait_for_selector('[data-screen="over.kicked"] :text("Please come back tomorrow.")')
    await tutor.page.wait_for_selector(f'.tile[data-user="{STUDENT}"]', state="detached")
    student.allow(r"status of 403")
    await student.page.reload()
    await student.page.wait_for_selector('[data-screen="over.kicked"]')
    await tutor.page.reload()
    await tutor.come_in()
    await tutor.panel("people")
    await tutor.page.click('.removed .button[aria-label$="Grace Hopper"]')
    await tutor.page.wait_for_selector(".removed", state="hidden")
    await student.open(lesson.roads[1].url, lesson.uuid, lesson.token_of(STUDENT))
    await student.come_in()
    await tutor.page.wait_for_selector(f'.tile[data-user="{STUDENT}"]')
    await tutor.watch(STUDENT)


async def test_the_end_is_the_end_for_both(lesson: Lesson) -> None:
    """The tutor ends the lesson; both are told, cameras are off, and the board can still be taken home."""
    await lesson.start(camera=True)
    await lesson.tutor.draw(WAVE)
    await same_picture(lesson, strokes=1)
    await lesson.tutor.press("end")
    await lesson.tutor.agree()
    for visitor in (lesson.tutor, lesson.student):
        await visitor.page.wait_for_selector('[data-screen="over.session_over"]')
        assert await visitor.page.evaluate(
            "Object.values(lessonroom.local.tracks).every((track) => track === null)"
        )
    async with lesson.student.page.expect_download() as downloading:
        await lesson.student.page.click('[data-screen="over.session_over"] .button')
    assert (await downloading.value).suggested_filename.endswith(".png")


async def manage_student(tutor: Visitor) -> None:
    """Opens what the tutor may do about the student."""
    await tutor.panel("people")
    await tutor.page.click(f'.people [data-user="{STUDENT}"] button')
    await tutor.page.wait_for_selector(".menu .switches input")


async def same_picture(lesson: Lesson, strokes: int, objects: int = 0) -> None:
    """Both see so much on the board, and it looks the same; both boards must be of one size."""
    for visitor in (lesson.tutor, lesson.student):
        await visitor.see_elements(strokes)
        await visitor.see_elements(objects, "objects")
        await visitor.painted()
    one, other = await lesson.tutor.picture(), await lesson.student.picture()
    assert one == other, "the boards look different"
