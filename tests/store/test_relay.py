import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from schemas.errors import OVERLOADED, Refused
from store import backlog as backlogs
from store import keys
from store import relay as relays
from store.backlog import Backlog
from store.board import Boards, Bounds, Outcome
from store.entry import Entry
from store.relay import PAGE_MESSAGES
from store.scripts import load_scripts
from tests.conftest import FreshRedis
from tests.support.stores import HOST, Stores, eventually

Make = Callable[..., Awaitable[Stores]]
PUBLISHING = "redis.call(PUBLISH, K.session, text)"


async def switch(stores: Stores, uuid: str, times: int) -> None:
    """That many broadcasts."""
    for number in range(times):
        await stores.sessions.transition(uuid, HOST, "resume" if number % 2 else "pause")


async def running(stores: Stores) -> str:
    """A lesson that has begun, followed by the relay."""
    uuid = await stores.lesson()
    await stores.sessions.transition(uuid, HOST, "start")
    stores.relay.start()
    await eventually(lambda: stores.relay.ready)
    await stores.follow(uuid)
    return uuid


def counted(stores: Stores, name: str) -> float:
    """A metric of the relay."""
    return stores.metrics.registry.get_sample_value(f"lessonroom_relay_{name}_total") or 0


async def publish_silently(stores: Stores, uuid: str, times: int) -> None:
    """Broadcasts that pub/sub loses: they are in the log, and nobody who follows the session hears of them."""
    client = stores.client
    script = load_scripts()["transition"].text
    assert PUBLISHING in script
    script = script.replace(PUBLISHING, "")
    for number in range(times):
        action = "resume" if number % 2 else "pause"
        arguments = [
            "log_length",
            2000,
            "log_bytes",
            99_999,
            "large_bytes",
            9_999,
            "events_cap",
            100,
            "errors_cap",
            100,
            "expire_ms",
            1,
            "grace_ms",
            1,
        ]
        arguments += ["actor", HOST.key, "actor_id", "1", "action", action]
        session_keys = keys.session_keys(uuid)
        await client.command("EVAL", script, len(session_keys), *session_keys, *arguments)


async def test_everything_once_in_order(stores: Stores) -> None:
    """What happens in a session is delivered as it happens, each thing once."""
    uuid = await running(stores)
    await switch(stores, uuid, 20)
    await stores.seen.until(lambda: len(stores.seen.numbers(uuid)) == 20)
    assert stores.seen.numbers(uuid) == list(range(2, 22))
    assert counted(stores, "gaps") == 0


async def test_lost_messages_are_read_from_the_log(stores: Stores) -> None:
    """What pub/sub lost is delivered in its place as soon as the next message shows the gap."""
    uuid = await running(stores)
    await publish_silently(stores, uuid, 4)
    assert stores.seen.numbers(uuid) == []
    await switch(stores, uuid, 2)
    await stores.seen.until(lambda: len(stores.seen.numbers(uuid)) == 6)
    assert stores.seen.numbers(uuid) == list(range(2, 8))
    assert counted(stores, "gaps") == 1
    await eventually(lambda: stores.relay.is_healed)
    assert counted(stores, "heals") == 1


async def test_a_quiet_session_is_checked(fresh_stores: Make) -> None:
    """A loss that no later message shows is found by the regular check."""
    stores = await fresh_stores(check_seconds=0.1)
    uuid = await running(stores)
    await publish_silently(stores, uuid, 2)
    await stores.seen.until(lambda: stores.seen.numbers(uuid) == [2, 3])


async def test_a_killed_subscription(fresh_stores: Make) -> None:
    """A dropped pub/sub connection costs nobody a message: all that was published in between follows, in
    order.
    """
    stores = await fresh_stores()
    uuid = await running(stores)
    for _ in range(3):
        await stores.client.command("CLIENT", "KILL", "TYPE", "pubsub")
        await switch(stores, uuid, 10)
    await stores.seen.until(lambda: len(stores.seen.numbers(uuid)) >= 30)
    assert stores.seen.numbers(uuid) == list(range(2, 32))


