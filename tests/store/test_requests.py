import asyncio
import uuid as uuids

import pytest

from schemas.errors import RATE_LIMITED, Refused
from store import keys
from store.requests import OPERATION_SECONDS, Requests
from tests.support.stores import Stores, refusal


async def test_writes_count_until_they_are_free_again(stores: Stores) -> None:
    """Two seconds' worth at once, then a refusal that says how long; another person is not touched by it."""
    requests = Requests(stores.client)
    one, other = uuids.uuid4().hex, uuids.uuid4().hex
    for _ in range(20):
        await requests.count_write(one, 100)
    with pytest.raises(Refused) as refused:
        await asyncio.gather(*(requests.count_write(one, 100) for _ in range(5)))
    assert refused.value.error is RATE_LIMITED
    assert 0.05 < (refused.value.wait_seconds or 0) <= 0.3
    assert refused.value.retry_after_seconds == 1
    await requests.count_write(other, 100)
    assert 1_000 < await stores.client.command("PTTL", keys.writes_of(one)) <= 2_200


async def test_a_slow_limit_says_so(stores: Stores) -> None:
    """With one write in ten seconds allowed, a client is told to stay away for seconds."""
    requests, person = Requests(stores.client), uuids.uuid4().hex
    with pytest.raises(Refused) as refused:
        await requests.count_write(person, 10_000)
    assert refused.value.retry_after_seconds == 8


async def test_a_clock_that_was_put_back_locks_nobody_out(stores: Stores) -> None:
    """A bucket from a time that is still to come is full of now, not of then."""
    requests, person = Requests(stores.client), uuids.uuid4().hex
    await stores.client.command("SET", keys.writes_of(person), "99999999999999.000")
    assert await refusal(requests.count_write(person, 100)) is RATE_LIMITED
    seconds, micros = await stores.client.command("TIME")
    now = int(seconds) * 1000 + int(micros) // 1000
    await stores.client.command("SET", keys.writes_of(person), now + 500)
    await requests.count_write(person, 100)


async def test_a_repeated_request_makes_one_thing(stores: Stores) -> None:
    """The same operation has one id, however many ask at once, for a day; without a key each request has its own."""
    requests, operation = Requests(stores.client), uuids.uuid4().hex
    ids = await asyncio.gather(*(requests.id_for(operation) for _ in range(20)))
    assert len(set(ids)) == 1
    assert await requests.id_for(uuids.uuid4().hex) != ids[0]
    assert await requests.id_for(None) != await requests.id_for(None)
    assert OPERATION_SECONDS - 60 < await stores.client.command("TTL", keys.made_by(operation)) <= 86_400
    await stores.client.command("DEL", keys.made_by(operation))  # what a day does
    assert await requests.id_for(operation) != ids[0]
