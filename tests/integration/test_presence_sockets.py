"""The presence relay of the newer client (contract §4, presence)."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.support.board_people import deed, settled, stroke
from tests.support.board_presence import open_presence
from tests.support.people_lesson import People, fresh_id
from tests.support.people_sockets import Refusal, Socket
from tests.support.process_house import House

LIMIT_BYTES = 2_048
CURSOR = {"type": "cursor.update", "x": 1, "y": 2.5, "tool": "pen", "color": "#fff", "ts": 5}


async def acked(socket: Socket, kind: str, **fields: Any) -> dict[str, Any]:
    """Sends a message; its answer."""
    mark = socket.mark
    await socket.send(type=kind, **fields)
    return await socket.find(lambda m: m["type"] in ("ack", "error"), since=mark)


async def test_it_is_passed_on(house: House, people: People) -> None:
    """Each message is acknowledged and reaches the other presence sockets on both instances, with who it is really from."""
    a, b = house.instances
    ada, ben = await people.lesson(a, 7, fresh_id())
    socket, tab = await open_presence(ada, a), await open_presence(ada, b, tail="/")
    other = await open_presence(ben, b)
    full = await ben.open(b)
    assert (socket.messages, tab.messages) == ([], [])  # no welcome
    for kind in ("presence.join", "presence.heartbeat", "presence.leave"):
        answer = await acked(socket, kind, userId="99", role="tutor", ts=1700000000123)
        assert answer == {"type": "ack", "ok": True, "for": kind}
        for hearing in (tab, other):
            got = await hearing.find_type(kind)
            assert got == {"type": kind, "userId": "7", "role": "tutor", "ts": 1700000000123}
    await socket.send(**CURSOR, userId="99")
    assert await other.find_type("cursor.update") == {**CURSOR, "userId": "7"}
    await acked(socket, "presence.heartbeat")
    assert [m["type"] for m in socket.messages] == ["ack"] * 4  # cursors have none, and nothing comes back
    await settled(full)
    assert [m for m in full.messages if m["type"].startswith(("presence", "cursor"))] == []


async def test_it_hears_nothing_else(house: House, people: People) -> None:
    """No broadcast of the lesson comes to a presence socket, and no message of the other sockets is taken on it."""
    a, b = house.instances
    ada, ben = await people.lesson(a, fresh_id(), fresh_id())
    quiet = await open_presence(ben, b)
    drawing = await ada.open(a)
    await deed(drawing, "stroke_add", stroke("s"))
    await drawing.send(type="pointer_move", x=1, y=2)
    await ada.post(a, "media-state/", {"video_enabled": True})
    for message in ("ping", "board_event", "offer", "nonsense"):
        answer = await acked(quiet, message, event_type="stroke_add", data=stroke("t"))
        assert (answer["type"], answer["code"]) == ("error", "unknown_type")
        assert answer["message"]
    answer = await acked(quiet, "cursor.update", x="1", y=2)
    assert (answer["type"], answer["code"]) == ("error", "bad_message")
    assert {m["type"] for m in quiet.messages} == {"error"}


async def test_it_counts_as_being_there(house: House, people: People) -> None:
    """Somebody with a presence socket alone is connected; when it drops they are not."""
    a, b = house.instances
    ada, ben = await people.lesson(a, fresh_id(), fresh_id())
    watching = await ada.open(a)
    await open_presence(ben, b)
    joined = await watching.find_type("participant_joined")
    assert (joined["participant"]["user_id"], joined["participant"]["status"]) == (ben.user_id, "connected")
    ben.socket.drop()
    updated = await watching.find_type("participant_updated")
    assert updated["participant"]["status"] == "reconnecting"


async def test_too_large(house: House, people: People) -> None:
    """More than 2 KiB, counted in bytes, is answered with `payload_too_large`; the socket stays, and nobody hears of it."""
    a, b = house.instances
    ada, ben = await people.lesson(a, fresh_id(), fresh_id())
    socket, other = await open_presence(ada, a), await open_presence(ben, b)
    fits = {"type": "presence.heartbeat", "ts": ""}
    fits["ts"] = "x" * (LIMIT_BYTES - len(json.dumps(fits)))
    assert (await acked(socket, **{"kind": fits.pop("type"), **fits}))["type"] == "ack"
    for text in ("x" * LIMIT_BYTES, "ß" * (LIMIT_BYTES // 2)):
        mark = socket.mark
        await socket.send_raw(json.dumps({"type": "presence.heartbeat", "ts": text}, ensure_ascii=False))
        error = await socket.find_type("error", since=mark)
        assert (error["code"], error["for"]) == ("payload_too_large", "presence.heartbeat")
    await acked(socket, "presence.leave")
    await other.find_type("presence.leave")
    assert len(other.of_type("presence.heartbeat")) == 1


async def test_many_cursors(house: House, people: People) -> None:
    """At most 20 cursors a second go on; the rest are answered with when to go on, and other messages still pass."""
    a, b = house.instances
    ada, ben = await people.lesson(a, fresh_id(), fresh_id())
    socket, other = await open_presence(ada, a), await open_presence(ben, b)
    for number in range(120):
        await socket.send(**{**CURSOR, "x": number})
    await socket.send(type="presence.leave")
    await socket.find_type("ack")
    limited = socket.of_type("error")
    assert {error["code"] for error in limited} == {"rate_limited"}
    assert all(error["retry_after_seconds"] > 0 for error in limited)
    await other.find_type("presence.leave")
    passed = len(other.of_type("cursor.update"))
    assert 40 <= passed < 80  # two seconds' worth at once, and what came in while they were sent
    assert passed + len(limited) == 120


async def test_refused_at_the_handshake(house: House, people: People) -> None:
    """A presence socket that may not open is refused over HTTP, like the channels."""
    a, b = house.instances
    ada, ben = await people.lesson(a, fresh_id(), fresh_id())

    async def status(**options: Any) -> int | None:
        with pytest.raises(Refusal) as refused:
            await open_presence(ben, b, **options)
        return refused.value.status

    assert await status(token="") == 401
    assert await status(token="forged.token.here") == 401
    assert await status(token=ben.caller.token) == 401
    assert await status(origin="https://elsewhere.example") == 403
    assert await status(tail="?since=-1") == 400
    other = (await people.lesson(a, fresh_id()))[0]
    assert await status(token=other.token) == 401
    sockets = await asyncio.gather(*(open_presence(ben, (a, b)[n % 2]) for n in range(30)))
    assert await status() == 429
    await asyncio.gather(*(socket.close() for socket in sockets))
    await ada.post(a, f"kick/{ben.user_id}/")
    assert await status() == 403
    await ada.post(a, "terminate/")
    ben.token = ada.token
    assert await status() == 410


async def test_the_end(house: House, people: People) -> None:
    """A kick closes a presence socket with 4403, the end of the session with 4410, whatever is no JSON with 4400."""
    a, b = house.instances
    ada, ben = await people.lesson(a, fresh_id(), fresh_id())
    await open_presence(ben, b)
    await ada.post(a, f"kick/{ben.user_id}/")
    assert await ben.socket.until_closed() == 4403
    broken = await open_presence(ada, a)
    await broken.send_raw("not json")
    assert await broken.until_closed() == 4400
    last = await open_presence(ada, b)
    await ada.post(a, "terminate/")
    assert await last.until_closed() == 4410
