import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import orjson

from schemas.errors import (
    BAD_TOKEN,
    FORBIDDEN,
    KICKED,
    NOT_FOUND,
    SESSION_FULL,
    SESSION_OVER,
    TOO_MANY_SOCKETS,
)
from store import keys
from store.actor import Actor
from store.entry import PEERS, parse
from tests.conftest import FreshRedis
from tests.support.stores import HOST, STRANGER, STUDENT, Stores, eventually, refusal

Make = Callable[..., Awaitable[Stores]]


async def status_of(stores: Stores, uuid: str, user_key: str = "2") -> str:
    """A participant's status now."""
    raw = await stores.client.command("HGET", keys.person(uuid, user_key), "status")
    return str(raw.decode())


async def reaches(stores: Stores, uuid: str, status: str) -> None:
    """Returns once Ben has that status."""
    async with asyncio.timeout(8):
        while await status_of(stores, uuid) != status:  # noqa: ASYNC110 - the store tells nobody
            await asyncio.sleep(0.01)


def said(stores: Stores, uuid: str) -> list[Any]:
    """The broadcasts' types, with the person's status where there is one."""
    return [
        (m["type"], m["participant"]["status"]) if "participant" in m else m["type"]
        for m in stores.seen.messages(uuid)
    ]


async def test_one_arrival_for_all_sockets(stores: Stores) -> None:
    """Three sockets of one person are one arrival, which the opener's own position already counts."""
    uuid = await stores.lesson()
    stores.relay.start()
    await stores.follow(uuid)
    arrivals = [
        await stores.presence.attach(uuid, STUDENT, f"c{number}", kind)
        for number, kind in enumerate(("system", "board", "webrtc"))
    ]
    assert [arrival.position.seq for arrival in arrivals] == [1, 1, 1]
    again = await stores.presence.attach(uuid, STUDENT, "c1", "board")
    assert orjson.loads(again.participant_json)["status"] == "connected"
    await stores.seen.until(lambda: bool(stores.seen.entries[uuid]))
    (joined,) = stores.seen.messages(uuid)
    assert (joined["type"], joined["participant"]["userId"]) == ("participant_joined", 2)
    assert stores.seen.entries[uuid][0].without == "2"


async def test_who_may_attach(stores: Stores) -> None:
    """The door is the same for sockets as for everything else."""
    uuid = await stores.lesson(max_participants=1)
    attach = stores.presence.attach
    assert await refusal(attach("none", HOST, "c", "full")) is NOT_FOUND
    assert await refusal(attach(uuid, STRANGER, "c", "full")) is FORBIDDEN
    assert await refusal(attach(uuid, Actor(2, generation=7), "c", "full")) is BAD_TOKEN
    await attach(uuid, HOST, "c", "full")
    assert await refusal(attach(uuid, STUDENT, "c", "full")) is SESSION_FULL
    await stores.participants.kick(uuid, HOST, 2, "")
    assert await refusal(attach(uuid, STUDENT, "c", "full")) is KICKED
    await stores.sessions.transition(uuid, HOST, "terminate")
    assert await refusal(attach(uuid, HOST, "d", "full")) is SESSION_OVER


async def test_so_many_sockets(fresh_stores: Make) -> None:
    """One more than allowed is refused, and none of the open ones suffers; a known one may register again."""
    stores = await fresh_stores(max_sockets=2)
    uuid = await stores.lesson()
    for connection in ("a", "b", "a"):
        await stores.presence.attach(uuid, STUDENT, connection, "full")
    assert await refusal(stores.presence.attach(uuid, STUDENT, "c", "full")) is TOO_MANY_SOCKETS
    assert await status_of(stores, uuid) == "connected"


