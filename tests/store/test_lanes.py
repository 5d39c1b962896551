from redis.asyncio import BlockingConnectionPool

from store.lanes import Lanes
from tests.support.stores import eventually

ONE, TWO = 1, 2


def pool_of(redis_url: str, connections: int) -> BlockingConnectionPool:
    """So many connections, and no patience for more."""
    return BlockingConnectionPool.from_url(redis_url, max_connections=connections, timeout=0.2, protocol=2)


async def test_a_connection_is_kept_at_hand(redis_url: str) -> None:
    """Pipelines follow each other on the same connection."""
    pool, lanes = pool_of(redis_url, TWO), Lanes()
    first = await lanes.take(pool)
    await lanes.give(pool, first)
    assert await lanes.take(pool) is first
    assert await lanes.take(pool) is not first
    await pool.aclose()


async def test_what_the_store_closed_is_not_handed_out(redis_url: str) -> None:
    """A connection that ended while nobody used it costs nobody their call: the next one is connected anew."""
    pool, lanes = pool_of(redis_url, TWO), Lanes()
    kept, other = await lanes.take(pool), await lanes.take(pool)
    await kept.send_command("CLIENT", "ID")
    number = await kept.read_response()
    await lanes.give(pool, kept)
    await other.send_command("CLIENT", "KILL", "ID", number)
    assert await other.read_response() == 1
    await eventually(lambda: kept._reader is not None and kept._reader.at_eof())
    again = await lanes.take(pool)
    await again.send_command("PING")
    assert await again.read_response() == b"PONG"
    await pool.aclose()


async def test_broken_ones_leave_their_place(redis_url: str) -> None:
    """However many connections break, as many can be had as before."""
    pool, lanes = pool_of(redis_url, ONE), Lanes()
    for _ in range(3):
        connection = await lanes.take(pool)
        await connection.disconnect(nowait=True)
        await lanes.give(pool, connection)
    connection = await lanes.take(pool)
    await lanes.give(pool, connection)
    await connection.disconnect(nowait=True)
    assert await lanes.take(pool) is connection
    await pool.aclose()


async def test_each_pool_gets_its_own(redis_url: str) -> None:
    """After a failover nothing is sent to the node that was primary before."""
    before, after, lanes = pool_of(redis_url, ONE), pool_of(redis_url, ONE), Lanes()
    old = await lanes.take(before)
    await lanes.give(before, old)
    new = await lanes.take(after)
    assert new is not old
    assert new in after._in_use_connections
    await before.aclose()
    await after.aclose()
