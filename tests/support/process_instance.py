"""One server instance as a process, to be killed, paused and drained; and what it wrote to its log."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 30.0
STOP_SECONDS = 15.0
POLL_SECONDS = 0.01

_LISTENING = re.compile(r"listening on http://127\.0\.0\.1:(\d+)")
_TEXT_LINE = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z (DEBUG|INFO|WARNING|ERROR|CRITICAL) ")
_TOKEN = re.compile(r"eyJ[A-Za-z0-9_-]{5,}\.")


class Instance:
    """`python server.py` on a port that the system chooses, configured by `settings` (`"limits.message_bytes"`: value)."""

    def __init__(self, name: str, folder: Path, settings: Mapping[str, object]) -> None:
        self.name = name
        self.port = 0
        self._log = folder / f"{name}.log"
        self._folder = folder
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._paused = False

    @property
    def url(self) -> str:
        """Where its REST calls are."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws(self) -> str:
        """Where its sockets are."""
        return f"ws://127.0.0.1:{self.port}"

    def spawn(self) -> None:
        """Starts the process, and does not wait for it."""
        self.port = 0
        known = {name: value for name, value in os.environ.items() if not name.startswith("LESSONROOM_")}
        told = {_variable(path): _text(value) for path, value in self._settings.items()}
        self._offset = self._log.stat().st_size if self._log.exists() else 0
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-W", "default", str(ROOT / "server.py"), "--port", "0"],
                cwd=self._folder,  # without a config.toml: the defaults
                env={**known, **told},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_listening(self) -> None:
        """Returns once it takes connections; blocks."""
        self._wait(self._has_port)

    def wait_ready(self) -> None:
        """Returns once it says that it is ready; blocks."""
        self._wait(lambda: self._has_port() and http_status(self.port, "/readyz") == 200)

    @property
    def pid(self) -> int:
        """The process it runs as."""
        assert self._process is not None, f"{self.name} was never started"
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """Ends it at once, without a chance to say good-bye."""
        self._signal(signal.SIGKILL)
        assert self._process is not None
        self._process.wait(STOP_SECONDS)

    def terminate(self) -> None:
        """Asks it to drain."""
        self._signal(signal.SIGTERM)

    def pause(self) -> None:
        """Lets it hang: its connections stay open, nothing is answered."""
        self._signal(signal.SIGSTOP)
        self._paused = True

    def resume(self) -> None:
        """Lets it go on after `pause`."""
        self._signal(signal.SIGCONT)
        self._paused = False

    async def exit_status(self) -> int:
        """Its exit status, once it has ended."""
        assert self._process is not None
        return await asyncio.to_thread(self._process.wait, STOP_SECONDS)

    def stop(self) -> None:
        """Ends it, whatever state it is in."""
        if self._process is None or not self.is_alive:
            return
        if self._paused:
            self.resume()
        self.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def log(self) -> str:
        """All that it wrote, over all its lives."""
        return self._log.read_text(encoding="utf-8") if self._log.exists() else ""

    def unexpected_lines(self, allowed: Iterable[str] = (), after: int = 0) -> list[str]:
        """The lines after the first `after` characters which show a fault: warnings (but for the `allowed` ones, regular
        expressions), errors, tracebacks and whatever else is no line of the log's own, and everything with a token.
        """
        allow = [re.compile(pattern) for pattern in allowed]
        return [
            f"{self.name}: {line}"
            for line in self.log()[after:].splitlines()
            if _TOKEN.search(line)
            or (_level(line) not in ("DEBUG", "INFO") and not any(pattern.search(line) for pattern in allow))
        ]

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None, f"{self.name} was never started"
        self._process.send_signal(number)

    def _has_port(self) -> bool:
        found = _LISTENING.search(self._log.read_text(encoding="utf-8"), self._offset)
        self.port = int(found[1]) if found else 0
        return found is not None

    def _wait(self, reached: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not reached():
            assert self.is_alive, f"{self.name} ended:\n{self.log()}"
            assert time.monotonic() < deadline, f"{self.name} takes too long:\n{self.log()}"
            time.sleep(POLL_SECONDS)


def http_status(port: int, path: str) -> int | None:
    """The status of a plain GET; None when nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return None
    finally:
        connection.close()


def _variable(path: str) -> str:
    section, _, key = path.partition(".")
    return f"LESSONROOM_{section}__{key}".upper()


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _level(line: str) -> str | None:
    if line.startswith("{"):
        return str(json.loads(line)["level"])
    match = _TEXT_LINE.match(line)
    return match[1] if match else None
