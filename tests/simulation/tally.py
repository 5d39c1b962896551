"""What a simulated day had in it, in one line, so that one sees that the checks had something to check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tests.simulation.history import LessonRecord


def tally(records: Sequence[LessonRecord], resident_bytes: Sequence[float]) -> str:
    """The figures of one day."""
    writes = [write for record in records for write in record.writes]
    lines = [line for record in records for line in record.lines]
    closes = Counter(line.close_code for line in lines if line.close_code and not line.dropped)
    figures = {
        "writes": len(writes),
        "acknowledged": sum(write.acknowledged is not None for write in writes),
        "refused": sum(write.refusal is not None for write in writes),
        "in doubt": sum(attempt.verdict == "doubt" for write in writes for attempt in write.attempts),
        "broadcasts": sum(len(record.story) for record in records),
        "sockets": len(lines),
        "resumed": sum(line.since is not None for line in lines),
        **{f"closed {code}": count for code, count in sorted(closes.items())},
    }
    healed = max(record.healed_after_seconds for record in records)
    counted = ", ".join(f"{count} {name}" for name, count in figures.items())
    return f"{counted}; healed after {healed:.1f} s; at most {max(resident_bytes) / 1e6:.0f} MB"
