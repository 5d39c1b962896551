"""From samples to a table of medians, their spread and their ratios; and the files they are kept in."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from bench.chart import Bar, bars
from bench.stage import Sample
from bench.targets import BARE, LESSONROOM, TORNADO

SHOWN = {
    "relay": ("server_us", "p99_ms"),
    "burst": ("server_us", "peak_mib"),
    "media": ("server_us",),
    "join": ("server_ms",),
    "idle": ("kib",),
    "storm": ("seconds", "server_ms"),
    "sync": ("server_ms",),
    "grow": ("event_us",),
}
"""The figures of each workload that its rows show, the one for the picture first; all are kept."""

UNITS = {
    "server_us": "µs",
    "server_ms": "ms",
    "event_us": "µs",
    "kib": "KiB",
    "seconds": "s",
    "p99_ms": "ms",
    "peak_mib": "MiB",
}


@dataclass(frozen=True, slots=True)
class Median:
    """The middle of all runs, and how far they lie apart."""

    value: float
    least: float
    most: float

    def __str__(self) -> str:
        return f"{self.value:.4g} ({self.least:.4g}–{self.most:.4g})"


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of one case, of all targets that have it."""

    workload: str
    case: str
    figure: str
    by_target: dict[str, Median]

    def ratio(self, target: str) -> float | None:
        """Lessonroom's figure over the other's."""
        ours, theirs = self.by_target.get(LESSONROOM), self.by_target.get(target)
        return ours.value / theirs.value if ours and theirs and theirs.value else None


def rows(samples: Sequence[Sample]) -> list[Row]:
    """All that is shown, in the order in which it was measured."""
    cases = dict.fromkeys((sample.workload, sample.case) for sample in samples)
    found = []
    for workload, case in cases:
        of_case = [sample for sample in samples if (sample.workload, sample.case) == (workload, case)]
        for figure in SHOWN[workload]:
            by_target = {
                target: _median([sample.figures[figure] for sample in of_case if sample.target == target])
                for target in dict.fromkeys(sample.target for sample in of_case if figure in sample.figures)
            }
            found.append(Row(workload, case, figure, by_target))
    return found


def table(found: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    lines = [
        f"| workload | figure | {LESSONROOM} | {TORNADO} | {BARE} | × {TORNADO} | × {BARE} |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in found:
        cells = [str(row.by_target.get(name, "")) for name in (LESSONROOM, TORNADO, BARE)]
        ratios = ["" if ratio is None else f"{ratio:.2f}" for ratio in (row.ratio(TORNADO), row.ratio(BARE))]
        lines.append(f"| {row.workload} {row.case} | {row.figure} | {' | '.join((*cells, *ratios))} |")
    return "\n".join(lines)


def write(samples: Sequence[Sample], folder: Path, sizes: str) -> str:
    """Keeps one JSON file for each workload; the table, and its picture beside it, of all that the folder holds now."""
    folder.mkdir(parents=True, exist_ok=True)
    about = {
        "sizes": sizes,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "load_average": round(os.getloadavg()[1], 1),
    }
    for workload in dict.fromkeys(sample.workload for sample in samples):
        mine = [asdict(sample) for sample in samples if sample.workload == workload]
        text = json.dumps({"about": about, "samples": mine}, indent=1, ensure_ascii=False)
        (folder / f"{workload}.json").write_text(text + "\n", encoding="utf-8")
    found = rows(_kept(folder))
    (folder / "overview.svg").write_text(picture(found), encoding="utf-8")
    (folder / "table.md").write_text(table(found) + "\n", encoding="utf-8")
    return table(found)


def _kept(folder: Path) -> list[Sample]:
    paths = [path for name in SHOWN if (path := folder / f"{name}.json").exists()]
    return [
        Sample(**sample)
        for path in paths
        for sample in json.loads(path.read_text(encoding="utf-8"))["samples"]
    ]


def picture(found: Sequence[Row]) -> str:
    """The first figure of every case, as shares of the plain rival's."""
    shown: list[Bar] = []
    for row in found:
        ours, rival, bare = (row.by_target.get(name) for name in (LESSONROOM, TORNADO, BARE))
        if row.figure == SHOWN[row.workload][0] and ours and rival and rival.value:
            note = (
                f"{ours.value / rival.value:.2f} ×: {ours.value:.3g} of {rival.value:.3g} {UNITS[row.figure]}"
            )
            floor = bare.value / rival.value if bare else None
            shown.append(Bar(f"{row.workload} {row.case}", ours.value / rival.value, floor, note))
    return bars(
        "Lessonroom beside the same room in plain Tornado",
        "blue: Lessonroom, grey: plain Tornado, line: bare send",
        shown,
    )


def _median(values: list[float]) -> Median:
    return Median(median(values), min(values), max(values))
