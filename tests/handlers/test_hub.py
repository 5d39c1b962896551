import asyncio
import uuid as uuids
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import orjson
import pytest

from handlers.connection import Connection, Kind
from handlers.hub import Hub
from schemas.errors import FORBIDDEN, SESSION_OVER, STORE_UNAVAILABLE, Close, Refused
from store import keys
from store.actor import Actor
from store.autosnapshots import AutoSnapshots
from store.board import Boards, Bounds
from store.presence import Arrival
from store.relay import Relay
from tests.conftest import FreshRedis
from tests.support.stores import HOST, STRANGER, STUDENT, WAIT_SECONDS, Stores, eventually, refusal

Make = Callable[..., Awaitable[Stores]]

MIB = 1 << 20


class Socket:
    """What a client would see: messages without their frames, welcomes, and the code it was closed with."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.welcomes: list[Arrival] = []
        self.closed: int | None = None

    def send(self, payload_frame: bytes, ephemeral: bool = False) -> None:
        """A frame."""
        del ephemeral
        if self.closed is not None:
            return
        header = {126: 4, 127: 10}.get(payload_frame[1], 2)
        self.messages.append(orjson.loads(payload_frame[header:]))

    def send_rest(self, payload_frames: bytes, sent: int) -> None:
        """Nothing goes past it here."""

    def shut(self, close: Close) -> None:
        """The close."""
        self.closed = self.closed or close.code

    def greet(self, arrival: Arrival) -> None:
        """A welcome in the middle."""
        self.welcomes.append(arrival)

    def types(self) -> list[str]:
        """What came, by type."""
        return [message["type"] for message in self.messages]

    def numbers(self) -> list[int]:
        """The numbers that came."""
        return [message["seq"] for message in self.messages if "seq" in message]


class House:
    """A hub on real stores, and the sockets of a test."""

    def __init__(
        self,
        stores: Stores,
        linger_seconds: float = 0.05,
        check_seconds: float = 15.0,
        confirms: bool = False,
    ) -> None:
        self.stores = stores
        boards = self.boards = Boards(stores.scripts, Bounds(MIB, 10, MIB))
        snapshots = AutoSnapshots(stores.client, boards, 60.0, 1_000, MIB)
        self.hub = Hub(stores.client, stores.presence, snapshots, stores.metrics, linger_seconds, confirms)
        self.hub.relay = Relay(stores.client, self.hub, stores.metrics, stores.lease.instance, check_seconds)
        self.hub.relay.start()

    async def opening(self, uuid: str, actor: Actor, kind: Kind = Kind.FULL) -> Connection:
        """A socket that is registered, and not told anything yet."""
        connection = Connection(uuids.uuid4().hex, uuid, actor, kind)
        await self.hub.join(connection, None, None)
        return connection

    async def open(self, uuid: str, actor: Actor, kind: Kind = Kind.FULL) -> tuple[Connection, Socket]:
        """A live socket."""
        connection, socket = await self.opening(uuid, actor, kind), Socket()
        connection.transport = socket
        self.hub.begin(connection)
        return connection, socket

    async def stop(self) -> None:
        """The end, in good order."""
        await self.hub.stop()
        await self.hub.relay.stop()


async def switch(stores: Stores, uuid: str, times: int) -> None:
    """That many broadcasts."""
    for number in range(times):
        await stores.sessions.transition(uuid, HOST, "resume" if number % 2 else "pause")


async def test_everything_once_in_order_from_the_first_moment(stores: Stores) -> None:
    """What happens while a socket opens follows its welcome; from then on everything comes as it happens."""
    house, uuid = House(stores), await stores.lesson()
    await stores.sessions.transition(uuid, HOST, "start")
    _, first = await house.open(uuid, HOST)
    late = await house.opening(uuid, STUDENT)
    await switch(stores, uuid, 4)
    await eventually(lambda: len(late.held or []) >= 4)
    socket = Socket()
    late.transport = socket
    house.hub.begin(late)
    await switch(stores, uuid, 2)
    await eventually(lambda: len(socket.numbers()) == 6)
    seq = late.position.seq
    assert socket.numbers() == list(range(seq - 5, seq + 1))
    assert first.types()[0] == "participant_joined"
    assert first.numbers() == list(range(first.numbers()[0], seq + 1))
    await house.stop()


async def test_refused_sockets_leave_nothing(stores: Stores) -> None:
    """A socket that may not open is in no room, and its session is not followed for it."""
    house, uuid = House(stores), await stores.lesson()
    assert await refusal(house.open(uuid, STRANGER)) is FORBIDDEN
    await stores.sessions.transition(uuid, HOST, "terminate")
    assert await refusal(house.open(uuid, HOST)) is SESSION_OVER
    assert house.hub.connections == []
    assert stores.metrics.registry.get_sample_value("lessonroom_sessions") == 0
    await house.stop()


async def test_a_removed_person_is_shut_out_everywhere(stores: Stores) -> None:
    """All their sockets close with 4403, told why on those that can; the others stay, and a later one is not
    touched.
    """
    house, other, uuid = House(stores), House(stores), await stores.lesson()
    _, host = await house.open(uuid, HOST)
    _, full = await house.open(uuid, STUDENT)
    _, board = await other.open(uuid, STUDENT, Kind.BOARD)
    await stores.participants.kick(uuid, HOST, 2, "x")
    await eventually(lambda: (full.closed, board.closed) == (4403, 4403))
    assert full.types()[-1] == "kicked"
    assert board.messages == []
    await eventually(lambda: host.types()[-1] == "participant_left")
    assert host.closed is None
    for one in (house, other):
        await one.stop()


async def test_the_end_of_a_session(stores: Stores) -> None:
    """Everybody is told first, and closed with 4410 a moment later."""
    house, uuid = House(stores), await stores.lesson()
    _, socket = await house.open(uuid, STUDENT)
    await stores.sessions.transition(uuid, HOST, "terminate")
    await eventually(lambda: bool(socket.messages))
    assert socket.messages[-1]["session"]["status"] == "terminated"
    assert socket.closed is None
    await eventually(lambda: socket.closed == 4410)
    await house.stop()


async def test_a_handshake_that_is_under_way_at_the_end(stores: Stores) -> None:
    """Whoever was just coming in when the lesson's sockets were closed is closed too, as soon as they are in."""
    house, uuid = House(stores), await stores.lesson()
    await stores.sessions.transition(uuid, HOST, "start")
    _, there = await house.open(uuid, HOST)
    late, socket = await house.opening(uuid, STUDENT), Socket()
    await stores.sessions.transition(uuid, HOST, "complete")
    await eventually(lambda: there.closed == 4410)
    late.transport = socket
    house.hub.begin(late)
    assert socket.types()[-1] == "session_updated"
    assert socket.closed == 4410
    await house.stop()


