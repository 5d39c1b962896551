import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.store_url import parse_store_url
from store import keys
from store.entry import SYSTEM, Position, parse
from store.sentinel import Sentinels
from tests.support.store_watched import Watched
from tests.support.store_writer import Writer
from tests.support.stores import HOST, STUDENT, Stores, eventually

pytestmark = pytest.mark.gen_test(timeout=30)
HERE = "redis+sentinel://127.0.0.1:1/main"


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    """A primary, a replica, three sentinels."""
    nodes = Watched(tmp_path, replicas=1)
    try:
        nodes.create()
        yield nodes
    finally:
        nodes.close()


async def test_nobody_knows_the_primary() -> None:
    """Without a sentinel that answers, the client waits, and does not guess."""
    url = parse_store_url(HERE)
    assert url is not None
    sentinels = Sentinels(url)
    assert await sentinels.primary() is None
    stores = Stores(HERE)
    await stores.client.start()
    await asyncio.sleep(0.05)
    assert not stores.client.available
    await stores.client.stop()


async def test_a_sentinel_that_was_cut_off_misleads_nobody(watched: Watched) -> None:
    """The latest failover counts: who is told of an older one by a sentinel that slept through it stays where they are."""
    url = parse_store_url(watched.url)
    assert url is not None
    sentinels, behind = Sentinels(url), watched.sentinels[0]
    former = watched.primary.port
    assert await sentinels.primary() == ("127.0.0.1", former)
    behind.signal(signal.SIGSTOP)
    watched.kill_primary()
    known = former
    while known == former:
        told = await sentinels.primary()
        known = told[1] if told else known
    behind.signal(signal.SIGCONT)
    told = await sentinels.primary()
    assert told in (None, ("127.0.0.1", known))
    await sentinels.close()


async def test_sentinels_that_nobody_named(watched: Watched) -> None:
    """One address is enough, as long as that one could be asked once: when it is gone, those that it knew of are asked."""
    named = watched.sentinels[0]
    url = parse_store_url(f"redis+sentinel://127.0.0.1:{named.port}/{watched.SERVICE}")
    assert url is not None
    sentinels = Sentinels(url)
    here = ("127.0.0.1", watched.primary.port)
    assert await sentinels.primary() == here
    named.kill()
    assert await sentinels.primary() == here
    for other in watched.sentinels[1:]:
        other.kill()
    assert await sentinels.primary() is None
    await sentinels.close()


async def test_a_log_that_goes_on_behind_its_readers(watched: Watched) -> None:
    """An instance that read what the promoted replica does not have has its sockets start anew, once."""
    stores = Stores(watched.url)
    await stores.start()
    stores.relay.start()
    uuid = await stores.lesson()
    await stores.follow(uuid)
    await stores.sessions.transition(uuid, HOST, "start")
    watched.cut_replicas_off()
    await switch(stores, uuid, 4)
    lost = await position(stores, uuid)
    await stores.seen.until(lambda: stores.seen.numbers(uuid)[-1:] == [lost.seq])
    watched.kill_primary()
    await stores.seen.until(lambda: stores.seen.resynced == [uuid])
    await switch(stores, uuid, 6)
    last = await position(stores, uuid)
    await stores.seen.until(lambda: stores.seen.numbers(uuid)[-1:] == [last.seq])
    assert stores.seen.resynced == [uuid]
    await stores.stop()


async def test_a_failover_that_loses_nothing(watched: Watched) -> None:
    """Nobody starts anew: readers go on where they were, and hear of the new epoch."""
    stores = Stores(watched.url)
    await stores.start()
    stores.relay.start()
    uuid = await stores.lesson()
    await stores.follow(uuid)
    await stores.sessions.transition(uuid, HOST, "start")
    watched.primary.call("WAIT", 1, 2000)
    watched.kill_primary()
    await eventually(lambda: not stores.client.available)
    await stores.client.wait_available()
    await switch(stores, uuid, 3)
    await stores.seen.until(lambda: stores.seen.numbers(uuid) == [1, 2, 3, 4])
    await stores.seen.until(lambda: uuid in stores.seen.epochs)
    assert stores.seen.resynced == []
    assert stores.seen.epochs[uuid].encode() == await stores.client.command(
        "HGET", keys.session(uuid), "epoch"
    )
    await stores.stop()


