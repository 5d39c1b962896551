"""Sessions: made once, moved through their states, and seen by those who have access (contract §3)."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from schemas.errors import Refused
from schemas.ids import UserId, user_key
from schemas.jsonio import dumps
from store import keys
from store.actor import Actor, fallback_name
from store.session_scripts import SessionScripts

LISTED_AT_ONCE = 2_000

Session = dict[str, Any]
"""A session as contract §3 shows it."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody a session is made for or with."""

    user_id: UserId
    name: str | None = None
    avatar: str | None = None


@dataclass(frozen=True, slots=True)
class NewSession:
    """All that a session begins with. Times are ms since 1970; `invited` are let in as students. One that `is_of_booking`
    has its booking's student as the only one, and the ids of its people have the types they have there.
    """

    uuid: str
    session_type: str
    status: str
    host: Person
    max_participants: int
    settings: dict[str, Any]
    scheduled_start: int | None = None
    scheduled_end: int | None = None
    booking_id: UserId | None = None
    access_code: str | None = None
    invited: Sequence[Person] = field(default_factory=tuple)
    is_of_booking: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """What somebody with access sees: `value` is what was asked for; the rest is about themselves."""

    value: Any
    participant: dict[str, Any] | None
    role: str
    bits: int
    generation: int
    is_host: bool
    scheduled_end: int | None
    user_id: UserId


class Sessions:
    """The session store."""

    def __init__(self, scripts: SessionScripts) -> None:
        self._scripts = scripts
        self._client = scripts.client

    async def create(self, new: NewSession, reader: str | None = None) -> Session:
        """The session, made now or before: the same uuid again changes nothing. `reader` is the key of who is
        answered.
        """
        people = [new.host, *new.invited]
        await self.remember(new.uuid, [user_key(person.user_id) for person in people])
        if new.status in ("scheduled", "waiting"):  # before, so that no crash leaves one that never expires
            begins = new.scheduled_end or new.scheduled_start or int(time.time() * 1000)
            due = begins + self._scripts.settings.expire_ms
            await self._client.command("ZADD", keys.DUE, "NX", due, new.uuid)
        reply = await self._scripts.run("create_session", new.uuid, reader=reader, **_creation_arguments(new))
        session: Session = orjson.loads(reply[0])
        return session

    async def get_classroom_session(
        self,
        uuid: str,
        actor: Actor,
        want: str | None = "session",
        *,
        permission: str | None = None,
        writing: bool = False,
    ) -> View:
        """What `actor` sees; `want` is session, participants, media, stats, or None for just their access.

        `permission` is one they need for it; `writing` refuses a session that is over. `Refused`: not_found,
        forbidden, kicked, bad_token (a socket's older generation), session_over.
        """
        reply = await self._scripts.run(
            "view", uuid, actor, want=want, permission=permission, writing=1 if writing else None
        )
        text, participant, role, bits, generation, host, end, user_id = reply
        return View(
            value=orjson.loads(text) if text else None,
            participant=orjson.loads(participant) if participant else None,
            role=role.decode(),
            bits=int(bits),
            generation=int(generation),
            is_host=host == b"1",
            scheduled_end=int(end) if end else None,
            user_id=orjson.loads(user_id),
        )

    async def transition(
        self, uuid: str, actor: Actor, action: str, reason: str | None = None, operation: str | None = None
    ) -> Session:
        """The session after start, pause, resume, complete or terminate.

        `Refused`: not_found, forbidden, kicked, session_over, invalid_transition.
        """
        text = None if reason is None else dumps(reason)
        reply = await self._scripts.run("transition", uuid, actor, operation, action=action, reason=text)
        session: Session = orjson.loads(reply[0])
        return session

    async def follow_booking(self, new: NewSession) -> None:
        """Makes an existing session what its booking says now: its time, while it has not started, and its student."""
        arguments = _creation_arguments(new)
        (due,) = await self._scripts.run(
            "follow_booking",
            new.uuid,
            scheduled_start=new.scheduled_start,
            scheduled_end=new.scheduled_end,
            student=arguments["student"],
            student_id=arguments["invite_1_id"],
            student_name=arguments["invite_1_name"],
            student_avatar=arguments["invite_1_avatar"],
        )
        if due:
            await self._client.command("ZADD", keys.DUE, due, new.uuid)

    async def expire(self, uuid: str) -> int | None:
        """Expires the session if it is due: None when it is over or gone, else the ms at which it will be
        due.
        """
        (due,) = await self._scripts.run("transition", uuid, action="expire")
        return int(due) if due else None

    async def remember(self, uuid: str, user_keys: Sequence[str]) -> None:
        """Puts the session onto these people's lists. A list may name too much, so it is done before a session is
        made; for those who are let in later, once they are, and before it is acknowledged.
        """
        now = int(time.time() * 1000)
        commands = (self._client.command("ZADD", keys.sessions_of(key), "NX", now, uuid) for key in user_keys)
        await asyncio.gather(*commands)

    async def list_of(self, actor: Actor, statuses: frozenset[str] | None) -> list[str]:
        """The uuids of the sessions `actor` has access to, newest first; `statuses` limits them."""
        index = keys.sessions_of(actor.key)
        uuids = [
            raw.decode() for raw in await self._client.command("ZREVRANGE", index, 0, LISTED_AT_ONCE - 1)
        ]
        status_reads = [self._client.command("HGET", keys.session(uuid), "status") for uuid in uuids]
        person_reads = [
            self._client.command("HGET", keys.person(uuid, actor.key), "status") for uuid in uuids
        ]
        replies = await asyncio.gather(*status_reads, *person_reads)
        wanted = []
        for uuid, status, mine in zip(uuids, replies[: len(uuids)], replies[len(uuids) :], strict=True):
            if status is None or mine is None or mine == b"kicked":
                continue
            if statuses is None or status.decode() in statuses:
                wanted.append(uuid)
        return wanted

    async def read_all(self, uuids: Sequence[str], actor: Actor) -> list[View]:
        """The views of several sessions, those that `actor` lost access to meanwhile left out."""
        views = await asyncio.gather(
            *(self.get_classroom_session(uuid, actor) for uuid in uuids), return_exceptions=True
        )
        for view in views:
            if isinstance(view, BaseException) and not (
                isinstance(view, Refused) and view.error.http in (403, 404)
            ):
                raise view
        return [view for view in views if isinstance(view, View)]