async def test_channel_sockets_close_together(stores: Stores) -> None:
    """When one of a person's channel sockets is closed by us their others close too, on every instance; no
    one else's.
    """
    house, other, uuid = House(stores), House(stores), await stores.lesson()
    first, _ = await house.open(uuid, STUDENT, Kind.SYSTEM)
    _, second = await other.open(uuid, STUDENT, Kind.BOARD)
    _, full = await other.open(uuid, STUDENT, Kind.FULL)
    _, host = await other.open(uuid, HOST, Kind.BOARD)
    house.hub.shut_siblings(first, Close(4408, "too slow"))
    await eventually(lambda: second.closed == 4408)
    assert (full.closed, host.closed) == (None, None)
    for one in (house, other):
        await one.stop()


async def test_an_outage_is_told_once_and_heals(fresh_stores: Make, fresh_redis: FreshRedis) -> None:
    """Sockets stay open while the store is gone; everybody hears of it once, and once of its return, missing
    nothing.
    """
    stores = await fresh_stores()
    house, uuid = House(stores), await stores.lesson()
    await stores.sessions.transition(uuid, HOST, "start")
    _, socket = await house.open(uuid, HOST)
    _, board = await house.open(uuid, HOST, Kind.BOARD)
    await switch(stores, uuid, 2)
    fresh_redis.kill()
    await eventually(lambda: "notification" in socket.types())
    fresh_redis.start()
    await eventually(lambda: socket.types().count("notification") == 2)
    await switch(stores, uuid, 2)
    await eventually(lambda: len(socket.numbers()) == 4)
    told = [message["code"] for message in socket.messages if message["type"] == "notification"]
    assert told == ["read_only", "recovered"]
    assert socket.numbers() == list(range(socket.numbers()[0], socket.numbers()[0] + 4))
    assert (socket.closed, board.messages) == (None, [])
    await house.stop()


