"""One call of a script, from attempt to attempt: the store may not know the script, or the session may have been written
last on another history than the one it is on now (`lua/lib/9_lineage.lua`). Pure.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

from store.scripts import Script

ATTEMPTS = 4


class ScriptCall:
    """What to send next; `by_text` is set when the store does not know the script's digest."""

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

    def is_answered(self, reply: Any, living: Container[str]) -> bool:
        """Whether that is the script's own reply. If not, the next command explains the session's former history: one of
        the `living` is still written elsewhere, any other has ended.
        """
        if not self._script.is_of_session or reply[0] != b"lineage":
            return True
        before = reply[1].decode()
        self._explanation = ("adopts" if before in living else "continues", before)
        return False
