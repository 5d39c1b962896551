"""The end of a lesson comes in its order, whichever way an instance hears of it first."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.handlers.test_hub import House
from tests.support.stores import HOST, STUDENT, Stores, eventually


async def test_an_end_that_is_known_before_the_word_of_it_is_here(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who registers anew and is refused since the lesson is over is told of the end all the same, and then closed."""
    house, uuid = House(stores, linger_seconds=0.3), await stores.lesson()
    _, socket = await house.open(uuid, STUDENT)
    deliver, late = house.hub.deliver, list[Any]()
    monkeypatch.setattr(house.hub, "deliver", lambda *news: late.append(news))
    await stores.sessions.transition(uuid, HOST, "terminate")
    await eventually(lambda: bool(late))
    stores.lease.on_lapse()
    asyncio.get_running_loop().call_later(0.1, lambda: deliver(*late[0]))
    await eventually(lambda: socket.closed == 4410)
    assert socket.types() == ["session_updated"]
    await house.stop()
