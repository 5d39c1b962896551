"""Asks the package registries whether anything that is locked has a known vulnerability: `python scripts/audit.py`.

Ends with 1 when there is one. Where a registry could not be asked, that is said and is no failure: a change must not wait
for somebody else's service; what could not be asked today is asked in the next run.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.lock", "requirements-dev.lock")
PATIENCE_SECONDS = 120.0


@dataclass(slots=True)
class Verdict:
    """What a registry said: the vulnerabilities, how many packages it knows, and why others could not be asked about."""

    found: list[str] = field(default_factory=list)
    asked: int = 0
    unasked: list[str] = field(default_factory=list)


def judge_python(text: str) -> Verdict:
    """The verdict in the JSON of pip-audit; what is no JSON says why nothing could be asked."""
    told = _object(text)
    if not isinstance(told.get("dependencies"), list):
        return Verdict(unasked=[_first_line(text) or "pip-audit said nothing"])
    verdict = Verdict()
    for package in told["dependencies"]:
        if "skip_reason" in package:
            verdict.unasked.append(package["skip_reason"])
            continue
        verdict.asked += 1
        for problem in package["vulns"]:
            fixed = ", ".join(problem.get("fix_versions", ())) or "no version yet"
            verdict.found.append(f"{package['name']} {package['version']}: {problem['id']}, fixed in {fixed}")
    return verdict


def judge_npm(text: str) -> Verdict:
    """The verdict in the JSON of `npm audit`."""
    told = _object(text)
    if "vulnerabilities" not in told:
        return Verdict(unasked=[str(told.get("message") or _first_line(text) or "npm said nothing")])
    found = [f"{name}: {problem.get('severity')}" for name, problem in told["vulnerabilities"].items()]
    total = told.get("metadata", {}).get("dependencies", {}).get("total", 0)
    return Verdict(sorted(found), asked=int(total))


def report(what: str, verdict: Verdict) -> bool:
    """Prints the verdict for a person; whether nothing was found."""
    if verdict.found:
        print(f"{what}: known vulnerabilities")
        print("\n".join(f"  {line}" for line in verdict.found))
    else:
        print(f"{what}: {verdict.asked} packages asked about, nothing known against them")
    if verdict.unasked:
        print(
            f"{what}: WARNING: {len(verdict.unasked)} could not be asked about, the first because: {verdict.unasked[0]}"
        )
    return not verdict.found


def main() -> int:
    """Both; the exit status."""
    pip_audit = [
        sys.executable,
        "-m",
        "pip_audit",
        "--disable-pip",
        "--require-hashes",
        "--progress-spinner",
        "off",
    ]
    locks = [part for lock in LOCKS for part in ("-r", lock)]
    python = judge_python(_run([*pip_audit, "--format", "json", *locks], ROOT))
    npm = shutil.which("npm")
    web = (
        judge_npm(_run([npm, "audit", "--json", "--package-lock-only"], ROOT / "web"))
        if npm
        else Verdict(unasked=["npm is not installed"])
    )
    good = [report("Python packages", python), report("npm packages", web)]
    return 0 if all(good) else 1


def _run(command: Sequence[str], folder: Path) -> str:
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return f"no answer in {PATIENCE_SECONDS:.0f} seconds"
    return done.stdout.strip() or done.stderr.strip()


def _object(text: str) -> Mapping[str, Any]:
    try:
        told = json.loads(text)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _first_line(text: str) -> str:
    return next((line for line in reversed(text.splitlines()) if line.strip()), "")


if __name__ == "__main__":
    sys.exit(main())
