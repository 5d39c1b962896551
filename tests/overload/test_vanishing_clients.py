"""Clients that come and vanish, at every stage of coming, by the thousand: nothing of them stays."""

from __future__ import annotations

import asyncio
import os
import socket as sockets
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.overload_crowd import Memory, classroom_token, crowded_session, figure, until_figure
from tests.support.overload_sockets import handshake, reset
from tests.support.people_lesson import People, Person, fresh_id
from tests.support.process_house import House
from tests.support.process_instance import Instance

ROUNDS = 60 if os.environ.get("LONG_RUNS") else 5
"""`LONG_RUNS=1` makes the long run of it."""
A_ROUND = 200
AT_ONCE = 100
PRESENT = {"connected", "reconnecting"}
GROWTH_BYTES = 12 << 20
WARM_AFTER = ROUNDS // 6
"""The first round of a usual run, the eleventh of a long one: until then memory grows into its usual size."""
CALM_SECONDS = 20.0


def open_files(pid: int) -> int:
    """How many files and connections a process has open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def vanish(instance: Instance, request: bytes, stage: int) -> None:
    """Connects, and is gone with a RST: at once, in the middle of the request, after it, after the answer."""
    client = sockets.create_connection(("127.0.0.1", instance.port), timeout=20)
    if stage == 1:
        client.sendall(request[: len(request) // 2])
    elif stage >= 2:
        client.sendall(request)
    if stage == 3:
        client.recv(12)
    reset(client)


def vanish_often(instance: Instance, requests: list[bytes]) -> None:
    """One after the other, each at another stage."""
    for number, request in enumerate(requests):
        vanish(instance, request, number % 4)


async def storm(instance: Instance, uuid: str, users: list[str], count: int) -> None:
    """That many handshakes of these people, all at once, all followed by a RST as soon as they are answered."""
    requests = [handshake(uuid, classroom_token(uuid, users[n % len(users)])) for n in range(count)]
    loop = asyncio.get_running_loop()

    async def one(request: bytes) -> None:
        client = sockets.socket()
        client.setblocking(False)
        await loop.sock_connect(client, ("127.0.0.1", instance.port))
        await loop.sock_sendall(client, request)
        try:
            await loop.sock_recv(client, 64)
        finally:
            reset(client)

    await asyncio.gather(*map(one, requests))


async def others(reader: Person, instance: Instance) -> list[dict[str, Any]]:
    """Everybody who is, or was, in the lesson but the reader."""
    everybody = (await reader.get(instance, "participants/"))["participants"]
    return [person for person in everybody if person["user_id"] != reader.user_id]


@pytest.mark.gen_test(timeout=400)
async def test_clients_that_vanish(
    build_house: Callable[..., House], people_of: Callable[[House], People]
) -> None:
    """A thousand clients vanish while they come, and handshakes come in storms: the connections are gone afterwards, memory
    is what it was soon after the first of it, and who is in the lesson noticed nothing but that people come and go.
    """
    house = build_house(redis__fsync="everysec", limits__sockets_per_participant=10_000)
    (instance,), people = house.instances, people_of(house)
    host, users = fresh_id(), [fresh_id() for _ in range(20)]
    reader = people.person(host, await crowded_session(people, instance, host, users))
    await reader.take_token(instance)
    await reader.open(instance)
    files, memory, grown, began = open_files(instance.pid), Memory(instance.pid), [], time.monotonic()
    for _ in range(ROUNDS):
        requests = [handshake(reader.uuid, classroom_token(reader.uuid, user)) for user in users]
        await asyncio.to_thread(vanish_often, instance, requests * (A_ROUND // len(users)))
        await storm(instance, reader.uuid, users, AT_ONCE)
        await until_figure(people, instance, r"connections\{.*\}", lambda count: count == 1, CALM_SECONDS)
        grown.append(memory.now - memory.began_with)
    await memory.stop()
    sys.stdout.write(
        f"{ROUNDS * (A_ROUND + AT_ONCE)} clients in {time.monotonic() - began:.1f} s; memory grown by "
        f"{[size >> 20 for size in grown]} MiB\n"
    )
    assert grown[-1] - grown[WARM_AFTER] < GROWTH_BYTES
    assert open_files(instance.pid) <= files + 20, "connections to the store, and of this test's own calls"
    assert await figure(people, instance, r"sessions") == 1
    assert reader.socket.close_code is None
    assert reader.socket.faults == []
    async with asyncio.timeout(CALM_SECONDS):
        while {p["status"] for p in await others(reader, instance)} & PRESENT:  # noqa: ASYNC110 - a server's answer
            await asyncio.sleep(0.05)
    assert {person["user_id"] for person in await others(reader, instance)} == set(users)
