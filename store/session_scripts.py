"""How every script about a session is called, and how its answer is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from schemas.errors import ERRORS, Refused
from store import keys
from store.actor import Actor
from store.client import NOT_AFTER, Client

ERRORS_CAP = 500

Argument = str | int | bool | bytes | None


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """What the scripts need to know of the configuration: what is kept in the log and in the event log, and times.
    Entries of more than `large_bytes` are kept beside the log, `log_bytes` of them.
    """

    log_length: int
    log_bytes: int
    large_bytes: int
    events_cap: int
    expire_ms: int
    grace_ms: int
    joining_ms: int
    max_sockets: int


class SessionScripts:
    """Runs the scripts of `lua/` on one session."""

    def __init__(self, client: Client, settings: StoreSettings) -> None:
        self.client = client
        self.settings = settings
        self._common: list[Any] = [
            *("not_after", NOT_AFTER),
            *("log_length", settings.log_length),
            *("log_bytes", settings.log_bytes),
            *("large_bytes", settings.large_bytes),
            *("events_cap", settings.events_cap),
            *("errors_cap", min(ERRORS_CAP, settings.events_cap)),
            *("expire_ms", settings.expire_ms),
            *("grace_ms", settings.grace_ms),
        ]

    async def run(
        self,
        name: str,
        uuid: str,
        actor: Actor | None = None,
        operation: str | None = None,
        /,
        **arguments: Argument,
    ) -> list[Any]:
        """What the script answered after its `ok` (bytes); `Refused` with its code and sentence otherwise.

        `operation` names an idempotent request (`keys.operation`): the same one again has its first outcome.
        Arguments that are None are left out; booleans become JSON's words.
        """
        flat: list[Any] = list(self._common)
        if actor is not None:
            flat += actor.arguments()
        if operation is not None:
            flat += ("operation", operation)
        for key, value in arguments.items():
            if value is not None:
                flat += (key, ("true" if value else "false") if isinstance(value, bool) else value)
        return checked(await self.client.run(name, keys.session_keys(uuid, operation), flat))


def checked(reply: list[Any]) -> list[Any]:
    """What follows the `ok` of a script's reply; `Refused` for a refusal: code, sentence, at times the ms to wait."""
    if reply[0] == b"ok":
        return reply[1:]
    seconds = int(reply[2]) / 1000 if len(reply) > 2 else None
    raise Refused(ERRORS[reply[0].decode()], reply[1].decode() or None, retry_after_seconds=seconds)
