"""Ids of another lesson in every parameter of every call and socket: nothing of it is seen, nothing of it changes."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from marshmallow import Schema, fields
from tornado.ioloop import IOLoop

from handlers.connection import Kind
from handlers.messages import MESSAGES
from handlers.rest import Route
from handlers.routes import AREAS
from schemas import fields as ours
from schemas.bookings import BookingIn
from tests.support.fuzz_lesson import Lesson, assert_no_failures, running
from tests.support.fuzz_values import right_body
from tests.support.fuzz_wire import RawSocket, Reply

ROUTES = [(area, route) for area, routes in AREAS.items() for route in routes]
REFUSED = (400, 403, 404)
SEEN = ("", "participants/", "media-state/", "events/", "events/stats/", "snapshots/", "stats/")


class Victim:
    """The other lesson. `mark` stands in its texts, drawings and logs, and is sent by nobody else."""

    def __init__(self, lesson: Lesson) -> None:
        self.lesson = lesson
        self.mark = f"secret{secrets.token_hex(8)}"
        self.version = 0
        self.last_event = 0
        self.welcome: dict[str, Any] = {}

    async def begin(self) -> None:
        """Something is drawn, saved and logged; the host stays connected."""
        lesson = self.lesson
        path = f"classroom/sessions/{lesson.uuid}/"
        self.socket = await lesson.open()
        assert isinstance(self.socket, RawSocket)
        self.welcome = await self.socket.hear_type("welcome")
        for number in range(3):
            stroke = {"id": f"{self.mark}{number}"}
            self.socket.say({"type": "board_event", "event_type": "stroke_add", "data": stroke})
            self.version = (await self.socket.hear_type("ack"))["version"]
        await lesson.call(lesson.host, "POST", f"{path}save/")
        logged = {"event_type": "error", "data": {"text": self.mark}}
        self.last_event = (await lesson.call(lesson.host, "POST", f"{path}event/", logged))["event_id"]
        await lesson.call(lesson.host, "POST", f"{path}invite/", {"user_id": 7, "name": self.mark})

    async def everything(self) -> Any:
        """All of it, as its host sees it, but for the time that passes."""
        path = f"classroom/sessions/{self.lesson.uuid}/"
        seen = [await self.lesson.call(self.lesson.host, "GET", path + below) for below in SEEN]
        for part in (seen[0], seen[-1]):
            part.pop("total_duration_seconds")
        seen[-1].pop("active_seconds")
        board = await self.lesson.call(self.lesson.host, "GET", f"classroom/history/{self.lesson.uuid}/")
        booking = await self.lesson.call(self.lesson.host, "GET", f"booking/bookings/{self.lesson.booking}/")
        return [*seen, board, booking]

    @property
    def ids(self) -> dict[str, str]:
        """What stands in its paths."""
        lesson = self.lesson
        return {
            "uuid": lesson.uuid,
            "booking_id": lesson.booking,
            "user_id": lesson.student,
            "version": str(self.version),
        }


@pytest.fixture
def attacker(io_loop: IOLoop, redis_url: str, caplog: pytest.LogCaptureFixture) -> Iterator[Lesson]:
    """A lesson whose host is no friend of the others."""
    with running(io_loop, redis_url) as lesson:
        yield lesson
    assert_no_failures(caplog)


@pytest.fixture
def victim(io_loop: IOLoop, attacker: Lesson) -> Iterator[Victim]:
    """Another lesson on the same server; at the end it must be as it was."""
    made = Victim(io_loop.run_sync(attacker.another))
    io_loop.run_sync(made.begin)
    before = io_loop.run_sync(made.everything)
    yield made
    assert io_loop.run_sync(made.everything) == before
    assert isinstance(made.socket, RawSocket)
    assert made.socket.close_code is None
    io_loop.run_sync(made.lesson.close)


def bodies(schema: Schema, victim: Victim) -> Iterator[dict[str, Any]]:
    """The right body, and with ids of the victim's wherever it takes an id."""
    right = right_body(schema)
    yield right
    people = (victim.lesson.host, victim.lesson.student)
    for name, field in schema.load_fields.items():
        for person in people:
            value = victim.lesson.booking if name in ("booking_id", "id") else person
            if isinstance(field, ours.Id):
                yield {**right, name: value}
            elif isinstance(field, fields.Nested) and not field.many and "id" in field.schema.load_fields:
                yield {**right, name: {**right_body(field.schema), "id": person}}


def queries(route: Route, victim: Victim) -> Iterator[str]:
    """None, the victim's newest event for `before`, and acting for the victim, which only the platform may."""
    yield ""
    yield f"?user_id={victim.lesson.host}"
    if "before" in route.query().load_fields:
        yield f"?before={victim.last_event + 1}"


