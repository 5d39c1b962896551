"""A production start with what is fit for development only: it does not come about, and says why."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

SERVER = Path(__file__).resolve().parents[2] / "server.py"
REFUSED = 2
GOOD = {
    "SERVER__ENV": "production",
    "SERVER__PORT": "0",
    "REDIS__URL": "unix:///nowhere/redis.sock",
    "AUTH__SECRET": "a" * 16 + "b" * 16,
    "CLASSROOM_TOKEN__KEYS": json.dumps([{"kid": "1", "secret": "c" * 16 + "d" * 16}]),
}
OLD_KEY = [
    {"kid": "2", "secret": "e" * 32},
    {"kid": "1", "secret": "lessonroom-development-classroom-secret"},
]


def start(folder: Path, settings: Mapping[str, str | None]) -> subprocess.Popen[str]:
    """The server with these settings and no file."""
    known = {name: value for name, value in os.environ.items() if not name.startswith("LESSONROOM_")}
    told = {f"LESSONROOM_{name}": value for name, value in settings.items() if value is not None}
    return subprocess.Popen(
        [sys.executable, str(SERVER)],
        cwd=folder,
        env={**known, **told},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    "change, key",
    [
        ({"AUTH__SECRET": None}, "auth.secret"),
        ({"AUTH__SECRET": "short"}, "auth.secret"),
        ({"AUTH__SECRET": "lessonroom-development-classroom-secret"}, "auth.secret"),
        ({"CLASSROOM_TOKEN__KEYS": None}, "classroom_token.keys"),
        ({"CLASSROOM_TOKEN__KEYS": json.dumps(OLD_KEY)}, "classroom_token.keys"),
        ({"HTTP__CORS_ORIGINS": '["https://app.example.org", "*"]'}, "http.cors_origins"),
        ({"REDIS__URL": None}, "redis.url"),
        ({"REDIS__URL": "embedded", "REDIS__EMBEDDED_IN_PRODUCTION": "false"}, "redis.url"),
    ],
)
def test_an_unsafe_start(tmp_path: Path, change: dict[str, str | None], key: str) -> None:
    """Nothing listens, nothing is written, and the one key that is unsafe is named."""
    process = start(tmp_path, {**GOOD, **change})
    _, says = process.communicate(timeout=30)
    assert process.returncode == REFUSED
    assert says.startswith(f"The configuration is refused:\n{key}"), says
    assert len(says.splitlines()) == 2
    assert not list(tmp_path.iterdir())
    assert not [secret for secret in ("short", "aaaa", "cccc") if secret in says]


@pytest.mark.parametrize("change", [{}, {"REDIS__URL": "embedded", "REDIS__EMBEDDED_IN_PRODUCTION": "true"}])
def test_a_safe_start(tmp_path: Path, change: dict[str, str | None]) -> None:
    """With secrets of its own and a store that somebody chose, it listens."""
    process = start(tmp_path, {**GOOD, **change})
    assert process.stderr is not None
    try:
        assert any("listening on" in line for line in process.stderr)
    finally:
        process.terminate()
        process.communicate(timeout=30)
    assert process.returncode == 0
