"""The Lua scripts: each file of `lua/` is one atomic transition, behind the shared library of `lua/lib/`.

The permission table is written into every script from `schemas.permissions`, so there is one of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from schemas.permissions import ALL, BIT, PERMISSIONS, ROLES

FOLDER = Path(__file__).parent / "lua"
NOT_KEPT = frozenset(
    ("view", "board_read", "read_log", "pass_on", "close_channels", "index_past", "rate_take")
)
"""The scripts that only read, or whose messages are lost when nobody hears them."""


@dataclass(frozen=True, slots=True)
class Script:
    """A script as the store knows it: its text, and the SHA-1 by which it is called."""

    name: str
    text: str
    sha: str
    is_of_session: bool
    """Whether it has the library, which is about sessions."""
    is_write: bool
    """Whether what it does is kept."""


def _lua_table(values: Mapping[str, int]) -> str:
    return "{" + ", ".join(f"{name} = {value}" for name, value in values.items()) + "}"


def _constants(publish: str) -> str:
    names = ", ".join(f"'{name}'" for name in PERMISSIONS)
    return (
        f"local PUBLISH = '{publish}'\n"
        f"local PERMISSION_NAMES = {{{names}}}\n"
        f"local PERMISSIONS = {_lua_table(BIT)}\n"
        f"local ROLES = {_lua_table(ROLES)}\n"
        f"local ALL_PERMISSIONS = {ALL}\n"
    )


def load_scripts(publish: str = "PUBLISH") -> Mapping[str, Script]:
    """All scripts by name; `publish` is the command with which they publish. A file whose name begins with `booking_`,
    `index_`, `instance_` or `rate_` stands alone, without the library, which is about sessions.
    """
    library = _constants(publish) + "".join(
        path.read_text() for path in sorted((FOLDER / "lib").glob("*.lua"))
    )
    scripts = {}
    for path in sorted(FOLDER.glob("*.lua")):
        alone = path.stem.startswith(("booking_", "index_", "instance_", "rate_"))
        text = path.read_text() if alone else library + path.read_text()
        sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        scripts[path.stem] = Script(path.stem, text, sha, not alone, path.stem not in NOT_KEPT)
    return scripts
