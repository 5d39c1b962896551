"""The checks' own model of a lesson: what a board becomes, and who may do what when. It knows nothing of the server."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from tests.simulation.history import LessonRecord, Message, Write

STUDENT_RIGHTS = frozenset(
    ("can_draw", "can_erase", "can_toggle_video", "can_toggle_audio", "can_share_screen")
)
RIGHTS_OF = {"student": STUDENT_RIGHTS, "viewer": frozenset(("can_toggle_video", "can_toggle_audio"))}
RIGHT_FOR = {
    "stroke_add": "can_draw",
    "stroke_delete": "can_erase",
    "object:add": "can_draw",
    "object:update": "can_draw",
    "object:remove": "can_erase",
    "layer_add": "can_add_layers",
    "canvas:clear": "can_clear_board",
    "video_enabled": "can_toggle_video",
    "audio_enabled": "can_toggle_audio",
    "screen_sharing": "can_share_screen",
}
"""What an event of the board, or switching something on, needs."""

CHANGING = ("permit", "role", "kick", "invite", "start", "pause", "resume", "complete")
"""What the host does that changes what others may do."""


class Standing(NamedTuple):
    """What somebody may do: the lesson's status, their role, what the host gave or took, and whether they are out."""

    status: str = "active"
    role: str = "student"
    custom: frozenset[tuple[str, bool]] = frozenset()
    kicked: bool = False

    def has(self, right: str) -> bool:
        """Whether they have a right."""
        return dict(self.custom).get(right, right in RIGHTS_OF[self.role])


class Board:
    """What a board becomes by its events, in their order."""

    def __init__(self, background: Any) -> None:
        self._parts: dict[str, dict[str, Any]] = {"strokes": {}, "objects": {}, "assets": {}, "layers": {}}
        self._background = background
        self.version = 0

    def apply(self, update: Message) -> None:
        """The next event, as `board_update` tells it."""
        kind, data = update["event_type"], update["data"]
        strokes, objects = self._parts["strokes"], self._parts["objects"]
        match kind:
            case "stroke_add":
                strokes[data["stroke"]["id"]] = data["stroke"]
            case "stroke_delete":
                strokes.pop(data["strokeId"], None)
            case "object:add":
                objects[data["id"]] = data
            case "object:update":
                name = data["objectId"]
                objects[name] = {**objects.get(name, {}), **data["changes"], "id": name}
            case "object:remove":
                objects.pop(data["objectId"], None)
            case "layer_add":
                self._parts["layers"][data["id"]] = data
            case "canvas:clear":
                for part in ("strokes", "objects", "assets"):
                    self._parts[part].clear()
        self.version = update["version"]

    @property
    def state(self) -> Message:
        """As clients have it."""
        lists = {part: list(elements.values()) for part, elements in self._parts.items()}
        return {**lists, "background": self._background}


def after(standing: Standing, write: Write, who: str) -> Standing:
    """How somebody stands once the host's write has happened."""
    target = write.body.get("user_id") if isinstance(write.body, dict) else None
    match write.kind:
        case "pause" if standing.status == "active":
            return standing._replace(status="paused")
        case "resume" if standing.status == "paused":
            return standing._replace(status="active")
        case "complete":
            return standing._replace(status="over")
        case "kick" if target == who:
            return standing._replace(kicked=True)
        case "invite" if target == who and standing.kicked:
            return standing._replace(kicked=False, custom=frozenset())
        case "role" if target == who and not standing.kicked:
            return standing._replace(role=write.body["role"], custom=frozenset())
        case "permit" if target == who and not standing.kicked:
            changes = write.body["permissions"]
            custom = {right: value for right, value in standing.custom if right not in changes}
            given = {right: value for right, value in changes.items() if value is not None}
            return standing._replace(custom=frozenset({**custom, **given}.items()))
    return standing


def may(standing: Standing, write: Write, *, is_host: bool) -> bool:
    """Whether somebody who stands so may do this."""
    if standing.kicked or standing.status == "over":
        return False
    if is_host or write.kind not in ("board", "media"):
        return True
    if write.kind == "media":
        return all(standing.has(RIGHT_FOR[name]) for name, on in write.body.items() if on)
    return standing.status != "paused" and standing.has(RIGHT_FOR[write.body["event_type"]])


class Timeline:
    """How one person can have stood, at any time: a host's write counts from its sending at the earliest, and from its
    acknowledgement on for certain; one that was left in doubt may happen a little later still.
    """

    def __init__(self, record: LessonRecord, who: str) -> None:
        self._points: list[tuple[float, frozenset[Standing]]] = [(0.0, frozenset((Standing(),)))]
        moments: list[tuple[float, int, Write]] = []
        for write in record.writes_of(*CHANGING):
            if write.acknowledged or not write.refusal:
                moments.append((write.began_at, 0, write))
                moments.append((write.ended_at, 2, write))
            if write.acknowledged and write.acknowledged.answered_at is not None:
                moments.append((write.acknowledged.answered_at, 1, write))
        under_way: list[Write] = []
        for at, what, write in sorted(moments, key=lambda moment: moment[:2]):
            states = self._points[-1][1]
            if what == 2:
                under_way.remove(write)
                continue
            if what == 0:
                under_way.append(write)
            else:
                states = frozenset(after(state, write, who) for state in states)
            self._points.append((at, _closed(states, under_way, who)))

    def between(self, began_at: float, ended_at: float) -> set[Standing]:
        """Every way in which they can have stood in that time."""
        found: set[Standing] = set()
        for number, (at, states) in enumerate(self._points):
            until = self._points[number + 1][0] if number + 1 < len(self._points) else float("inf")
            if at <= ended_at and until >= began_at:
                found |= states
        return found

    @property
    def last(self) -> frozenset[Standing]:
        """How they can stand at the end."""
        return self._points[-1][1]


def _closed(states: Iterable[Standing], writes: list[Write], who: str) -> frozenset[Standing]:
    found = set(states)
    for _ in writes:
        found |= {after(state, write, who) for state in tuple(found) for write in writes}
    return frozenset(found)
