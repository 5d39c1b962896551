from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.fairqueue import FairQueue

ROOMS = ("a", "b", "c")


def filled(*items: tuple[str, int]) -> FairQueue[tuple[str, int]]:
    """A queue of items, each for the room it names."""
    queue: FairQueue[tuple[str, int]] = FairQueue()
    for item in items:
        queue.push(item[0], item)
    return queue


@given(st.lists(st.one_of(st.sampled_from(ROOMS), st.just("pop"))))
def test_nothing_is_lost_and_a_room_keeps_its_order(steps: list[str]) -> None:
    """Whatever comes and goes in between, each room gets all of its own, in order, each once."""
    queue: FairQueue[tuple[str, int]] = FairQueue()
    came: defaultdict[str, list[int]] = defaultdict(list)
    went: defaultdict[str, list[int]] = defaultdict(list)
    for number, step in enumerate(steps):
        if step != "pop":
            queue.push(step, (step, number))
            came[step].append(number)
        elif queue:
            room, item = queue.pop()
            went[room].append(item)
    for room, item in queue.take(len(steps)):
        went[room].append(item)
    assert went == came
    assert (len(queue), queue.rooms) == (0, 0)


def test_a_quiet_room_waits_for_one_item_of_a_noisy_one() -> None:
    """However much a noisy room has waiting, a quiet one that comes later is served after one of those at most."""
    queue = filled(*(("noisy", number) for number in range(1_000)), ("quiet", 0))
    assert [room for room, _ in queue.take(3)] == ["noisy", "quiet", "noisy"]
    queue.push("quiet", ("quiet", 1))
    assert [room for room, _ in queue.take(2)] == ["noisy", "quiet"]


def test_no_more_is_taken_than_asked_for() -> None:
    """A batch has a size, and what it leaves stays."""
    queue = filled(*(("a", number) for number in range(5)))
    assert [number for _, number in queue.take(3)] == [0, 1, 2]
    assert [number for _, number in queue.take(3)] == [3, 4]
    assert queue.take(3) == []
    with pytest.raises(IndexError):
        queue.pop()


def test_a_room_that_nobody_is_in_any_more() -> None:
    """What waits for a room that was given up is forgotten, the others' is not."""
    queue = filled(("a", 1), ("b", 1), ("a", 2))
    queue.drop("a")
    queue.drop("never seen")
    assert queue.take(9) == [("b", 1)]
