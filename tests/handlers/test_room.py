import asyncio

import orjson

from handlers.connection import Connection, Kind
from handlers.room import LONG_SECONDS, Room
from schemas.errors import CLOSE_FORBIDDEN, Close
from store.actor import Actor
from store.entry import BOARD, EPHEMERAL, SYSTEM, Entry, Position
from store.presence import Arrival
from tests.support.stores import eventually


class Transport:
    """What was sent, one item for each system call; `behind` is a client that has not read what was sent before, and
    `takes` how much goes at once.
    """

    def __init__(self) -> None:
        self.sends: list[bytes] = []
        self.dropped = 0
        self.behind = False
        self.takes = 1_000
        self.closed: Close | None = None

    def send(self, payload_frame: bytes, ephemeral: bool = False) -> None:
        """By itself."""
        if ephemeral and self.behind:
            self.dropped += 1
        else:
            self.sends.append(payload_frame)

    def way(self, payload_frames: bytes) -> int:
        """Joined."""
        if not self.takes:
            raise BlockingIOError
        self.sends.append(payload_frames[: self.takes])
        return min(self.takes, len(payload_frames))

    def send_rest(self, payload_frames: bytes, sent: int) -> None:
        """What did not go at once."""
        self.sends.append(payload_frames[sent:])

    def shut(self, close: Close) -> None:
        """The end."""
        self.closed = close

    def greet(self, arrival: Arrival) -> None:
        """Not here."""

    @property
    def seqs(self) -> list[int]:
        """The numbers that came, in their order."""
        frames = b"".join(self.sends).split(b"\x81")[1:]
        return [orjson.loads(frame[1:])["seq"] for frame in frames]


def entry(seq: int, kind: str = BOARD, *, origin: str = "", to: str = "", effect: str = "") -> Entry:
    """The broadcast with that number."""
    previous, position = (None, None) if kind == EPHEMERAL else (Position(seq - 1, 0), Position(seq, 0))
    text = b'{"seq":%d,"type":"t"}' % seq
    return Entry(previous, position, kind, to, "", effect, origin, f'"version":{seq}', text)


def seated(room: Room, name: str, kind: Kind = Kind.FULL, at: int = 0) -> tuple[Connection, Transport]:
    """A live socket that has seen everything up to `at`."""
    transport = Transport()
    connection = Connection(name, room.uuid, Actor(name), kind, position=Position(at, 0), held=None)
    connection.transport, connection.way = transport, transport.way
    room.connections[name] = connection
    return connection, transport


def house() -> tuple[Room, list[float]]:
    """A room, and what it counted."""
    counted: list[float] = []
    return Room("r", counted.append), counted


async def test_what_comes_in_one_turn_leaves_in_one_piece() -> None:
    """However much is drawn at once, everybody gets all of it, in order, and it costs one system call each."""
    room, counted = house()
    seats = [seated(room, name) for name in ("a", "b")]
    transports = [transport for _, transport in seats]
    for seq in (1, 2, 3):
        room.broadcast(entry(seq))
    assert all(transport.sends == [] for transport in transports)
    await asyncio.sleep(0)
    assert [transport.seqs for transport in transports] == [[1, 2, 3], [1, 2, 3]]
    assert all(len(transport.sends) == 1 for transport in transports)
    assert counted == [6]
    assert {connection.position for connection, _ in seats} == {Position(3, 0)}


async def test_the_sender_gets_its_acks_in_their_places() -> None:
    """Acks and others' events come in version order, also when they were joined."""
    room, _ = house()
    _, ada = seated(room, "a")
    _, ben = seated(room, "b")
    for seq, origin in ((1, "b"), (2, "a"), (3, "b")):
        room.broadcast(entry(seq, origin=origin))
    room.flush()
    assert ada.seqs == ben.seqs == [1, 2, 3]
    assert b'"type":"ack","version":2' in ada.sends[0]
    assert ada.sends[0].count(b"ack") == 1
    assert ben.sends[0].count(b"ack") == 2


async def test_a_socket_never_gets_what_its_state_has() -> None:
    """Who came while the events were on their way gets only those after the state they were welcomed with."""
    room, _ = house()
    late, transport = seated(room, "late", at=2)
    _, early = seated(room, "early")
    for seq in (1, 2, 3):
        room.broadcast(entry(seq))
    room.flush()
    assert (transport.seqs, early.seqs) == ([3], [1, 2, 3])
    assert late.position == Position(3, 0)


async def test_an_opening_socket_holds_what_comes() -> None:
    """It follows its welcome."""
    room, _ = house()
    connection, transport = seated(room, "a")
    connection.held = []
    room.broadcast(entry(1))
    room.flush()
    assert transport.sends == []
    assert connection.held == [entry(1)]


async def test_each_kind_of_socket_gets_its_own() -> None:
    """A channel socket gets what its channel carries, and not the others' news."""
    room, _ = house()
    _, board = seated(room, "a", Kind.BOARD)
    _, system = seated(room, "b", Kind.SYSTEM)
    room.broadcast(entry(1, BOARD))
    room.broadcast(entry(2, SYSTEM))
    room.flush()
    assert (board.seqs, system.seqs) == ([1], [2])


async def test_whoever_is_behind_loses_pointers_and_nothing_else() -> None:
    """A slow client still gets every event; what may be dropped is told apart also after joining."""
    room, counted = house()
    connection, slow = seated(room, "a")
    slow.behind, connection.way = True, None
    for seq, kind in ((1, BOARD), (0, EPHEMERAL), (2, BOARD)):
        room.broadcast(entry(seq, kind))
    room.flush()
    assert slow.seqs == [1, 2]
    assert slow.dropped == 1
    assert counted == [0]


async def test_what_does_not_go_at_once() -> None:
    """Where the kernel takes a part, or nothing, the rest follows by the socket's own means."""
    room, counted = house()
    (_, part), (_, nothing) = seated(room, "a"), seated(room, "b")
    part.takes, nothing.takes = 5, 0
    room.broadcast(entry(1))
    room.flush()
    assert (part.seqs, len(part.sends)) == ([1], 2)
    assert (nothing.seqs, len(nothing.sends)) == ([1], 1)
    assert counted == [2]


async def test_who_is_removed_gets_the_news_before_the_end() -> None:
    """What was broadcast before a kick arrives, and then the socket closes; the others stay."""
    room, _ = house()
    _, ada = seated(room, "a")
    _, ben = seated(room, "b")
    room.broadcast(entry(1))
    room.broadcast(entry(2, SYSTEM, to="b", effect="close:4403"))
    room.flush()
    assert (ada.seqs, ada.closed) == ([1], None)
    assert (ben.seqs, ben.closed) == ([1, 2], CLOSE_FORBIDDEN)


class Crowded(Transport):
    """As slow to send to as hundreds."""

    def way(self, payload_frames: bytes) -> int:
        """Joined."""
        loop = asyncio.get_running_loop()
        until = loop.time() + 2 * LONG_SECONDS
        while loop.time() < until:
            pass
        return super().way(payload_frames)


async def test_a_room_that_took_long_rests() -> None:
    """Under load, hundreds of sockets get several messages with one call; nothing waits for longer than the rest."""
    room, _ = house()
    connection, _ = seated(room, "a")
    crowd = Crowded()
    connection.transport, connection.way = crowd, crowd.way
    room.broadcast(entry(1))
    await asyncio.sleep(0)
    room.broadcast(entry(2))
    await asyncio.sleep(0)
    room.broadcast(entry(3))
    assert crowd.seqs == [1]
    await eventually(lambda: len(crowd.sends) == 2)
    assert crowd.seqs == [1, 2, 3]