async def test_resuming(stores: Stores) -> None:
    """A reader gets all it missed or is told that it cannot; never some of it."""
    uuid = await stores.lesson()
    first = await stores.presence.attach(uuid, STUDENT, "c1", "full")
    for action in ("start", "pause", "resume"):
        await stores.sessions.transition(uuid, HOST, action)
    await stores.participants.set_permissions(uuid, HOST, 2, {"can_kick": True})

    async def resume(since: int, epoch: str | None) -> tuple[bool, int]:
        arrival = await stores.presence.attach(uuid, STUDENT, "c2", "full", since, epoch)
        kinds = [parse(text).kind for text in arrival.missed]
        return arrival.recovered, len(kinds) - kinds.count(PEERS)

    assert await resume(first.position.seq, first.epoch) == (True, 4)
    assert await resume(4, first.epoch) == (True, 1)
    assert await resume(5, first.epoch) == (False, 0)
    assert await resume(1, "other") == (False, 0)
    assert await resume(1, None) == (False, 0)
    await stores.client.command("XTRIM", keys.session_keys(uuid)[1], "MAXLEN", 3)
    assert await resume(1, first.epoch) == (False, 0)
    assert await resume(2, first.epoch) == (True, 3)


async def test_a_short_absence(stores: Stores) -> None:
    """Who loses the last socket is reconnecting, and who comes back in time was never gone."""
    uuid = await stores.lesson()
    stores.relay.start()
    await stores.follow(uuid)
    for connection in ("a", "b"):
        await stores.presence.attach(uuid, STUDENT, connection, "full")
    stores.presence.detach(uuid, "2", "a")
    await eventually(lambda: stores.presence.is_settled)
    assert await status_of(stores, uuid) == "connected"
    stores.presence.detach(uuid, "2", "b")
    await eventually(lambda: stores.presence.is_settled)
    await stores.presence.attach(uuid, STUDENT, "c", "full")
    await stores.seen.until(lambda: len(stores.seen.entries[uuid]) == 3)
    updated = "participant_updated"
    assert said(stores, uuid) == [
        ("participant_joined", "connected"),
        (updated, "reconnecting"),
        (updated, "connected"),
    ]
    (left,) = await stores.scripts.run("lapse", uuid, person="2")
    assert left == b"0"
    assert await status_of(stores, uuid) == "connected"


async def test_a_long_absence(fresh_stores: Make) -> None:
    """After the grace period they are off the others' lists, media off; coming back later is a new arrival."""
    stores = await fresh_stores(grace_ms=50)
    uuid = await stores.lesson()
    stores.relay.start()
    await stores.follow(uuid)
    await stores.presence.attach(uuid, STUDENT, "a", "full")
    await stores.media.update_media_state(uuid, STUDENT, video_enabled=True)
    stores.presence.detach(uuid, "2", "a")
    await reaches(stores, uuid, "disconnected")
    await stores.presence.attach(uuid, STUDENT, "b", "full")
    await stores.seen.until(lambda: len(stores.seen.entries[uuid]) == 5)
    assert said(stores, uuid)[2:] == [
        ("participant_updated", "reconnecting"),
        "participant_left",
        ("participant_joined", "connected"),
    ]
    assert stores.seen.messages(uuid)[3]["reason"] == "timeout"
    assert stores.seen.messages(uuid)[4]["participant"]["video_enabled"] is False


async def test_a_late_clean_up_removes_nobody_who_is_back(stores: Stores) -> None:
    """The end of an old socket, however late it is noticed, touches no other one, nor the grace of a later
    absence.
    """
    uuid = await stores.lesson()
    await stores.presence.attach(uuid, STUDENT, "old", "full")
    await stores.presence.attach(uuid, STUDENT, "new", "full")
    for connection in ("old", "old", "unknown"):
        stores.presence.detach(uuid, "2", connection)
    await eventually(lambda: stores.presence.is_settled)
    assert await status_of(stores, uuid) == "connected"


async def test_a_lost_answer_forgets_nobody(stores: Stores) -> None:
    """An end that is told twice, since the first answer was lost, still starts the grace period's clock."""
    uuid = await stores.lesson()
    await stores.presence.attach(uuid, STUDENT, "a", "full")
    first = await stores.scripts.run("detach", uuid, person="2", connection="a")
    assert int(first[0]) > 0
    assert await stores.scripts.run("detach", uuid, person="2", connection="a") == first


