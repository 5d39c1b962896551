"""What the REST calls answer (contract §2, §3): which fields there are, and what they mean.

An answer is dumped from a dict that has the keys of its schema: a key too many is left out, and one that is
missing is a KeyError here and not a hole in what a client reads. Times are milliseconds or RFC 3339 already.
"""

from __future__ import annotations

from marshmallow import INCLUDE, fields

from schemas.answer_fields import (
    EXAMPLE_UUID,
    Out,
    count,
    counts,
    flag,
    success,
    text,
    time,
    user_id,
)
from schemas.bookings import Price
from schemas.fields import Flat, Id, JsonObject, doc
from schemas.permissions import PERMISSIONS, ROLES
from schemas.rest import BOOKING_STATUSES, SESSION_STATUSES, SESSION_TYPES

PARTICIPANT_STATUSES = ("invited", "joining", "connected", "reconnecting", "disconnected", "left", "kicked")
CONNECTION_QUALITIES = ("excellent", "good", "fair", "poor")


class SuccessOut(Out):
    """It is done."""

    success = success()


class ProblemOut(Out):
    """Why not (application/problem+json)."""

    optional = frozenset(("errors",))

    type = text("The kind of problem.", "about:blank")
    title = text("The kind of problem, in words.", "The session is full")
    status = count("The HTTP status.", 409)
    detail = text("What is wrong, as a sentence for a person.", "The session is full.")
    code = text("What is wrong, for programs.", "session_full")
    request_id = text("The id under which the log knows this request.", "0b6f2f3e")
    errors = JsonObject(
        values=fields.List(fields.String()),
        metadata=doc("Field → what is wrong with it.", {"limit": ["Not a valid integer."]}),
    )


class HostOut(Out):
    """Whose session it is."""

    id = user_id()
    name = text("How the person is called.", "Ada")
    avatar = text("The address of a picture.", None, null=True)


class ParticipantOut(Out):
    """Somebody in a session."""

    user_id = user_id()
    name = text("How the person is called; never empty.", "Ada")
    avatar = text("The address of a picture.", None, null=True)
    role = text("What the person is here.", "student", *ROLES)
    status = text("Where the person is.", "connected", *PARTICIPANT_STATUSES)
    video_enabled = flag("The camera is on.")
    audio_enabled = flag("The microphone is on.")
    screen_sharing = flag("The screen is shown.", example=False)
    connection_quality = text("How good the connection is.", "good", *CONNECTION_QUALITIES)
    hand_raised = flag("The person wants to say something.", example=False)
    joined_at = time("When the person came, first.", null=True)
    left_at = time("When the person left.", null=True)


class MediaStateOut(Out):
    """What somebody has switched on."""

    user_id = user_id()
    video_enabled = flag("The camera is on.")
    audio_enabled = flag("The microphone is on.")
    screen_sharing = flag("The screen is shown.", example=False)
    updated_at = time("When one of them last changed; null if none ever did.", null=True)


class SettingsOut(Out):
    """How a session is set up."""

    allow_recording = flag("The page may offer to record.", example=False)
    auto_save_interval = count("Seconds between two automatic saves.", 30)
    max_participants = count("How many people fit in, the host included.", 10)
    board_background = text("A colour, a pattern's name or an address.", None, null=True)


class SessionOut(Out):
    """A session."""

    optional = frozenset(("access_code",))

    uuid = text("The session's id.", EXAMPLE_UUID)
    session_type = text("What it is for.", "lesson", *SESSION_TYPES)
    status = text("Where it stands.", "active", *SESSION_STATUSES)
    host = Flat(HostOut, metadata={"description": "Whose session it is."})
    participants = Flat(
        ParticipantOut,
        many=True,
        metadata={"description": "Who is or was in, without the invited and the kicked."},
    )
    scheduled_start = time("When it is to begin.", null=True)
    scheduled_end = time("When it is to end.", null=True)
    actual_start = time("When it began.", null=True)
    actual_end = time("When it ended.", null=True)
    total_duration_seconds = count("How long it has been going on.", 3600)
    board_version = count("The newest version of the board.", 12)
    booking_id = Id(allow_none=True, metadata=doc("The booking it belongs to.", "b-17"))
    join_url = text("Its page.", f"/classroom/{EXAMPLE_UUID}")
    max_participants = count("How many people fit in, the host included.", 10)
    settings = Flat(SettingsOut, metadata={"description": "How it is set up."})
    access_code = text("Whoever knows it may come in; shown to the host alone.", "birch-4711", null=True)


class SessionListOut(Out):
    """A page of sessions."""

    count = count("How many there are on all pages.", 1)
    next = text("The address of the next page.", None, null=True)
    results = fields.List(fields.Nested(SessionOut), metadata={"description": "The sessions of this page."})


class ParticipantsOut(Out):
    """Who is in a session."""

    participants = Flat(ParticipantOut, many=True, metadata={"description": "The joiners, in their order."})


class PermissionFlagsOut(Out):
    """All fifteen permissions."""

    class Meta:
        include = {name: flag(f"The person {name.replace('_', ' ')}.") for name in PERMISSIONS}


def _permissions() -> Flat:
    return Flat(PermissionFlagsOut, metadata={"description": "What the person may do."})


class PermissionsOut(Out):
    """What somebody may do, and as what."""

    role = text("What the person is here.", "student", *ROLES)
    permissions = _permissions()


class GrantOut(ParticipantOut):
    """A participant, with what they may do now."""

    permissions = _permissions()


