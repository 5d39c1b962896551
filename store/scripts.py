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


@dataclass(frozen=True, slots=True)
class Script:
    """A script as the store knows it: its text, and the SHA-1 by which it is called."""

    name: str
    text: str
    sha: str


def _lua_table(values: Mapping[str, int]) -> str:
    return "{" + ", ".join(f"{name} = {value}" for name, value in values.items()) + "}"


def _constants() -> str:
    names = ", ".join(f"'{name}'" for name in PERMISSIONS)
    return (
        f"local PERMISSION_NAMES = {{{names}}}\n"
        f"local PERMISSIONS = {_lua_table(BIT)}\n"
        f"local ROLES = {_lua_table(ROLES)}\n"
        f"local ALL_PERMISSIONS = {ALL}\n"
    )


def load_scripts() -> Mapping[str, Script]:
    """All scripts by name. A file whose name begins with `booking_` or `instance_` stands alone, without the
    library, which is about sessions.
    """
    library = _constants() + "".join(path.read_text() for path in sorted((FOLDER / "lib").glob("*.lua")))
    scripts = {}
    for path in sorted(FOLDER.glob("*.lua")):
        alone = path.stem.startswith(("booking_", "instance_"))
        text = path.read_text() if alone else library + path.read_text()
        scripts[path.stem] = Script(
            path.stem, text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        )
    return scripts
