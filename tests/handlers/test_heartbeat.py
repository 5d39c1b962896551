"""Everybody is pinged in their own time, by one timer."""

import asyncio

import pytest

from handlers import heartbeat
from handlers.heartbeat import Heartbeat
from tests.support.stores import eventually

SECONDS = 0.1


class Socket:
    """Counts how often it was pinged; ends itself, and another, at the `last` time."""

    def __init__(self, last: int = 99, beats: Heartbeat | None = None, other: "Socket | None" = None) -> None:
        self.pings = 0
        self._last = last
        self._beats = beats
        self._other = other

    def beat(self) -> bool:
        """A ping."""
        self.pings += 1
        if self._beats is not None and self._other is not None:
            self._beats.remove(self._other)
        return self.pings < self._last


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pause is rounded up."""
    monkeypatch.setattr(heartbeat, "LEAST_PAUSE_SECONDS", 0.001)


async def test_each_is_pinged_in_its_own_time() -> None:
    """Again and again, from when it came; who is removed is not pinged any more."""
    beats, first, second = Heartbeat(SECONDS), Socket(), Socket()
    beats.add(first)
    await asyncio.sleep(SECONDS / 2)
    beats.add(second)
    await eventually(lambda: first.pings == 1)
    assert second.pings == 0
    await eventually(lambda: second.pings >= 2)
    beats.remove(first)
    seen = first.pings
    await eventually(lambda: second.pings >= 4)
    assert first.pings == seen
    beats.remove(second)


async def test_who_is_over_is_forgotten() -> None:
    """A socket that says so itself, or that another one ended in the same go."""
    beats = Heartbeat(SECONDS)
    victim, later = Socket(), Socket()
    beats.add(Socket(last=1, beats=beats, other=victim))
    beats.add(victim)
    await eventually(lambda: not beats._due)
    assert victim.pings == 0
    beats.add(later)  # the timer had ended
    await eventually(lambda: later.pings == 1)
    beats.remove(later)


async def test_many_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that are due within a moment are pinged in one go."""
    monkeypatch.setattr(heartbeat, "LEAST_PAUSE_SECONDS", 0.05)
    beats, sockets = Heartbeat(SECONDS), [Socket() for _ in range(50)]
    for socket in sockets:
        beats.add(socket)
        await asyncio.sleep(0.0005)
    await eventually(lambda: sockets[0].pings == 1)
    await eventually(lambda: sum(socket.pings for socket in sockets) >= 50)
    for socket in sockets:
        beats.remove(socket)
