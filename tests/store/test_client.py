import asyncio
from collections.abc import Awaitable, Callable

import pytest
from redis.exceptions import ResponseError

from schemas.errors import OVERLOADED, STORE_UNAVAILABLE, Refused
from store import client, keys
from store.lanes import LANES
from store.metrics import Metrics
from tests.conftest import FreshRedis
from tests.support.stores import WAIT_SECONDS, Stores, eventually, refusal

Make = Callable[..., Awaitable[Stores]]
WHOLE_LOG = ["seq", 0, "sub", 0, "messages", 999, "bytes", 999_999]


async def until(changed: list[bool], wanted: bool) -> None:
    """Returns once the client said that the store is there, or gone."""
    await eventually(lambda: wanted in changed)


def watched(stores: Stores) -> list[bool]:
    """What the client says from now on about the store."""
    changes: list[bool] = []
    stores.client.on_up.append(lambda: changes.append(True))
    stores.client.on_down.append(lambda: changes.append(False))
    return changes


async def test_replies_meet_their_commands(stores: Stores) -> None:
    """Of many calls at once, more than the lanes hold, each gets its own reply; an error is its caller's
    alone.
    """
    calls = [stores.client.command("ECHO", str(number)) for number in range(1_500)]
    failing = stores.client.command("NO-SUCH-COMMAND")
    replies = await asyncio.gather(failing, *calls, return_exceptions=True)
    assert isinstance(replies[0], ResponseError)
    assert replies[1:] == [str(number).encode() for number in range(1_500)]


async def test_what_is_issued_in_one_turn_travels_together(stores: Stores) -> None:
    """A hundred calls in one turn of the loop cost one round trip, not a hundred."""
    name = "lessonroom_store_seconds_count"
    before = stores.metrics.registry.get_sample_value(name) or 0
    await asyncio.gather(*(stores.client.command("PING") for _ in range(100)))
    assert (stores.metrics.registry.get_sample_value(name) or 0) - before == 1


async def test_rooms_have_their_turn(stores: Stores) -> None:
    """Behind thousands of calls of a noisy room, a quiet room's call travels with the next pipeline."""
    order: list[str] = []

    async def call(room: str) -> None:
        await stores.client.command("PING", room=room)
        order.append(room)

    noisy = [asyncio.create_task(call("noisy")) for _ in range(4_000)]
    await asyncio.sleep(0)
    await asyncio.gather(*noisy, asyncio.create_task(call("quiet")))
    assert order.index("quiet") <= LANES * client.PIPELINE_COMMANDS


async def test_a_session_is_a_room(stores: Stores) -> None:
    """What is done in one lesson has its turn behind what is done in another one: no caller needs to see to it."""
    noisy, quiet = await stores.lesson(), await stores.lesson()
    order: list[str] = []

    async def read(uuid: str) -> None:
        await stores.client.run("read_log", keys.session_keys(uuid), WHOLE_LOG)
        order.append(uuid)

    await asyncio.gather(*(read(noisy) for _ in range(2_000)), read(quiet))
    assert order.index(quiet) <= LANES * client.PIPELINE_COMMANDS


