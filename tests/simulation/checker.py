"""All that must be true of a lesson, whatever failed. Pure: a record in, sentences about what is wrong out."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.simulation import check_end, check_story, check_writes
from tests.simulation.history import LessonRecord

Check = Callable[[LessonRecord], Iterator[str]]

CHECKS: tuple[Check, ...] = (
    check_story.numbers_have_no_hole,
    check_story.everybody_saw_everything_once_in_order,
    check_story.nobody_has_to_start_anew,
    check_story.a_replay_is_the_story,
    check_story.sockets_close_for_a_reason,
    check_story.the_end_is_told,
    check_writes.acknowledged_is_there,
    check_writes.nothing_is_applied_twice,
    check_writes.nothing_refused_is_there,
    check_writes.nothing_forbidden_takes_effect,
    check_writes.refusals_have_a_reason,
    check_writes.nothing_happens_unasked,
    check_end.all_boards_are_equal,
    check_end.snapshots_are_what_the_board_was,
    check_end.all_instances_agree,
    check_end.presence_is_true,
    check_end.the_story_tells_who_is_there,
    check_end.the_hosts_word_stands,
    check_end.everybody_knows_their_rights,
    check_end.the_last_word_counts,
    check_end.everything_heals,
)


def wrongs(record: LessonRecord) -> list[str]:
    """What is wrong with a lesson; empty when all is well."""
    return [
        f"{record.style} lesson, {check.__name__}: {sentence}"
        for check in CHECKS
        for sentence in check(record)
    ]