async def test_a_log_that_goes_on_while_nobody_reads(watched: Watched) -> None:
    """A position from before the failover's loss still holds; one from after it does not, however far the log has come."""
    stores = Stores(watched.url)
    await stores.start()
    uuid = await stores.lesson()
    await stores.sessions.transition(uuid, HOST, "start")
    epoch = (await stores.presence.attach(uuid, HOST, "c", "full")).epoch
    kept = await position(stores, uuid)
    watched.cut_replicas_off()
    await switch(stores, uuid, 4)
    lost = await position(stores, uuid)
    watched.kill_primary()
    await eventually(lambda: not stores.client.available)
    await stores.client.wait_available()
    await switch(stores, uuid, 6)
    assert (await position(stores, uuid)).seq > lost.seq
    after = await stores.presence.attach(uuid, HOST, "c", "full", lost.seq, epoch)
    assert (after.recovered, after.epoch.partition(".")[0]) == (False, epoch)
    assert after.epoch != epoch
    before = await stores.presence.attach(uuid, HOST, "c", "full", kept.seq, epoch)
    assert before.recovered
    entries = [entry for entry in map(parse, before.missed) if entry.kind == SYSTEM]
    numbers = [entry.position.seq for entry in entries if entry.position]
    assert numbers == list(range(kept.seq + 1, before.position.seq + 1))
    assert (await stores.presence.attach(uuid, STUDENT, "d", "full")).epoch == after.epoch
    await stores.stop()


async def switch(stores: Stores, uuid: str, times: int) -> None:
    """That many broadcasts."""
    for turn in range(times):
        await stores.sessions.transition(uuid, HOST, "resume" if turn % 2 else "pause")


async def position(stores: Stores, uuid: str) -> Position:
    """Where the session's log stands."""
    seq, sub = await stores.client.command("HMGET", keys.session(uuid), "seq", "sub")
    return Position(int(seq), int(sub))


async def test_a_primary_that_comes_back_in_the_middle(tmp_path: Path) -> None:
    """It hung, and goes on when a replica was promoted and the other one still follows it: that one would confirm, and
    lose, what is written to it. Nothing of that is acknowledged.
    """
    nodes = Watched(tmp_path)
    stores = Stores(nodes.url, wait_replicas=1, events_cap=100_000)
    try:
        await asyncio.to_thread(nodes.create)
        await stores.start()
        writer = Writer(stores, await stores.lesson())
        writing = asyncio.create_task(writer.run())
        await eventually(lambda: len(writer.acknowledged) > 100)
        former = nodes.primary
        former.signal(signal.SIGSTOP)
        await asyncio.to_thread(nodes.wait_promoted)
        former.signal(signal.SIGCONT)
        await asyncio.to_thread(nodes.wait_turned)
        mark = len(writer.acknowledged)
        await eventually(lambda: len(writer.acknowledged) > mark + 100)
        writer.wanted = False
        await writing
        await asyncio.to_thread(nodes.wait_whole)
        assert await writer.lost() == 0
    finally:
        await stores.stop()
        nodes.close()


async def test_what_an_instance_looks_after_is_noted_again(watched: Watched) -> None:
    """The list by which others take over a dead instance's sessions is whole after a failover, whatever was lost."""
    stores = Stores(watched.url)
    await stores.start()
    stores.lease.start()
    uuid = await stores.lesson()
    watched.cut_replicas_off()
    await stores.presence.open(uuid)
    watched.kill_primary()
    await eventually(lambda: not stores.client.available)
    await stores.client.wait_available()
    found: set[bytes] = set()
    while found != {uuid.encode()}:
        found = set(await stores.client.command("SMEMBERS", keys.sessions_on(stores.lease.instance)))
    await stores.lease.stop()
    await stores.stop()
