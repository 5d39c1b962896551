"""A write that was left in doubt happens soon or never: whoever repeats it, or does something else, is not overtaken."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from handlers.connection import Connection, Kind
from schemas.errors import STORE_UNAVAILABLE
from store import keys
from tests.conftest import FreshRedis
from tests.handlers.test_hub import House
from tests.support.links import Link
from tests.support.stores import HOST, WAIT_SECONDS, Stores, eventually, refusal

Make = Callable[..., Awaitable[Stores]]


async def test_a_store_that_hung_does_nothing_late(fresh_stores: Make, fresh_redis: FreshRedis) -> None:
    """What lay in its connection when its caller gave up is refused when the store goes on."""
    stores = await fresh_stores()
    uuid = await stores.lesson()
    await stores.events.log_event(uuid, HOST, "layout_change", {})  # the store knows the script from now on
    fresh_redis.pause()
    assert await refusal(stores.events.log_event(uuid, HOST, "error", {})) is STORE_UNAVAILABLE
    fresh_redis.resume()
    async with asyncio.timeout(WAIT_SECONDS):
        await stores.client.wait_available()
    await stores.events.log_event(uuid, HOST, "tool_select", {})
    assert await stores.event_types(uuid) == ["layout_change", "tool_select"]


async def test_a_write_in_time_counts(fresh_stores: Make, fresh_redis: FreshRedis) -> None:
    """A slow road alone refuses nothing: what arrives within the second that its caller waits happens."""
    link = Link(fresh_redis.url.removeprefix("unix://"))
    await link.start()
    stores = Stores(f"redis://127.0.0.1:{link.port}")
    await stores.start()
    uuid = await stores.lesson()
    link.delay_seconds = 0.3
    await asyncio.gather(*(stores.events.log_event(uuid, HOST, "error", {}) for _ in range(3)))
    assert await stores.event_types(uuid) == ["error"] * 3
    await stores.stop()
    await link.stop()


async def test_a_socket_that_was_given_up_is_not_registered_later(
    fresh_stores: Make, fresh_redis: FreshRedis
) -> None:
    """Its registration may still be on the way when it is refused; it is taken back after that, not before."""
    near = await fresh_stores()
    uuid = await near.lesson()
    link = Link(fresh_redis.url.removeprefix("unix://"))
    await link.start()
    stores = Stores(f"redis://127.0.0.1:{link.port}")
    await stores.start()
    house = House(stores)
    await house.open(uuid, HOST)
    opening = asyncio.create_task(house.hub.join(Connection("late", uuid, HOST, Kind.FULL), None, None))
    link.delay_seconds = 0.6
    while not link.under_way:  # noqa: ASYNC110 - the link tells nobody
        await asyncio.sleep(0)
    link.half_close()
    assert await refusal(opening) is STORE_UNAVAILABLE
    link.delay_seconds = 0.0
    sockets = f"{keys.session(uuid)}:sockets:{HOST.key}"
    await eventually(lambda: not link.under_way and stores.presence.is_settled and stores.client.available)
    assert b"late" not in await near.client.command("HKEYS", sockets)
    await house.stop()
    await stores.stop()
    await link.stop()
