from store.backlog import BEHIND_MESSAGES, Backlog

POINTER = b"\t\te\t\t\t\t\t\n{}"
LOGGED = b"1-0\t2-0\tb\t\t\t\t\t\n{}"


def test_rooms_in_turn() -> None:
    """A quiet room's message is next but one, however many wait for a noisy room."""
    backlog = Backlog()
    assert all(backlog.push("noisy", LOGGED) for _ in range(300))
    assert backlog.push("quiet", LOGGED)
    assert [backlog.pop()[0] for _ in range(3)] == ["noisy", "quiet", "noisy"]
    assert len(backlog) == 298


def test_a_room_that_piles_up_is_cut_off_until_it_is_empty() -> None:
    """Beyond its share a room's messages are dropped, without a hole between those that are kept; the others' are not."""
    backlog = Backlog(total_bytes=1_000)
    kept = [backlog.push("noisy", b"x" * 100) for _ in range(15)]
    assert kept == [True] * 11 + [False] * 4
    assert backlog.push("quiet", LOGGED)
    while backlog:
        channel, _ = backlog.pop()
        assert backlog.was_cut_off(channel) == (channel == "noisy" and not len(backlog))
    assert not backlog.was_cut_off("noisy"), "told once"
    assert backlog.push("noisy", LOGGED)


def test_no_more_comes_in_between_once_cut_off() -> None:
    """While the dropped ones are not read from the log, nothing later is let in before them."""
    backlog = Backlog(total_bytes=200)
    assert [backlog.push("noisy", b"x" * 150) for _ in range(3)] == [True, True, False]
    backlog.pop()
    assert not backlog.push("noisy", LOGGED)


def test_all_rooms_together_are_bounded() -> None:
    """Hundreds of noisy rooms share the memory that one would have."""
    backlog = Backlog(total_bytes=10_000)
    for _ in range(50):
        for room in range(100):
            backlog.push(str(room), b"x" * 100)
    assert len(backlog) * 100 <= 10_000 + 100 * 100


def test_a_room_that_is_behind() -> None:
    """A room is behind when many or large messages wait for it; pointers are not kept for it then."""
    backlog = Backlog()
    assert not backlog.is_behind("a")
    for _ in range(BEHIND_MESSAGES + 1):
        assert backlog.push("a", POINTER)
    assert backlog.is_behind("a")
    assert not backlog.push("a", POINTER)
    assert backlog.push("a", LOGGED)
    assert backlog.push("b", b"x" * (2 << 20))
    assert backlog.is_behind("b")
    while backlog:
        backlog.pop()
    assert not backlog.is_behind("a")
    assert not backlog.was_cut_off("a"), "a pointer that was dropped is no reason to read the log"


def test_a_room_that_nobody_is_in_any_more() -> None:
    """Nothing of a room that was given up remains."""
    backlog = Backlog(total_bytes=100)
    for _ in range(3):
        backlog.push("a", b"x" * 90)
    backlog.drop("a")
    assert (len(backlog), backlog.is_behind("a"), backlog.was_cut_off("a")) == (0, False, False)
    assert backlog.push("a", LOGGED)
