import asyncio

from schemas.errors import FORBIDDEN, KICKED, NOT_FOUND, SESSION_OVER
from tests.support.stores import HOST, SERVICE, STRANGER, STUDENT, Stores, refusal


async def test_newest_first_page_by_page(stores: Stores) -> None:
    """A reader who follows `next` sees every event once, newest first, and then null."""
    uuid = await stores.lesson()
    ids = [await stores.events.log_event(uuid, HOST, "error", {"n": number}) for number in range(5)]
    assert ids == [1, 2, 3, 4, 5]
    seen: list[int] = []
    before = None
    while True:
        page = await stores.events.get_session_events(uuid, limit=2, before=before)
        seen += [event["id"] for event in page.events]
        before = page.next
        if before is None:
            break
    assert seen == [5, 4, 3, 2, 1]
    newest = (await stores.events.get_session_events(uuid, limit=1)).events[0]
    assert (newest["event_type"], newest["user_id"], newest["data"]) == ("error", 1, {"n": 4})


async def test_by_type(stores: Stores) -> None:
    """A filter finds its events however far back they lie, and `next` is about the filtered list."""
    uuid = await stores.lesson()
    await stores.events.log_event(uuid, STUDENT, "export_board", {})
    for _ in range(20):
        await stores.events.log_event(uuid, HOST, "tool_select", {})
    page = await stores.events.get_session_events(uuid, event_type="export_board", limit=1)
    assert [event["id"] for event in page.events] == [1]
    assert page.next is None


async def test_counts_survive_the_cap(stores: Stores) -> None:
    """The log is capped, exactly; the statistics count everything that ever happened; errors are kept apart."""
    uuid = await stores.lesson()
    await stores.events.log_event(uuid, STUDENT, "error", {"n": 0})
    await asyncio.gather(*(stores.events.log_event(uuid, HOST, "tool_select", {}) for _ in range(150)))
    page = await stores.events.get_session_events(uuid, limit=500)
    assert len(page.events) == 100
    stats = await stores.events.get_event_stats(uuid)
    assert stats == {"total": 151, "by_type": {"error": 1, "tool_select": 150}, "by_user": {"1": 150, "2": 1}}
    assert [event["data"] for event in await stores.events.get_recent_errors(uuid)] == [{"n": 0}]


async def test_who_may_log(stores: Stores) -> None:
    """Participants and the platform log; strangers, removed people and an ended session do not."""
    uuid = await stores.lesson()
    assert await refusal(stores.events.log_event(uuid, STRANGER, "error", {})) is FORBIDDEN
    assert await refusal(stores.events.log_event("none", HOST, "error", {})) is NOT_FOUND
    await stores.events.log_event(uuid, SERVICE, "error", {})
    await stores.participants.kick(uuid, HOST, 2, "")
    assert await refusal(stores.events.log_event(uuid, STUDENT, "error", {})) is KICKED
    await stores.sessions.transition(uuid, HOST, "terminate")
    assert await refusal(stores.events.log_event(uuid, HOST, "error", {})) is SESSION_OVER


async def test_data_comes_back_as_it_was(stores: Stores) -> None:
    """Empty lists stay lists and long numbers keep their digits: the store never decodes them."""
    uuid = await stores.lesson()
    data = {
        "list": [],
        "object": {},
        "number": 12345678901234567,
        "text": "é\t\n\u2028\U0001f600",
        "none": None,
    }
    await stores.events.log_event(uuid, HOST, "error", data)
    assert (await stores.events.get_session_events(uuid)).events[0]["data"] == data
