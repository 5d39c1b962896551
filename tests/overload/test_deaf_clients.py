"""Hundreds of clients that never read: what is kept for them is bounded, they are cut off, and nobody else notices."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Callable

import pytest

from tests.support.overload_crowd import Memory, classroom_token, crowded_session, figure, until_figure
from tests.support.overload_sockets import DeafSocket, handshake
from tests.support.people_lesson import People, fresh_id
from tests.support.people_sockets import Closed
from tests.support.process_house import House
from tests.support.process_instance import Instance

TOGETHER, ALONE = 200, 300
STROKE_BYTES = 60_000
STROKES_IN_THE_ROOM = 22
"""Some 1.3 MB: less than what the limit and the kernel's buffers hold together."""
STROKES_ALONE, SYNCS_ALONE = 4, 5
OUTBOX_BYTES = 1 << 20
CLOSE_SECONDS = 5.0
MARGIN_SECONDS = 4.0
CUT_OFF = r'closes_total\{code="4408"\}'


def stroke(name: str) -> bytes:
    """A large stroke."""
    data = {"id": name, "ink": "x" * STROKE_BYTES}
    message = {"type": "board_event", "event_type": "stroke_add", "data": data, "id": name}
    return json.dumps(message).encode()


def deaf_together(instance: Instance, uuid: str, users: list[str]) -> list[DeafSocket]:
    """Clients in one room that read nothing but the handshake."""
    return [DeafSocket(instance.port, handshake(uuid, classroom_token(uuid, user))) for user in users]


def deaf_alone(instance: Instance, uuid: str, user: str) -> DeafSocket:
    """A client alone in its room that draws, asks for the board again and again, and reads nothing of it."""
    socket = DeafSocket(instance.port, handshake(uuid, classroom_token(uuid, user)))
    for number in range(STROKES_ALONE):
        socket.send(stroke(f"s{number}"))
    for _ in range(SYNCS_ALONE):
        socket.send(b'{"type": "sync_request"}')
    return socket


@pytest.mark.gen_test(timeout=90)
async def test_five_hundred_that_never_read(
    build_house: Callable[..., House], people_of: Callable[[House], People]
) -> None:
    """Half of them are in one busy room, half each in a room of their own. All are closed with 4408 within 5 s of falling
    behind; the instance takes less than what the limit allows; who reads misses nothing.
    """
    house = build_house(redis__fsync="everysec", limits__board_events_per_second=10_000)
    (instance,), people = house.instances, people_of(house)
    memory = Memory(instance.pid)
    host, deaf = fresh_id(), [fresh_id() for _ in range(TOGETHER)]
    reader = people.person(host, await crowded_session(people, instance, host, deaf))
    await reader.take_token(instance)
    await reader.open(instance)
    with contextlib.ExitStack() as crowd:
        for socket in await asyncio.to_thread(deaf_together, instance, reader.uuid, deaf):
            crowd.callback(socket.reset)
        for number in range(STROKES_IN_THE_ROOM):
            name = f"s{number}"
            mark = reader.socket.mark
            await reader.socket.send_raw(stroke(name).decode())
            ack = await reader.socket.find_type("ack", mark)
            assert ack["id"] == name
        together = await until_figure(
            people, instance, CUT_OFF, lambda closed: closed == TOGETHER, CLOSE_SECONDS + MARGIN_SECONDS
        )
        rooms = await asyncio.gather(
            *(crowded_session(people, instance, fresh_id(), ["a"]) for _ in range(ALONE))
        )
        work = (asyncio.to_thread(deaf_alone, instance, uuid, "a") for uuid in rooms)
        for socket in await asyncio.gather(*work):
            crowd.callback(socket.reset)
        alone = await until_figure(
            people,
            instance,
            CUT_OFF,
            lambda closed: closed == TOGETHER + ALONE,
            CLOSE_SECONDS + MARGIN_SECONDS,
        )
        await memory.stop()
        grown = memory.most - memory.began_with
        mib = f"{memory.began_with >> 20} MiB, at most {memory.most >> 20}"
        sys.stdout.write(f"cut off after {together:.1f} and {alone:.1f} s; memory {mib}\n")
        assert grown < (TOGETHER + ALONE) * OUTBOX_BYTES
        assert reader.socket.close_code is None
        assert reader.socket.faults == []
        assert len(reader.socket.of_type("ack")) == STROKES_IN_THE_ROOM
    await until_figure(people, instance, r"connections\{.*\}", lambda count: count == 1, 20)


@pytest.mark.gen_test(timeout=60)
async def test_who_reads_late_loses_nothing(
    build_house: Callable[..., House], people_of: Callable[[House], People]
) -> None:
    """A client that was cut off for not reading comes back with its number, and gets all that it had not seen."""
    house = build_house(redis__fsync="everysec", limits__board_events_per_second=10_000)
    (instance,), people = house.instances, people_of(house)
    host, slow = await people.lesson(instance, fresh_id(), fresh_id())
    await host.open(instance)
    stuck = await slow.open(instance, max_queue=1)
    stuck.stop_reading()
    sent = 0
    began = time.monotonic()
    while not await figure(people, instance, CUT_OFF):
        assert time.monotonic() - began < 20
        await host.socket.send_raw(stroke(f"s{sent}").decode())
        sent += 1
        await host.socket.reach(host.socket.seq + 1)
    stuck.go_on_reading()
    assert await stuck.until_closed() == 4408
    while slow.socket.seq < host.socket.seq:  # very much comes in parts
        await slow.resume(instance)
        assert slow.socket.welcome["recovered"]
        with contextlib.suppress(Closed):
            await slow.socket.reach(host.socket.seq)
    names = [m["id"] for socket in slow.sockets for m in socket.messages if m["type"] == "board_update"]
    assert names == [f"s{number}" for number in range(sent)]