class TokenOut(Out):
    """The way into a session's sockets."""

    token = text("A classroom token, for sockets only.", "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl")
    expires_at = time("Until when it opens sockets.")
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

    success = success()
    media_state = Flat(MediaStateOut, metadata={"description": "One's own, now."})


class MediaStatesOut(Out):
    """What everybody has switched on."""

    media_states = Flat(MediaStateOut, many=True, metadata={"description": "One for each participant."})


class EventCreatedOut(Out):
    """The event is in the log."""

    success = success()
    event_id = count("Its number in the log.", 4711)


class EventOut(Out):
    """An entry of a session's log."""

    id = count("Its number in the log: later is higher.", 4711)
    event_type = text("What happened.", "layout_change")
    user_id = user_id("Who did it; null for the server itself.", null=True)
    data = JsonObject(metadata=doc("The rest.", {"layout": "grid"}))
    created_at = time("When.")


class EventsOut(Out):
    """A part of the log, newest first."""

    events = Flat(EventOut, many=True, metadata={"description": "The events."})
    next = count("What to send as `before` for older ones; null at the end.", 4611, null=True)


class EventStatsOut(Out):
    """Counts of all events ever, also of those that the log no longer has."""

    total = count("How many.", 3)
    by_type = counts("How many of each type.", {"layout_change": 2, "error": 1})
    by_user = counts("How many by each person.", {"7": 3})


class ErrorsOut(Out):
    """What went wrong for people, newest first."""

    errors = Flat(EventOut, many=True, metadata={"description": "Events of type `error`."})


class SessionStatsOut(Out):
    """A session in numbers."""

    session_id = text("The session's id.", EXAMPLE_UUID)
    status = text("Where it stands.", "active", *SESSION_STATUSES)
    total_duration_seconds = count("From its start until its end or now.", 3600)
    active_seconds = count("The same without the pauses.", 3300)
    participants_total = count("How many people have ever come in.", 5)
    connected_now = count("How many people are connected.", 2)
    peak_concurrency = count("The most people that were connected at once.", 4)
    events_total = count("How many events were logged.", 42)
    events_by_type = counts("How many of each type.", {"participant_join": 5})
    board_version = count("The newest version of the board.", 12)


class ClassroomOut(Out):
    """Where a booked lesson takes place."""

    session_id = text("The session's id.", EXAMPLE_UUID)
    status = text("Where the session stands.", "scheduled", *SESSION_STATUSES)
    can_join = flag("It is time; advice to the page.")
    join_url = text("The session's page.", f"/classroom/{EXAMPLE_UUID}")


class BookingSessionOut(Out):
    """The session of a booking, in short."""

    uuid = text("The session's id.", EXAMPLE_UUID)
    status = text("Where the session stands.", "scheduled", *SESSION_STATUSES)
    scheduled_start = time("When it is to begin.", null=True)


class PersonOut(Out):
    """A booking's tutor or student; what else was pushed about them is here too."""

    class Meta:
        unknown = INCLUDE

    id = user_id()
    name = text("How the person is called.", "Ada Lovelace")
    first_name = text("The first name, else the name's first word.", "Ada")
    last_name = text("The last name, else the rest of the name.", "Lovelace")
    photo = text("The address of a picture.", None, null=True)


class TimeSlotOut(Out):
    """When a booked lesson takes place, in UTC."""

    id = Id(metadata=doc("The booking's id.", "b-17"))
    date = text("The day it begins.", "2026-01-02")
    start_time = text("The time of day it begins.", "15:00:00")
    end_time = text("The time of day it ends.", "16:00:00")
    start_datetime = time("When it begins.")
    end_datetime = time("When it ends.")
    duration_minutes = count("How long it is.", 60)
    status = text("Whether the time is taken.", "booked", "booked", "available")


class BookingOut(Out):
    """A booking: all that the platform pushed, fields unknown here too, and what follows from it."""

    class Meta:
        unknown = INCLUDE

    id = Id(metadata=doc("The booking's id.", "b-17"))
    booking_id = Id(metadata=doc("The booking's id.", "b-17"))
    classroom_id = text("The session's id, once there is one.", EXAMPLE_UUID, null=True)
    tutor = fields.Nested(PersonOut, metadata={"description": "Who teaches."})
    student = fields.Nested(PersonOut, metadata={"description": "Who learns."})
    start = time("When it begins.")
    end = time("When it ends.")
    time_slot = Flat(TimeSlotOut, metadata={"description": "The same, taken apart."})
    subject = text("What is taught.", "Algebra", null=True)
    lesson_type = text("The platform's kind of lesson.", "trial", null=True)
    price = Price(allow_none=True, metadata=doc("As the platform writes it.", "25.00"))
    currency = text("As the platform writes it.", "EUR", null=True)
    student_notes = text("What the student wrote.", None, null=True)
    status = text("Where the booking stands.", "confirmed", *BOOKING_STATUSES)
    classroom = Flat(ClassroomOut, allow_none=True, metadata={"description": "Where it takes place."})
    classroom_session = Flat(
        BookingSessionOut, allow_none=True, metadata={"description": "The session, in short."}
    )


class BookingListOut(Out):
    """A page of bookings."""

    count = count("How many there are on all pages.", 1)
    next = text("The address of the next page.", None, null=True)
    previous = text("The address of the page before.", None, null=True)
    results = fields.List(fields.Nested(BookingOut), metadata={"description": "The bookings of this page."})