async def test_a_log_that_does_not_reach_back(stores: Stores, caplog: pytest.LogCaptureFixture) -> None:
    """A socket for which too much was lost starts anew with a welcome, and misses nothing from there on."""
    house, uuid = House(stores, check_seconds=0.1), await stores.lesson()
    await stores.sessions.transition(uuid, HOST, "start")
    _, socket = await house.open(uuid, HOST)
    await stores.client.command("HSET", keys.session(uuid), "epoch", "another")
    await eventually(lambda: bool(socket.welcomes))
    welcome = socket.welcomes[0]
    assert (welcome.epoch, welcome.recovered) == ("another", False)
    await switch(stores, uuid, 1)
    await eventually(lambda: welcome.position.seq + 1 in socket.numbers())
    assert "does not reach back" in caplog.text
    await house.stop()


async def test_a_log_that_is_lost_while_a_socket_opens(
    stores: Stores, caplog: pytest.LogCaptureFixture
) -> None:
    """A socket whose handshake is under way then, with a state from before, is welcomed anew as soon as it is open."""
    house, uuid = House(stores), await stores.lesson()
    await stores.sessions.transition(uuid, HOST, "start")
    late, socket = await house.opening(uuid, HOST), Socket()
    await stores.client.command("HSET", keys.session(uuid), "epoch", "another")
    house.hub.resync(uuid)
    late.transport = socket
    house.hub.begin(late)
    await eventually(lambda: bool(socket.welcomes))
    assert (socket.welcomes[0].epoch, socket.welcomes[0].recovered) == ("another", False)
    await switch(stores, uuid, 1)
    await eventually(lambda: socket.welcomes[0].position.seq + 1 in socket.numbers())
    assert "does not reach back" in caplog.text
    await house.stop()


async def test_a_log_under_another_epoch(stores: Stores) -> None:
    """A log that goes on under another epoch is told by a welcome that has lost nothing, on the same socket."""
    house, uuid = House(stores, check_seconds=0.1), await stores.lesson()
    await stores.sessions.transition(uuid, HOST, "start")
    _, socket = await house.open(uuid, HOST)
    await switch(stores, uuid, 2)
    epoch, seq = await stores.client.command("HMGET", keys.session(uuid), "epoch", "seq")
    changes = ("epoch", "another", "continues", f"{epoch.decode()} {int(seq)}")
    await stores.client.command("HSET", keys.session(uuid), *changes)
    await eventually(lambda: bool(socket.welcomes))
    assert (socket.welcomes[0].epoch, socket.welcomes[0].recovered) == ("another", True)
    await switch(stores, uuid, 2)
    await eventually(lambda: int(seq) + 2 in socket.numbers())
    assert socket.numbers() == list(range(socket.numbers()[0], int(seq) + 3))
    await house.stop()


async def test_a_session_that_is_gone(stores: Stores) -> None:
    """Sockets of a session that the store lost are closed with 4404."""
    house, uuid = House(stores, check_seconds=0.1), await stores.lesson()
    _, socket = await house.open(uuid, HOST)
    await stores.client.command("DEL", *keys.session_keys(uuid))
    await eventually(lambda: socket.closed == 4404)
    await house.stop()


async def test_a_lapsed_lease_registers_everybody_anew(stores: Stores) -> None:
    """After others took us for dead our people are connected again, and those removed meanwhile are shut out."""
    house, uuid = House(stores), await stores.lesson()
    connection, socket = await house.open(uuid, STUDENT)
    dead = stores.lease.instance
    await stores.scripts.run("drop_instance", uuid, dead=dead)
    person = keys.person(uuid, "2")
    assert await stores.client.command("HGET", person, "status") == b"reconnecting"
    stores.lease.on_lapse()
    await eventually(lambda: len(socket.messages) == 2)
    assert socket.messages[-1]["participant"]["status"] == "connected"
    await stores.client.command("HSET", person, "generation", 9)
    stale = Actor(2, generation=1)
    connection.actor = stale
    stores.lease.on_lapse()
    await eventually(lambda: socket.closed == 4401)
    await house.stop()


