"""Rooms full of people for each target: made in the store directly, so that only what is measured takes time."""

from __future__ import annotations

import asyncio
import time
import uuid as uuids
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

import jwt

from schemas.classroom_token import ClassroomTokens
from schemas.config import Config
from schemas.config_sections import SigningKey
from schemas.permissions import ROLES, as_object
from schemas.platform_token import mint_platform_token
from server import store_settings
from store.actor import Actor
from store.board import Boards, Bounds
from store.client import Client
from store.metrics import Metrics
from store.session_scripts import SessionScripts
from store.sessions import NewSession, Person, Sessions

PLATFORM_SECRET = "the platform's secret while a benchmark runs"  # noqa: S105 - protects nothing
CLASSROOM_SECRET = "the classroom's secret while a benchmark runs"  # noqa: S105 - protects nothing
TOKEN_SECONDS = 7_200
MADE_AT_ONCE = 100
SETTINGS = {"allow_recording": False, "auto_save_interval": 30, "board_background": "white"}
PLATFORM = Actor("platform", service=True)
BOUNDS = Bounds(board_bytes=256 << 20, kept_automatic=50, kept_bytes=256 << 20)
_ids = count(1000)


@dataclass(slots=True)
class Seat:
    """Somebody who may come in: `path` opens their socket, `platform_token` makes their calls."""

    user_id: int
    path: str
    platform_token: str


@dataclass(slots=True)
class Room:
    """A room and its people; `calls` is where its REST calls are."""

    id: str
    calls: str
    seats: list[Seat]


def bare_rooms(rooms: int, members: int) -> list[Room]:
    """Rooms of the floor, which asks nobody who they are."""
    return [_room(f"r{next(_ids)}", "/bare", "", members) for _ in range(rooms)]


def plain_rooms(rooms: int, members: int) -> list[Room]:
    """Rooms of the plain rival: they exist once somebody is in."""
    return [_plain_room(f"r{next(_ids)}", members) for _ in range(rooms)]


def lessonroom_rooms(url: str, rooms: int, members: int) -> list[Room]:
    """Lessons that wait for their people: a host and the invited."""
    made = [_lesson(str(uuids.uuid4()), members) for _ in range(rooms)]
    asyncio.run(_create(url, made))
    return made


def draw(url: str, room: Room, strokes: list[dict[str, object]]) -> None:
    """Puts a whole board into a lesson, as one event of the platform's."""
    asyncio.run(_draw(url, room.id, strokes))


def publish(url: str, rooms: list[Room], strokes: list[dict[str, object]]) -> None:
    """One stroke after the other in each of the lessons, as the platform would draw it."""
    asyncio.run(_publish(url, rooms, strokes))


def _room(name: str, path: str, query: str, members: int) -> Room:
    return Room(name, "", [Seat(next(_ids), f"{path}/{name}/{query}", "") for _ in range(members)])


def _platform_token(user_id: int) -> str:
    return mint_platform_token(PLATFORM_SECRET, user_id, f"Person {user_id}", False, 2, time.time())


def _plain_room(name: str, members: int) -> Room:
    room = _room(name, "/rooms", "", members)
    room.calls = f"/rooms/{name}"
    for seat in room.seats:
        claims = {"session_id": name, "user_id": seat.user_id, "exp": int(time.time()) + TOKEN_SECONDS}
        seat.path += "?token=" + jwt.encode(claims, CLASSROOM_SECRET, algorithm="HS256")
        seat.platform_token = _platform_token(seat.user_id)
    return room


def _lesson(uuid: str, members: int) -> Room:
    room = _room(uuid, "/ws/classroom", "", members)
    room.calls = f"/api/v1/classroom/sessions/{uuid}"
    tokens = ClassroomTokens((SigningKey("bench", CLASSROOM_SECRET),), TOKEN_SECONDS)
    rights = as_object(ROLES["student"])
    for seat in room.seats:
        token, _ = tokens.issue(uuid, seat.user_id, "student", rights, 1, None, time.time())
        seat.path += "?token=" + token
        seat.platform_token = _platform_token(seat.user_id)
    return room


def _new_session(room: Room) -> NewSession:
    host, *others = [Person(seat.user_id, f"Person {seat.user_id}") for seat in room.seats]
    return NewSession(
        uuid=room.id,
        session_type="group",
        status="waiting",
        host=host,
        max_participants=1_000,
        settings=SETTINGS,
        invited=others,
    )


async def _scripts(url: str) -> SessionScripts:
    client = Client(url, Metrics())
    await client.start()
    await client.wait_available()
    return SessionScripts(client, store_settings(Config()))


async def _create(url: str, rooms: list[Room]) -> None:
    scripts = await _scripts(url)
    sessions = Sessions(scripts)
    for batch in _batches(rooms):
        await asyncio.gather(*(sessions.create(_new_session(room)) for room in batch))
    await scripts.client.stop()


async def _draw(url: str, uuid: str, strokes: list[dict[str, object]]) -> None:
    scripts = await _scripts(url)
    await Boards(scripts, BOUNDS).event(uuid, PLATFORM, "state:full", {"state": {"strokes": strokes}})
    await scripts.client.stop()


async def _publish(url: str, rooms: list[Room], strokes: list[dict[str, object]]) -> None:
    scripts = await _scripts(url)
    boards = Boards(scripts, BOUNDS)
    for stroke in strokes:
        for batch in _batches(rooms):
            await asyncio.gather(*(boards.event(room.id, PLATFORM, "stroke_add", stroke) for room in batch))
    await scripts.client.stop()


def _batches(rooms: list[Room]) -> Iterator[list[Room]]:
    return (rooms[start : start + MADE_AT_ONCE] for start in range(0, len(rooms), MADE_AT_ONCE))
