"""What the page's checks need of npm: the versions that `web/package-lock.json` pins, installed if need be."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

WEB = Path(__file__).resolve().parents[2] / "web"
OLDEST_NODE = 20
INSTALL_SECONDS = 120
RUN_SECONDS = 180


def run(*command: str | Path, seconds: float = RUN_SECONDS) -> subprocess.CompletedProcess[str]:
    """The finished command, with all it said; it has `seconds`."""
    return subprocess.run(
        command,
        cwd=WEB,
        env={**os.environ, "PYTHON": sys.executable, "NODE_OPTIONS": "--experimental-websocket"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def require_node() -> str:
    """The node to run things with; skips the test where there is none."""
    found = shutil.which("node")
    if found is None:
        pytest.skip("node is not installed")
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.lstrip("v").split(".")[0]) < OLDEST_NODE:
        pytest.skip(f"node is {version}, and {OLDEST_NODE} or newer is needed")
    return found


def require_package(path: str) -> Path:
    """A file of an installed package, `typescript/bin/tsc`; skips the test where it cannot be had."""
    require_node()
    wanted = WEB / "node_modules" / path
    if wanted.exists():
        return wanted
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed")
    try:
        done = run(npm, "ci", "--no-audit", "--no-fund", seconds=INSTALL_SECONDS)
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm ci took more than {INSTALL_SECONDS} s")
    if done.returncode:
        pytest.skip(f"npm ci failed: {done.stderr.strip().splitlines()[-1:]}")
    return wanted
