"""Sockets of the presence relay, which have no welcome."""

from __future__ import annotations

from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

from tests.support.people_lesson import Person
from tests.support.people_sockets import Message, Refusal, Socket
from tests.support.process_instance import Instance

NO_WELCOME: Message = {"epoch": "", "seq": 0, "recovered": False, "missed": 0}


async def open_presence(
    person: Person, instance: Instance, token: str | None = None, origin: str | None = None, tail: str = ""
) -> Socket:
    """A presence socket of `person`; the class in its path is not looked at. Raises Refusal."""
    address = f"{instance.ws}/ws/classroom/any-class/session/{person.uuid}{tail}"
    offered = [
        Subprotocol(name) for name in ("access_token", person.token if token is None else token) if name
    ]
    options: dict[str, Any] = {"proxy": None, "compression": None, "ping_interval": None}
    if origin is not None:
        options["origin"] = Origin(origin)
    try:
        connection = await connect(address, subprotocols=offered, **options)
    except InvalidStatus as refused:
        body = bytes(refused.response.body or b"")
        raise Refusal(status=refused.response.status_code, body=body) from None
    assert connection.subprotocol == "access_token"
    socket = Socket(connection, NO_WELCOME, None, full=False)
    person.sockets.append(socket)
    return socket
