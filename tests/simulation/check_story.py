"""What everybody was told: each broadcast once, in order, without a hole; and why sockets closed."""

from __future__ import annotations

from collections.abc import Iterator

from tests.simulation.history import LessonRecord, Line, Message


def numbers_have_no_hole(record: LessonRecord) -> Iterator[str]:
    """The story itself: every number once, and the board's versions likewise."""
    numbers = [message["seq"] for message in record.story]
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"the story's numbers: {numbers}"
    versions = [message["version"] for message in record.story if message["type"] == "board_update"]
    if versions != list(range(1, len(versions) + 1)):
        yield f"the board's versions: {versions}"


def everybody_saw_everything_once_in_order(record: LessonRecord) -> Iterator[str]:
    """From the number after its welcome (or its cursor) on, a socket gets what the story has; one that was there until the
    end, up to the end.
    """
    by_number = {message["seq"]: message for message in record.story}
    for line in record.lines:
        began = _start(line)
        told = [(message["seq"], message) for _, message in line.told if message.get("seq") is not None]
        numbers = [number for number, message in told if message["type"] != "welcome"]
        end = len(record.story) if line.closed_at is None else max(numbers, default=began)
        wanted = [
            number for number in range(began + 1, end + 1) if _is_for(line, by_number.get(number, _NOTHING))
        ]
        if numbers != wanted:
            yield f"{_name(line)} from {began}: missed {sorted({*wanted} - {*numbers})}, got {numbers[-5:]} last"
        for number, message in told:
            if message["type"] != "welcome" and not _is_same(line, message, by_number.get(number, _NOTHING)):
                yield f"{_name(line)} was told at {number}: {message}, not {by_number.get(number)}"


def nobody_has_to_start_anew(record: LessonRecord) -> Iterator[str]:
    """No fault here loses what the store has: each cursor is honoured, and no socket is greeted twice."""
    for line in record.lines:
        if line.since is not None and not line.welcome["recovered"]:
            yield f"{_name(line)} could not resume from {line.since}"
        if any(message["type"] == "welcome" and not message.get("recovered") for _, message in line.told):
            yield f"{_name(line)} had to start anew"


def a_replay_is_the_story(record: LessonRecord) -> Iterator[str]:
    """Whoever asks any instance for everything from the start gets the story."""
    for number, view in enumerate(record.views):
        if view.replayed is not None and view.replayed != record.story:
            yield f"instance {number} replays {len(view.replayed)} messages of {len(record.story)}, or others"


def sockets_close_for_a_reason(record: LessonRecord) -> Iterator[str]:
    """A socket closes with what happened to it; when only the store or the way to it fails, none does."""
    for line in record.lines:
        if line.close_code is not None and not line.dropped and not _has_reason(record, line):
            yield f"{_name(line)} closed with {line.close_code}"


def the_end_is_told(record: LessonRecord) -> Iterator[str]:
    """Whoever is closed because the lesson is over was told so first."""
    ends = [m["seq"] for m in record.story if m["type"] == "session_updated" and _is_over(m)]
    for line in record.lines:
        if line.close_code == 4410 and not line.dropped and line.channel in ("", "system"):
            told = {message.get("seq") for _, message in line.told}
            if not told & set(ends):
                yield f"{_name(line)} closed with 4410 and was not told of the end at {ends}"


def _is_over(message: Message) -> bool:
    return bool(message["session"]["status"] == "completed")


_NOTHING: Message = {"type": ""}
_KINDS = {1000: ("leave",), 4403: ("kick",), 4401: ("kick",), 4410: ("complete",)}
_TROUBLES = {1006: "kill_instance", 1012: "terminate_instance"}


def _has_reason(record: LessonRecord, line: Line) -> bool:
    closed_at = line.closed_at or 0.0
    if line.close_code in _KINDS:
        kinds = _KINDS[line.close_code]
        return any(
            write.began_at < closed_at
            and (write.kind == "complete" or line.who in (write.who, (write.body or {}).get("user_id")))
            for write in record.writes_of(*kinds)
        )
    if line.close_code == 4408:  # where strokes are large, what comes at once after a fault may be too much
        return line.stalled or record.style == "heavy"
    return any(
        trouble.kind == _TROUBLES.get(line.close_code or 0)
        and (trouble.target == line.where or line.channel != "")
        and line.opened_at - 1 < trouble.ended_at
        and trouble.began_at < closed_at
        for trouble in record.troubles
    )


def _start(line: Line) -> int:
    if line.since is not None and line.welcome["recovered"]:
        return line.since
    return int(line.welcome["seq"])


def _is_for(line: Line, message: Message) -> bool:
    if line.channel == "":
        return True
    if message["type"] == "board_update":
        return line.channel == "board"
    own = message["type"] == "participant_joined" and message["participant"]["user_id"] == line.who
    return line.channel == "system" and not own


def _is_same(line: Line, told: Message, story: Message) -> bool:
    if told["type"] != "ack":
        return told == story
    same = (told["version"], told.get("id")) == (story.get("version"), story.get("id"))
    return same and story.get("user_id") == line.who


def _name(line: Line) -> str:
    return f"{line.who}'s {line.channel or 'full'} socket on instance {line.where}"
