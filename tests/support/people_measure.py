"""Figures that a test run measured; `make test ARGS="tests/integration -rP"` shows them."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence


def measured(what: str, seconds: Sequence[float]) -> None:
    """Prints the median and the longest of some times."""
    middle, longest = statistics.median(seconds) * 1000, max(seconds) * 1000
    sys.stdout.write(f"{what}: median {middle:.1f} ms, longest {longest:.1f} ms, of {len(seconds)}\n")
