"""The browser client's own tests, run by node: one test here for each of its files, and its types, looked at by the
TypeScript compiler. Skipped, with the reason, where node or npm is missing.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.npm import require_node, require_package, run

TESTS = Path(__file__).parent / "web"
FILES = sorted(TESTS.rglob("*.test.js"))
_SKIPPED = re.compile(r"^ok .* # SKIP (.*)$", re.MULTILINE)


def test_types() -> None:
    """Whoever uses the client in an editor gets types, and they are right."""
    done = run(require_package(".bin/tsc"), "--project", "tsconfig.json")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(TESTS).as_posix())
def test_client(path: Path) -> None:
    """The browser client does what its own tests say."""
    done = run(require_node(), "--test", "--test-reporter=tap", path)
    assert done.returncode == 0, done.stdout + done.stderr
    reasons = set(_SKIPPED.findall(done.stdout))
    if reasons:
        pytest.skip("; ".join(sorted(reasons)))
