"""`make run` starts instances together and ends them together."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

RUN = Path(__file__).resolve().parents[2] / "scripts" / "run.py"
SERVER = """
import http.server, signal, sys, os
if sys.argv[1] == "demo":
    print("demo lesson of", sys.argv[3])
    sys.exit()
port = int(sys.argv[2])
signal.signal(signal.SIGTERM, lambda *_: (os.write(1, b"drained %d\\n" % port), os._exit(0)))
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_): pass
print("pid", os.getpid(), flush=True)
http.server.HTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""
"""A stand-in for server.py with the same way of being started, asked and ended."""


def free_ports(count: int) -> int:
    """The first of `count` neighbouring ports that are free now."""
    for first in range(20_000 + os.getpid() % 10_000, 60_000, count):
        with suppress(OSError):
            for port in range(first, first + count):
                with socket.create_server(("127.0.0.1", port)):
                    pass
            return first
    raise AssertionError("no free ports")


def run_to_its_end(server: Path, port: int) -> subprocess.CompletedProcess[str]:
    """One instance of a server that does not start."""
    command = [sys.executable, str(RUN), "--server", str(server), "--port", str(port)]
    return subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)


@contextmanager
def running(folder: Path, port: int) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """Two instances, ready; with the ids of their processes. What is left at the end is killed."""
    server = folder / "server.py"
    server.write_text(SERVER)
    command = [
        sys.executable,
        "-u",
        str(RUN),
        "--instances",
        "2",
        "--port",
        str(port),
        "--server",
        str(server),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as run:
        assert run.stdout is not None
        pids: list[int] = []
        try:
            for line in run.stdout:
                if line.startswith("pid "):
                    pids.append(int(line.split()[1]))
                if line.startswith("Running on"):
                    break
                if line.startswith("demo"):
                    assert line == f"demo lesson of http://127.0.0.1:{port}\n"
            yield run, pids
        finally:
            for pid in (*pids, run.pid):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_drains_every_instance(tmp_path: Path, number: signal.Signals) -> None:
    """Ctrl-C, or a SIGTERM from outside, ends all instances in good order."""
    port = free_ports(2)
    with running(tmp_path, port) as (run, pids):
        assert len(pids) == 2
        run.send_signal(number)
        told, _ = run.communicate(timeout=10)
    assert sorted(told.split("\n")[:2]) == [f"drained {port}", f"drained {port + 1}"]
    assert run.returncode == 0


def test_an_instance_that_crashes_is_started_again(tmp_path: Path) -> None:
    """A crash heals by itself: there is a new instance on the same port."""
    port = free_ports(2)
    with running(tmp_path, port) as (run, pids):
        assert run.stdout is not None
        os.kill(pids[1], signal.SIGKILL)
        told = run.stdout.readline() + run.stdout.readline()
        pids.append(int(told.split()[-1]))
        assert f"port {port + 1} crashed" in told
        run.send_signal(signal.SIGTERM)
        run.communicate(timeout=10)
    assert run.returncode == 0


def test_an_instance_that_ends_leaves_no_orphans(tmp_path: Path) -> None:
    """When one instance is stopped the others are too, and it is told."""
    port = free_ports(2)
    with running(tmp_path, port) as (run, pids):
        os.kill(pids[1], signal.SIGTERM)
        told, _ = run.communicate(timeout=10)
    assert f"drained {port}\n" in told
    assert "ended by itself" in told
    assert run.returncode == 1


def test_an_instance_that_cannot_start_fails_at_once(tmp_path: Path) -> None:
    """A server that refuses to start ends `make run` with a failure."""
    server = tmp_path / "server.py"
    server.write_text("import sys; sys.exit('no configuration')")
    done = run_to_its_end(server, free_ports(1))
    assert "no configuration" in done.stderr
    assert done.returncode == 1
    assert "Running" not in done.stdout


def test_a_taken_port_is_told(tmp_path: Path) -> None:
    """Another program's port is not taken for ours: what is wrong is said, and nothing stays behind."""
    server = tmp_path / "server.py"
    server.write_text(SERVER)
    port = free_ports(1)
    with socket.create_server(("127.0.0.1", port)):
        done = run_to_its_end(server, port)
    assert f"Port {port} is taken" in done.stderr
    assert done.returncode == 1
    assert done.stdout == ""