async def test_a_killed_store(fresh_stores: Make, fresh_redis: FreshRedis) -> None:
    """After the store's restart the relay is there again within seconds, with everything that was
    acknowledged.
    """
    stores = await fresh_stores()
    uuid = await running(stores)
    await publish_silently(stores, uuid, 2)
    fresh_redis.kill()
    await eventually(lambda: not stores.client.available and not stores.relay.ready)
    fresh_redis.start()
    async with asyncio.timeout(3):
        await stores.seen.until(lambda: stores.seen.numbers(uuid) == [2, 3])
        await stores.relay.healed()
    await switch(stores, uuid, 1)
    await stores.seen.until(lambda: stores.seen.numbers(uuid) == [2, 3, 4])


async def test_a_hanging_store(fresh_stores: Make, fresh_redis: FreshRedis) -> None:
    """A subscription that is open and silent is not taken for a living one, and heals when the store goes on."""
    stores = await fresh_stores()
    uuid = await running(stores)
    fresh_redis.pause()
    await eventually(lambda: not stores.relay.ready)
    fresh_redis.resume()
    await asyncio.wait_for(stores.client.wait_available(), 3)
    await switch(stores, uuid, 3)
    await stores.seen.until(lambda: stores.seen.numbers(uuid) == [2, 3, 4])


async def test_a_log_that_is_too_short(stores: Stores) -> None:
    """When more was lost than the log holds the sockets are told to start anew, once, and go on from there."""
    uuid = await running(stores)
    await publish_silently(stores, uuid, 6)
    await stores.client.command("XTRIM", keys.session_keys(uuid)[1], "MAXLEN", 2)
    await switch(stores, uuid, 1)
    await stores.seen.until(lambda: stores.seen.resynced == [uuid])
    await eventually(lambda: stores.relay.is_healed)
    assert stores.seen.numbers(uuid) == []
    await stores.sessions.transition(uuid, HOST, "resume")
    await stores.seen.until(lambda: stores.seen.numbers(uuid) == [9])


async def test_another_epoch(fresh_stores: Make) -> None:
    """A session whose log was made anew does not pass for the one that was followed."""
    stores = await fresh_stores(check_seconds=0.1)
    uuid = await running(stores)
    await stores.client.command("HSET", keys.session(uuid), "epoch", secrets.token_hex(6))
    await stores.seen.until(lambda: stores.seen.resynced == [uuid])


async def test_a_store_that_went_back(fresh_stores: Make) -> None:
    """A store that lost its newest seconds goes on from an earlier place: nothing it says then is overlooked."""
    stores = await fresh_stores(check_seconds=0.1)
    uuid = await running(stores)
    names = [*keys.session_keys(uuid)[:2], keys.events(uuid)]
    saved = [await stores.client.command("DUMP", name) for name in names]
    await switch(stores, uuid, 4)
    await stores.seen.until(lambda: stores.seen.numbers(uuid) == [2, 3, 4, 5])
    await asyncio.gather(
        *(stores.client.command("RESTORE", n, 0, s, "REPLACE") for n, s in zip(names, saved, strict=True))
    )
    await stores.seen.until(lambda: stores.seen.resynced == [uuid])
    await switch(stores, uuid, 1)
    await stores.seen.until(lambda: stores.seen.numbers(uuid)[4:] == [2])


async def test_a_session_that_is_gone(fresh_stores: Make) -> None:
    """Sockets of a session that the store does not know any more are told so."""
    stores = await fresh_stores(check_seconds=0.1)
    uuid = await running(stores)
    await stores.client.command("DEL", *keys.session_keys(uuid))
    await stores.seen.until(lambda: uuid in stores.seen.gone)


