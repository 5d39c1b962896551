"""A log that goes on under another epoch, with nothing lost: where everybody stands is told with that epoch."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from schemas.errors import Close
from store import keys
from store.entry import parse
from tests.handlers.test_hub import House, Socket
from tests.support.stores import HOST, STUDENT, Stores, eventually

Make = Callable[..., Awaitable[Stores]]


async def test_a_new_epoch_is_told_before_its_numbers(fresh_stores: Make) -> None:
    """Whoever's socket closes just then, or breaks, resumes: they know no number that their epoch is not good for."""
    stores = await fresh_stores()
    house, uuid = House(stores), await stores.lesson()
    await stores.sessions.transition(uuid, HOST, "start")
    _, staying = await house.open(uuid, HOST)
    _, leaving = await house.open(uuid, STUDENT)
    last = int(await stores.client.command("HGET", keys.session(uuid), "seq"))
    await eventually(lambda: furthest(staying) == last)
    await continue_log(stores, uuid, last)
    await stores.client.command("CLIENT", "KILL", "TYPE", "pubsub")
    await stores.sessions.transition(uuid, HOST, "pause")
    await stores.participants.leave(uuid, STUDENT)
    await eventually(lambda: leaving.closed == 1000)
    await eventually(lambda: bool(staying.welcomes))
    assert furthest(leaving) <= last
    welcome = staying.welcomes[0]
    assert welcome.recovered
    assert furthest(staying) <= last
    missed = [e.position.seq for e in map(parse, welcome.missed) if e.position and e.is_numbered]
    assert missed == list(range(last + 1, welcome.position.seq + 1))
    await house.stop()


async def test_what_waits_for_the_room_does_not_overtake(fresh_stores: Make) -> None:
    """Whoever is turned out then gets nothing of what came after the numbers that they were not told."""
    stores = await fresh_stores()
    house, uuid = House(stores), await stores.lesson()
    await stores.sessions.transition(uuid, HOST, "start")
    connection = await house.opening(uuid, STUDENT)
    last = int(await stores.client.command("HGET", keys.session(uuid), "seq"))
    later = parse(f'{last}-9\t{last + 1}-0\ts\t\t\t\t\t\n{{"type":"x","seq":{last + 1}}}'.encode())

    class Flushing(Socket):
        """Like a real one, it first has sent what waits for everybody."""

        def shut(self, close: Close) -> None:
            """The close."""
            house.hub.deliver(uuid, later)
            house.hub.flush(uuid)
            super().shut(close)

    leaving = Flushing()
    connection.transport = leaving
    house.hub.begin(connection)
    await continue_log(stores, uuid, last)
    await stores.client.command("CLIENT", "KILL", "TYPE", "pubsub")
    await stores.participants.leave(uuid, STUDENT)
    await eventually(lambda: leaving.closed == 1000)
    assert furthest(leaving) <= last
    await house.stop()


async def continue_log(stores: Stores, uuid: str, last: int) -> None:
    """What a promoted primary does that has everything."""
    epoch = (await stores.client.command("HGET", keys.session(uuid), "epoch")).decode()
    renamed = ("epoch", f"{epoch}.1", "continues", f"{epoch} {last}")
    await stores.client.command("HSET", keys.session(uuid), *renamed)


def furthest(socket: Socket) -> int:
    """The highest number that came outside of a welcome."""
    return max(socket.numbers(), default=0)
