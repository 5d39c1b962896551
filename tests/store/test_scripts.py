import asyncio
import hashlib

import pytest

from schemas.permissions import PERMISSIONS, ROLES
from store.scripts import FOLDER, load_scripts
from tests.support.stores import Stores

SCRIPTS = load_scripts()


def test_every_file_is_a_script() -> None:
    """Nothing that lies in the folder is forgotten, and each is called by the digest of its own text."""
    assert set(SCRIPTS) == {path.stem for path in FOLDER.glob("*.lua")}
    for script in SCRIPTS.values():
        assert script.sha == hashlib.sha1(script.text.encode(), usedforsecurity=False).hexdigest()


def test_one_table_of_permissions() -> None:
    """The scripts decide by the table of the schemas: there is no second one that could differ."""
    text = SCRIPTS["set_media"].text
    assert all(f"'{name}'" in text for name in PERMISSIONS)
    assert all(f"{role} = {bits}" in text for role, bits in ROLES.items())


@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_every_script_says_what_it_is(name: str) -> None:
    """A reader finds at the top of each script what it is for, takes and returns."""
    header = [line for line in (FOLDER / f"{name}.lua").read_text().splitlines() if line.startswith("--")]
    assert any(line.startswith("-- ARGV") for line in header)
    assert any(line.startswith("-- →") for line in header)


async def test_every_script_compiles(stores: Stores) -> None:
    """A slip in a script is found here, not by the first teacher who needs it."""
    loads = (stores.client.command("SCRIPT", "LOAD", script.text) for script in SCRIPTS.values())
    assert await asyncio.gather(*loads) == [script.sha.encode() for script in SCRIPTS.values()]
