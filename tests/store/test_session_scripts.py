import pytest

from schemas.errors import NOT_FOUND, SESSION_FULL, Refused
from store.session_scripts import checked
from tests.support.stores import HOST, STUDENT, Stores, refusal


def test_a_refusal_carries_its_code_and_sentence() -> None:
    """What a script refuses reaches the caller as the row of the error table, in the script's words."""
    assert checked([b"ok", b"1", 2]) == [b"1", 2]
    with pytest.raises(Refused, match="Nobody is here") as caught:
        checked([b"not_found", b"Nobody is here."])
    assert caught.value.error is NOT_FOUND
    with pytest.raises(Refused) as caught:
        checked([b"session_full", b""])
    assert caught.value.detail == "The session is full."


async def test_a_repeated_request_has_its_first_outcome(stores: Stores) -> None:
    """A POST that is repeated with its Idempotency-Key happens once, and answers what it answered."""
    uuid = await stores.lesson()
    first = await stores.events.log_event(uuid, HOST, "error", {}, "op")
    assert await stores.events.log_event(uuid, HOST, "error", {}, "op") == first
    assert await stores.events.log_event(uuid, HOST, "error", {}, "other") == first + 1


async def test_a_refused_request_may_be_repeated(stores: Stores) -> None:
    """A refusal is no outcome: the same key works once the reason is gone."""
    uuid = await stores.lesson(max_participants=1)
    await stores.participants.get_or_create_participant(uuid, HOST)
    full = stores.participants.get_or_create_participant(uuid, STUDENT)
    assert await refusal(full) is SESSION_FULL
    await stores.sessions.transition(uuid, HOST, "start", operation="op")
    again = await stores.sessions.transition(uuid, HOST, "start", operation="op")
    assert again["status"] == "active"
    assert (await stores.event_types(uuid)).count("session_start") == 1