async def test_too_much_is_refused(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits for the store is bounded: the room that piles it up is refused at once, a quiet one is not, and
    what was taken is answered.
    """
    monkeypatch.setattr(client, "QUEUE_COMMANDS", 50)
    calls = [asyncio.ensure_future(stores.client.command("PING", room="noisy")) for _ in range(60)]
    calls += [asyncio.ensure_future(stores.client.command("PING", room=f"quiet {n}")) for n in range(5)]
    replies = await asyncio.gather(*calls, return_exceptions=True)
    assert replies[:50] == [b"PONG"] * 50
    assert [reply.error for reply in replies[50:60] if isinstance(reply, Refused)] == [OVERLOADED] * 10
    assert replies[60:] == [b"PONG"] * 5
    assert await stores.client.command("PING", room="noisy") == b"PONG"


async def test_a_caller_that_gave_up_harms_nobody(stores: Stores) -> None:
    """A cancelled call does not mix up the replies of the others."""
    first, second = (asyncio.ensure_future(stores.client.command("ECHO", text)) for text in ("a", "b"))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == b"b"
    assert await stores.client.command("ECHO", "c") == b"c"


async def test_scripts_that_the_store_forgot(stores: Stores) -> None:
    """After a restart the store knows no script: each call works all the same, several at once too."""
    uuid = await stores.lesson()
    await stores.client.command("SCRIPT", "FLUSH")
    reads = (stores.client.run("read_log", keys.session_keys(uuid), WHOLE_LOG) for _ in range(5))
    assert [reply[0] for reply in await asyncio.gather(*reads)] == [b"ok"] * 5


async def test_a_store_that_hangs(fresh_stores: Make, fresh_redis: FreshRedis) -> None:
    """While the store hangs every call is refused within 4 s, then at once; when it goes on, so do we."""
    stores = await fresh_stores()
    changes = watched(stores)
    fresh_redis.pause()
    async with asyncio.timeout(4):
        assert await refusal(stores.client.command("PING")) is STORE_UNAVAILABLE
    await until(changes, False)
    async with asyncio.timeout(0.1):
        assert await refusal(stores.client.command("PING")) is STORE_UNAVAILABLE
    fresh_redis.resume()
    await until(changes, True)
    assert await stores.client.command("PING") == b"PONG"


async def test_a_store_that_is_killed(fresh_stores: Make, fresh_redis: FreshRedis) -> None:
    """A killed store is noticed, what was acknowledged is there after its restart, and scripts work at once."""
    stores = await fresh_stores()
    uuid = await stores.lesson()
    changes = watched(stores)
    fresh_redis.kill()
    calls = await asyncio.gather(*(stores.client.command("PING") for _ in range(300)), return_exceptions=True)
    assert all(isinstance(call, Refused) and call.error is STORE_UNAVAILABLE for call in calls)
    await until(changes, False)
    fresh_redis.start()
    await until(changes, True)
    assert (await stores.client.run("read_log", keys.session_keys(uuid), WHOLE_LOG))[0] == b"ok"


async def test_a_client_that_starts_first(fresh_stores: Make, fresh_redis: FreshRedis) -> None:
    """Started without its store the client waits for it, and refuses meanwhile."""
    fresh_redis.kill()
    stores = Stores(fresh_redis.url)
    await stores.client.start()
    assert await refusal(stores.client.command("PING")) is STORE_UNAVAILABLE
    fresh_redis.start()
    await asyncio.wait_for(stores.client.wait_available(), WAIT_SECONDS)
    assert await stores.client.command("PING") == b"PONG"
    await stores.stop()


@pytest.mark.parametrize(
    "setting, value, back", [("maxmemory", "1", "0"), ("min-replicas-to-write", "1", "0")]
)
async def test_a_store_that_takes_no_writes(
    fresh_stores: Make, caplog: pytest.LogCaptureFixture, setting: str, value: str, back: str
) -> None:
    """A store that is full, or lost its replicas, is unavailable to writers: 503, not an error of ours."""
    stores = await fresh_stores()
    await stores.client.command("CONFIG", "SET", setting, value)
    assert await refusal(stores.lesson()) is STORE_UNAVAILABLE
    await stores.client.command("CONFIG", "SET", setting, back)
    assert "the store refuses commands" in caplog.text
    await stores.lesson()


async def test_stopping_refuses_what_is_under_way(fresh_stores: Make, fresh_redis: FreshRedis) -> None:
    """Nobody waits for ever on a client that was stopped."""
    stores = await fresh_stores()
    fresh_redis.pause()
    waiting = asyncio.ensure_future(stores.client.command("PING"))
    await asyncio.sleep(0)
    async with asyncio.timeout(1):
        await stores.client.stop()
        assert await refusal(waiting) is STORE_UNAVAILABLE


async def test_stopping_is_never_missed(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client ends when it is told to, even in the very moment in which it looks after the store."""
    monkeypatch.setattr(client, "PING_SECONDS", 0.01)

    async def live(seconds: float) -> None:
        stores = Stores(redis_url)
        await stores.start()
        await asyncio.sleep(seconds)
        await stores.client.stop()

    async with asyncio.timeout(5):
        await asyncio.gather(*(live(0.01 + number / 10_000) for number in range(60)))


async def test_a_listener_that_fails(
    fresh_stores: Make, fresh_redis: FreshRedis, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever fails when they are told keeps neither the others from being told nor the store from being looked after."""
    stores = await fresh_stores()

    def fail() -> None:
        raise ArithmeticError("not my day")

    stores.client.on_down.append(fail)
    changes = watched(stores)
    fresh_redis.kill()
    await until(changes, False)
    fresh_redis.start()
    await until(changes, True)
    assert await stores.client.command("PING") == b"PONG"
    assert "not my day" in caplog.text


async def test_a_store_that_cannot_be_revived_yet(
    fresh_redis: FreshRedis, caplog: pytest.LogCaptureFixture
) -> None:
    """Bringing the store back is tried until it succeeds, and why it did not is told."""
    fresh_redis.kill()
    tried = 0

    async def revive() -> None:
        nonlocal tried
        tried += 1
        if tried < 3:
            raise OSError("no space left on device")
        if tried == 3:
            fresh_redis.start()

    waiting = client.Client(fresh_redis.url, Metrics(), revive=revive)
    await waiting.start()
    async with asyncio.timeout(WAIT_SECONDS):
        await waiting.wait_available()
    await waiting.stop()
    assert "no space left on device" in caplog.text


async def test_a_closed_transport_is_a_lost_connection(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under uvloop, what is sent on a transport that has just closed raises a RuntimeError: the caller is refused like with
    any lost connection, and the store is looked after all the same.
    """
    changes, data = watched(stores), list[bytes]()

    def closed(_: object, packed: bytes) -> None:
        data.append(packed)
        raise RuntimeError("unable to perform operation on <TCPTransport closed=True>; the handler is closed")

    lane = await stores.client._lanes.beside()
    monkeypatch.setattr(type(lane._pipe._transport), "write", closed)
    assert await refusal(stores.client.command("PING")) is STORE_UNAVAILABLE
    await until(changes, False)
    monkeypatch.undo()
    await until(changes, True)
    assert data
    assert await stores.client.command("PING") == b"PONG"
