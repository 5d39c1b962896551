from __future__ import annotations

from typing import Any

from schemas.errors import STORE_UNAVAILABLE, Refused
from store.autosnapshots import AutoSnapshots
from store.board import Boards, Bounds
from tests.support.stores import HOST, Stores, eventually

UUIDS = ("one", "two")
MIB = 1 << 20


class Saved(Boards):
    """Boards whose saving is noted instead of done; `refusals` are what the next ones meet."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.refusals: list[Refused] = []

    async def save(self, uuid: str, kind: str, **_: Any) -> dict[str, Any] | None:
        """Notes it."""
        assert kind == "auto"
        self.calls.append(uuid)
        if self.refusals:
            raise self.refusals.pop()
        return {}


def snapshots(boards: Boards, seconds: float = 60, events: int = 5) -> AutoSnapshots:
    """What looks after boards, without a store: none is asked here."""
    return AutoSnapshots(None, boards, seconds, events, MIB)  # type: ignore[arg-type]  # the client is not used for this


async def test_after_many_events() -> None:
    """A board is saved with every so many events, each board counted for itself."""
    boards = Saved()
    looking = snapshots(boards)
    for _ in range(11):
        looking.touched("one")
    looking.touched("two")
    await eventually(lambda: boards.calls == ["one", "one"])
    await looking.stop()
    assert sorted(boards.calls) == ["one", "one", "one", "two"]


async def test_after_large_events() -> None:
    """Whole boards are not piled up by the hundred: a few of them are saved as soon as they take much together."""
    boards = Saved()
    looking = snapshots(boards)
    looking.touched("one", MIB - 1)
    looking.touched("two", 1)
    assert boards.calls == []
    looking.touched("one", 1)
    await eventually(lambda: boards.calls == ["one"])
    await looking.stop()


async def test_after_a_while() -> None:
    """A single stroke is saved when it is old enough, once."""
    boards = Saved()
    looking = snapshots(boards, seconds=0.02)
    looking.touched("one")
    looking.touched("one")
    await eventually(lambda: boards.calls == ["one"])
    await looking.stop()
    assert boards.calls == ["one"]


async def test_only_what_changed() -> None:
    """A board nobody touched is not saved when its room empties; one that was is saved at once, and once."""
    boards = Saved()
    looking = snapshots(boards)
    looking.save_soon("two")
    looking.touched("one")
    for _ in range(2):
        looking.save_soon("one")
    await looking.stop()
    assert boards.calls == ["one"]


async def test_what_could_not_be_saved_is_saved_later() -> None:
    """While the store is away a board stays dirty; it is saved when it is back."""
    boards = Saved()
    boards.refusals = [Refused(STORE_UNAVAILABLE)]
    looking = snapshots(boards, seconds=0.02)
    looking.touched("one")
    await eventually(lambda: len(boards.calls) == 2)
    await looking.stop()


async def test_the_board_is_in_the_snapshot(stores: Stores) -> None:
    """What is kept is the board as it was, and automatic."""
    uuid = await stores.lesson()
    await stores.participants.get_or_create_participant(uuid, HOST)
    boards = Boards(stores.scripts, Bounds(MIB, 3, MIB))
    looking = AutoSnapshots(stores.client, boards, 60, 500, MIB)
    await boards.event(uuid, HOST, "stroke_add", {"id": "s"})
    looking.touched(uuid)
    await looking.stop()
    (kept,) = await boards.snapshots(uuid)
    assert (kept["version"], kept["snapshot_type"]) == (1, "auto")
    assert (await boards.snapshot(uuid, 1))[1]["strokes"] == [{"id": "s"}]