async def test_forgotten_sessions_are_quiet(stores: Stores) -> None:
    """What nobody here follows any more is not delivered; followed again, it is, from then on."""
    uuid = await running(stores)
    stores.relay.forget(uuid)
    await switch(stores, uuid, 2)
    await stores.follow(uuid)
    await switch(stores, uuid, 1)
    await stores.seen.until(lambda: stores.seen.numbers(uuid) == [4])


async def test_a_store_that_lost_the_end_of_a_log(stores: Stores) -> None:
    """Who has read further than the log goes is the witness of it: the log goes on under another epoch, and whoever holds
    a lost position starts anew, even when its number is taken again.
    """
    uuid = await running(stores)
    epoch = (await stores.presence.attach(uuid, HOST, "c", "full")).epoch
    kept = int(await stores.client.command("HGET", keys.session(uuid), "seq"))
    names = keys.session_keys(uuid)[:4]
    copies = [await stores.client.command("DUMP", name) for name in names]
    await switch(stores, uuid, 4)
    lost = int(await stores.client.command("HGET", keys.session(uuid), "seq"))
    await eventually(lambda: stores.seen.numbers(uuid)[-1:] == [lost])
    for name, copy in zip(names, copies, strict=True):
        await stores.client.command("RESTORE", name, 0, copy, "REPLACE")
    await stores.client.command("CLIENT", "KILL", "TYPE", "pubsub")
    await eventually(lambda: stores.seen.resynced == [uuid])
    await switch(stores, uuid, 6)
    attach = stores.presence.attach
    assert not (await attach(uuid, HOST, "c", "full", lost, epoch)).recovered
    assert (await attach(uuid, HOST, "c", "full", kept, epoch)).recovered


async def test_a_long_absence_is_made_good_in_pages(stores: Stores) -> None:
    """However much was missed, it is read and delivered a page at a time, all of it in order."""
    uuid = await running(stores)
    await publish_silently(stores, uuid, 3 * PAGE_MESSAGES)
    await switch(stores, uuid, 2)
    await stores.seen.until(lambda: len(stores.seen.numbers(uuid)) >= 3 * PAGE_MESSAGES + 2)
    assert stores.seen.numbers(uuid) == list(range(2, 3 * PAGE_MESSAGES + 4))
    await eventually(lambda: stores.relay.is_healed)
    assert counted(stores, "heals") == 1


