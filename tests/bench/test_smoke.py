"""The benchmark itself: whoever runs it gets figures of runs in which everything was delivered."""

from __future__ import annotations

import json
from pathlib import Path

from bench.__main__ import main
from bench.targets import BARE, LESSONROOM, TORNADO
from bench.workloads import WORKLOADS


def test_every_workload_plays_to_its_end(tmp_path: Path) -> None:
    """All that is sent arrives, in order, at all targets (the workloads check it), and the figures of each are kept."""
    assert main(["--tiny", "--runs", "1", "--results", str(tmp_path)]) == 0
    for name in WORKLOADS:
        samples = json.loads((tmp_path / f"{name}.json").read_text(encoding="utf-8"))["samples"]
        targets = {sample["target"] for sample in samples}
        assert {LESSONROOM, TORNADO} <= targets <= {LESSONROOM, TORNADO, BARE}
        assert all(sample["figures"] for sample in samples)
    assert "<svg" in (tmp_path / "overview.svg").read_text(encoding="utf-8")
    assert (tmp_path / "table.md").read_text(encoding="utf-8").count("\n") > len(WORKLOADS)
