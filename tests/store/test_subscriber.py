import asyncio
import uuid as uuids
from collections.abc import Awaitable, Callable

import pytest

from schemas.errors import STORE_UNAVAILABLE
from store.subscriber import Subscriber
from tests.conftest import FreshRedis
from tests.support.stores import Stores, eventually, refusal

Make = Callable[..., Awaitable[Stores]]


class Heard:
    """What a subscriber hears, and how often it was connected."""

    def __init__(self, stores: Stores) -> None:
        self.messages: list[tuple[str, bytes]] = []
        self.connected = 0
        probe = f"test:probe:{uuids.uuid4()}"
        self.subscriber = Subscriber(stores.client, probe, stores.metrics, self._take, self._count)

    def _take(self, channel: str, text: bytes) -> None:
        if text == b"poison":
            raise ValueError("this is no entry")
        self.messages.append((channel, text))

    def _count(self) -> None:
        self.connected += 1


def channel() -> str:
    """A name that nobody else uses."""
    return f"test:{uuids.uuid4()}"


async def test_what_is_confirmed_is_heard(stores: Stores) -> None:
    """Once `subscribe` returned, whatever is published is heard; after `unsubscribe` nothing is."""
    heard, name, other = Heard(stores), channel(), channel()
    heard.subscriber.start()
    await asyncio.gather(
        *(heard.subscriber.subscribe(name) for _ in range(3)), heard.subscriber.subscribe(other)
    )
    await stores.client.command("PUBLISH", name, "a")
    heard.subscriber.unsubscribe(name)
    heard.subscriber.unsubscribe("never:subscribed")
    await eventually(lambda: len(heard.messages) == 1)
    while await stores.client.command("PUBLISH", name, "b"):  # noqa: ASYNC110 - the store tells nobody
        await asyncio.sleep(0)
    already = len(heard.messages)
    await heard.subscriber.subscribe(name)
    await stores.client.command("PUBLISH", name, "c")
    await eventually(lambda: len(heard.messages) == already + 1)
    assert heard.messages[-1] == (name, b"c")
    await heard.subscriber.stop()


async def test_a_lost_connection_is_told(stores: Stores) -> None:
    """Every new connection is told once everything is subscribed again: what was said in between may be lost."""
    heard, names = Heard(stores), [channel() for _ in range(1_200)]
    heard.subscriber.start()
    await asyncio.gather(*(heard.subscriber.subscribe(name) for name in names))
    await eventually(lambda: heard.connected == 1 and heard.subscriber.ready)
    await stores.client.command("CLIENT", "KILL", "TYPE", "pubsub")
    await eventually(lambda: heard.connected == 2)
    assert await stores.client.command("PUBLISH", names[-1], "a") == 1
    await eventually(lambda: heard.messages == [(names[-1], b"a")])
    await heard.subscriber.stop()


async def test_a_bad_message_does_not_silence_it(stores: Stores, caplog: pytest.LogCaptureFixture) -> None:
    """Something unreadable on a channel is logged, and what follows is heard."""
    heard, name = Heard(stores), channel()
    heard.subscriber.start()
    await heard.subscriber.subscribe(name)
    await stores.client.command("PUBLISH", name, "poison")
    await eventually(lambda: heard.connected == 2)
    await stores.client.command("PUBLISH", name, "a")
    await eventually(lambda: heard.messages == [(name, b"a")])
    assert "this is no entry" in caplog.text
    await heard.subscriber.stop()


async def test_a_store_that_is_gone(fresh_stores: Make, fresh_redis: FreshRedis) -> None:
    """Nobody waits long for a confirmation that cannot come; it comes about all the same when the store is
    back.
    """
    stores = await fresh_stores()
    heard, name = Heard(stores), channel()
    heard.subscriber.start()
    fresh_redis.kill()
    async with asyncio.timeout(4):
        assert await refusal(heard.subscriber.subscribe(name)) is STORE_UNAVAILABLE
    assert not heard.subscriber.ready
    fresh_redis.start()
    await heard.subscriber.subscribe(name)
    assert await stores.client.command("PUBLISH", name, "a") == 1
    await heard.subscriber.stop()
