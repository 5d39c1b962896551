"""Signalling reaches the one it is for and nobody else, wherever they are (contract §4, webrtc)."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.board_people import settled, tell
from tests.support.people_lesson import People, Person, fresh_id
from tests.support.people_sockets import Message, Socket
from tests.support.process_house import House

KINDS = ("offer", "answer", "ice_candidate")
TURN: dict[str, Any] = {
    "webrtc__ice_servers": [{"urls": ["stun:stun.example.org:3478"]}],
    "webrtc__turn_secret": "the TURN server's own secret",
    "webrtc__turn_urls": ["turn:turn.example.org:3478?transport=udp"],
    "webrtc__turn_ttl_seconds": 600,
}


async def trio(people: People, house: House) -> list[Person]:
    """Three people in a session, without sockets yet."""
    return await people.lesson(house.instances[0], *(fresh_id() for _ in range(3)), session_type="group")


def signals(socket: Socket) -> list[Message]:
    """The signalling that a socket got."""
    return [message for message in socket.messages if message["type"] in KINDS]


def peer_news(socket: Socket) -> list[tuple[str, Any]]:
    """Who a socket was told came or went."""
    return [(m["type"], m["user_id"]) for m in socket.messages if m["type"] in ("peer_joined", "peer_left")]


async def test_only_the_target_gets_it(house: House, people: People) -> None:
    """An offer goes to every webrtc and full socket of its target, on both instances, and to no other socket."""
    a, b = house.instances
    sender, target, other = await trio(people, house)
    out = await sender.open(a, "webrtc")
    hearing = [await target.open(b, "webrtc"), await target.open(a)]
    deaf = [
        await target.open(b, "board"),
        await target.open(b, "system"),
        await other.open(b),
        await other.open(b, "webrtc"),
        await sender.open(b),
    ]
    for number, kind in enumerate(KINDS):
        payload = {"sdp": "v=0\r\n", "candidate": {"sdpMid": "0", "n": [number, None]}}
        await out.send(type=kind, target_user_id=target.user_id, from_user_id="somebody else", **payload)
        for socket in hearing:
            got = await socket.find_type(kind)
            assert got == {
                "type": kind,
                "target_user_id": target.user_id,
                "from_user_id": sender.user_id,
                **payload,
            }
    for socket in (out, *deaf):
        await settled(socket)
        assert signals(socket) == []
    assert out.of_type("error") == []


async def test_user_ids_compare_as_people(house: House, people: People) -> None:
    """7 and "7" are one person: signalling finds them, and says who it is from as the platform does."""
    a, b = house.instances
    seven, eight = await people.lesson(a, 7, "8")
    first, second = await seven.open(a, "webrtc"), await eight.open(b, "webrtc")
    await second.send(type="offer", target_user_id="7", sdp="x")
    assert (await first.find_type("offer"))["from_user_id"] == "8"
    await first.send(type="answer", target_user_id=8, sdp="y")
    assert (await second.find_type("answer"))["from_user_id"] == 7


async def test_by_board_events(house: House, people: People) -> None:
    """`webrtc:…` events are signalling too: passed on to their target, and never part of the board."""
    a, b = house.instances
    sender, target, other = await trio(people, house)
    board = await sender.open(a, "board")
    hearing, bystander = await target.open(b), await other.open(a)
    kinds = {
        "webrtc:offer": "offer",
        "webrtc:answer": "answer",
        "webrtc:ice": "ice_candidate",
        "webrtc:ice-candidate": "ice_candidate",
    }
    for event_type, kind in kinds.items():
        mark = hearing.mark
        await tell(board, event_type, {"targetUserId": target.user_id, "sdp": event_type, "type": "forged"})
        got = await hearing.find_type(kind, since=mark)
        assert (got["from_user_id"], got["sdp"]) == (sender.user_id, event_type)
    await settled(bystander)
    assert signals(bystander) + bystander.of_type("board_update") + hearing.of_type("board_update") == []
    await tell(board, "webrtc:offer", {"targetUserId": "nobody"}, id="n")
    assert (await board.find_type("error"))["code"] == "peer_unavailable"


async def test_who_is_there(house: House, people: People) -> None:
    """After its welcome a socket is told who can be signalled, then who comes and goes: people, not sockets."""
    a, b = house.instances
    ada, ben, cy = await trio(people, house)
    first = await ada.open(a, "webrtc")
    assert await first.find_type("peers") == {"type": "peers", "peers": []}
    second = await ben.open(b)
    assert (await second.find_type("peers"))["peers"] == [ada.user_id]
    assert (await first.find_type("peer_joined"))["user_id"] == ben.user_id
    again = await ben.open(a, "webrtc")
    assert (await again.find_type("peers"))["peers"] == [ada.user_id]
    await cy.open(a, "board")  # carries no signalling: no peer
    third = await cy.open(b, "webrtc")
    assert set((await third.find_type("peers"))["peers"]) == {ada.user_id, ben.user_id}
    await first.find(lambda m: m["type"] == "peer_joined" and m["user_id"] == cy.user_id)
    await again.close()
    await cy.socket.close()
    await first.find(lambda m: m["type"] == "peer_left")
    await second.close()
    await first.find(lambda m: m["type"] == "peer_left" and m["user_id"] == ben.user_id)
    news = peer_news(first)
    assert news == [
        ("peer_joined", ben.user_id),
        ("peer_joined", cy.user_id),
        ("peer_left", cy.user_id),
        ("peer_left", ben.user_id),
    ]
    assert first.faults == []


async def test_peers_on_a_board_channel(house: House, people: People) -> None:
    """A channel that carries no signalling hears nothing of peers."""
    a, b = house.instances
    ada, ben, _ = await trio(people, house)
    quiet = [await ada.open(a, "board"), await ada.open(b, "system")]
    await ben.open(b, "webrtc")
    for socket in quiet:
        await settled(socket)
        assert [m for m in socket.messages if m["type"].startswith("peer")] == []


@pytest.mark.parametrize("way", ["never came", "left", "kicked", "no signalling", "unknown"])
async def test_a_person_who_is_not_there(house: House, people: People, way: str) -> None:
    """To somebody who cannot be reached an offer is answered with `peer_unavailable`, naming the message."""
    a, b = house.instances
    host, target, _ = await trio(people, house)
    socket = await host.open(a)
    if way == "no signalling":
        await target.open(b, "board")
    if way in ("left", "kicked"):
        gone = await target.open(b)
        await (target.post(b, "leave/") if way == "left" else host.post(a, f"kick/{target.user_id}/"))
        await gone.until_closed()
    to = fresh_id() if way == "unknown" else target.user_id
    await socket.send(type="offer", target_user_id=to, sdp="x", id="o")
    error = await socket.find_type("error")
    assert (error["code"], error["for"], error["id"]) == ("peer_unavailable", "offer", "o")


@pytest.mark.parametrize("target", [None, True, [], {}, "", "x" * 200, 1.5])
async def test_no_person_at_all(house: House, people: People, target: Any) -> None:
    """What is no user id is a bad message."""
    (host, *_) = await trio(people, house)
    socket = await host.open(house.instances[0], "webrtc")
    await socket.send(type="offer", target_user_id=target)
    assert (await socket.find_type("error"))["code"] == "bad_message"
    await tell(socket, "webrtc:offer", {"targetUserId": target})
    assert (await socket.find_type("error", since=socket.mark - 1))["code"] in ("bad_message", "unknown_type")


async def test_a_kicked_person_signals_nobody(house: House, people: People) -> None:
    """What a kicked person still sends is not passed on."""
    a, b = house.instances
    host, guest, other = await trio(people, house)
    socket, hearing = await guest.open(b), await other.open(a)
    kick = asyncio.create_task(host.post(a, f"kick/{guest.user_id}/"))
    sent = 0
    while not kick.done():
        sent += 1
        await socket.send(type="offer", target_user_id=other.user_id, n=sent)
        await asyncio.sleep(0)
    last = sent
    for number in range(5):
        await socket.send(type="offer", target_user_id=other.user_id, n=last + 1 + number)
    assert await socket.until_closed() == 4403
    await settled(hearing)
    assert max((m["n"] for m in signals(hearing)), default=0) <= last


async def test_turn_credentials(
    build_house: Callable[..., House], people_of: Callable[[House], People]
) -> None:
    """Welcome and join name the ICE servers, with credentials of one's own that a TURN server will take for a while."""
    house = build_house(count=1, **TURN)
    (instance,) = house.instances
    (person,) = await people_of(house).lesson(instance, fresh_id())
    welcome = (await person.open(instance)).welcome
    channel = (await person.open(instance, "webrtc")).welcome
    joined = await person.post(instance, "join/")
    for servers in (welcome["ice_servers"], channel["ice_servers"], joined["ice_servers"]):
        assert servers[0] == TURN["webrtc__ice_servers"][0]
        assert servers[1]["urls"] == TURN["webrtc__turn_urls"]
        expiry, _, user = servers[1]["username"].partition(":")
        assert user == person.user_id
        assert 500 < int(expiry) - time.time() <= 600
        secret = TURN["webrtc__turn_secret"].encode()
        digest = hmac.new(secret, servers[1]["username"].encode(), hashlib.sha1).digest()
        assert servers[1]["credential"] == base64.b64encode(digest).decode()
