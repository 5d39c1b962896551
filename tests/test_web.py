"""The browser client's own tests, run by node: one test here for each of its files, and its types, looked at by the
TypeScript compiler. Skipped, with the reason, where node or npm is missing.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
COMPILER = WEB / "node_modules" / ".bin" / "tsc"
FILES = sorted((ROOT / "tests" / "web").glob("*.test.js"))
OLDEST_NODE = 20
INSTALL_SECONDS = 120
RUN_SECONDS = 180
_SKIPPED = re.compile(r"^ok .* # SKIP (.*)$", re.MULTILINE)


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


@pytest.fixture(scope="session")
def node() -> str:
    """The node to run things with."""
    found = shutil.which("node")
    if found is None:
        pytest.skip("node is not installed")
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.lstrip("v").split(".")[0]) < OLDEST_NODE:
        pytest.skip(f"node is {version}, and {OLDEST_NODE} or newer is needed")
    return found


@pytest.fixture(scope="session")
def compiler(node: str) -> Path:
    """The TypeScript compiler that `web/package-lock.json` pins, installed if need be."""
    if not COMPILER.exists():
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip("npm is not installed")
        try:
            done = run(npm, "ci", "--no-audit", "--no-fund", seconds=INSTALL_SECONDS)
        except subprocess.TimeoutExpired:
            pytest.skip(f"npm ci took more than {INSTALL_SECONDS} s")
        if done.returncode:
            pytest.skip(f"npm ci failed: {done.stderr.strip().splitlines()[-1:]}")
    return COMPILER


def test_types(compiler: Path) -> None:
    """Whoever uses the client in an editor gets types, and they are right."""
    done = run(compiler, "--project", "tsconfig.json")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name.removesuffix(".test.js"))
def test_client(node: str, path: Path) -> None:
    """The browser client does what its own tests say."""
    done = run(node, "--test", "--test-reporter=tap", path)
    assert done.returncode == 0, done.stdout + done.stderr
    reasons = set(_SKIPPED.findall(done.stdout))
    if reasons:
        pytest.skip("; ".join(sorted(reasons)))
