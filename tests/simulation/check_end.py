"""How a lesson stands when everything has healed: one board, one list of people, the same on every instance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.simulation.history import LessonRecord, Message
from tests.simulation.model import RIGHT_FOR, Board, Standing, Timeline

MEDIA = ("video_enabled", "audio_enabled", "screen_sharing")
STATUSES = {"active": "active", "paused": "paused", "over": "completed"}
HEALED_SECONDS = 10.0
"""How long after the last fault everything may take to be well again."""


def all_boards_are_equal(record: LessonRecord) -> Iterator[str]:
    """Every instance shows what the story's events make, over REST and on everybody's socket."""
    board = _board_at(record, None)
    shown = {f"instance {number}": view.board for number, view in enumerate(record.views)}
    for where, other in (shown | record.boards).items():
        if (other["version"], other["state"]) != (board.version, board.state):
            yield f"{where} shows version {other['version']} of {board.version}, or another state"


def snapshots_are_what_the_board_was(record: LessonRecord) -> Iterator[str]:
    """A snapshot of a version is what its events make; one that was acknowledged is there."""
    for version, state in record.snapshots.items():
        if state != _board_at(record, version).state:
            yield f"the snapshot of version {version} is another board"
    for write in record.writes_of("save"):
        if write.acknowledged and write.acknowledged.value["version"] not in record.snapshots:
            yield f"the snapshot {write.acknowledged.value} was acknowledged and is not kept"


def all_instances_agree(record: LessonRecord) -> Iterator[str]:
    """What REST shows is the same everywhere."""
    first = record.views[0] if record.views else None
    for number, view in enumerate(record.views):
        for part in ("session", "participants", "media", "events", "stats"):
            mine, other = getattr(view, part), getattr(first, part)
            if mine != other:
                yield f"instance {number} has other {part} than instance 0: {str(mine)[:300]}, {str(other)[:300]}"


def presence_is_true(record: LessonRecord) -> Iterator[str]:
    """The list says who is there: who has an open socket is connected; who left, vanished or was sent out is not."""
    over = any(write.acknowledged for write in record.writes_of("complete"))
    for number, view in enumerate(record.views):
        listed = {person["user_id"]: person["status"] for person in view.participants}
        for who in record.people:
            wanted = _statuses(record, who, over=over)
            if listed.get(who, "absent") not in wanted:
                yield f"instance {number} lists {who} as {listed.get(who, 'absent')}, who is {wanted}"


def the_story_tells_who_is_there(record: LessonRecord) -> Iterator[str]:
    """A client that follows the broadcasts has the list of people that REST shows, and their media."""
    there, media = _as_told(record.story)
    for view in record.views[:1]:
        if view.session["status"] == "completed":
            continue  # what happens after the end is not told any more
        present = ("connected", "reconnecting")
        listed = {p["user_id"]: p["status"] for p in view.participants if p["status"] in present}
        if there != listed:
            yield f"the story leaves {there} in the lesson, the list has {listed}"
        for state in view.media:
            shown = tuple(state[name] for name in MEDIA)
            if media.get(state["user_id"], (False,) * 3) != shown:
                yield f"the media of {state['user_id']} were told as {media.get(state['user_id'])}, not {shown}"


def the_hosts_word_stands(record: LessonRecord) -> Iterator[str]:
    """The lesson's status, and everybody's role and rights, are what the host last made of them."""
    for who in record.students:
        standings = Timeline(record, who).last
        statuses = {STATUSES[standing.status] for standing in standings}
        for view in record.views:
            if view.session["status"] not in statuses:
                yield f"the lesson is {view.session['status']}, not {statuses}"
        told = record.rights.get(who)
        if told is not None and not any(_is_as(standing, told) for standing in standings):
            yield f"{who} is {told}, not one of {standings}"


def everybody_knows_their_rights(record: LessonRecord) -> Iterator[str]:
    """What a client was told of its own rights, in its welcome and since, is what counts."""
    for line in record.lines:
        if line.closed_at is not None or line.channel not in ("", "system") or line.who not in record.rights:
            continue
        told = line.welcome["permissions"]
        for _, message in line.told:
            if message["type"] == "permissions_updated":
                told = message["permissions"]
        if told != record.rights[line.who]["permissions"]:
            yield f"{line.who} was told {told}, and has {record.rights[line.who]}"


def the_last_word_counts(record: LessonRecord) -> Iterator[str]:
    """What somebody switched last, and was acknowledged, is how it stands, unless they went away since."""
    gone = {m["user_id"] for m in record.story if m["type"] == "participant_left"}
    for who in {*record.people} - gone:
        for name in MEDIA:
            writes = [w for w in record.writes_of("media") if w.who == who and name in w.body]
            if not writes or not writes[-1].acknowledged:
                continue
            for view in record.views:
                shown = [state[name] for state in view.media if state["user_id"] == who]
                if shown != [writes[-1].body[name]]:
                    yield f"{who} switched {name} to {writes[-1].body[name]}, and it is {shown}"


def everything_heals(record: LessonRecord) -> Iterator[str]:
    """In time, and without anything that the people noticed as wrong."""
    yield from record.notes
    if record.healed_after_seconds > HEALED_SECONDS:
        yield f"healing took {record.healed_after_seconds:.1f} s"


def _board_at(record: LessonRecord, version: int | None) -> Board:
    """The board after that version's event; the newest for None."""
    board = Board(record.views[0].session["settings"]["board_background"])
    for message in record.story:
        if message["type"] == "board_update" and (version is None or message["version"] <= version):
            board.apply(message)
    return board


def _statuses(record: LessonRecord, who: str, *, over: bool) -> set[str]:
    if any(line.who == who and line.closed_at is None for line in record.lines):
        return {"connected"}
    if over:
        return {"disconnected", "left", "absent"}
    kicked = {standing.kicked for standing in Timeline(record, who).last}
    if kicked == {True}:
        return {"absent"}
    by_wish = {"in": {"connected"}, "left": {"left"}, "gone": {"disconnected", "left"}}[record.wishes[who]]
    sent_out = any(write.body["user_id"] == who for write in record.writes_of("kick"))
    return by_wish | ({"absent"} if sent_out else set())  # who was let in again is listed once they come


def _is_as(standing: Standing, told: Message) -> bool:
    same = all(told["permissions"][right] == standing.has(right) for right in set(RIGHT_FOR.values()))
    return same and standing.role == told["role"]


def _as_told(story: list[Message]) -> tuple[dict[Any, str], dict[Any, tuple[bool, ...]]]:
    there: dict[Any, str] = {}
    media: dict[Any, tuple[bool, ...]] = {}
    for message in story:
        match message["type"]:
            case "participant_joined":
                there[message["participant"]["user_id"]] = message["participant"]["status"]
            case "participant_updated":
                who = message["participant"]
                if who["user_id"] in there:
                    there[who["user_id"]] = who["status"]
            case "participant_left":
                there.pop(message["user_id"], None)
                media.pop(message["user_id"], None)
            case "media_state_update":
                media[message["user_id"]] = tuple(message["media_state"][name] for name in MEDIA)
    return there, media
