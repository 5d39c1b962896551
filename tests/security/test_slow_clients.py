"""Slowloris, and crowds that have no token: a lesson goes on meanwhile, and nothing of them stays behind.

`LONG_RUNS=1` sends ten thousand instead of one.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from handlers.listener import allow_many_files
from tests.support.attack_rounds import LONG
from tests.support.board_people import deed, pair
from tests.support.fuzz_wire import UPGRADE, dropped, head
from tests.support.people_calls import platform_token
from tests.support.people_lesson import People, Person
from tests.support.people_measure import measured
from tests.support.process_house import House
from tests.support.process_instance import Instance

CROWD = 10_000 if LONG else 1_000
ROOM = 400
"""`limits.waiting_connections` here."""
DEEDS = 60
MOST_SECONDS = 2.0
"""A stroke may take that long under attack, on a machine that has other things to do; it takes some milliseconds."""
AT_ONCE = 200
PATIENCE_SECONDS = 30.0
MIB = 1 << 20
KEPT_BYTES = (200 if LONG else 40) * MIB
"""What the allocator may keep after a crowd has gone."""

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
PeopleOf = Callable[[House], People]

pytestmark = pytest.mark.gen_test(timeout=300 if LONG else 90)


@pytest.fixture
def attacked(build_house: Callable[..., House]) -> House:
    """Two instances with room for four hundred connections that wait."""
    if not Path("/proc/self/fd").exists():
        pytest.skip("what a process holds is read from /proc")
    if allow_many_files() < CROWD + 500:
        pytest.skip(f"{CROWD} connections need more open files than are allowed here (ulimit -Hn)")
    return build_house(limits__waiting_connections=ROOM, log__level="info")


def memory_bytes(instance: Instance) -> int:
    """What the process takes."""
    pages = int(Path(f"/proc/{instance.pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def files(instance: Instance) -> int:
    """How many files it has open."""
    return len(list(Path(f"/proc/{instance.pid}/fd").iterdir()))


@asynccontextmanager
async def crowd(instance: Instance, count: int, data: bytes) -> AsyncIterator[list[Streams]]:
    """So many connections that have sent `data`; those that were closed are among them. In the end all are gone."""
    gate = asyncio.Semaphore(AT_ONCE)
    made: list[Streams] = []

    async def one() -> None:
        async with gate:
            reader, writer = await asyncio.open_connection("127.0.0.1", instance.port)
            made.append((reader, writer))
            writer.write(data)

    try:
        await asyncio.gather(*(one() for _ in range(count)))
        yield made
    finally:
        await asyncio.gather(*(dropped(writer) for _, writer in made))


async def drip(slow: list[Streams], data: bytes) -> None:
    """Each sends a little more, ten times."""
    for _ in range(10):
        for _, writer in slow:
            if not writer.is_closing():
                writer.write(data)
        await asyncio.sleep(0.1)  # slowly is what the attack is about


async def teach(host: Person, attacked: House, until: asyncio.Event, times: list[float]) -> None:
    """Draws, and comes in anew by REST, until the attack is over and for a number of strokes at least."""
    while not until.is_set() or len(times) < DEEDS:
        began = time.monotonic()
        await deed(host.socket, "stroke_add", {"id": "s", "points": [[1, 2], [3, 4]]})
        times.append(time.monotonic() - began)
        if len(times) % 10 == 0:
            answer = await host.call(attacked.instances[0], "GET", "permissions/")
            assert answer.status == 200
            times.append(answer.seconds)


@asynccontextmanager
async def lesson_goes_on(attacked: House, people_of: PeopleOf, attack: str) -> AsyncIterator[Person]:
    """A lesson on the attacked instance during what is done inside; what its strokes took is looked at afterwards."""
    host, _ = await pair(people_of(attacked), attacked)
    over = asyncio.Event()
    times: list[float] = []
    teaching = asyncio.create_task(teach(host, attacked, over, times))
    try:
        yield host
    finally:
        over.set()
        await teaching
    measured(f"{attack}: a stroke's ack or a call meanwhile", times)
    assert sorted(times)[int(len(times) * 0.95)] < MOST_SECONDS
    assert host.socket.faults == []


async def assert_gone(instance: Instance, files_before: int, bytes_before: int) -> None:
    """The connections are closed, and the memory is as it was, but for what the allocator keeps."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while files(instance) > files_before + 20:  # noqa: ASYNC110 - a process tells nobody
            await asyncio.sleep(0.05)
    kept = memory_bytes(instance) - bytes_before
    sys.stdout.write(f"kept after a crowd: {kept / MIB:.1f} MiB\n")
    assert kept < KEPT_BYTES


async def test_slow_heads(attacked: House, people_of: PeopleOf) -> None:
    """Far more connections than there is room for, each sending its request a line at a time: who asks is served."""
    (instance, _) = attacked.instances
    begin = head("GET", "/healthz", {}, None)[:-2]
    async with lesson_goes_on(attacked, people_of, "slow heads"):
        before, held = files(instance), memory_bytes(instance)
        async with crowd(instance, CROWD, begin) as slow:
            await drip(slow, b"X: y\r\n")
            assert files(instance) <= before + ROOM + 20
        await assert_gone(instance, before, held)


async def test_slow_bodies(attacked: House, people_of: PeopleOf) -> None:
    """Bodies that come byte by byte: without a token they are refused once they pause, with one they wait their turn."""
    (instance, _) = attacked.instances
    async with lesson_goes_on(attacked, people_of, "slow bodies") as host:
        before, held = files(instance), memory_bytes(instance)
        path = f"/api/v1/classroom/sessions/{host.uuid}/autosave/"
        async with crowd(instance, 50, head("POST", path, {}, 4_000_000) + b"{") as strangers:
            answers = await asyncio.gather(*(reader.readline() for reader, _ in strangers))
        assert {line.split()[1] for line in answers} == {b"401"}
        platform = {"Authorization": f"Bearer {platform_token(attacked.secret, 'platform', scope='service')}"}
        async with crowd(instance, CROWD, head("POST", path, platform, 4_000_000) + b"{") as slow:
            await drip(slow, b" " * 100)
            assert files(instance) <= before + ROOM + 20
        await assert_gone(instance, before, held)


@pytest.mark.parametrize("channel", ["", "board/"])
async def test_sockets_without_a_token(channel: str, attacked: House, people_of: PeopleOf) -> None:
    """Thousands who have no token and do not go by themselves: all are let go, nothing of them remains."""
    (instance, _) = attacked.instances
    async with lesson_goes_on(attacked, people_of, f"{CROWD} without a token on /{channel}") as host:
        before, held = files(instance), memory_bytes(instance)
        ask = head("GET", f"/ws/classroom/{host.uuid}/{channel}", UPGRADE, None)
        async with crowd(instance, CROWD, ask) as strangers:
            async with asyncio.timeout(PATIENCE_SECONDS):
                answers = await asyncio.gather(*(reader.read(100) for reader, _ in strangers))
            assert {answer.split()[1] for answer in answers} == {b"401" if channel else b"101"}
            await assert_gone(instance, before, held)
