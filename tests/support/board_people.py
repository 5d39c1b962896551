"""Board events one at a time: send one, and wait for what the server says to it."""

from __future__ import annotations

from typing import Any

from tests.support.people_lesson import People, Person, fresh_id
from tests.support.people_sockets import Message, Socket
from tests.support.process_house import House

ANSWERS = ("ack", "error", "conflict")


async def deed(socket: Socket, event_type: str, data: Any = None, **fields: Any) -> Message:
    """Sends a board event; what answers it. It carries an id of its own unless it is given one."""
    fields.setdefault("id", fresh_id())
    mark = socket.mark
    await tell(socket, event_type, data, **fields)
    return await socket.find(lambda m: m["type"] in ANSWERS and m.get("id") == fields["id"], since=mark)


async def tell(socket: Socket, event_type: str, data: Any = None, **fields: Any) -> None:
    """Sends a board event and waits for nothing."""
    fields.setdefault("version", 0)
    await socket.send(type="board_event", event_type=event_type, data=data, **fields)


async def settled(socket: Socket) -> None:
    """Returns when everything sent before on this socket was dealt with."""
    mark, name = socket.mark, fresh_id()
    await socket.send(type="ping", id=name)
    await socket.find(lambda m: m.get("id") == name, since=mark)


async def state_of(person: Person, house: House) -> Any:
    """The live board, by REST."""
    return (await person.get(house.instances[1], "export/", format="json"))["state"]


async def pair(people: People, house: House, **session: Any) -> tuple[Person, Person]:
    """A host on the first instance and a student on the second, their full sockets open."""
    a, b = house.instances
    host, student = await people.lesson(a, fresh_id(), fresh_id(), **session)
    await host.open(a)
    await student.open(b)
    return host, student


async def allow(host: Person, house: House, person: Person, **rights: bool | None) -> None:
    """Gives or takes rights."""
    body = {"user_id": person.user_id, "permissions": rights}
    await host.post(house.instances[0], "permissions/", body)


def stroke(name: str, **more: Any) -> dict[str, Any]:
    """A stroke."""
    return {"id": name, "points": [[0, 0], [40, 30]], "color": "#dc2626", "size": 4, **more}
