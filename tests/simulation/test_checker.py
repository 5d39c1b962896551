"""The checks of the simulation see what they are there to see: each on a good record that was spoiled in one way."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.simulation import check_end, check_story, check_writes
from tests.simulation.checker import CHECKS, Check, wrongs
from tests.simulation.history import Attempt, LessonRecord, Trouble, Write
from tests.simulation.samples import BEN, CY, HOST, event, good, joined, refused, stroke, update, write

Spoil = Callable[[LessonRecord], object]


def test_a_good_lesson_passes() -> None:
    """Nothing is wrong where all is well."""
    assert wrongs(good()) == []


def _lose_an_update(record: LessonRecord) -> None:
    del record.lines[0].told[1]


def _tell_twice(record: LessonRecord) -> None:
    record.lines[0].told.append(record.lines[0].told[-1])


def _swap(record: LessonRecord) -> None:
    told = record.lines[1].told
    told[1], told[2] = told[2], told[1]


def _tell_something_else(record: LessonRecord) -> None:
    record.lines[2].told[0] = (4.0, update(4, 1, HOST, "ada-1", "other"))


def _ack_to_the_wrong_one(record: LessonRecord) -> None:
    record.lines[0].told[1] = (5.0, {"seq": 5, "type": "ack", "version": 2, "id": "ben-1"})


def _stay_behind(record: LessonRecord) -> None:
    del record.lines[1].told[-1]


def _refuse_a_cursor(record: LessonRecord) -> None:
    record.lines[1].since = 3


def _greet_again(record: LessonRecord) -> None:
    record.lines[1].told.insert(1, (4.5, {"type": "welcome", "seq": 4}))


def _log_less(record: LessonRecord) -> None:
    for view in record.views:
        view.events = [entry for entry in view.events if entry["event_type"] != "tool_select"]
        view.stats["by_type"]["tool_select"] = 0


def _log_twice(record: LessonRecord) -> None:
    for view in record.views:
        view.events.append(event(9, "tool_select", BEN, 5.28, {"name": "ben-2"}))


def _miscount(record: LessonRecord) -> None:
    for view in record.views:
        view.stats["by_type"]["tool_select"] = 2


def _lose_a_stroke(record: LessonRecord) -> None:
    record.writes.append(write(BEN, "board", "ben-9", 6.0, stroke("z"), 3))


def _change_a_stroke(record: LessonRecord) -> None:
    record.writes[2].body = stroke("meant otherwise")


def _draw_twice(record: LessonRecord) -> None:
    record.story.append(update(8, 3, BEN, "ben-1", "b"))


def _draw_after_the_kick(record: LessonRecord) -> None:
    record.story.append(update(8, 3, CY, "cy-2", "c"))
    record.writes.append(write(CY, "board", "cy-2", 8.0, stroke("c"), 3))


def _draw_without_an_answer_after_the_kick(record: LessonRecord) -> None:
    record.story.append(update(8, 3, CY, "cy-2", "c"))
    record.writes.append(Write(CY, "board", "cy-2", stroke("c"), [Attempt(8.0, 0)]))


def _draw_without_the_right(record: LessonRecord) -> None:
    body = {"user_id": BEN, "permissions": {"can_draw": False}}
    record.writes.append(write(HOST, "permit", "ada-3", 4.2, body))
    for view in record.views:
        view.events.append(event(7, "permission_update", HOST, 4.25, body))


def _come_back_after_the_kick(record: LessonRecord) -> None:
    record.writes.append(write(CY, "enter", "cy-2", 9.0))


def _switch_on_while_a_viewer(record: LessonRecord) -> None:
    record.writes.append(write(HOST, "role", "ada-3", 5.5, {"user_id": BEN, "role": "viewer"}))
    record.writes.append(write(BEN, "media", "ben-9", 8.0, {"screen_sharing": True}))


def _keep_what_was_refused(record: LessonRecord) -> None:
    record.story.append(update(8, 3, CY, "cy-1", "c"))


def _refuse_without_a_reason(record: LessonRecord) -> None:
    record.writes.append(refused(BEN, "board", "ben-9", 8.0, "forbidden", stroke("z")))


def _take_a_right_late(record: LessonRecord) -> None:
    body = {"user_id": BEN, "permissions": {"can_erase": False}}
    record.writes.append(write(HOST, "permit", "ada-3", 6.0, body))
    for view in record.views:
        view.events.append(event(7, "permission_update", HOST, 8.0, body))


def _close(code: int) -> Spoil:
    def spoil(record: LessonRecord) -> None:
        record.lines[1].closed_at, record.lines[1].close_code = 7.5, code

    return spoil


def _another_board(record: LessonRecord) -> None:
    record.views[2].board["state"]["strokes"].reverse()


def _an_older_board(record: LessonRecord) -> None:
    record.views[1].board["version"] = 1


def _another_board_on_a_socket(record: LessonRecord) -> None:
    record.boards[BEN]["state"]["strokes"].pop()


def _another_snapshot(record: LessonRecord) -> None:
    record.snapshots[1]["strokes"].append({"id": "b"})


def _no_snapshot(record: LessonRecord) -> None:
    record.snapshots.clear()


def _other_participants(record: LessonRecord) -> None:
    record.views[1].participants[1] = {"user_id": BEN, "status": "reconnecting"}


def _a_ghost(record: LessonRecord) -> None:
    for view in record.views:
        view.participants.append({"user_id": CY, "status": "connected"})


def _not_listed(record: LessonRecord) -> None:
    for view in record.views:
        view.participants.pop()


def _left_without_a_word(record: LessonRecord) -> None:
    record.story.append(joined(8, CY))


def _media_untold(record: LessonRecord) -> None:
    for view in record.views:
        view.media[1]["audio_enabled"] = True


def _forgotten_role(record: LessonRecord) -> None:
    record.writes.append(write(HOST, "role", "ada-9", 8.0, {"user_id": BEN, "role": "viewer"}))


def _forgotten_right(record: LessonRecord) -> None:
    body = {"user_id": BEN, "permissions": {"can_draw": False}}
    record.writes.append(write(HOST, "permit", "ada-9", 8.0, body))


def _forgotten_pause(record: LessonRecord) -> None:
    record.writes.append(write(HOST, "pause", "ada-9", 8.0))


def _told_too_much(record: LessonRecord) -> None:
    wrong = {**record.lines[1].welcome["permissions"], "can_clear_board": True}
    record.lines[1].told.append((8.0, {"type": "permissions_updated", "permissions": wrong}))


def _stuck(record: LessonRecord) -> None:
    stuck = {"user_id": BEN, "status": "reconnecting"}
    record.story.append({"seq": 8, "type": "participant_updated", "participant": stuck})


def _overruled(record: LessonRecord) -> None:
    record.writes.append(write(BEN, "media", "ben-9", 8.0, {"video_enabled": False}))


def _slow(record: LessonRecord) -> None:
    record.healed_after_seconds = 11.0


def _unanswered(record: LessonRecord) -> None:
    record.notes.append("log ben-9 was never answered")


def _a_hole(record: LessonRecord) -> None:
    del record.story[3]


def _a_poor_replay(record: LessonRecord) -> None:
    assert record.views[2].replayed is not None
    record.views[2].replayed.pop()


def _end_untold(record: LessonRecord) -> None:
    record.story.append({"seq": 8, "type": "session_updated", "session": {"status": "completed"}})
    _close(4410)(record)


CASES: tuple[tuple[Spoil, Check], ...] = (
    (_a_hole, check_story.numbers_have_no_hole),
    (_lose_an_update, check_story.everybody_saw_everything_once_in_order),
    (_tell_twice, check_story.everybody_saw_everything_once_in_order),
    (_swap, check_story.everybody_saw_everything_once_in_order),
    (_tell_something_else, check_story.everybody_saw_everything_once_in_order),
    (_ack_to_the_wrong_one, check_story.everybody_saw_everything_once_in_order),
    (_stay_behind, check_story.everybody_saw_everything_once_in_order),
    (_refuse_a_cursor, check_story.nobody_has_to_start_anew),
    (_greet_again, check_story.nobody_has_to_start_anew),
    (_a_poor_replay, check_story.a_replay_is_the_story),
    *((_close(code), check_story.sockets_close_for_a_reason) for code in (1000, 1006, 1011, 1012, 1013)),
    *((_close(code), check_story.sockets_close_for_a_reason) for code in (4401, 4403, 4408, 4410)),
    (_end_untold, check_story.the_end_is_told),
    (_lose_a_stroke, check_writes.acknowledged_is_there),
    (_change_a_stroke, check_writes.acknowledged_is_there),
    (_log_less, check_writes.acknowledged_is_there),
    (_log_twice, check_writes.nothing_is_applied_twice),
    (_miscount, check_writes.nothing_is_applied_twice),
    (_draw_twice, check_writes.nothing_is_applied_twice),
    (_keep_what_was_refused, check_writes.nothing_refused_is_there),
    (_draw_after_the_kick, check_writes.nothing_forbidden_takes_effect),
    (_draw_without_an_answer_after_the_kick, check_writes.nothing_forbidden_takes_effect),
    (_draw_without_the_right, check_writes.nothing_forbidden_takes_effect),
    (_come_back_after_the_kick, check_writes.nothing_forbidden_takes_effect),
    (_refuse_without_a_reason, check_writes.refusals_have_a_reason),
    (_take_a_right_late, check_writes.nothing_happens_unasked),
    (_another_board, check_end.all_boards_are_equal),
    (_an_older_board, check_end.all_boards_are_equal),
    (_another_board_on_a_socket, check_end.all_boards_are_equal),
    (_another_snapshot, check_end.snapshots_are_what_the_board_was),
    (_no_snapshot, check_end.snapshots_are_what_the_board_was),
    (_other_participants, check_end.all_instances_agree),
    (_a_ghost, check_end.presence_is_true),
    (_not_listed, check_end.presence_is_true),
    (_left_without_a_word, check_end.the_story_tells_who_is_there),
    (_media_untold, check_end.the_story_tells_who_is_there),
    (_stuck, check_end.the_story_tells_who_is_there),
    (_forgotten_role, check_end.the_hosts_word_stands),
    (_forgotten_right, check_end.the_hosts_word_stands),
    (_forgotten_pause, check_end.the_hosts_word_stands),
    (_told_too_much, check_end.everybody_knows_their_rights),
    (_overruled, check_end.the_last_word_counts),
    (_slow, check_end.everything_heals),
    (_unanswered, check_end.everything_heals),
)


@pytest.mark.parametrize("spoil, check", CASES, ids=lambda value: value.__name__.lstrip("_"))
def test_a_spoiled_lesson_is_seen(spoil: Spoil, check: Check) -> None:
    """What is wrong is said, by the check whose business it is."""
    record = good()
    spoil(record)
    assert list(check(record)) != []


def test_every_check_has_a_case() -> None:
    """No check is there that was never seen to fail."""
    assert {check for _, check in CASES} == set(CHECKS)


def test_a_viewer_may_switch_the_camera_on_but_no_screen() -> None:
    """The model knows the rights of the roles."""
    record = good()
    _switch_on_while_a_viewer(record)
    assert len(list(check_writes.nothing_forbidden_takes_effect(record))) == 1


def test_a_write_on_its_way_when_it_is_forbidden_may_count() -> None:
    """Sent before the kick was acknowledged: either outcome is right."""
    record = good()
    record.writes.append(write(CY, "board", "cy-9", 6.95, stroke("z"), 3))
    assert list(check_writes.nothing_forbidden_takes_effect(record)) == []


def test_a_right_in_doubt_may_count_or_not() -> None:
    """A grant that nobody acknowledged may happen a second later: until then neither outcome is wrong, and after the
    next word of the host's it is.
    """
    record = good()
    grant = {"user_id": BEN, "permissions": {"can_clear_board": True}}
    take = {"user_id": BEN, "permissions": {"can_clear_board": False}}
    in_doubt = write(HOST, "permit", "ada-3", 1.0, grant)
    in_doubt.attempts.insert(0, Attempt(0.9, 0, "doubt", 0.95))
    record.writes += [in_doubt, write(HOST, "permit", "ada-4", 1.2, take)]
    clear = {"event_type": "canvas:clear", "data": {}}
    record.writes.append(write(BEN, "board", "ben-8", 1.5, clear, 9))
    assert list(check_writes.nothing_forbidden_takes_effect(record)) == []
    record.writes.append(write(HOST, "permit", "ada-5", 4.0, take))
    record.writes.append(write(BEN, "board", "ben-9", 4.5, clear, 10))
    assert len(list(check_writes.nothing_forbidden_takes_effect(record))) == 1


@pytest.mark.parametrize(
    "code, kind, target, is_fine",
    [
        (1006, "kill_instance", 0, True),
        (1006, "kill_instance", 1, False),
        (1006, "kill_redis", 0, False),
        (1012, "terminate_instance", 0, True),
        (1012, "kill_instance", 0, False),
    ],
)
def test_what_explains_a_close(code: int, kind: str, target: int, is_fine: bool) -> None:
    """Only what was done to a socket's own instance explains that it closed; nothing that is done to the store does."""
    record = good()
    _close(code)(record)
    record.troubles = [Trouble(kind, target, 7.0, 7.8)]
    assert (list(check_story.sockets_close_for_a_reason(record)) == []) == is_fine


def test_an_end_explains_itself() -> None:
    """When the host ends the lesson, sockets close with 4410 and what follows is refused."""
    record = good()
    record.writes.append(write(HOST, "complete", "ada-9", 7.2))
    _end_untold(record)
    record.lines[1].told.append((7.3, record.story[-1]))
    assert list(check_story.the_end_is_told(record)) == []
    record.writes.append(refused(BEN, "log", "ben-9", 9.0, "session_over", {"data": {}}))
    assert list(check_story.sockets_close_for_a_reason(record)) == []
    assert list(check_writes.refusals_have_a_reason(record)) == []
