from dataclasses import replace

from store.actor import Actor, Pace, fallback_name


def test_one_person_whatever_the_type() -> None:
    """7 and "7" are one person, and each is shown as it came."""
    number, text = Actor(7), Actor("7")
    assert number.key == text.key == "7"
    assert number.arguments() == ("actor", "7", "actor_id", "7")
    assert text.arguments() == ("actor", "7", "actor_id", '"7"')


def test_what_scripts_get_to_know() -> None:
    """Only the platform itself is the service, only sockets have a generation, and what an act counts in is told anew when
    that changes.
    """
    actor = Actor(7, service=True, generation=3)
    assert actor.arguments() == ("actor", "7", "actor_id", "7", "service", 1, "generation", 3)
    paced = replace(actor, pace=Pace("event", 20.0))
    assert paced.arguments() == (*actor.arguments(), "pace", "event", "pace_ms", 20.0)


def test_nobody_is_nameless() -> None:
    """A name is never empty, even when only the id is known."""
    assert fallback_name(7) == "User 7"
