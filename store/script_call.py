"""One call of a script, from attempt to attempt: the store may not know the script, or the session may have been written
last on another history than the one it is on now (`lua/lib/9_lineage.lua`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from redis.exceptions import NoScriptError

from schemas.errors import STORE_UNAVAILABLE, Refused
from store.scripts import Script

ATTEMPTS = 4


class ScriptCall:
    """What to send next (pure); `by_text` is set when the store does not know the script's digest."""

    def __init__(self, script: Script, keys: Sequence[str], arguments: Sequence[Any]) -> None:
        self._script = script
        self._keys = keys
        self._arguments = arguments
        self._explanation: tuple[str, ...] = ()
        self.by_text = False

    def command(self, lineage: str) -> list[Any]:
        """The command for a node whose history has that name."""
        script = self._script
        verb, which = ("EVAL", script.text) if self.by_text else ("EVALSHA", script.sha)
        ending = ("lineage", lineage, *self._explanation) if script.is_of_session else ()
        return [verb, which, len(self._keys), *self._keys, *self._arguments, *ending]

    def asks_about(self, reply: Any) -> str | None:
        """The history that the session was written on before, where the script has to know what became of it; None when
        the reply is the script's own.
        """
        if not self._script.is_of_session or reply[0] != b"lineage":
            return None
        return str(reply[1].decode())

    def explain(self, former: str, *, lives: bool) -> None:
        """What became of it: it is written elsewhere, or it has ended. The next command says so."""
        self._explanation = ("adopts" if lives else "continues", former)


async def played(
    call: ScriptCall, send: Callable[[], Awaitable[Any]], lives: Callable[[str], Awaitable[bool]]
) -> Any:
    """The script's reply as it came. `send` sends the next command; `lives` says whether a history is still written.
    `Refused`: STORE_UNAVAILABLE when the store comes to no end with it.
    """
    for _ in range(ATTEMPTS):
        try:
            reply = await send()
        except NoScriptError:
            call.by_text = True
            continue
        former = call.asks_about(reply)
        if former is None:
            return reply
        call.explain(former, lives=await lives(former))
    raise Refused(STORE_UNAVAILABLE)
