from hypothesis import given
from hypothesis import strategies as st

from handlers.outbox import HARD_LIMIT, PATIENCE_SECONDS, Outbox

LIMIT = 20
pushes = st.tuples(st.binary(min_size=1, max_size=60), st.booleans())
steps = st.lists(pushes | st.just(None), max_size=60)


@given(steps)
def test_nothing_that_counts_is_lost(script: list[tuple[bytes, bool] | None]) -> None:
    """Everything but pointers reaches the client, in order and whole; the bytes are counted right all the
    time.
    """
    outbox, sent, kept = Outbox(LIMIT), [], []
    for number, step in enumerate(script):
        if step is None:
            if outbox:
                sent.append(outbox.take())
        else:
            frame, ephemeral = b"%d:" % number + step[0] + b";", step[1]
            outbox.push(frame, ephemeral)
            kept.append((frame, ephemeral))
        assert outbox.waiting == sum(len(frame) for frame, _ in outbox._frames)
    if outbox:
        sent.append(outbox.take())
    left = b"".join(sent)
    for frame, ephemeral in kept:
        assert ephemeral or frame in left
        left = left.removeprefix(frame)
    assert left == b""
    assert outbox.unread == 0


@given(steps)
def test_pointers_wait_only_below_the_limit(script: list[tuple[bytes, bool] | None]) -> None:
    """A client that is behind gets no pointers: none is taken over the limit, those that wait go first."""
    outbox = Outbox(LIMIT)
    for step in script:
        if step is None:
            outbox.clear()
            continue
        behind, dropped = outbox.unread > LIMIT, outbox.dropped
        outbox.push(*step)
        if behind:
            assert step[1] or not any(ephemeral for _, ephemeral in outbox._frames)
            assert outbox.dropped >= dropped + (1 if step[1] else 0)


def test_patience() -> None:
    """A client that stays behind for two seconds is too slow; one that catches up begins anew."""
    outbox = Outbox(LIMIT)
    outbox.push(b"x" * (LIMIT + 1))
    assert not outbox.is_too_slow(10.0)
    assert not outbox.is_too_slow(10.0 + PATIENCE_SECONDS - 0.1)
    assert outbox.is_too_slow(10.0 + PATIENCE_SECONDS)
    outbox.take()
    assert not outbox.is_too_slow(13.0)
    outbox.in_flight = LIMIT + 1
    assert not outbox.is_too_slow(20.0)
    assert outbox.is_too_slow(22.0)


def test_far_too_much() -> None:
    """However short the time, so much is never kept for one client; a large board alone is not that much."""
    outbox = Outbox(LIMIT)
    outbox.push(b"x" * (HARD_LIMIT * LIMIT))
    assert not outbox.is_too_slow(10.0)
    outbox.push(b"x")
    assert outbox.is_too_slow(10.0)