def new_epoch() -> str:
    """The name of a new log: one that lost its data can't pass for the old one."""
    return secrets.token_hex(6)


def _creation_arguments(new: NewSession) -> dict[str, Any]:
    host_name = new.host.name or fallback_name(new.host.user_id)
    host = {"id": new.host.user_id, "name": host_name, "avatar": new.host.avatar}
    arguments: dict[str, Any] = {
        "uuid": new.uuid,
        "session_type": new.session_type,
        "status": new.status,
        "host": user_key(new.host.user_id),
        "host_json": dumps(host),
        "host_id": dumps(new.host.user_id),
        "host_name": dumps(host_name),
        "host_avatar": dumps(new.host.avatar),
        "host_role": "solo" if new.session_type == "solo" else "host",
        "scheduled_start": new.scheduled_start,
        "scheduled_end": new.scheduled_end,
        "student": user_key(new.invited[0].user_id) if new.is_of_booking else None,
        "booking_id": None if new.booking_id is None else dumps(new.booking_id),
        "max_participants": new.max_participants,
        "access_code": None if new.access_code is None else dumps(new.access_code),
        "epoch": new_epoch(),
        "invited": len(new.invited),
        **{key: dumps(value) for key, value in new.settings.items()},
    }
    for number, person in enumerate(new.invited, start=1):
        arguments[f"invite_{number}_key"] = user_key(person.user_id)
        arguments[f"invite_{number}_id"] = dumps(person.user_id)
        arguments[f"invite_{number}_name"] = dumps(person.name or fallback_name(person.user_id))
        arguments[f"invite_{number}_avatar"] = dumps(person.avatar)
    return arguments
