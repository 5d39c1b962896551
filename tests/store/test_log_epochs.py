"""A log that goes on under other epochs: which positions still are of it."""

from __future__ import annotations

from store import keys
from tests.support.stores import HOST, Stores


async def test_a_position_outlives_several_epochs(stores: Stores) -> None:
    """Whoever was away during several failovers that lost nothing of what they had seen resumes; who had seen more than was
    there when the log went on, or comes with an epoch that it never had, does not.
    """
    uuid = await stores.lesson()
    await stores.sessions.transition(uuid, HOST, "start")
    first = await stores.presence.attach(uuid, HOST, "c", "full")
    epochs = [first.epoch]
    for _ in range(3):
        await continue_log(stores, uuid, epochs[-1])
        epochs.append(await epoch_of(stores, uuid))
        await stores.sessions.transition(uuid, HOST, "resume" if len(epochs) % 2 else "pause")
    assert len(set(epochs)) == 4
    seen = first.position.seq
    for number, epoch in enumerate(epochs):
        assert await recovers(stores, uuid, seen + number, epoch)
    for number, epoch in enumerate(epochs[:-1]):
        assert not await recovers(stores, uuid, seen + number + 1, epoch)
    assert not await recovers(stores, uuid, seen, f"{epochs[0]}.0")


async def test_epochs_are_forgotten_at_last(stores: Stores) -> None:
    """A session remembers eight of them, however often its log went on."""
    uuid = await stores.lesson()
    attached = await stores.presence.attach(uuid, HOST, "c", "full")
    epochs = [attached.epoch]
    for _ in range(10):
        await continue_log(stores, uuid, epochs[-1])
        epochs.append(await epoch_of(stores, uuid))
    known = [await recovers(stores, uuid, attached.position.seq, epoch) for epoch in epochs]
    assert known == [False] * 2 + [True] * 9


async def continue_log(stores: Stores, uuid: str, epoch: str) -> None:
    """Has it go on: somebody has seen more than is there."""
    arguments = ["seq", 1_000, "sub", 0, "epoch", epoch, "messages", 10, "bytes", 1_000]
    before = await store_ms(stores)
    while await store_ms(stores) == before:
        pass  # an epoch's name has the time in it
    await stores.client.run("read_log", keys.session_keys(uuid), arguments)


async def store_ms(stores: Stores) -> int:
    """The store's clock."""
    seconds, microseconds = await stores.client.command("TIME")
    return int(seconds) * 1000 + int(microseconds) // 1000


async def epoch_of(stores: Stores, uuid: str) -> str:
    """The epoch of now."""
    return str((await stores.client.command("HGET", keys.session(uuid), "epoch")).decode())


async def recovers(stores: Stores, uuid: str, seq: int, epoch: str) -> bool:
    """Whether somebody who comes back with that position resumes."""
    return (await stores.presence.attach(uuid, HOST, "c", "full", seq, epoch)).recovered