async def test_sockets_that_close_while_the_store_hangs(fresh_stores: Make, fresh_redis: FreshRedis) -> None:
    """Who goes while the store does not answer is off the lists once it answers again."""
    stores = await fresh_stores(grace_ms=50)
    uuid = await stores.lesson()
    await stores.presence.attach(uuid, STUDENT, "a", "full")
    fresh_redis.pause()
    stores.presence.detach(uuid, "2", "a")
    await eventually(lambda: not stores.client.available)
    fresh_redis.resume()
    await asyncio.wait_for(stores.client.wait_available(), 8)
    await reaches(stores, uuid, "disconnected")


async def test_an_instance_that_died(fresh_stores: Make) -> None:
    """A dead instance's people are dropped, once, those who are elsewhere too stay; nobody waits for ever."""
    dead, one, other = [await fresh_stores(grace_ms=50, lease_seconds=0.1) for _ in range(3)]
    uuid = await dead.lesson()
    await dead.presence.open(uuid)
    await dead.presence.attach(uuid, STUDENT, "a", "full")
    for stores, connection in ((dead, "h1"), (one, "h2")):
        await stores.presence.attach(uuid, HOST, connection, "full")
    await dead.client.command("ZADD", keys.INSTANCES, 1, dead.lease.instance)
    for stores in (one, other):
        stores.lease.start()
    assert await one.presence.take_over_the_dead() == 0
    await eventually(lambda: one.lease.may_judge and other.lease.may_judge)
    await asyncio.gather(one.presence.take_over_the_dead(), other.presence.take_over_the_dead())
    await reaches(one, uuid, "disconnected")
    assert await status_of(one, uuid, "1") == "connected"
    assert (await one.event_types(uuid)).count("participant_leave") == 1
    assert await one.client.command("ZSCORE", keys.INSTANCES, dead.lease.instance) is None
    for stores in (one, other):
        await stores.lease.stop()


async def test_an_instance_that_ended_in_good_order(fresh_stores: Make) -> None:
    """Grace periods that an instance was still waiting for are taken over when it stops."""
    ending, other = await fresh_stores(grace_ms=60_000), await fresh_stores(lease_seconds=0.1)
    uuid = await ending.lesson()
    ending.lease.start()
    await ending.presence.open(uuid)
    await ending.presence.attach(uuid, STUDENT, "a", "full")
    ending.presence.detach(uuid, "2", "a")
    ending.presence.close(uuid)
    await eventually(lambda: ending.presence.is_settled)
    await ending.presence.stop()
    await ending.lease.stop()
    await other.client.command("HSET", keys.person(uuid, "2"), "grace_until", 1)
    other.lease.start()
    await eventually(lambda: other.lease.may_judge)
    assert await other.presence.take_over_the_dead() == 1
    await reaches(other, uuid, "disconnected")
    await other.lease.stop()


async def test_channels_close_together(stores: Stores) -> None:
    """Of the person's sockets exactly the channel sockets that were open at that moment are named."""
    uuid = await stores.lesson()
    for kind in ("full", "system", "board", "webrtc", "presence"):
        await stores.presence.attach(uuid, STUDENT, kind, kind)
    stores.relay.start()
    await stores.follow(uuid)
    await stores.presence.close_channels(uuid, "1", 4408)
    await stores.presence.close_channels(uuid, "2", 4408)
    await stores.seen.until(lambda: bool(stores.seen.entries[uuid]))
    (entry,) = stores.seen.entries[uuid]
    assert (entry.kind, entry.close_code) == ("c", 4408)
    assert set(entry.json.split()) == {b"system", b"board", b"webrtc"}


async def test_after_the_end(stores: Stores) -> None:
    """Sockets that close because the lesson is over begin no grace period, and tell nobody."""
    uuid = await stores.lesson()
    await stores.presence.attach(uuid, STUDENT, "a", "full")
    await stores.sessions.transition(uuid, HOST, "terminate")
    assert await stores.scripts.run("detach", uuid, person="2", connection="a") == [b""]
    assert await status_of(stores, uuid) == "disconnected"


async def test_nobody_is_joining_what_is_over(stores: Stores) -> None:
    """Who took a seat and opened no socket before the end is not listed as about to come for ever."""
    uuid = await stores.lesson()
    await stores.participants.get_or_create_participant(uuid, STUDENT)
    assert await status_of(stores, uuid) == "joining"
    await stores.sessions.transition(uuid, HOST, "terminate")
    assert await status_of(stores, uuid) == "disconnected"
