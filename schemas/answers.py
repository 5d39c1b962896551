"""What the REST calls answer (contract §2, §3): which fields there are, and what they mean.

An answer is dumped from a dict that has the keys of its schema: a key too many is left out, and one that is
missing is a KeyError here and not a hole in what a client reads. Times are milliseconds or RFC 3339 already.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import INCLUDE, Schema, fields, post_dump, validate

from schemas.bookings import Price
from schemas.fields import Flat, Id, JsonObject, Timestamp, doc
from schemas.permissions import PERMISSIONS, ROLES
from schemas.rest import BOOKING_STATUSES, SESSION_STATUSES, SESSION_TYPES

PARTICIPANT_STATUSES = ("invited", "joining", "connected", "reconnecting", "disconnected", "left", "kicked")
CONNECTION_QUALITIES = ("excellent", "good", "fair", "poor")
_UUID = "2f1c9f0e-6d0b-4c39-9a55-3d8f1f0c7b11"
_AT = "2026-01-02T15:00:00.000Z"


class Out(Schema):
    """An answer: every field is there, but for those that `optional` names.

    `Meta.unknown = INCLUDE` lets keys of no field through.
    """

    optional: frozenset[str] = frozenset()

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Describe as required what is always there."""
        field_obj.required = field_name not in self.optional

    @post_dump(pass_original=True)
    def _whole(self, data: dict[str, Any], original: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        if len(data) != len(self.dump_fields):
            missing = self.dump_fields.keys() - data.keys() - self.optional
            if missing:
                raise KeyError(f"{type(self).__name__} without {', '.join(sorted(missing))}")
        return {**original, **data} if self.unknown == INCLUDE else data


def _text(description: str, example: str | None, *choices: str, null: bool = False) -> fields.String:
    allowed = validate.OneOf(choices) if choices else None
    return fields.String(allow_none=null, validate=allowed, metadata=doc(description, example))


def _flag(description: str, *, example: bool = True) -> fields.Boolean:
    return fields.Boolean(metadata=doc(description, example))


def _count(description: str, example: int, *, null: bool = False) -> fields.Integer:
    return fields.Integer(allow_none=null, metadata=doc(description, example))


def _counts(description: str, example: dict[str, int]) -> JsonObject:
    return JsonObject(values=fields.Integer(), metadata=doc(description, example))


def _time(description: str, *, null: bool = False) -> Timestamp:
    return Timestamp(allow_none=null, metadata=doc(description, _AT))


def _user_id(
    description: str = "The person's id, of the type the platform gave it.", *, null: bool = False
) -> Id:
    return Id(allow_none=null, metadata=doc(description, 7))


def _success() -> fields.Boolean:
    return _flag("Always true: what failed is answered as a problem.")


class SuccessOut(Out):
    """It is done."""

    success = _success()


class ProblemOut(Out):
    """Why not (application/problem+json)."""

    optional = frozenset(("errors",))

    type = _text("The kind of problem.", "about:blank")
    title = _text("The kind of problem, in words.", "The session is full")
    status = _count("The HTTP status.", 409)
    detail = _text("What is wrong, as a sentence for a person.", "The session is full.")
    code = _text("What is wrong, for programs.", "session_full")
    request_id = _text("The id under which the log knows this request.", "0b6f2f3e")
    errors = JsonObject(
        values=fields.List(fields.String()),
        metadata=doc("Field → what is wrong with it.", {"limit": ["Not a valid integer."]}),
    )


class HostOut(Out):
    """Whose session it is."""

    id = _user_id()
    name = _text("How the person is called.", "Ada")
    avatar = _text("The address of a picture.", None, null=True)


class ParticipantOut(Out):
    """Somebody in a session."""

    user_id = _user_id()
    name = _text("How the person is called; never empty.", "Ada")
    avatar = _text("The address of a picture.", None, null=True)
    role = _text("What the person is here.", "student", *ROLES)
    status = _text("Where the person is.", "connected", *PARTICIPANT_STATUSES)
    video_enabled = _flag("The camera is on.")
    audio_enabled = _flag("The microphone is on.")
    screen_sharing = _flag("The screen is shown.", example=False)
    connection_quality = _text("How good the connection is.", "good", *CONNECTION_QUALITIES)
    hand_raised = _flag("The person wants to say something.", example=False)
    joined_at = _time("When the person came, first.", null=True)
    left_at = _time("When the person left.", null=True)


class MediaStateOut(Out):
    """What somebody has switched on."""

    user_id = _user_id()
    video_enabled = _flag("The camera is on.")
    audio_enabled = _flag("The microphone is on.")
    screen_sharing = _flag("The screen is shown.", example=False)
    updated_at = _time("When one of them last changed; null if none ever did.", null=True)


class SettingsOut(Out):
    """How a session is set up."""

    allow_recording = _flag("The page may offer to record.", example=False)
    auto_save_interval = _count("Seconds between two automatic saves.", 30)
    max_participants = _count("How many people fit in, the host included.", 10)
    board_background = _text("A colour, a pattern's name or an address.", None, null=True)


class SessionOut(Out):
    """A session."""

    optional = frozenset(("access_code",))

    uuid = _text("The session's id.", _UUID)
    session_type = _text("What it is for.", "lesson", *SESSION_TYPES)
    status = _text("Where it stands.", "active", *SESSION_STATUSES)
    host = Flat(HostOut, metadata={"description": "Whose session it is."})
    participants = Flat(
        ParticipantOut,
        many=True,
        metadata={"description": "Who is or was in, without the invited and the kicked."},
    )
    scheduled_start = _time("When it is to begin.", null=True)
    scheduled_end = _time("When it is to end.", null=True)
    actual_start = _time("When it began.", null=True)
    actual_end = _time("When it ended.", null=True)
    total_duration_seconds = _count("How long it has been going on.", 3600)
    board_version = _count("The newest version of the board.", 12)
    booking_id = Id(allow_none=True, metadata=doc("The booking it belongs to.", "b-17"))
    join_url = _text("Its page.", f"/classroom/{_UUID}")
    max_participants = _count("How many people fit in, the host included.", 10)
    settings = Flat(SettingsOut, metadata={"description": "How it is set up."})
    access_code = _text("Whoever knows it may come in; shown to the host alone.", "birch-4711", null=True)


class SessionListOut(Out):
    """A page of sessions."""

    count = _count("How many there are on all pages.", 1)
    next = _text("The address of the next page.", None, null=True)
    results = fields.List(fields.Nested(SessionOut), metadata={"description": "The sessions of this page."})


class ParticipantsOut(Out):
    """Who is in a session."""

    participants = Flat(ParticipantOut, many=True, metadata={"description": "The joiners, in their order."})


class PermissionFlagsOut(Out):
    """All fifteen permissions."""

    class Meta:
        include = {name: _flag(f"The person {name.replace('_', ' ')}.") for name in PERMISSIONS}


def _permissions() -> Flat:
    return Flat(PermissionFlagsOut, metadata={"description": "What the person may do."})


class PermissionsOut(Out):
    """What somebody may do, and as what."""

    role = _text("What the person is here.", "student", *ROLES)
    permissions = _permissions()


class GrantOut(ParticipantOut):
    """A participant, with what they may do now."""

    permissions = _permissions()


class TokenOut(Out):
    """The way into a session's sockets."""

    token = _text("A classroom token, for sockets only.", "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl")
    expires_at = _time("Until when it opens sockets.")
    permissions = _permissions()
    session = fields.Nested(SessionOut, metadata={"description": "The session."})


class JoinOut(TokenOut):
    """All that a page needs to begin."""

    participant = Flat(ParticipantOut, metadata={"description": "Oneself."})
    board_state = JsonObject(metadata=doc("The whole board.", {"strokes": [], "objects": [], "assets": []}))
    ice_servers = fields.List(
        JsonObject(),
        metadata=doc("Servers for calls, as browsers take them.", [{"urls": ["stun:stun.example.org"]}]),
    )


class MediaStateAnswer(Out):
    """What is switched on now."""

    success = _success()
    media_state = Flat(MediaStateOut, metadata={"description": "One's own, now."})


class MediaStatesOut(Out):
    """What everybody has switched on."""

    media_states = Flat(MediaStateOut, many=True, metadata={"description": "One for each participant."})


class EventCreatedOut(Out):
    """The event is in the log."""

    success = _success()
    event_id = _count("Its number in the log.", 4711)


class EventOut(Out):
    """An entry of a session's log."""

    id = _count("Its number in the log: later is higher.", 4711)
    event_type = _text("What happened.", "layout_change")
    user_id = _user_id("Who did it; null for the server itself.", null=True)
    data = JsonObject(metadata=doc("The rest.", {"layout": "grid"}))
    created_at = _time("When.")


class EventsOut(Out):
    """A part of the log, newest first."""

    events = Flat(EventOut, many=True, metadata={"description": "The events."})
    next = _count("What to send as `before` for older ones; null at the end.", 4611, null=True)


class EventStatsOut(Out):
    """Counts of all events ever, also of those that the log no longer has."""

    total = _count("How many.", 3)
    by_type = _counts("How many of each type.", {"layout_change": 2, "error": 1})
    by_user = _counts("How many by each person.", {"7": 3})


class ErrorsOut(Out):
    """What went wrong for people, newest first."""

    errors = Flat(EventOut, many=True, metadata={"description": "Events of type `error`."})


class SessionStatsOut(Out):
    """A session in numbers."""

    session_id = _text("The session's id.", _UUID)
    status = _text("Where it stands.", "active", *SESSION_STATUSES)
    total_duration_seconds = _count("From its start until its end or now.", 3600)
    active_seconds = _count("The same without the pauses.", 3300)
    participants_total = _count("How many people have ever come in.", 5)
    connected_now = _count("How many people are connected.", 2)
    peak_concurrency = _count("The most people that were connected at once.", 4)
    events_total = _count("How many events were logged.", 42)
    events_by_type = _counts("How many of each type.", {"participant_join": 5})
    board_version = _count("The newest version of the board.", 12)


class AutosaveOut(Out):
    """Where the server's own board is."""

    version = _count("The server's version.", 12)
    stale = _flag("The client's version was older.", example=False)


class AuthorOut(Out):
    """Who did it."""

    id = _user_id()
    name = _text("How the person is called.", "Ada")


class SnapshotOut(Out):
    """A kept state of the board, without the state."""

    version = _count("The board's version that was kept.", 12)
    snapshot_type = _text("Who wanted it kept.", "manual", "manual", "auto")
    created_at = _time("When it was kept.")
    created_by = Flat(AuthorOut, metadata={"description": "Who kept it, or who had changed the board last."})
    size_bytes = _count("Its size as JSON.", 2048)
    participant_count = _count("How many people were connected.", 2)
    thumbnail_url = _text("There is none.", None, null=True)


def _board_state() -> JsonObject:
    return JsonObject(metadata=doc("The whole board.", {"strokes": [], "objects": [], "assets": []}))


class SnapshotsOut(Out):
    """What is kept of a board."""

    snapshots = Flat(SnapshotOut, many=True, metadata={"description": "Newest first."})


class SnapshotStateOut(SnapshotOut):
    """A kept state of the board."""

    board_state = _board_state()


class RestoreOut(Out):
    """The board as it is now; the state's own keys are at the top too."""

    class Meta:
        unknown = INCLUDE

    version = _count("The new version: versions only go up.", 13)
    board_state = _board_state()
    state = _board_state()


class HistoryEntryOut(Out):
    """The board at one version."""

    id = _count("One for each entry.", 12)
    version = _count("The board's version.", 12)
    state = _board_state()
    created_at = _time("When it was changed last, or kept.")
    created_by = Flat(AuthorOut, metadata={"description": "By whom."})


class FileOut(Out):
    """A file: JSON, SVG or PNG."""


class ClassroomOut(Out):
    """Where a booked lesson takes place."""

    session_id = _text("The session's id.", _UUID)
    status = _text("Where the session stands.", "scheduled", *SESSION_STATUSES)
    can_join = _flag("It is time; advice to the page.")
    join_url = _text("The session's page.", f"/classroom/{_UUID}")


class BookingSessionOut(Out):
    """The session of a booking, in short."""

    uuid = _text("The session's id.", _UUID)
    status = _text("Where the session stands.", "scheduled", *SESSION_STATUSES)
    scheduled_start = _time("When it is to begin.", null=True)


class PersonOut(Out):
    """A booking's tutor or student; what else was pushed about them is here too."""

    class Meta:
        unknown = INCLUDE

    id = _user_id()
    name = _text("How the person is called.", "Ada Lovelace")
    first_name = _text("The first name, else the name's first word.", "Ada")
    last_name = _text("The last name, else the rest of the name.", "Lovelace")
    photo = _text("The address of a picture.", None, null=True)


class TimeSlotOut(Out):
    """When a booked lesson takes place, in UTC."""

    id = Id(metadata=doc("The booking's id.", "b-17"))
    date = _text("The day it begins.", "2026-01-02")
    start_time = _text("The time of day it begins.", "15:00:00")
    end_time = _text("The time of day it ends.", "16:00:00")
    start_datetime = _time("When it begins.")
    end_datetime = _time("When it ends.")
    duration_minutes = _count("How long it is.", 60)
    status = _text("Whether the time is taken.", "booked", "booked", "available")


class BookingOut(Out):
    """A booking: all that the platform pushed, fields unknown here too, and what follows from it."""

    class Meta:
        unknown = INCLUDE

    id = Id(metadata=doc("The booking's id.", "b-17"))
    booking_id = Id(metadata=doc("The booking's id.", "b-17"))
    classroom_id = _text("The session's id, once there is one.", _UUID, null=True)
    tutor = fields.Nested(PersonOut, metadata={"description": "Who teaches."})
    student = fields.Nested(PersonOut, metadata={"description": "Who learns."})
    start = _time("When it begins.")
    end = _time("When it ends.")
    time_slot = Flat(TimeSlotOut, metadata={"description": "The same, taken apart."})
    subject = _text("What is taught.", "Algebra", null=True)
    lesson_type = _text("The platform's kind of lesson.", "trial", null=True)
    price = Price(allow_none=True, metadata=doc("As the platform writes it.", "25.00"))
    currency = _text("As the platform writes it.", "EUR", null=True)
    student_notes = _text("What the student wrote.", None, null=True)
    status = _text("Where the booking stands.", "confirmed", *BOOKING_STATUSES)
    classroom = Flat(ClassroomOut, allow_none=True, metadata={"description": "Where it takes place."})
    classroom_session = Flat(
        BookingSessionOut, allow_none=True, metadata={"description": "The session, in short."}
    )


class BookingListOut(Out):
    """A page of bookings."""

    count = _count("How many there are on all pages.", 1)
    next = _text("The address of the next page.", None, null=True)
    previous = _text("The address of the page before.", None, null=True)
    results = fields.List(fields.Nested(BookingOut), metadata={"description": "The bookings of this page."})
