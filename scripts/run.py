"""What `make run` does: starts instances on neighbouring ports, shows the demo lesson, ends all together.

Usage: python scripts/run.py [--instances N] [--port P]. Ctrl-C or SIGTERM drains every instance. One that crashes is
started again; one that refuses to start, or ends in good order, takes the others with it.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from types import FrameType

READY_SECONDS = 30
DRAIN_SECONDS = 20
POLL_SECONDS = 0.1
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stop(Exception):
    """Somebody asked us to end."""


class PortTakenError(Exception):
    """Somebody else listens where an instance should."""


def main() -> int:
    """Run until told to stop; 0 after a stop in good order, 1 when an instance failed."""
    arguments = _arguments()
    for number in SIGNALS:
        signal.signal(number, _on_signal)
    servers: dict[int, subprocess.Popen[bytes]] = {}
    try:
        _run(arguments, servers)
    except Stop:
        return _end(servers)
    except PortTakenError as problem:
        _end(servers)
        print(problem, file=sys.stderr)
        return 1
    _end(servers)
    print("An instance ended by itself; the others were stopped.", file=sys.stderr)
    return 1


def _run(arguments: argparse.Namespace, servers: dict[int, subprocess.Popen[bytes]]) -> None:
    """Start instances into `servers`, by port, show the demo, and return when one of them has ended for good."""
    ports = range(arguments.port, arguments.port + arguments.instances)
    for port in ports:
        _require_free(port)
        servers[port] = _start(arguments.server, port)
        _await_ready(servers, port)  # one after the other: what the first sets up, the others find
    pages = [f"http://127.0.0.1:{port}" for port in ports]
    if _all_run(servers):
        subprocess.run([sys.executable, arguments.server, "demo", "--url", pages[0]], check=False)
        print(f"Running on {' '.join(pages)} (Ctrl-C stops)", flush=True)
    while _all_run(servers):
        time.sleep(POLL_SECONDS)
        for port, server in servers.items():
            if server.poll() is not None and server.returncode < 0:
                print(
                    f"The instance on port {port} crashed and is started again.", file=sys.stderr, flush=True
                )
                servers[port] = _start(arguments.server, port)


def _require_free(port: int) -> None:
    """Whoever answers there already would be taken for the instance that is about to be started."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as problem:
            raise PortTakenError(
                f"Port {port} is taken ({problem.strerror}); PORT=… chooses another."
            ) from None


def _all_run(servers: Mapping[int, subprocess.Popen[bytes]]) -> bool:
    """Whether all run, or crashed (killed by a signal) and can be started again."""
    return all(server.poll() is None or server.returncode < 0 for server in servers.values())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Run instances of the server until Ctrl-C.")
    parser.add_argument("--instances", type=int, default=1)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--server", default="server.py", help="the program to run")
    return parser.parse_args()


def _on_signal(_number: int, _frame: FrameType | None) -> None:
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C would cut the drain off, which is bounded
    raise Stop


def _start(server: str, port: int) -> subprocess.Popen[bytes]:
    # In a session of its own, so that Ctrl-C reaches this process alone and each instance is told once.
    return subprocess.Popen([sys.executable, server, "--port", str(port)], start_new_session=True)


def _await_ready(servers: Mapping[int, subprocess.Popen[bytes]], port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while servers[port].poll() is None and time.monotonic() < deadline:
        with (
            contextlib.suppress(urllib.error.URLError, OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2),
        ):
            return
        time.sleep(POLL_SECONDS)


def _end(servers: Mapping[int, subprocess.Popen[bytes]]) -> int:
    for server in servers.values():
        if server.poll() is None:
            server.terminate()
    deadline = time.monotonic() + DRAIN_SECONDS
    for server in servers.values():
        try:
            server.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
    return 0 if all(server.returncode == 0 for server in servers.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
