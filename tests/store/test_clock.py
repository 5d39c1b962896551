from store.clock import StoreClock


def test_it_is_never_ahead() -> None:
    """An answer that was long on its way says too little, and does not count while there is a better one."""
    clock = StoreClock()
    clock.read(1_000_000, 10.0)
    clock.read(1_000_600, 11.0)  # the answer came 0.4 s late
    assert clock.at_ms(12.5) == 1_002_500


def test_an_old_reading_is_forgotten() -> None:
    """A store whose clock was set back is followed after some readings."""
    clock = StoreClock()
    clock.read(9_000_000, 1.0)
    for second in range(2, 12):
        clock.read(1_000_000 + second * 1000, float(second))
    assert clock.at_ms(12.0) == 1_012_000


def test_another_store_has_another_clock() -> None:
    """Nothing is known of the clock once the store went away."""
    clock = StoreClock()
    clock.read(1_000_000, 10.0)
    clock.forget()
    assert clock.at_ms(11.0) == 0
    clock.read(500_000, 12.0)
    assert clock.at_ms(12.0) == 500_000
