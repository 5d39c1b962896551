"""Who acts on the store: a person, or the platform itself on its own or somebody's behalf."""

from __future__ import annotations

from dataclasses import dataclass, field

from schemas.ids import UserId, user_key
from schemas.jsonio import dumps


@dataclass(frozen=True, slots=True)
class Pace:
    """What an act takes of a limit that all instances share: which limit, and how many milliseconds of it."""

    what: str
    ms: float


@dataclass(frozen=True, slots=True)
class Actor:
    """`service` may do anything; `generation` is the classroom token's, on sockets. `name` and `avatar` are
    what their token says, None when it says nothing. `pace` is what this act counts in, None for nothing.
    """

    user_id: UserId
    name: str | None = None
    avatar: str | None = None
    service: bool = False
    generation: int | None = None
    pace: Pace | None = None
    _arguments: tuple[str | int | float, ...] | None = field(
        default=None, init=False, repr=False, compare=False
    )

    @property
    def key(self) -> str:
        """The person, whatever the type of their id."""
        return user_key(self.user_id)

    def arguments(self) -> tuple[str | int | float, ...]:
        """How scripts get to know the actor: names, each before its value."""
        made = self._arguments
        if made is None:
            made = ("actor", self.key, "actor_id", dumps(self.user_id))
            made += ("service", 1) if self.service else ()
            made += ("generation", self.generation) if self.generation is not None else ()
            made += ("pace", self.pace.what, "pace_ms", self.pace.ms) if self.pace else ()
            object.__setattr__(self, "_arguments", made)
        return made


def fallback_name(user_id: UserId) -> str:
    """A name for somebody of whom only the id is known: it is never empty (contract §3)."""
    return f"User {user_id}"
