import pytest

from handlers.connection import Connection, Kind
from store.actor import Actor
from store.entry import Entry, Position


def entry(kind: str = "s", at: tuple[int, int] | None = (1, 0), **changes: str) -> Entry:
    """An entry with a message."""
    values = {"to": "", "without": "", "effect": "", "origin": "", "ack": "", **changes}
    return Entry(None, Position(*at) if at else None, kind, json=b"{}", **values)


def socket(kind: Kind, user_id: int = 7) -> Connection:
    """A socket of that kind."""
    return Connection("c1", "u", Actor(user_id), kind)


@pytest.mark.parametrize(
    "kind, heard",
    [
        (Kind.FULL, "sdbepgi"),
        (Kind.SYSTEM, "sd"),
        (Kind.BOARD, "be"),
        (Kind.WEBRTC, "pgi"),
        (Kind.PRESENCE, "x"),
    ],
)
def test_what_each_kind_carries(kind: Kind, heard: str) -> None:
    """A channel socket gets its own channel and nothing else; the full one everything but the presence relay."""
    assert "".join(letter for letter in "sdbepgixc" if socket(kind).wants(entry(letter))) == heard


def test_directed_messages_reach_one_person() -> None:
    """What is for one person is on none of the others' sockets."""
    told = entry("d", to="7", effect="close:4403")
    assert socket(Kind.FULL).wants(told)
    assert socket(Kind.FULL).closes_with(told) == 4403
    assert not socket(Kind.FULL, 8).wants(told)
    assert socket(Kind.FULL, 8).closes_with(told) is None


def test_ones_own_arrival() -> None:
    """It is on no channel socket of the person, but on their full one."""
    came = entry("s", without="7")
    assert not socket(Kind.SYSTEM).wants(came)
    assert socket(Kind.SYSTEM, 8).wants(came)
    assert socket(Kind.FULL).wants(came)


def test_only_what_is_new() -> None:
    """What the socket's first state has already, and what is said twice, does not reach it; nor an older
    order to close.
    """
    connection = socket(Kind.FULL)
    connection.position = Position(5, 0)
    assert [connection.is_new_to(entry(at=at)) for at in ((4, 1), (5, 0), (5, 1), (5, 1), (6, 0))] == [
        False,
        False,
        True,
        False,
        True,
    ]
    assert connection.is_new_to(entry("e", None))
    assert connection.position == Position(6, 0)


def test_ones_own_events() -> None:
    """A board event is acknowledged on the socket it came from, and seen on the sender's other ones."""
    drawn = entry("b", origin="c1")
    assert socket(Kind.BOARD).is_origin_of(drawn)
    other = Connection("c2", "u", Actor(7), Kind.BOARD)
    assert not other.is_origin_of(drawn)
    assert other.wants(drawn)
    assert not socket(Kind.BOARD).wants(entry("e", None, origin="c1"))


def test_an_order_without_words_is_no_message() -> None:
    """Who leaves gets no message, just the close."""
    left = Entry(None, Position(1, 1), "d", "7", "", "close:1000", "", "", b"")
    assert not socket(Kind.FULL).wants(left)
    assert socket(Kind.FULL).closes_with(left) == 1000
