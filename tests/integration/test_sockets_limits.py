"""What a socket is closed for, and that nobody else suffers from it (contract §1 and §4)."""

from __future__ import annotations

import asyncio
import json
import re
import socket as sockets
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.people_lesson import People, Person, fresh_id
from tests.support.people_measure import measured
from tests.support.people_sockets import Refusal, Socket
from tests.support.process_house import House
from tests.support.process_instance import Instance

CLOSE_SECONDS = 5.0
LIMIT_BYTES = 65_536


@pytest.mark.parametrize("nonsense", [b"\x00\x01", "no json", "[1, 2]", '"text"', '{"a": NaN}', "[" * 70])
async def test_what_is_no_object_ends_the_socket(house: House, people: People, nonsense: str | bytes) -> None:
    """What is no JSON object closes the full socket with 4400; the person's other sockets stay."""
    a, b = house.instances
    (person,) = await people.lesson(a, fresh_id())
    bad, good = await person.open(a), await person.open(b)
    await bad.send_raw(nonsense)
    assert await bad.until_closed() == 4400
    await good.send(type="ping")
    await good.find_type("pong")


async def test_a_wrong_message_is_answered(house: House, people: People) -> None:
    """A message of a wrong shape or an unknown type is refused with a code; the socket stays, and nothing has happened."""
    (person,) = await people.lesson(house.instances[0], fresh_id())
    socket = await person.open(house.instances[1])
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"type": "nope", "id": "x"}, "unknown_type"),
        ({"no": "type", "id": "x"}, "bad_message"),
        ({"type": 7, "id": "x"}, "bad_message"),
        ({"type": "media_state", "id": "x"}, "bad_message"),
        ({"type": "media_state", "video_enabled": "yes", "id": "x"}, "bad_message"),
        ({"type": "raise_hand", "raised": 1, "id": "x"}, "bad_message"),
    ]
    for message, code in wrong:
        mark = socket.mark
        await socket.send(**message)
        answer = await socket.find_type("error", since=mark)
        assert (answer["code"], answer["id"]) == (code, "x")
        assert answer["message"].endswith(".")
    assert socket.seq == socket.welcome["seq"]
    assert socket.close_code is None


async def test_closing_one_channel_closes_the_others(house: House, people: People) -> None:
    """The server closes one channel socket: their others close too, on every instance; all else stays."""
    a, b = house.instances
    person, other = await people.lesson(a, fresh_id(), fresh_id())
    channels = [await person.open(instance, "system") for instance in (a, b, a, b)]
    staying = [await person.open(a), await other.open(a, "system"), await other.open(b, "system")]
    await channels[0].send_raw(b"binary")
    assert [await socket.until_closed() for socket in channels] == [4400] * 4
    again = await person.open(b, "system")
    for socket in (*staying, again):
        await socket.send(type="ping")
        await socket.find_type("pong")


@pytest.mark.parametrize("size", [LIMIT_BYTES + 1, 3 << 20, 6 << 20])
@pytest.mark.parametrize("channel", ["", "system"])
async def test_too_large_a_message(house: House, people: People, channel: str, size: int) -> None:
    """A message over the limit closes with 4413, and the client gets to read that, however long the message is."""
    (person,) = await people.lesson(house.instances[0], fresh_id())
    socket = await person.open(house.instances[0], channel)
    fits = {"type": "ping", "id": 1, "filler": ""}
    fits["filler"] = "x" * (LIMIT_BYTES - len(json.dumps(fits)))
    await socket.send(**fits)
    await socket.find_type("pong")
    await socket.send(type="ping", filler="x" * size)
    assert await socket.until_closed() == 4413


async def test_one_socket_too_many(house: House, people: People) -> None:
    """Thirty sockets, on whatever instances; the next one is refused, none is closed for it, and one less makes room."""
    a, b = house.instances
    (person,) = await people.lesson(a, fresh_id())
    await asyncio.gather(*(person.open((a, b)[i % 2], "system" if i % 3 else "") for i in range(30)))
    for instance in (a, b):
        with pytest.raises(Refusal) as refused:
            await person.open(instance, "system")
        assert refused.value.status == 429
        with pytest.raises(Refusal) as refused:
            await person.open(instance)
        assert refused.value.close_code == 4429
    assert [socket.close_code for socket in person.sockets] == [None] * 30
    await person.sockets.pop().close()
    deadline = time.monotonic() + CLOSE_SECONDS
    while True:
        try:
            await person.open(b)
        except Refusal:
            assert time.monotonic() < deadline
        else:
            break


async def slow_socket(person: Person, instance: Instance) -> Socket:
    """A socket whose client stops reading after the welcome; what the system buffers for it is small."""
    raw = sockets.socket()
    raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    raw.connect(("127.0.0.1", instance.port))
    raw.setblocking(False)
    socket = await person.open(instance, sock=raw, max_queue=1)
    socket.stop_reading()
    return socket


async def crowded_lesson(people: People, instance: Instance) -> list[Person]:
    """A running lesson of three with an audience of fifteen, of which all is told each time it changes: some 50 KB."""
    users = [fresh_id() for _ in range(3)]
    settings = {"board_background": "ß" * 2000}
    lesson = await people.lesson(instance, *users, session_type="group", settings=settings)
    picture = "https://example.org/" + "x" * 2000
    audience = [people.person(fresh_id(), lesson[0].uuid, avatar=picture) for _ in range(15)]
    for person in audience:
        await lesson[0].post(instance, "invite/", {"user_id": person.user_id})
        await person.take_token(instance)
    await lesson[0].post(instance, "start/")
    return lesson


async def test_a_slow_client_harms_nobody(
    build_house: Callable[..., House], people_of: Callable[[House], People]
) -> None:
    """Who does not read is cut off with 4408 within 5 s of falling behind; the others get everything, and at once."""
    house = build_house()
    a, b = house.instances
    people = people_of(house)
    host, slow, other = await crowded_lesson(people, a)
    quick = [await other.open(a), await host.open(b)]
    stuck = await slow_socket(slow, a)
    marks = [socket.mark for socket in quick]
    began = time.monotonic()
    cut_off = re.compile(rb'closes_total\{code="4408"\} 1\.0')
    async with asyncio.timeout(CLOSE_SECONDS):
        turn = 0
        while not cut_off.search(await people.page(a, "/metrics")):
            await people.platform.post(
                b, f"classroom/sessions/{host.uuid}/{'resume' if turn % 2 else 'pause'}/"
            )
            turn += 1
    measured("a slow client: from the first byte until it is cut off", [time.monotonic() - began])
    for socket, mark in zip(quick, marks, strict=True):
        while socket.mark - mark < turn:
            await socket.reach(socket.seq + 1)
        assert socket.faults == []
    stuck.go_on_reading()
    assert await stuck.until_closed() == 4408
    assert stuck.faults == []  # what it got until then has no hole: it can resume from there
