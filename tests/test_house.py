"""What holds for every file of the project, so that nobody has to look for it in a review."""

from __future__ import annotations

import ast
import dataclasses
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from schemas.config import Config, load_config

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("schemas", "store", "handlers", "tests", "bench", "scripts", "web")
LOCKS = ("requirements.lock", "requirements-dev.lock")
MOST_LINES = 400
_REQUIREMENT = re.compile(
    r"^([a-z0-9-]+)(?:\[[a-z0-9,-]+\])?==\S+(?: ; .+?)? \\\n"
    r"((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)",
    re.MULTILINE,
)
_REASON = r"(?:\s+#|\s+-)\s+\w"
_UNREASONED = re.compile(
    rf"#\s*noqa(?!: [A-Z]+\d+(?:, ?[A-Z]+\d+)*{_REASON})"
    rf"|#\s*type: ignore(?!\[[a-z, -]+\]{_REASON})"
    r"|\b(?:TODO|FIXME|XXX)\b"
)
_GENERATED_OR_FOREIGN = ("node_modules", "vendor", "__pycache__")


def files(*suffixes: str) -> list[Path]:
    """Every file of ours with one of these endings."""
    found = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in suffixes]
    found += [path for path in ROOT.glob("*.py") if ".py" in suffixes]
    return [path for path in found if not set(path.parts) & set(_GENERATED_OR_FOREIGN)]


def name(path: Path) -> str:
    """How a file is called in a test's id."""
    return str(path.relative_to(ROOT))


def plain(value: Any) -> Any:
    """A configuration as TOML has it: lists and tables instead of tuples and dataclasses."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = dataclasses.asdict(value)
    if isinstance(value, dict):
        return {key: plain(below) for key, below in value.items()}
    return [plain(below) for below in value] if isinstance(value, tuple | list) else value


def canonical(requirement: str) -> str:
    """The name of a requirement as lock files spell it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[<>=\s;#\[]", requirement.strip())[0]).lower()


def swallowed(tree: ast.AST) -> list[int]:
    """The lines of `except` clauses that catch everything and do nothing, which hides whatever happens."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        and all(isinstance(step, ast.Pass) for step in node.body)
        and (node.type is None or ast.unparse(node.type) in ("Exception", "BaseException"))
    ]


def undescribed(tree: ast.AST) -> list[str]:
    """The tests without a docstring."""
    return [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]


def test_config_file_is_the_defaults() -> None:
    """`config.toml` names every key, with the value that holds without it."""
    written = tomllib.loads((ROOT / "config.toml").read_text(encoding="utf-8"))
    assert written == plain(Config())
    assert load_config(ROOT / "config.toml", {}) == Config()


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_are_hashed(lock: str) -> None:
    """Nothing is installed that isn't, bit for bit, what was tested; and a lock names no registry."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    left = _REQUIREMENT.sub("", text)
    assert [line for line in left.splitlines() if line.strip() and not line.lstrip().startswith("#")] == []
    assert "://" not in text


@pytest.mark.parametrize("asked, lock", [("requirements.in", LOCKS[0]), ("requirements-dev.in", LOCKS[1])])
def test_locks_have_what_is_asked_for(asked: str, lock: str) -> None:
    """A requirement that was added is in the lock too."""
    locked = {match[1] for match in _REQUIREMENT.finditer((ROOT / lock).read_text(encoding="utf-8"))}
    lines = (ROOT / asked).read_text(encoding="utf-8").splitlines()
    assert {canonical(line) for line in lines if line.strip() and not line.startswith(("#", "-"))} <= locked


def test_tests_run_with_what_is_deployed() -> None:
    """Everything the server runs with has the same version in the development lock."""
    pins = [
        dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / lock).read_text(), re.MULTILINE)) for lock in LOCKS
    ]
    assert pins[0].items() <= pins[1].items()


def test_no_file_is_too_long() -> None:
    """A file that needs a table of contents is two files."""
    lengths = {name(path): len(path.read_bytes().splitlines()) for path in files(".py", ".lua", ".js")}
    assert {path: lines for path, lines in lengths.items() if lines > MOST_LINES} == {}


@pytest.mark.parametrize("path", files(".py"), ids=name)
def test_nothing_is_hidden(path: Path) -> None:
    """No error vanishes without a word, and every exception from a check carries its reason."""
    text = path.read_text(encoding="utf-8")
    assert swallowed(ast.parse(text)) == []
    if path != Path(__file__):
        assert [line.strip() for line in text.splitlines() if _UNREASONED.search(line)] == []


@pytest.mark.parametrize("path", [path for path in files(".py") if path.name.startswith("test_")], ids=name)
def test_every_test_says_what_it_holds(path: Path) -> None:
    """Each test's docstring states the behaviour that somebody relies on."""
    assert undescribed(ast.parse(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "source",
    [
        "try:\n    f()\nexcept Exception:\n    pass",
        "try:\n    f()\nexcept:\n    pass",
    ],
)
def test_a_swallowed_error_is_seen(source: str) -> None:
    """The check for hidden errors sees them."""
    assert len(swallowed(ast.parse(source))) == 1


@pytest.mark.parametrize(
    "line, is_refused",
    [
        ("x = 1  # noqa", True),
        ("x = 1  # noqa: E501", True),
        ("x = 1  # noqa: E501 - a table", False),
        ("x = 1  # type: ignore", True),
        ("x = 1  # type: ignore[misc]", True),
        ("x = 1  # type: ignore[misc]  # the stub is wrong", False),
        ("# TODO later", True),
        ("# todos are data here", False),
    ],
)
def test_an_exception_without_a_reason_is_seen(line: str, is_refused: bool) -> None:
    """The check for reasons sees which exceptions have none."""
    assert bool(_UNREASONED.search(line)) == is_refused