async def test_a_lease_that_lapses_while_a_socket_opens(stores: Stores) -> None:
    """Whoever was just coming in when their instance was taken for dead is registered in its new name, too."""
    house, uuid = House(stores), await stores.lesson()
    opening = await house.opening(uuid, STUDENT)
    stores.lease.instance = "the-next"
    stores.lease.on_lapse()
    await stores.client.command("PING")  # meanwhile everybody else is registered anew
    opening.transport = Socket()
    house.hub.begin(opening)
    sockets = f"{keys.session(uuid)}:sockets:{STUDENT.key}"
    async with asyncio.timeout(WAIT_SECONDS):
        while await stores.client.command("HGET", sockets, opening.id) != b"the-next full":
            pass
    await house.stop()


async def test_a_lapsed_lease_brings_nobody_back_who_left(stores: Stores) -> None:
    """Whose own leaving has not reached their socket yet is not connected anew by it; it closes, with 1000."""
    house, uuid = House(stores), await stores.lesson()
    _, socket = await house.open(uuid, STUDENT)
    house.hub.relay.forget(uuid)  # the news comes late
    await stores.participants.leave(uuid, STUDENT)
    stores.lease.on_lapse()
    await eventually(lambda: socket.closed == 1000)
    assert await stores.client.command("HGET", keys.person(uuid, "2"), "status") == b"left"
    await house.stop()


async def test_draining(stores: Stores) -> None:
    """Everybody is closed with 1012, all of one person's sockets at the same time."""
    house, uuid = House(stores), await stores.lesson()
    sockets = [await house.open(uuid, actor) for actor in (HOST, STUDENT, HOST)]
    draining = asyncio.create_task(house.hub.drain(0.4))
    await asyncio.sleep(0)
    assert [socket.closed for _, socket in sockets] == [1012, None, 1012]
    await draining
    assert sockets[1][1].closed == 1012
    await house.stop()


async def test_the_last_one_out(stores: Stores) -> None:
    """With the last socket the room is gone; whoever comes later starts from the state of then."""
    house, uuid = House(stores), await stores.lesson()
    connection, gone = await house.open(uuid, STUDENT)
    house.hub.leave(connection)
    house.hub.leave(connection)
    await eventually(lambda: stores.presence.is_settled)
    assert house.hub.connections == []
    _, socket = await house.open(uuid, STUDENT)
    await stores.participants.raise_hand(uuid, STUDENT, True)
    await eventually(lambda: socket.types()[-1:] == ["participant_updated"])
    assert "participant_updated" not in gone.types()
    await house.stop()


async def test_stopping_while_the_store_is_gone(
    fresh_stores: Make, fresh_redis: FreshRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An instance that was still waiting for the store ends all the same."""
    monkeypatch.setattr("handlers.hub.CLOSING_SECONDS", 0.1)
    stores = await fresh_stores()
    house, uuid = House(stores), await stores.lesson()
    await house.open(uuid, HOST)
    fresh_redis.kill()
    await eventually(lambda: not stores.client.available)
    stores.lease.on_lapse()
    async with asyncio.timeout(3):
        await house.stop()


async def test_an_ack_waits_until_the_event_is_confirmed(stores: Stores) -> None:
    """Where replicas confirm writes, the ack of a board event comes after they have, and what follows it after the ack; an
    event that they did not confirm comes as everybody gets it, and is no ack.
    """
    house, uuid = House(stores, confirms=True), await stores.lesson()
    await stores.sessions.transition(uuid, HOST, "start")
    (drawing, drawer), (_, other) = await house.open(uuid, HOST), await house.open(uuid, STUDENT)

    async def draw(name: str) -> None:
        data = {"id": name}
        await house.boards.event(uuid, HOST, "stroke_add", data, event_id=name, connection=drawing.id)

    with house.hub.confirming(uuid, drawing.id):
        await draw("a")
        await eventually(lambda: other.types()[-1:] == ["board_update"])
        assert "ack" not in drawer.types()
        house.hub.tell([drawing], {"type": "notification"})
    assert drawer.types()[-2:] == ["ack", "notification"]
    with suppress(Refused), house.hub.confirming(uuid, drawing.id):
        await draw("b")
        await eventually(lambda: other.types()[-2:] == ["board_update"] * 2)
        raise Refused(STORE_UNAVAILABLE)
    assert drawer.types()[-1] == "board_update"
    assert drawer.numbers() == list(range(drawer.numbers()[0], drawer.numbers()[0] + len(drawer.numbers())))
    await house.stop()
