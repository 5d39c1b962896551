"""Participants: who may come in, their seat, and what the host and others do about them (contract §3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from schemas.errors import Refused
from schemas.ids import UserId, user_key
from schemas.jsonio import dumps
from schemas.permissions import bits
from store.actor import Actor, fallback_name
from store.session_scripts import SessionScripts
from store.sessions import Person, Sessions

Participant = dict[str, Any]
"""A participant as contract §3 shows it."""


@dataclass(frozen=True, slots=True)
class Seat:
    """What a person who took their seat gets a token from."""

    session: dict[str, Any]
    participant: Participant
    role: str
    bits: int
    generation: int
    scheduled_end: int | None
    user_id: UserId


@dataclass(frozen=True, slots=True)
class Grant:
    """A participant after their role or permissions changed."""

    participant: Participant
    role: str
    bits: int


class Participants:
    """The participant store."""

    def __init__(self, scripts: SessionScripts, sessions: Sessions) -> None:
        self._scripts = scripts
        self._sessions = sessions

    async def can_user_access_session(self, uuid: str, actor: Actor) -> bool:
        """Whether they are the host, the booking's student, a participant who was not removed, or invited.

        An access code gives its access when it is used (`get_or_create_participant`), not before.
        """
        try:
            await self._sessions.get_classroom_session(uuid, actor, want=None)
        except Refused as refused:
            if refused.error.http in (403, 404):
                return False
            raise
        return True

    async def get_or_create_participant(
        self, uuid: str, actor: Actor, *, access_code: str | None = None, opening: bool = False
    ) -> Seat:
        """The actor's seat, taken now if they had none; `opening` makes a scheduled session waiting (join).

        However often and wherever it is called, there is one participant. `Refused`: not_found, kicked,
        forbidden, bad_access_code, session_full, session_over.
        """
        reply = await self._scripts.run(
            "seat",
            uuid,
            actor,
            actor_name=dumps(actor.name) if actor.name else None,
            actor_avatar=dumps(actor.avatar) if actor.avatar else None,
            access_code=None if access_code is None else dumps(access_code),
            opening=1 if opening else None,
            fallback_name=dumps(fallback_name(actor.user_id)),
            joining_ms=self._scripts.settings.joining_ms,
        )
        await self._sessions.remember(uuid, [actor.key])
        session, participant, role, granted, generation, end, user_id = reply
        return Seat(
            session=orjson.loads(session),
            participant=orjson.loads(participant),
            role=role.decode(),
            bits=int(granted),
            generation=int(generation),
            scheduled_end=int(end) if end else None,
            user_id=orjson.loads(user_id),
        )

    async def leave(self, uuid: str, actor: Actor) -> None:
        """The actor leaves; their sockets close with 1000 everywhere. Leaving twice is fine."""
        await self._scripts.run("leave", uuid, actor)

    async def kick(self, uuid: str, actor: Actor, target: UserId, reason: str) -> None:
        """Removes `target`: from the moment this returns, nothing of theirs is accepted anywhere."""
        await self._scripts.run("kick", uuid, actor, target=user_key(target), reason=dumps(reason))

    async def invite(
        self, uuid: str, actor: Actor, person: Person, role: str | None, operation: str | None = None
    ) -> Participant:
        """Lets `person` in, or in again; somebody who is in already stays as they are."""
        reply = await self._scripts.run(
            "invite",
            uuid,
            actor,
            operation,
            target=user_key(person.user_id),
            target_id=dumps(person.user_id),
            target_name=dumps(person.name) if person.name else None,
            target_avatar=dumps(person.avatar) if person.avatar else None,
            role=role,
            fallback_name=dumps(fallback_name(person.user_id)),
        )
        await self._sessions.remember(uuid, [user_key(person.user_id)])
        participant: Participant = orjson.loads(reply[0])
        return participant

    async def set_role(self, uuid: str, actor: Actor, target: UserId, role: str) -> Grant:
        """Gives `target` another role, without their custom permissions."""
        return _grant(await self._scripts.run("set_role", uuid, actor, target=user_key(target), role=role))

    async def set_permissions(
        self, uuid: str, actor: Actor, target: UserId, changes: Mapping[str, bool | None]
    ) -> Grant:
        """Merges `changes` into the custom permissions of `target`; None takes one back to the role's."""
        reply = await self._scripts.run(
            "set_permissions",
            uuid,
            actor,
            target=user_key(target),
            allow=bits(tuple(name for name, value in changes.items() if value is True)),
            deny=bits(tuple(name for name, value in changes.items() if value is False)),
            clear=bits(tuple(name for name, value in changes.items() if value is None)),
            changes=dumps(dict(changes)),
        )
        return _grant(reply)

    async def raise_hand(self, uuid: str, actor: Actor, raised: bool) -> None:
        """Raises or lowers the actor's hand; the others are told when it changed."""
        await self._scripts.run("raise_hand", uuid, actor, raised=raised)


def _grant(reply: list[bytes]) -> Grant:
    participant, role, granted = reply
    return Grant(orjson.loads(participant), role.decode(), int(granted))
