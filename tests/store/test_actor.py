from store.actor import Actor, fallback_name


def test_one_person_whatever_the_type() -> None:
    """7 and "7" are one person, and each is shown as it came."""
    number, text = Actor(7), Actor("7")
    assert number.key == text.key == "7"
    assert number.arguments()["actor_id"] == "7"
    assert text.arguments()["actor_id"] == '"7"'


def test_what_scripts_get_to_know() -> None:
    """Only the platform itself is the service, and only sockets have a generation."""
    assert Actor(7).arguments()["service"] is None
    assert Actor(7).arguments()["generation"] is None
    assert Actor(7, service=True, generation=3).arguments() == {
        "actor": "7",
        "actor_id": "7",
        "service": 1,
        "generation": 3,
    }


def test_nobody_is_nameless() -> None:
    """A name is never empty, even when only the id is known."""
    assert fallback_name(7) == "User 7"
