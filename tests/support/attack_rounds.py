"""How long attacks go on: short and the same each time in a usual run, long and new ones with `LONG_RUNS=1`."""

from __future__ import annotations

import os

import hypothesis
from hypothesis import HealthCheck, Phase

LONG = bool(os.environ.get("LONG_RUNS"))
_GENERATED_ONLY = (Phase.explicit, Phase.generate)


def rounds(usual: int, shrink: bool = True) -> hypothesis.settings:
    """Settings for `usual` examples, fifty times as many in a long run; `shrink` when an example is cheap enough for it."""
    return hypothesis.settings(
        max_examples=usual * (50 if LONG else 1),
        derandomize=not LONG,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(*_GENERATED_ONLY, Phase.shrink) if shrink else _GENERATED_ONLY,
    )
