import pytest

from store.entry import Position, parse


def test_a_broadcast() -> None:
    """An entry is read as the scripts wrote it, the message untouched, whatever it contains."""
    entry = parse('3-1\t4-0\tb\t\t7\tover\tabc\t"version":4\n{"a":"\\t\\n","b":"é\t"}'.encode())
    assert (entry.previous, entry.position) == (Position(3, 1), Position(4, 0))
    assert (entry.kind, entry.to, entry.without, entry.effect, entry.origin) == ("b", "", "7", "over", "abc")
    assert entry.json == '{"a":"\\t\\n","b":"é\t"}'.encode()
    assert entry.close_code is None


def test_what_is_not_logged_has_no_position() -> None:
    """What is only passed on has no place in the sequence, and so no gap before it."""
    entry = parse(b"\t\tc\t7\t\tclose:4403\t\t\nab cd")
    assert entry.position is None
    assert entry.previous is None
    assert entry.close_code == 4403


def test_positions_are_ordered() -> None:
    """Directed messages stand between two broadcasts."""
    assert Position(3, 0) < Position(3, 1) < Position(3, 10) < Position(4, 0)


@pytest.mark.parametrize("text", [b"", b"x", b"1-0\t2-0\ts\t\t\t\t\n{}", b"1\t2-0\ts\t\t\t\t\t\n{}"])
def test_what_is_none(text: bytes) -> None:
    """Something foreign on the channel is seen as that, and not delivered as a message."""
    with pytest.raises(ValueError, match=r"unpack|values"):
        parse(text)
