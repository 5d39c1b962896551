"""A lesson in which all is well, as it would have been recorded; tests of the checks spoil it."""

from __future__ import annotations

from tests.simulation.history import Attempt, LessonRecord, Line, Message, Trouble, View, Write
from tests.simulation.model import RIGHT_FOR, STUDENT_RIGHTS

HOST, BEN, CY = "ada", "ben", "cy"
NOBODY_MEDIA = {"video_enabled": False, "audio_enabled": False, "screen_sharing": False}


def write(who: str, kind: str, name: str, at: float, body: object = None, value: object = None) -> Write:
    """Something that was acknowledged a tenth of a second after it was sent."""
    return Write(who, kind, name, body, [Attempt(at, 0, "ok", at + 0.1, value=value)])


def stroke(name: str) -> Message:
    """The event with which somebody draws it."""
    return {"event_type": "stroke_add", "data": {"stroke": {"id": name}}}


def update(seq: int, version: int, who: str, name: str, shape: str) -> Message:
    """How others are told of it."""
    return {
        "seq": seq,
        "type": "board_update",
        "version": version,
        "user_id": who,
        "id": name,
        **stroke(shape),
    }


def joined(seq: int, who: str) -> Message:
    """How others are told that somebody came."""
    return {"seq": seq, "type": "participant_joined", "participant": {"user_id": who, "status": "connected"}}


def story() -> list[Message]:
    """Three people come; Ada and Ben draw; Ben switches his camera on; Cy is sent out."""
    media = {**NOBODY_MEDIA, "video_enabled": True}
    return [
        joined(1, HOST),
        joined(2, BEN),
        joined(3, CY),
        update(4, 1, HOST, "ada-1", "a"),
        update(5, 2, BEN, "ben-1", "b"),
        {"seq": 6, "type": "media_state_update", "user_id": BEN, "media_state": media},
        {"seq": 7, "type": "participant_left", "user_id": CY, "reason": "kicked"},
    ]


def line(who: str, begins: int, ends: int, told: list[Message]) -> Line:
    """A socket that was told these of the messages, one a second."""
    numbered = [(float(m["seq"]), m) for m in told if begins < m["seq"] <= ends]
    welcome = {"seq": begins, "recovered": False, "permissions": rights(who)}
    return Line(who, "", 0, float(begins), None, welcome, numbered)


def rights(who: str) -> dict[str, bool]:
    """What somebody may do whose role is all that counts."""
    return {right: who == HOST or right in STUDENT_RIGHTS for right in RIGHT_FOR.values()}


def good() -> LessonRecord:
    """The record."""
    record = LessonRecord("a-lesson", "ordinary", HOST, (BEN, CY), story=story())
    own = {"seq": 5, "type": "ack", "version": 2, "id": "ben-1"}
    seen_by_ben = [own if m["seq"] == 5 else m for m in story()]
    cy = line(CY, 3, 6, story())
    cy.closed_at, cy.close_code = 7.05, 4403
    record.lines = [line(HOST, 3, 7, story()), line(BEN, 3, 7, seen_by_ben), cy]
    record.lines[0].told[0] = (4.0, {"seq": 4, "type": "ack", "version": 1, "id": "ada-1"})
    record.writes = [
        write(HOST, "start", "ada-0", 0.5),
        write(HOST, "board", "ada-1", 4.0, stroke("a"), 1),
        write(BEN, "board", "ben-1", 5.0, stroke("b"), 2),
        write(BEN, "log", "ben-2", 5.2, {"event_type": "tool_select", "data": {"name": "ben-2"}}, 2),
        write(BEN, "media", "ben-3", 6.0, {"video_enabled": True}),
        write(HOST, "kick", "ada-2", 7.0, {"user_id": CY}),
        refused(CY, "board", "cy-1", 8.0, "kicked", stroke("c")),
    ]
    record.rights = {
        HOST: {"role": "host", "permissions": rights(HOST)},
        BEN: {"role": "student", "permissions": rights(BEN)},
    }
    record.wishes = {HOST: "in", BEN: "in", CY: "in"}
    record.views = [view(), view(), view()]
    record.boards = {HOST: view().board, BEN: view().board}
    record.writes.append(write(HOST, "save", "ada-7", 4.5, value={"version": 1}))
    record.snapshots = {1: {**view().board["state"], "strokes": [{"id": "a"}]}}
    record.troubles = [Trouble("cut", 1, 3.0, 3.0)]
    return record


def refused(who: str, kind: str, name: str, at: float, code: str, body: object = None) -> Write:
    """Something that was refused."""
    return Write(who, kind, name, body, [Attempt(at, 0, "refused", at + 0.1, code=code)])


def view() -> View:
    """What each instance shows at the end."""
    lists: Message = {"objects": [], "assets": [], "layers": [], "background": "white"}
    ada, ben = ({"user_id": who, "status": "connected"} for who in (HOST, BEN))
    return View(
        session={"status": "active", "settings": {"board_background": "white"}},
        participants=[ada, ben],
        media=[
            {"user_id": HOST, **NOBODY_MEDIA},
            {"user_id": BEN, **NOBODY_MEDIA, "video_enabled": True},
        ],
        board={"version": 2, "state": {"strokes": [{"id": "a"}, {"id": "b"}], **lists}},
        events=[
            event(1, "session_start", HOST, 0.55, {}),
            event(2, "tool_select", BEN, 5.25, {"name": "ben-2"}),
            event(3, "media_state", BEN, 6.05, {"user_id": BEN, "video_enabled": True}),
            event(4, "participant_kick", HOST, 7.05, {"user_id": CY}),
        ],
        stats={"by_type": {"session_start": 1, "tool_select": 1, "media_state": 1, "participant_kick": 1}},
        replayed=story(),
    )


def event(number: int, kind: str, who: str, at: float, data: Message) -> Message:
    """An entry of the event log."""
    return {"id": number, "event_type": kind, "user_id": who, "data": data, "at": at}
