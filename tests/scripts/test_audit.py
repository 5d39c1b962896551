"""The check for known vulnerabilities tells "there is one" from "nobody could be asked"."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from scripts import audit

BAD = {"name": "tornado", "version": "6.4", "vulns": [{"id": "CVE-2024-52804", "fix_versions": ["6.4.2"]}]}
GOOD = {"name": "redis", "version": "8.1.0", "vulns": []}
SKIPPED = {
    "name": "cffi",
    "skip_reason": "Dependency not found on PyPI and could not be audited: cffi (2.1.1)",
}
NPM_BAD = {"vulnerabilities": {"left-pad": {"severity": "high"}}, "metadata": {"dependencies": {"total": 2}}}
NPM_GOOD = {"vulnerabilities": {}, "metadata": {"dependencies": {"total": 1}}}


@pytest.mark.parametrize(
    "python, npm, status, says",
    [
        ({"dependencies": [GOOD]}, NPM_GOOD, 0, "1 packages asked about"),
        ({"dependencies": [GOOD, BAD]}, NPM_GOOD, 1, "tornado 6.4: CVE-2024-52804, fixed in 6.4.2"),
        ({"dependencies": [GOOD]}, NPM_BAD, 1, "left-pad: high"),
        ({"dependencies": [GOOD, SKIPPED]}, NPM_GOOD, 0, "WARNING: 1 could not be asked about"),
        ({"dependencies": [BAD, SKIPPED]}, NPM_GOOD, 1, "CVE-2024-52804"),
        ({"dependencies": [SKIPPED, BAD]}, NPM_GOOD, 1, "CVE-2024-52804"),
        ("ConnectionError: no route to host", NPM_GOOD, 0, "WARNING: 1 could not be asked about"),
        ({"dependencies": [GOOD]}, {"message": "405 Method Not Allowed"}, 0, "405 Method Not Allowed"),
        ("", "", 0, "pip-audit said nothing"),
    ],
)
def test_verdicts(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    python: object,
    npm: object,
    status: int,
    says: str,
) -> None:
    """A known vulnerability fails the run; a registry that does not answer is said aloud, and fails nothing."""

    def run(command: list[str], folder: Path) -> str:
        told = npm if "audit" in command else python
        return told if isinstance(told, str) else json.dumps(told)

    monkeypatch.setattr(audit, "_run", run)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    assert audit.main() == status
    assert says in capsys.readouterr().out


def test_without_npm(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A machine without npm checks the rest."""
    monkeypatch.setattr(audit, "_run", lambda *_: json.dumps({"dependencies": [GOOD]}))
    monkeypatch.setattr(shutil, "which", lambda *_: None)
    assert audit.main() == 0
    assert "npm is not installed" in capsys.readouterr().out


def test_everything_that_is_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both lists of packages are asked about, what only tests need among them, and the page's."""
    asked: list[tuple[list[str], Path]] = []

    def run(command: list[str], folder: Path) -> str:
        asked.append((command, folder))
        return ""

    monkeypatch.setattr(audit, "_run", run)
    monkeypatch.setattr(shutil, "which", lambda name: name)
    audit.main()
    (python, root), (_, web) = asked
    locks = {path.name for path in root.glob("*.lock")}
    assert locks == {"requirements.lock", "requirements-dev.lock"} <= set(python)
    assert (web / "package-lock.json").exists()


def test_a_registry_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Why nothing could be asked is what the program complained about, or that it took too long."""
    complain = [sys.executable, "-c", "import sys; sys.exit('ConnectionError: no route to host')"]
    assert audit.judge_python(audit._run(complain, Path())).unasked == ["ConnectionError: no route to host"]
    monkeypatch.setattr(audit, "PATIENCE_SECONDS", 0.1)
    wait = [sys.executable, "-c", "import time; time.sleep(9)"]
    assert audit.judge_npm(audit._run(wait, Path())).unasked == ["no answer in 0 seconds"]
