import pytest

from handlers.limits import Patience, RateLimit, RateLimits


def test_two_seconds_at_once_then_the_rate() -> None:
    """A burst of two seconds' worth passes, then as many a second as allowed, and a rest fills it up again."""
    limit = RateLimit(10, now=0.0)
    assert [limit.allows(0.0) for _ in range(25)].count(True) == 20
    assert [limit.allows(1.0) for _ in range(25)].count(True) == 10
    assert [limit.allows(100.0) for _ in range(25)].count(True) == 20


def test_a_flood() -> None:
    """Over the limit is no flood; over ten times the limit, for five seconds, is."""
    limit = RateLimit(10, now=0.0)
    for number in range(500):
        limit.allows(number / 101)
    assert not limit.is_flooded()
    limit.allows(4.99)
    assert limit.is_flooded()
    limit.allows(5.0)
    assert not limit.is_flooded()


def test_everybody_has_their_own() -> None:
    """One person's haste is not another's, and what was quiet longest is forgotten first."""
    limits = RateLimits(1, remembered=2)
    assert [limits.allows("a", 0.0) for _ in range(3)] == [True, True, False]
    assert limits.allows("b", 0.0)
    assert not limits.allows("a", 0.0)
    limits.allows("c", 0.0)
    assert not limits.allows("a", 0.0)
    assert [limits.allows("b", 0.0) for _ in range(3)] == [True, True, False]


def test_what_the_store_is_told() -> None:
    """Each event takes its share of the limit over all instances; of pointers the tenth takes all ten's."""
    events, pointers = RateLimit(20, now=0.0), RateLimit(20, now=0.0, batch=10)
    shares = []
    for _ in range(20):
        assert events.allows(0.0)
        assert events.share_ms() == 50
        assert pointers.allows(0.0)
        shares.append(pointers.share_ms())
    assert shares == [*[None] * 9, 500, *[None] * 9, 500]


def test_what_the_store_says_holds_here() -> None:
    """Somebody who is at the limit over all instances is refused here, until it is time again."""
    limit = RateLimit(10, now=0.0)
    limit.bar(1.5)
    assert not limit.allows(1.0)
    assert limit.wait_seconds(1.0) == 0.5
    assert limit.allows(1.5)


def test_how_long_to_wait() -> None:
    """An empty bucket says when there will be one more in it."""
    limit = RateLimit(0.5, now=0.0)
    assert limit.allows(0.0)
    assert limit.wait_seconds(0.0) == 2
    assert limit.wait_seconds(0.5) == 2  # as of when it was last asked
    assert not limit.allows(0.5)
    assert limit.wait_seconds(0.5) == 1.5


def test_a_sender_waits_for_a_slow_room_and_is_refused_then() -> None:
    """A message may wait two seconds, or many together may; who goes on sending has little patience left, and gets it
    back in time.
    """
    patience = Patience()
    assert patience.left(100) == 2
    patience.spend(0.5)
    assert patience.left(100) == 1.5
    patience.spend(1.5)
    assert patience.left(100) == 0
    assert patience.left(102.5) == pytest.approx(0.5)
    assert patience.left(1_000) == 2