async def test_a_room_far_behind_gets_everything_later(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What does not fit into the memory for a slow room is dropped there, and delivered from its log: nothing is lost,
    and a quiet room's message does not wait for it.
    """
    noisy, quiet = await running(stores), await stores.lesson()
    await stores.sessions.transition(quiet, HOST, "start")
    await stores.follow(quiet)
    stores.relay._backlog = Backlog(total_bytes=3_000)
    await stores.participants.get_or_create_participant(noisy, HOST)
    monkeypatch.setattr(relays, "TURN_SECONDS", -1.0)
    monkeypatch.setattr(stores.relay, "_work_off", lambda: None)
    commands = [stores.participants.raise_hand(noisy, HOST, bool(n % 2)) for n in range(80)]
    await asyncio.gather(*commands, stores.sessions.transition(quiet, HOST, "pause"))
    await eventually(lambda: counted(stores, "put_off") > 0)
    monkeypatch.undo()
    last = int(await stores.client.command("HGET", keys.session(noisy), "seq"))
    assert last > 60
    await stores.seen.until(lambda: stores.seen.numbers(noisy)[-1:] == [last])
    assert stores.seen.numbers(noisy) == list(range(2, last + 1))
    assert stores.seen.numbers(quiet) == [2]
    assert counted(stores, "heals") > 0
    assert stores.seen.resynced == []


async def test_who_sends_into_a_slow_room_waits(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """A room that is behind is known to be, until it has caught up; who waits for that is woken, or told that it took
    too long.
    """
    monkeypatch.setattr(backlogs, "BEHIND_MESSAGES", 50)
    uuid = await running(stores)
    assert not stores.relay.is_behind(uuid)
    monkeypatch.setattr(relays, "TURN_SECONDS", -1.0)
    monkeypatch.setattr(stores.relay, "_work_off", lambda: None)
    await switch(stores, uuid, 52)
    await eventually(lambda: stores.relay.is_behind(uuid))
    assert await stores.relay.until_caught_up(uuid, 0.05) is False
    waiting = asyncio.ensure_future(stores.relay.until_caught_up(uuid, 5))
    await asyncio.sleep(0)
    monkeypatch.undo()
    assert await waiting
    assert not stores.relay.is_behind(uuid)
    assert await stores.relay.until_caught_up("of another session", 0)


async def test_a_quiet_room_does_not_wait_for_a_noisy_one(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many messages of a noisy room came first, a quiet one's is delivered after one of those, and none is lost."""
    monkeypatch.setattr(relays, "TURN_SECONDS", -1.0)  # every message finds the instance busy
    order: list[str] = []
    deliver = stores.seen.deliver

    def note(uuid: str, entry: Entry) -> None:
        order.append(uuid)
        deliver(uuid, entry)

    monkeypatch.setattr(stores.seen, "deliver", note)
    noisy, quiet = await running(stores), await stores.lesson()
    await stores.sessions.transition(quiet, HOST, "start")
    await stores.follow(quiet)
    channels = keys.session(noisy), keys.session(quiet)
    texts = [await log_of(stores, uuid, 300 if uuid == noisy else 1) for uuid in (noisy, quiet)]
    subscriber: Any = stores.relay._subscriber
    for channel, several in zip(channels, texts, strict=True):
        for text in several:
            subscriber._on_message(channel, text)
    await stores.seen.until(lambda: len(stores.seen.numbers(noisy)) == 300)
    assert order.index(quiet) <= 2
    assert stores.seen.numbers(noisy) == list(range(2, 302))


async def log_of(stores: Stores, uuid: str, times: int) -> list[bytes]:
    """That many broadcasts that pub/sub did not bring, as it would have brought them."""
    await publish_silently(stores, uuid, times)
    log = await stores.client.command("XRANGE", keys.session_keys(uuid)[1], "-", "+")
    return [entry[1][1] for entry in log[-times:]]


async def test_noise_is_refused_at_its_source(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """While an instance is far behind in a room no board event is accepted there, wherever it comes from; afterwards it is.
    Other rooms are none the worse.
    """
    monkeypatch.setattr(backlogs, "BEHIND_MESSAGES", 50)
    monkeypatch.setattr(backlogs, "FAR_BEHIND_MESSAGES", 100)
    noisy, quiet = await running(stores), await stores.lesson()
    boards = Boards(stores.scripts, Bounds(1 << 20, 10, 1 << 20))
    for uuid in (noisy, quiet):
        await stores.participants.get_or_create_participant(uuid, HOST)
    texts = await log_of(stores, noisy, 110)
    monkeypatch.setattr(relays, "TURN_SECONDS", -1.0)
    monkeypatch.setattr(stores.relay, "_work_off", lambda: None)
    subscriber: Any = stores.relay._subscriber
    for text in texts:
        subscriber._on_message(keys.session(noisy), text)

    async def is_accepted(uuid: str) -> bool:
        work = boards.event(uuid, HOST, "stroke_add", {"id": "s"})
        (outcome,) = await asyncio.gather(work, return_exceptions=True)
        assert isinstance(outcome, Outcome) or (isinstance(outcome, Refused) and outcome.error is OVERLOADED)
        return isinstance(outcome, Outcome)

    async with asyncio.timeout(5):
        while await is_accepted(noisy):  # noqa: ASYNC110 - the refusal comes from the store
            await asyncio.sleep(0)
    assert await is_accepted(quiet)
    monkeypatch.undo()
    async with asyncio.timeout(5):
        while not await is_accepted(noisy):  # noqa: ASYNC110 - likewise
            await asyncio.sleep(0.05)
