"""The route table: every REST call (contract §2 and §3), from which both the server's routing and
`/openapi.json` are made.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from handlers.commands import board, bookings, events, media, people, sessions
from handlers.rest import RestHandler, Route
from handlers.services import Services
from schemas import answers, answers_board, rest
from schemas.bookings import BookingUpdateIn

CLASSROOM: tuple[Route, ...] = (
    Route(
        "POST",
        "sessions/",
        sessions.create,
        "Make a session",
        answers.SessionOut,
        rest.SessionIn,
        status=201,
        aliases=("session/create/",),
    ),
    Route(
        "POST",
        "sessions/solo/",
        sessions.create_solo,
        "Make a session for oneself, active at once",
        answers.SessionOut,
        rest.SoloIn,
        status=201,
    ),
    Route(
        "GET",
        "sessions/my/",
        sessions.mine,
        "A page of one's own sessions",
        answers.SessionListOut,
        query=rest.SessionsQuery,
    ),
    Route(
        "GET",
        "my-sessions/",
        sessions.all_mine,
        "All of one's own sessions, as a bare list",
        answers.SessionOut,
        query=rest.StatusQuery,
        many=True,
    ),
    Route("GET", "sessions/{uuid}/", sessions.get, "A session", answers.SessionOut),
    Route(
        "GET",
        "sessions/{uuid}/participants/",
        people.participants,
        "Who is, or was, in a session",
        answers.ParticipantsOut,
    ),
    Route("POST", "sessions/{uuid}/join/", people.join, "Take one's seat", answers.JoinOut, rest.JoinIn),
    Route("POST", "sessions/{uuid}/jwt/", people.classroom_token, "Get a classroom token", answers.TokenOut),
    Route(
        "GET",
        "sessions/{uuid}/permissions/",
        people.permissions,
        "One's own role and permissions",
        answers.PermissionsOut,
    ),
    Route("POST", "sessions/{uuid}/start/", sessions.transition("start"), "Start", answers.SessionOut),
    Route("POST", "sessions/{uuid}/pause/", sessions.transition("pause"), "Pause", answers.SessionOut),
    Route("POST", "sessions/{uuid}/resume/", sessions.transition("resume"), "Resume", answers.SessionOut),
    Route(
        "POST",
        "sessions/{uuid}/complete/",
        sessions.transition("complete"),
        "Complete",
        answers.SessionOut,
        rest.ReasonIn,
    ),
    Route(
        "POST",
        "sessions/{uuid}/terminate/",
        sessions.transition("terminate"),
        "Terminate",
        answers.SessionOut,
        rest.ReasonIn,
    ),
    Route("POST", "sessions/{uuid}/leave/", people.leave, "Leave", answers.SuccessOut),
    Route("POST", "sessions/{uuid}/kick/", people.kick, "Remove somebody", answers.SuccessOut, rest.KickIn),
    Route(
        "POST",
        "sessions/{uuid}/kick/{user_id}/",
        people.kick,
        "Remove somebody",
        answers.SuccessOut,
        rest.ReasonIn,
    ),
    Route(
        "POST",
        "sessions/{uuid}/invite/",
        people.invite,
        "Let somebody in",
        answers.ParticipantOut,
        rest.InviteIn,
    ),
    Route(
        "POST",
        "sessions/{uuid}/role/",
        people.set_role,
        "Give somebody another role",
        answers.GrantOut,
        rest.RoleIn,
    ),
    Route(
        "POST",
        "sessions/{uuid}/permissions/",
        people.set_permissions,
        "Change somebody's permissions",
        answers.GrantOut,
        rest.PermissionsIn,
    ),
    Route(
        "POST",
        "sessions/{uuid}/media-state/",
        media.set_media_state,
        "Switch one's camera, microphone, screen",
        answers.MediaStateAnswer,
        rest.MediaStateIn,
    ),
    Route(
        "GET",
        "sessions/{uuid}/media-state/",
        media.list_media_states,
        "Everybody's media states",
        answers.MediaStatesOut,
    ),
    Route(
        "POST",
        "sessions/{uuid}/event/",
        events.log_event,
        "Log an event",
        answers.EventCreatedOut,
        rest.EventIn,
        status=201,
    ),
    Route(
        "GET",
        "sessions/{uuid}/events/",
        events.list_events,
        "A page of the event log",
        answers.EventsOut,
        query=rest.EventsQuery,
    ),
    Route("GET", "sessions/{uuid}/events/stats/", events.event_stats, "Event counts", answers.EventStatsOut),
    Route(
        "GET",
        "sessions/{uuid}/events/errors/",
        events.recent_errors,
        "The newest errors",
        answers.ErrorsOut,
        query=rest.ErrorsQuery,
    ),
    Route("GET", "sessions/{uuid}/stats/", sessions.stats, "A session in numbers", answers.SessionStatsOut),
    Route(
        "POST",
        "sessions/{uuid}/autosave/",
        board.autosave,
        "A client's regular save of the board",
        answers_board.AutosaveOut,
        rest.AutosaveIn,
        takes_board=True,
    ),
    Route(
        "POST",
        "sessions/{uuid}/save/",
        board.save,
        "Keep a snapshot of the board",
        answers_board.SnapshotOut,
        status=201,
    ),
    Route(
        "GET",
        "sessions/{uuid}/snapshots/",
        board.snapshots,
        "The kept snapshots",
        answers_board.SnapshotsOut,
        query=rest.SnapshotsQuery,
    ),
    Route(
        "GET",
        "sessions/{uuid}/snapshots/{version}/",
        board.snapshot,
        "One snapshot",
        answers_board.SnapshotStateOut,
    ),
    Route(
        "POST",
        "sessions/{uuid}/snapshots/{version}/restore/",
        board.restore,
        "Make an old board the new one",
        answers_board.RestoreOut,
        aliases=("history/{uuid}/restore/{version}/",),
    ),
    Route(
        "GET",
        "history/{uuid}/",
        board.history,
        "The live board and the kept ones",
        answers_board.HistoryEntryOut,
        query=rest.HistoryQuery,
        many=True,
    ),
    Route(
        "GET",
        "sessions/{uuid}/export/",
        board.export,
        "The board as a file",
        answers_board.FileOut,
        query=rest.ExportQuery,
        aliases=("history/{uuid}/export/",),
    ),
    Route(
        "GET",
        "sessions/{uuid}/snapshots/{version}/export/",
        board.export,
        "A snapshot as a file",
        answers_board.FileOut,
        query=rest.ExportQuery,
    ),
)

BOOKING: tuple[Route, ...] = (
    Route(
        "POST",
        "bookings/",
        bookings.push,
        "Push a booking (the platform)",
        answers.BookingOut,
        rest.AnythingIn,
        described_body=BookingUpdateIn,
    ),
    Route(
        "GET",
        "bookings/",
        bookings.mine,
        "A page of one's own bookings",
        answers.BookingListOut,
        query=rest.BookingsQuery,
    ),
    Route("GET", "bookings/{booking_id}/", bookings.get, "A booking", answers.BookingOut),
    Route("POST", "bookings/{booking_id}/confirm/", bookings.confirm, "Confirm", answers.BookingOut),
    Route(
        "POST", "bookings/{booking_id}/cancel/", bookings.cancel, "Cancel", answers.BookingOut, rest.ReasonIn
    ),
    Route(
        "GET",
        "bookings/{booking_id}/classroom/",
        bookings.classroom,
        "The classroom of a booking",
        answers.ClassroomOut,
    ),
)

AREAS: Mapping[str, Sequence[Route]] = {"classroom": CLASSROOM, "booking": BOOKING}

_PARTS = {
    "uuid": r"(?P<uuid>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})",
    "version": r"(?P<version>[0-9]{1,15})",
    "user_id": r"(?P<user_id>[^/]+)",
    "booking_id": r"(?P<booking_id>[^/]+)",
}


def url_specs(services: Services) -> list[tuple[str, type[RestHandler], dict[str, Any]]]:
    """Tornado's routing for the table: with and without version, plural and singular, with and without last
    slash.
    """
    by_pattern: defaultdict[str, dict[str, Route]] = defaultdict(dict)
    for area, routes in AREAS.items():
        for route in routes:
            for path in (route.path, *route.aliases):
                by_pattern[_pattern(area, path)][route.method] = route
    return [
        (pattern, RestHandler, {"services": services, "routes": routes})
        for pattern, routes in by_pattern.items()
    ]


def _pattern(area: str, path: str) -> str:
    named = re.sub(r"\{(\w+)\}", lambda match: _PARTS[match[1]], path.removesuffix("/"))
    singular = named.replace("sessions/(?P<uuid>", "sessions?/(?P<uuid>")
    return rf"/api/(?:v1/)?{area}/{singular}/?"
