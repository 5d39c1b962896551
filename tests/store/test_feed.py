import pytest
from hypothesis import given
from hypothesis import strategies as st

from store import feed as feeds
from store.entry import EPHEMERAL, Entry, Position
from store.feed import Feed, LogReading

START = Position(0, 0)


def entry(previous: Position | None, position: Position | None, kind: str = "s") -> Entry:
    """An entry of which only its place matters."""
    return Entry(previous, position, kind, "", "", "", "", "", b"{}")


def log_of(steps: list[bool]) -> list[Entry]:
    """A log: a broadcast for each True, a directed message for each False."""
    entries, at = [], START
    for is_broadcast in steps:
        position = Position(at.seq + 1, 0) if is_broadcast else Position(at.seq, at.sub + 1)
        entries.append(entry(at, position))
        at = position
    return entries


def end_of(log: list[Entry]) -> Position:
    """Where a log stands."""
    return (log[-1].position if log else None) or START


def reading(log: list[Entry], after: Position, epoch: str = "e") -> LogReading:
    """What the log holds after a position."""
    return LogReading(epoch, end_of(log), [e for e in log if e.position and e.position > after], after)


def started(at: Position = START) -> Feed:
    """A feed that has begun."""
    feed = Feed()
    feed.start("e", at)
    return feed


def place(feed: Feed) -> Position:
    """Where a started feed stands."""
    assert feed.position is not None
    return feed.position


@given(steps=st.lists(st.booleans(), max_size=25), data=st.data())
def test_whole_and_in_order_whatever_is_lost(steps: list[bool], data: st.DataObject) -> None:
    """However many messages pub/sub loses or repeats, and whenever the log is read, each is delivered once,
    in order.
    """
    log, feed, delivered = log_of(steps), started(), []
    for number, next_entry in enumerate(log, start=1):
        for _ in range(data.draw(st.sampled_from([0, 1, 1, 1, 2]))):
            delivered += feed.receive(next_entry)
        if data.draw(st.booleans()):
            behind = data.draw(st.integers(0, 2))  # the log as it was a moment ago: a reply may be overtaken
            read = log[: max(number - behind, 0)]
            after = min(place(feed), end_of(read))
            healed = feed.heal(reading(read, after))
            assert healed is not None
            delivered += healed
    last = feed.heal(reading(log, place(feed)))
    assert last is not None
    assert delivered + last == log


@pytest.mark.parametrize("lost", range(5))
def test_a_gap_at_every_place(lost: int) -> None:
    """Whichever single message is lost, the next one shows it, and nothing is delivered past the hole."""
    log, feed = log_of([True, False, True, False, True, True]), started()
    before = [ready for e in log[:lost] for ready in feed.receive(e)]
    assert before == log[:lost]
    assert [ready for e in log[lost + 1 :] for ready in feed.receive(e)] == []
    assert feed.gap
    assert feed.heal(reading(log, place(feed))) == log[lost:]
    assert not feed.gap


def test_held_until_the_start() -> None:
    """What comes before the state was read is held, and what that state already has is not delivered again."""
    log, feed = log_of([True, True, True]), Feed()
    assert [ready for e in log for ready in feed.receive(e)] == []
    assert feed.start("e", Position(1, 0)) == log[1:]
    assert feed.start("other", Position(0, 0)) == []
    assert (feed.epoch, feed.position) == ("e", Position(3, 0))


def test_a_second_gap_behind_the_first() -> None:
    """A hole that is not in what was read yet keeps the feed waiting for the next reading."""
    log, feed = log_of([True] * 6), started()
    feed.receive(log[1])
    feed.receive(log[4])
    assert feed.heal(reading(log[:3], START)) == log[:3]
    assert feed.gap
    assert feed.heal(reading(log, place(feed))) == log[3:]
    assert not feed.gap


def test_a_log_that_does_not_reach_back() -> None:
    """When what was missed is trimmed away nothing of it is delivered, but all that follows is."""
    log, feed = log_of([True] * 6), started()
    feed.receive(log[5])
    trimmed = LogReading("e", Position(5, 0), log[2:5], START)
    assert feed.heal(trimmed) is None
    assert place(feed) == Position(5, 0)
    assert feed.release() == log[5:]


def test_another_epoch() -> None:
    """A store that lost its data cannot pass for the one that was followed."""
    log, feed = log_of([True] * 3), started()
    assert feed.heal(reading(log, START, "other")) is None
    assert (feed.epoch, feed.position) == ("other", Position(3, 0))


def test_a_log_that_lost_its_end() -> None:
    """A store that forgot the newest messages (a late replica took over) is not mistaken for one that is
    merely quiet.
    """
    log, feed = log_of([True] * 5), started(Position(5, 0))
    assert feed.heal(reading(log[:3], Position(5, 0))) is None
    assert place(feed) == Position(3, 0)
    fresh = entry(Position(3, 0), Position(4, 0))
    assert feed.receive(fresh) == [fresh]


def test_ephemeral_entries_pass() -> None:
    """Pointers have no number: they are handed on past a gap, and dropped before the start; other orders
    never are.
    """
    pointer, order = entry(None, None, EPHEMERAL), entry(None, None, "c")
    assert Feed().receive(pointer) == []
    assert Feed().receive(order) == [order]
    feed = started()
    feed.receive(log_of([True, True])[1])
    assert feed.gap
    assert feed.receive(pointer) == [pointer]


def test_what_is_held_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long outage does not fill the memory; what was not held is found missing and read from the log."""
    monkeypatch.setattr(feeds, "HELD_BYTES", 2 * feeds.ENTRY_BYTES)
    log, feed = log_of([True] * 6), Feed()
    for held in log[:5]:
        feed.receive(held)
    assert feed.start("e", START) == log[:2]
    assert feed.receive(log[5]) == []
    assert feed.gap
    assert feed.heal(reading(log, place(feed))) == log[2:]


def test_states_that_were_read_in_another_order_than_answered() -> None:
    """A socket whose state is older than the feed's beginning would miss what lies between: it has to read again."""
    feed = started(Position(3, 0))
    assert feed.start("e", Position(2, 0)) == []
    assert not feed.reaches("e", Position(2, 0))
    assert feed.reaches("e", Position(3, 0))
    assert feed.reaches("e", Position(4, 1))
    assert feed.reaches("another", Position(0, 0)), "another epoch is the resync's business"


def test_a_log_that_is_read_in_pages() -> None:
    """Of a long log the first part is delivered while the rest is read: in order, and nothing held comes in between."""
    log, feed = log_of([True] * 6), started()
    feed.receive(log[5])
    first = LogReading("e", end_of(log), log[:3], START)
    assert feed.heal(first) == log[:3]
    assert feed.gap
    assert feed.heal(reading(log, place(feed))) == log[3:]
    assert not feed.gap


def test_a_log_that_goes_on_under_another_epoch() -> None:
    """A log that was continued at or after where the reader stands is read on; one that lacks what it had is not."""
    log = log_of([True] * 4)
    feed = started(Position(2, 0))
    continued = LogReading("f", end_of(log), log[2:], Position(2, 0), goes_on=True)
    assert feed.heal(continued) == log[2:]
    assert (feed.epoch, feed.position) == ("f", Position(4, 0))
    behind = started(Position(2, 0))
    assert behind.heal(LogReading("f", end_of(log), log[2:], Position(2, 0))) is None
    assert behind.epoch == "f"
