from store.clock import StoreClock


def test_what_is_in_time_is_never_late() -> None:
    """The store's clock is never taken for behind what it is, however long an answer was on its way."""
    clock = StoreClock()
    clock.read(1_000_000, asked_at=10.0, had_at=10.9)  # it was read somewhere between the two
    assert clock.at_ms(12.0) == 1_002_001
    clock.read(1_000_850, asked_at=11.0, had_at=11.9)
    assert clock.at_ms(12.0) == 1_001_851


def test_a_quick_reading_counts_more_than_slow_ones() -> None:
    """What is taken for the time is late by no more than the quickest reading took."""
    clock = StoreClock()
    clock.read(1_000_000, asked_at=10.0, had_at=10.001)
    clock.read(1_000_600, asked_at=10.1, had_at=11.0)
    assert clock.at_ms(12.0) == 1_002_001


def test_a_clock_that_is_set_is_followed() -> None:
    """Forward or back, the next reading counts."""
    clock = StoreClock()
    clock.read(1_000_000, asked_at=1.0, had_at=1.01)
    clock.read(9_000_000, asked_at=2.0, had_at=2.01)
    assert clock.at_ms(3.0) == 9_001_001
    clock.read(2_000_000, asked_at=3.0, had_at=3.01)
    assert clock.at_ms(4.0) == 2_001_001


def test_another_store_has_another_clock() -> None:
    """Nothing is known of the clock once the store went away: all is late."""
    clock = StoreClock()
    clock.read(1_000_000_000, asked_at=10.0, had_at=10.01)
    clock.forget()
    assert clock.at_ms(11.0) < 1_000_000
    clock.read(500_000_000, asked_at=12.0, had_at=12.01)
    assert clock.at_ms(12.0) == 500_000_001
