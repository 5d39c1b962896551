"""What a process used: CPU in nanosecond resolution, and resident memory. Linux only."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

NANOSECONDS = 1e9
KIB = 1024


def cpu_seconds(pids: Iterable[int]) -> float:
    """User and system time of all threads of these processes, in seconds.

    The sum of `schedstat` is what utime + stime of `/proc/<pid>/stat` are scaled to, without their steps of 10 ms.
    """
    return (
        sum(
            int(path.read_text().split()[0])
            for pid in pids
            for path in Path(f"/proc/{pid}/task").glob("*/schedstat")
        )
        / NANOSECONDS
    )


def resident_bytes(pid: int) -> int:
    """What the process has in memory now."""
    return _status(pid, "VmRSS")


def peak_resident_bytes(pid: int) -> int:
    """The most it had in memory since `forget_peak`."""
    return _status(pid, "VmHWM")


def forget_peak(pid: int) -> None:
    """From now on the peak is counted anew."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def _status(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * KIB
    raise LookupError(name)
