"""The bodies and queries of the REST calls (contract §2, §3); the booking push alone is in `bookings`.

A body loads to a dict with the names of the contract, times as integer milliseconds. An optional field that
was not sent is missing unless it has a default; one that may be `null` and was, is None. Queries are loaded
from the texts of the URL.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import INCLUDE, ValidationError, fields, post_load, pre_load, validate, validates_schema

from schemas.fields import (
    Blob,
    Flag,
    Id,
    In,
    JsonObject,
    Name,
    OneOrMore,
    QueryWhole,
    Text,
    Timestamp,
    Whole,
    doc,
)
from schemas.ids import user_key
from schemas.permissions import PERMISSIONS

SESSION_TYPES = ("lesson", "solo", "group", "demo")
SESSION_STATUSES = ("scheduled", "waiting", "active", "paused", "completed", "terminated", "expired")
BOOKING_STATUSES = ("pending", "confirmed", "cancelled", "completed", "no_show")
GIVEN_ROLES = ("student", "viewer")
"""The roles one person can give to another: there is one host, and it stays."""

FRONTEND_EVENT_TYPES = frozenset(
    (
        "layout_change",
        "tool_select",
        "export_board",
        "manual_save",
        "reconnect_attempt",
        "error",
        "board_clear",
        "snapshot_restore",
    )
)
"""What a client may log; the other types are the server's own. An unknown one is the caller's to refuse."""

MAX_EVENT_DATA_BYTES = 8192
MAX_ACCESS_CODE_BYTES = 4096
"""What may be sent as a code: more than can be set, because the deployed client sends its token there."""

MAX_PARTICIPANTS = 1000
SETTINGS_DEFAULTS: Mapping[str, Any] = {
    "allow_recording": False,
    "auto_save_interval": 30,
    "max_participants": MAX_PARTICIPANTS,
    "board_background": None,
}
"""The settings of a session whose creator named none: a room is full only when somebody has set a size."""


def _user_id(**kwargs: Any) -> Id:
    return Id(**kwargs, metadata=doc("A person's id, of the type the platform gave it.", 7))


def _role(**kwargs: Any) -> fields.String:
    told = doc("The role in this session.", "student")
    return fields.String(validate=validate.OneOf(GIVEN_ROLES), metadata=told, **kwargs)


def _reason() -> Text:
    return Text(500, allow_none=True, metadata=doc("Why, for the others to read.", "The lesson is over."))


def _avatar() -> Text:
    return Text(
        2048, allow_none=True, metadata=doc("The address of a picture.", "https://example.org/ada.png")
    )


def _name(**kwargs: Any) -> Name:
    return Name(**kwargs, metadata=doc("How the person is called.", "Ada"))


class EmptyIn(In):
    """A call without a body, or with an empty object."""


class MediaStateIn(In):
    """What to switch on or off; at least one of the three."""

    video_enabled = Flag(metadata=doc("The camera is on.", True))
    audio_enabled = Flag(metadata=doc("The microphone is on.", True))
    screen_sharing = Flag(metadata=doc("The screen is shown.", False))

    @validates_schema
    def _something(self, data: dict[str, Any], **_: Any) -> None:
        if not data:
            raise ValidationError(
                "At least one of video_enabled, audio_enabled and screen_sharing is needed."
            )


class EventIn(In):
    """Something the client noticed, for the session's log. How large `data` is, the caller checks."""

    event_type = Text(
        64,
        1,
        required=True,
        metadata=doc(
            "One of the event types a client may log.", "layout_change", enum=sorted(FRONTEND_EVENT_TYPES)
        ),
    )
    data = JsonObject(
        load_default=dict,
        metadata=doc(f"Anything, at most {MAX_EVENT_DATA_BYTES} bytes as JSON.", {"layout": "grid"}),
    )


