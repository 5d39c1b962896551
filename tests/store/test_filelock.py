"""Locks between processes that outlive nobody."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from store import filelock


def test_one_at_a_time(tmp_path: Path) -> None:
    """While one holds a lock nobody else gets it, not even in the same process."""
    with filelock.held(tmp_path / "lock", 1):
        assert filelock.take(tmp_path / "lock") is None
        assert filelock.is_taken(tmp_path / "lock")
    assert not filelock.is_taken(tmp_path / "lock")


def test_waits_only_so_long(tmp_path: Path) -> None:
    """Whoever waits for a lock hears after the given time that it isn't to be had."""
    with (
        filelock.held(tmp_path / "lock", 1),
        pytest.raises(TimeoutError, match="locked by another process"),
        filelock.held(tmp_path / "lock", 0.05),
    ):
        pytest.fail("two hold it")


def test_many_share(tmp_path: Path) -> None:
    """Any number may share a lock, and nobody has it alone until the last has let go."""
    first, second = (filelock.take(tmp_path / "lock", shared=True) for _ in range(2))
    assert first is not None
    assert second is not None
    os.close(first)
    assert filelock.is_taken(tmp_path / "lock")
    os.close(second)
    assert not filelock.is_taken(tmp_path / "lock")


def test_a_killed_process_leaves_no_lock(tmp_path: Path) -> None:
    """The lock of a process that was killed is free at once."""
    code = "import sys; from pathlib import Path; from store import filelock; "
    code += "filelock.take(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, tmp_path / "lock"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert filelock.is_taken(tmp_path / "lock")
        holder.kill()
        holder.wait()
        assert not filelock.is_taken(tmp_path / "lock")