def paths(route: Route, attacker: Lesson, victim: Victim) -> Iterator[tuple[str, bool]]:
    """The path with each of its ids, one by one and all together, the victim's, and whether it names their lesson."""
    names = re.findall(r"\{(\w+)\}", route.path)
    own = {"uuid": attacker.uuid, "booking_id": attacker.booking, "user_id": attacker.student, "version": "0"}
    for taken in ([], *([name] for name in names), names):
        ids = {**own, **{name: victim.ids[name] for name in taken}}
        yield route.path.format_map(ids), bool({"uuid", "booking_id"} & set(taken))


@pytest.mark.gen_test(timeout=40)
@pytest.mark.parametrize("case", ROUTES, ids=lambda case: f"{case[1].method} {case[1].path}")
async def test_every_parameter_of_every_call(
    case: tuple[str, Route], attacker: Lesson, victim: Victim
) -> None:
    """A host with good tokens of their own gets nothing out of another lesson, and does nothing to it."""
    area, route = case
    schema = BookingIn() if route.described_body else route.body()
    for path, names_victim in paths(route, attacker, victim):
        for query in queries(route, victim):
            for body in bodies(schema, victim) if route.method == "POST" else ({},):
                reply = await attacker.wire.request(
                    route.method,
                    f"/api/v1/{area}/{path}{query}",
                    json.dumps(body).encode() if route.method == "POST" else b"",
                    attacker.bearer(attacker.host),
                )
                assert reply.status < 500, (path, query, body, reply)
                assert victim.mark.encode() not in reply.body, (path, query, body, reply)
                assert victim.lesson.uuid.encode() not in reply.body, (path, query, body, reply)
                if names_victim or query.startswith("?user_id"):
                    assert reply.status in REFUSED, (path, query, body, reply)


@pytest.mark.parametrize("channel", ["", "system/", "board/", "webrtc/", "presence/"])
async def test_the_token_of_one_lesson_opens_no_other(channel: str, attacker: Lesson, victim: Victim) -> None:
    """A good token of one's own lesson at the address of another is a bad one."""
    own = attacker.uuid
    attacker.uuid = victim.lesson.uuid
    opened = await attacker.open(channel)
    attacker.uuid = own
    if isinstance(opened, Reply):
        assert opened.status == 401
    else:
        assert await opened.closed_with() == 4401


@pytest.mark.parametrize("channel", ["", "system/", "board/", "webrtc/"])
async def test_the_position_of_another_lesson(channel: str, attacker: Lesson, victim: Victim) -> None:
    """The cursor of another lesson brings nothing of it: not its broadcasts, not its numbers."""
    socket = await attacker.open(channel, since=0, epoch=victim.welcome["epoch"])
    assert isinstance(socket, RawSocket)
    welcome = await socket.hear_type("welcome")
    assert welcome["recovered"] is False
    assert welcome["epoch"] != victim.welcome["epoch"]
    assert victim.mark not in json.dumps(welcome)
    await socket.drop()


@pytest.mark.gen_test(timeout=40)
@pytest.mark.parametrize("kind", list(Kind))
async def test_every_field_of_every_message(kind: Kind, attacker: Lesson, victim: Victim) -> None:
    """Ids of other people and things in a message reach nobody there, and bring nothing back."""
    lesson = victim.lesson
    ids = (
        lesson.host,
        lesson.student,
        lesson.uuid,
        lesson.booking,
        victim.version,
        victim.welcome["connection_id"],
    )
    socket = await attacker.socket("" if kind is Kind.FULL else f"{kind}/")
    for name, row in MESSAGES[kind].items():
        for field in (
            *row.schema.load_fields,
            "user_id",
            "userId",
            "session_id",
            "uuid",
            "from_user_id",
            "connection",
        ):
            for value in ids:
                right = (
                    {"data": {"id": "s"}, **right_body(row.schema)}
                    if name == "board_event"
                    else right_body(row.schema)
                )
                socket.say({**right, "type": name, field: value})
    socket.say({"type": "presence.heartbeat" if kind is Kind.PRESENCE else "ping", "id": "end"})
    while (answer := await socket.hear()) is not None and answer.get("id") != "end":
        assert victim.mark not in json.dumps(answer), answer
        assert answer["type"] not in ("kicked", "session_updated"), answer
    assert answer is not None
    await socket.drop()
    assert isinstance(victim.socket, RawSocket)
    victim.socket.say({"type": "ping", "id": "seen"})
    heard = []
    while (answer := await victim.socket.hear()) is not None and answer["type"] != "pong":
        heard.append(answer)
    assert {message["type"] for message in heard} <= {"peers", "participant_updated"}, heard
