"""Several people draw at once, on several instances, over bad connections: all end with one board (contract §4, board)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.board_story import assert_converged
from tests.support.board_writer import Writer
from tests.support.people_lesson import People, fresh_id
from tests.support.process_house import CRASH, OUTAGE, House

WRITERS = 4
EVENTS = 2_000 if os.environ.get("LONG_RUNS") else 250
"""Each writer's. `LONG_RUNS=1` makes the long run of it."""
EVERYTHING = ("can_clear_board", "can_add_layers", "can_delete_layers", "can_upload_images")
SETTINGS: dict[str, Any] = {"board__snapshot_events": 150, "board__snapshot_seconds": 1}
MOST_SECONDS = 240


async def draw_together(
    house: House, people: People, seed: int, halfway: Callable[[], object] | None = None
) -> list[Writer]:
    """Four writers, the host among them, one without the right to clear; `halfway` is called in the middle."""
    a, b = house.instances
    everybody = await people.lesson(a, *(fresh_id() for _ in range(WRITERS)), session_type="group")
    host = everybody[0]
    for person in everybody[1:-1]:
        rights = dict.fromkeys(EVERYTHING, True)
        await host.post(a, "permissions/", {"user_id": person.user_id, "permissions": rights})
    writers = [Writer(person, [a, b], seed * 10 + n, EVENTS) for n, person in enumerate(everybody)]
    await asyncio.gather(*(writer.person.open((a, b)[n % 2]) for n, writer in enumerate(writers)))
    watching = people.person(fresh_id(), host.uuid)
    await host.post(a, "invite/", {"user_id": watching.user_id, "role": "viewer"})
    await watching.take_token(a)
    await watching.open(b)
    async with asyncio.TaskGroup() as tasks:
        for writer in writers:
            tasks.create_task(writer.draw())
        if halfway is not None:
            await watching.socket.find(
                lambda m: m.get("version", 0) >= WRITERS * EVENTS // 3, seconds=MOST_SECONDS
            )
            halfway()
    assert await assert_converged(writers, watching, b) > WRITERS * EVENTS // 2
    return writers


@pytest.mark.gen_test(timeout=MOST_SECONDS)
@pytest.mark.parametrize("seed", [1, 2])
async def test_everybody_ends_with_one_board(house: House, people: People, seed: int) -> None:
    """Four writers on two instances, connections lost all the time: one order, no version missing, every event once."""
    writers = await draw_together(house, people, seed)
    assert sum(writer.reconnects for writer in writers) > 4
    assert any(writer.outcomes.duplicates for writer in writers)


@pytest.mark.gen_test(timeout=MOST_SECONDS)
async def test_an_instance_dies_meanwhile(
    build_house: Callable[..., House], people_of: Callable[[House], People]
) -> None:
    """An instance is killed while everybody draws, and started again: nothing that was acknowledged is lost."""
    house = build_house(presence__lease_seconds=1.5, **SETTINGS)
    house.allow(*CRASH)
    a = house.instances[0]

    def kill_and_start() -> None:
        a.kill()
        a.spawn()
        restarts.append(asyncio.create_task(asyncio.to_thread(a.wait_ready)))

    restarts: list[asyncio.Task[None]] = []
    writers = await draw_together(house, people_of(house), 3, kill_and_start)
    await asyncio.gather(*restarts)
    assert sum(1 for writer in writers if any(s.close_code == 1006 for s in writer.person.sockets)) >= 2


@pytest.mark.gen_test(timeout=MOST_SECONDS)
async def test_the_store_dies_meanwhile(
    build_house: Callable[..., House], people_of: Callable[[House], People]
) -> None:
    """Redis is killed while everybody draws, and comes back with its data: no socket closes, nothing is lost."""
    house = build_house(**SETTINGS)
    house.allow(*OUTAGE)
    writers = await draw_together(house, people_of(house), 4, house.kill_store)
    assert sum(writer.outcomes.put_off for writer in writers) > 0