class SettingsIn(In):
    """What the creator of a session can set."""

    allow_recording = Flag(metadata=doc("The page may offer to record.", False))
    auto_save_interval = Whole(5, 3600, metadata=doc("Seconds between two automatic saves.", 30))
    max_participants = Whole(
        1, MAX_PARTICIPANTS, metadata=doc("How many people fit in, the host included.", 10)
    )
    board_background = Text(
        2048, allow_none=True, metadata=doc("A colour, a pattern's name or an address.", "#ffffff")
    )


class InvitedIn(In):
    """Somebody who may come."""

    id = _user_id(required=True)
    name = _name(allow_none=True)


class HostIn(In):
    """Whose session it is; only the service names somebody else than itself."""

    id = _user_id(required=True)
    name = _name(allow_none=True)
    avatar = _avatar()


class SoloIn(In):
    """A session for oneself. Loads with all `settings`."""

    settings = fields.Nested(SettingsIn, metadata={"description": "What differs from the defaults."})

    @post_load
    def _complete(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**data, "settings": {**SETTINGS_DEFAULTS, **data.get("settings", {})}}


class SessionIn(In):
    """A new session. Loads with all `settings` and `max_participants`, and with nobody invited twice."""

    session_type = fields.String(
        required=True, validate=validate.OneOf(SESSION_TYPES), metadata=doc("What it is for.", "lesson")
    )
    scheduled_start = Timestamp(
        allow_none=True,
        metadata=doc("When it is to begin; without, it waits at once.", "2026-01-02T15:00:00Z"),
    )
    scheduled_end = Timestamp(allow_none=True, metadata=doc("When it is to end.", "2026-01-02T16:00:00Z"))
    booking_id = Id(allow_none=True, metadata=doc("The booking it belongs to.", "b-17"))
    settings = fields.Nested(SettingsIn, metadata={"description": "What differs from the defaults."})
    access_code = Text(128, 1, allow_none=True, metadata=doc("Whoever knows it may come in.", "birch-4711"))
    max_participants = Whole(
        1, MAX_PARTICIPANTS, metadata=doc("The same value as in the settings, and as good a place.", 10)
    )
    invite = fields.List(
        fields.Nested(InvitedIn),
        validate=validate.Length(max=MAX_PARTICIPANTS),
        metadata=doc("People who may come.", [{"id": 8, "name": "Grace"}]),
    )
    host = fields.Nested(HostIn, metadata={"description": "The host, where the service creates the session."})

    @validates_schema
    def _ends_after_start(self, data: dict[str, Any], **_: Any) -> None:
        start, end = data.get("scheduled_start"), data.get("scheduled_end")
        if start is not None and end is not None and end <= start:
            raise ValidationError("The end must be after the start.", "scheduled_end")

    @validates_schema
    def _one_maximum(self, data: dict[str, Any], **_: Any) -> None:
        above, inside = data.get("max_participants"), data.get("settings", {}).get("max_participants")
        if above is not None and inside is not None and above != inside:
            raise ValidationError("This differs from settings.max_participants.", "max_participants")

    @post_load
    def _complete(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        above = {"max_participants": data["max_participants"]} if "max_participants" in data else {}
        settings = {**SETTINGS_DEFAULTS, **data.get("settings", {}), **above}
        invite = _each_once(data.get("invite", ()))
        return {
            **data,
            "settings": settings,
            "max_participants": settings["max_participants"],
            "invite": invite,
        }


def _each_once(people: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for person in people:
        found.setdefault(user_key(person["id"]), person)
    return list(found.values())


class JoinIn(In):
    """Coming in; the code counts only for somebody who has no other ground."""

    access_code = Blob(
        MAX_ACCESS_CODE_BYTES, allow_none=True, metadata=doc("The session's access code.", "birch-4711")
    )


class ReasonIn(In):
    """A call that ends something, with a reason if there is one."""

    reason = _reason()


class KickIn(In):
    """Whom to send away."""

    user_id = _user_id(required=True)
    reason = _reason()


class InviteIn(In):
    """Whom to let in, again or for the first time."""

    user_id = _user_id(required=True)
    name = _name(allow_none=True)
    role = _role()


class RoleIn(In):
    """A participant's new role."""

    user_id = _user_id(required=True)
    role = _role(required=True)


class PermissionChangesIn(In):
    """Any of the fifteen permissions: `true` and `false` override the role, `null` takes one back to it."""

    class Meta(In.Meta):
        include = {
            name: Flag(allow_none=True, metadata=doc("Overrides the role; null goes back to it.", True))
            for name in PERMISSIONS
        }

    @validates_schema
    def _something(self, data: dict[str, Any], **_: Any) -> None:
        if not data:
            raise ValidationError("At least one permission is needed.")


class PermissionsIn(In):
    """Changes of a participant's own permissions, merged into those made before."""

    user_id = _user_id(required=True)
    permissions = fields.Nested(
        PermissionChangesIn,
        required=True,
        metadata=doc("What to change.", {"can_draw": False, "can_export": None}),
    )


class AutosaveIn(In):
    """The board as the client has it, and the version it has it at."""

    board_state = JsonObject(required=True, metadata=doc("The whole board.", {"strokes": []}))
    version = Whole(0, required=True, metadata=doc("The newest version the client has applied.", 12))


class Query(In):
    """Parameters of a URL; one with an empty value counts as not given."""

    @pre_load
    def _without_empty(self, data: Any, **_: Any) -> Any:
        return (
            {name: text for name, text in data.items() if text != ""} if isinstance(data, Mapping) else data
        )


class EmptyQuery(Query):
    """A call without parameters."""


class EventsQuery(Query):
    """Which part of the log, newest first."""

    event_type = Text(64, metadata=doc("Only events of this type.", "error"))
    limit = QueryWhole(1, 1000, load_default=100, metadata=doc("How many at most.", 100))
    before = QueryWhole(1, metadata=doc("Only older than this: the `next` of the answer before.", 4711))


class ErrorsQuery(Query):
    """How many of the newest `error` events."""

    limit = QueryWhole(1, 200, load_default=20, metadata=doc("How many at most.", 20))


class PagedQuery(Query):
    """A page of a list."""

    page = QueryWhole(1, 1_000_000, load_default=1, metadata=doc("Which page, from 1.", 1))
    page_size = QueryWhole(1, 100, load_default=20, metadata=doc("How many on a page.", 20))


class SessionsQuery(PagedQuery):
    """Which of one's own sessions."""

    status = OneOrMore(
        SESSION_STATUSES, metadata=doc("Only with one of these, separated by commas.", "waiting,active")
    )


class BookingsQuery(PagedQuery):
    """Which of one's own bookings."""

    status = OneOrMore(
        BOOKING_STATUSES, metadata=doc("Only with one of these, separated by commas.", "pending,confirmed")
    )
    role = fields.String(
        validate=validate.OneOf(("tutor", "student")),
        metadata=doc("Only those in which one is this.", "tutor"),
    )


class SnapshotsQuery(Query):
    """Which snapshots."""

    type = Text(32, metadata=doc("Only snapshots of this kind.", "manual"))


class ExportQuery(Query):
    """The kind of file."""

    format = fields.String(
        load_default="json",
        validate=validate.OneOf(("json", "svg", "png")),
        metadata=doc("The kind of file.", "svg"),
    )


class StatusQuery(Query):
    """Which of one's own sessions, all at once."""

    status = OneOrMore(
        SESSION_STATUSES, metadata=doc("Only with one of these, separated by commas.", "waiting,active")
    )


class AnythingIn(In):
    """A body whose schema depends on what is stored already: its command checks it."""

    class Meta:
        unknown = INCLUDE


class HistoryQuery(Query):
    """How much of a board's history."""

    limit = QueryWhole(
        1, 200, load_default=50, metadata=doc("How many at most, the live board included.", 50)
    )
