"""Coming in, going, and what the host does about people (contract §2 and §3)."""

from __future__ import annotations

import time
from typing import Any

from handlers.commands.call import Call, issue_token
from schemas.ice import ice_servers
from schemas.ids import UserId, user_key
from schemas.permissions import as_object
from store.participants import Seat
from store.sessions import Person


async def classroom_token(call: Call) -> dict[str, Any]:
    """A classroom token (`jwt/`); makes the caller a participant on first use."""
    seat = await call.services.participants.get_or_create_participant(call.uuid, call.actor)
    return {**_token(call, seat), "session": seat.session}


async def join(call: Call) -> dict[str, Any]:
    """The caller's seat, with all that a client needs to begin."""
    code = call.body.get("access_code")
    seat = await call.services.participants.get_or_create_participant(
        call.uuid, call.actor, access_code=code, opening=True
    )
    return {
        **_token(call, seat),
        "session": seat.session,
        "participant": seat.participant,
        "board_state": (await call.services.boards.read(call.uuid)).state,
        "ice_servers": ice_servers_for(call, seat.user_id),
    }


async def permissions(call: Call) -> dict[str, Any]:
    """The caller's own role and permissions."""
    view = await call.services.sessions.get_classroom_session(call.uuid, call.actor, want=None)
    return {"role": view.role, "permissions": as_object(view.bits)}


async def participants(call: Call) -> dict[str, Any]:
    """Who is, or was, in the lesson."""
    view = await call.services.sessions.get_classroom_session(call.uuid, call.actor, want="participants")
    return {"participants": view.value}


async def leave(call: Call) -> dict[str, Any]:
    """The caller goes."""
    await call.services.participants.leave(call.uuid, call.actor)
    return {"success": True}


async def kick(call: Call) -> dict[str, Any]:
    """Removes somebody."""
    target: UserId = call.path.get("user_id") or call.body["user_id"]
    await call.services.participants.kick(call.uuid, call.actor, target, call.body.get("reason") or "")
    return {"success": True}


async def invite(call: Call) -> dict[str, Any]:
    """Lets somebody in."""
    person = Person(call.body["user_id"], call.body.get("name"))
    role = call.body.get("role")
    return await call.services.participants.invite(call.uuid, call.actor, person, role, call.operation)


async def set_role(call: Call) -> dict[str, Any]:
    """Gives somebody another role."""
    grant = await call.services.participants.set_role(
        call.uuid, call.actor, call.body["user_id"], call.body["role"]
    )
    return {**grant.participant, "permissions": as_object(grant.bits)}


async def set_permissions(call: Call) -> dict[str, Any]:
    """Changes somebody's own permissions."""
    grant = await call.services.participants.set_permissions(
        call.uuid, call.actor, call.body["user_id"], call.body["permissions"]
    )
    return {**grant.participant, "permissions": as_object(grant.bits)}


async def raise_hand(call: Call) -> None:
    """Raises or lowers the caller's hand (a socket message only)."""
    await call.services.participants.raise_hand(call.uuid, call.actor, call.body["raised"])


async def refresh_token(call: Call) -> dict[str, Any]:
    """A new classroom token for lessons that outlast one (a socket message only)."""
    view = await call.services.sessions.get_classroom_session(call.uuid, call.actor, want=None)
    return issue_token(
        call.services.tokens,
        uuid=call.uuid,
        user_id=view.user_id,
        role=view.role,
        bits=view.bits,
        generation=view.generation,
        scheduled_end=view.scheduled_end,
    )


def ice_servers_for(call: Call, user_id: UserId) -> list[dict[str, Any]]:
    """The configured ICE servers, TURN with credentials of this person's for a limited time."""
    webrtc = call.services.config.webrtc
    return ice_servers(
        user_key(user_id),
        time.time(),
        configured=webrtc.ice_servers,
        turn_secret=webrtc.turn_secret,
        turn_urls=webrtc.turn_urls,
        turn_ttl_seconds=webrtc.turn_ttl_seconds,
    )


def _token(call: Call, seat: Seat) -> dict[str, Any]:
    issued = issue_token(
        call.services.tokens,
        uuid=call.uuid,
        user_id=seat.user_id,
        role=seat.role,
        bits=seat.bits,
        generation=seat.generation,
        scheduled_end=seat.scheduled_end,
    )
    return {**issued, "permissions": as_object(seat.bits)}
