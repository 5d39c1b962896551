from store import keys

UUID = "0b6a3b1e-5f0c-4a52-9a77-27f3b2a4f0d1"


def test_a_session_lives_on_one_node() -> None:
    """All keys of a session share its hash tag, so that on a cluster one script may touch them all."""
    names = [*keys.session_keys(UUID), keys.person(UUID, "7"), keys.snapshot(UUID, 3)]
    assert {name[name.index("{") + 1 : name.index("}")] for name in names} == {UUID}


def test_names_differ() -> None:
    """No two things are kept under one name."""
    names = keys.session_keys(UUID, "op")
    names += [keys.sessions_of("7"), keys.bookings_of("7"), keys.sessions_on("7"), *keys.booking("7")]
    assert len(set(names)) == len(names)


def test_idempotency_counts_per_person_and_path() -> None:
    """The key that one person used for one call means nothing for another person, or another call."""
    operation = keys.operation("7", "sessions/", "abc")
    assert operation == keys.operation("7", "sessions/", "abc")
    others = [("8", "sessions/", "abc"), ("7", "solo/", "abc"), ("7", "sessions/", "abd")]
    assert operation not in [keys.operation(*other) for other in others]
