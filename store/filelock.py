"""Locks between processes, made of `flock`: the kernel lets go of one when its holder ends, however it ends.

A lock belongs to an open file, so two holders in one process exclude each other like two processes do, and a
child that is handed the open file keeps the lock after its parent has closed it.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_POLL_SECONDS = 0.02


def take(path: Path, *, shared: bool = False) -> int | None:
    """An open file that holds the lock at `path`, or None when somebody else has it. `os.close` lets go."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None
    except BaseException:
        os.close(file)
        raise
    return file


def is_taken(path: Path) -> bool:
    """Whether anybody holds the lock at `path` now. Only of use where nobody can take it meanwhile."""
    file = take(path)
    if file is not None:
        os.close(file)
    return file is None


@contextmanager
def held(path: Path, wait_seconds: float) -> Iterator[None]:
    """Hold the lock at `path` within the block; TimeoutError when it isn't to be had in `wait_seconds`."""
    deadline = time.monotonic() + wait_seconds
    while (file := take(path)) is None:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{path} is locked by another process")
        time.sleep(_POLL_SECONDS)
    try:
        yield
    finally:
        with suppress(OSError):
            os.close(file)
