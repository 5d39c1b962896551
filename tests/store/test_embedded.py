"""The embedded Redis: there when it is needed, one for all, gone when nobody uses it, whoever was killed."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from redis.asyncio import Redis

from store import embedded_place, filelock
from store.embedded import EmbeddedError, EmbeddedRedis
from tests.conftest import FreshRedis, run_apart

USER = """
import asyncio, signal, sys
from pathlib import Path
from store.embedded import EmbeddedRedis

async def main():
    embedded = EmbeddedRedis(Path(sys.argv[1]))
    await embedded.ensure_running()
    print(embedded.pid(), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await embedded.stop()

asyncio.run(main())
"""
"""Another instance: it uses the store until its standard input is closed."""


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[EmbeddedRedis]:
    """One user of a data folder that nobody used before."""
    one = EmbeddedRedis(tmp_path / "data")
    yield one
    run_apart(one.stop())


def spawn(data_dir: Path) -> subprocess.Popen[str]:
    """Start another instance on `data_dir`, without waiting for it."""
    return subprocess.Popen(
        [sys.executable, "-c", USER, data_dir], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def pid_told(user: subprocess.Popen[str]) -> int:
    """The store's process as another instance sees it, once it is ready."""
    assert user.stdout is not None
    return int(user.stdout.readline())


def let_go(user: subprocess.Popen[str]) -> None:
    """Have another instance end in good order."""
    user.communicate(timeout=20)
    assert user.returncode == 0


def store_of(data_dir: Path) -> int | None:
    """The store's process as somebody sees it who doesn't use it."""
    return EmbeddedRedis(data_dir).pid()


def socket_of(embedded: EmbeddedRedis) -> Path:
    """The socket that the URL names."""
    return Path(unquote(urlsplit(embedded.url).path))


async def test_starts_and_answers(embedded: EmbeddedRedis) -> None:
    """A newcomer without any Redis has one, which writes everything to disk before it says so."""
    await embedded.ensure_running()
    async with Redis.from_url(embedded.url) as client:
        assert await client.ping()
        settings = await client.config_get("append*")
    assert settings["appendonly"] == "yes"
    assert settings["appendfsync"] == "always"


async def test_is_closed_to_everybody_else(embedded: EmbeddedRedis) -> None:
    """No port is open, and only the user who started it can reach the socket and the data."""
    await embedded.ensure_running()
    path = socket_of(embedded)
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    async with Redis.from_url(embedded.url) as client:
        assert (await client.config_get("port"))["port"] == "0"


async def test_stops_and_keeps_the_data(tmp_path: Path) -> None:
    """When its last user stops, so does the store; the next start has everything that was written."""
    one = EmbeddedRedis(tmp_path)
    await one.ensure_running()
    async with Redis.from_url(one.url) as client:
        await client.set("lesson", "algebra")
    pid = one.pid()
    assert pid is not None
    await one.stop()
    assert one.pid() is None
    await asyncio.to_thread(_await_reaped, pid)
    two = EmbeddedRedis(tmp_path)
    await two.ensure_running()
    async with Redis.from_url(two.url) as client:
        assert await client.get("lesson") == b"algebra"
    await two.stop()


def _await_reaped(pid: int) -> None:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.005)
    pytest.fail("a zombie was left")


async def test_two_in_one_process_share(tmp_path: Path) -> None:
    """Two servers in one process use one store, which outlives the first of them."""
    one, two = EmbeddedRedis(tmp_path), EmbeddedRedis(tmp_path)
    await asyncio.gather(one.ensure_running(), two.ensure_running(), one.ensure_running())
    pid = one.pid()
    assert pid == two.pid()
    await one.stop()
    assert two.pid() == pid
    async with Redis.from_url(two.url) as client:
        assert await client.ping()
    await two.stop()
    assert two.pid() is None


def test_many_processes_start_one(tmp_path: Path) -> None:
    """Instances started at the same time find each other's store, and the last to go stops it."""
    users = [spawn(tmp_path) for _ in range(4)]
    pids = {pid_told(user) for user in users}
    assert len(pids) == 1
    for user in users[:-1]:
        let_go(user)
    assert store_of(tmp_path) in pids
    let_go(users[-1])
    assert store_of(tmp_path) is None


def test_a_killed_instance_leaves_no_lock(tmp_path: Path) -> None:
    """The store survives the instance that started it; a killed one doesn't keep it alive for ever."""
    first, second = spawn(tmp_path), spawn(tmp_path)
    pid = pid_told(first)
    assert pid_told(second) == pid
    first.kill()
    first.communicate()
    assert store_of(tmp_path) == pid
    let_go(second)
    assert store_of(tmp_path) is None


def test_a_store_left_behind_is_found_again(tmp_path: Path) -> None:
    """After every instance was killed, the next one goes on with the store that still runs, and stops it."""
    killed = spawn(tmp_path)
    pid = pid_told(killed)
    killed.kill()
    killed.communicate()
    assert store_of(tmp_path) == pid
    following = spawn(tmp_path)
    assert pid_told(following) == pid
    let_go(following)
    assert store_of(tmp_path) is None


async def test_restarts_after_a_crash_with_all_that_was_acknowledged(embedded: EmbeddedRedis) -> None:
    """A store that was killed is started again, by whichever users notice, once, with all its data."""
    await embedded.ensure_running()
    pid = embedded.pid()
    assert pid is not None
    async with Redis.from_url(embedded.url) as client:
        for number in range(200):
            await client.rpush("strokes", number)
        os.kill(pid, signal.SIGKILL)
    await asyncio.gather(*(embedded.ensure_running() for _ in range(5)))
    assert embedded.pid() != pid
    async with Redis.from_url(embedded.url) as client:
        assert await client.llen("strokes") == 200


async def test_leaves_a_hanging_store_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that hangs is not given a second one on the same data; the error says what is wrong."""
    monkeypatch.setattr("store.embedded._READY_SECONDS", 0.2)
    monkeypatch.setattr("store.embedded._PING_SECONDS", 0.1)
    hanging = FreshRedis(tmp_path)
    pid = hanging.pid
    hanging.pause()
    other = EmbeddedRedis(tmp_path)
    with pytest.raises(EmbeddedError, match="doesn't answer"):
        await other.ensure_running()
    hanging.resume()
    await other.ensure_running()
    assert other.pid() == pid
    await other.stop()
    hanging.close()


async def test_stop_ends_a_hanging_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that can't stop in good order is killed, so that nothing is left when the server ends."""
    monkeypatch.setattr("store.embedded._STOP_SECONDS", 0.2)
    one = EmbeddedRedis(tmp_path)
    await one.ensure_running()
    pid = one.pid()
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    await one.stop()
    assert one.pid() is None


async def test_stays_stopped(embedded: EmbeddedRedis) -> None:
    """A restart that was under way when the server ended doesn't bring the store back."""
    await embedded.ensure_running()
    await embedded.stop()
    await embedded.stop()
    with pytest.raises(EmbeddedError, match="was stopped"):
        await embedded.ensure_running()
    assert embedded.pid() is None


async def test_stop_while_it_starts(tmp_path: Path) -> None:
    """However soon after its start a server is stopped, it leaves no store behind."""
    for delay_ms in (0, 2, 4, 8, 16, 32):
        one = EmbeddedRedis(tmp_path / str(delay_ms))
        start = asyncio.create_task(one.ensure_running())
        await asyncio.sleep(delay_ms / 1000)
        await one.stop()
        await asyncio.gather(start, return_exceptions=True)
        # Not asked by `pid`: a store that has only just been started has no process id to tell yet.
        assert not filelock.is_taken(socket_of(one).parent / "running.lock")


def test_stop_without_a_start(tmp_path: Path) -> None:
    """A server that ended before it had a store leaves nothing behind."""
    run_apart(EmbeddedRedis(tmp_path / "data").stop())
    assert list(tmp_path.iterdir()) == []


async def test_finds_its_way_around_stale_files(embedded: EmbeddedRedis) -> None:
    """A socket and a process id left by a crash of the machine hinder no start, and no stranger is killed."""
    socket = socket_of(embedded)
    socket.write_text("")
    (socket.parent / "redis.pid").write_text(str(os.getpid()))
    assert embedded.pid() is None
    await embedded.ensure_running()
    assert embedded.pid() not in (None, os.getpid())


async def test_says_why_it_cannot_start(embedded: EmbeddedRedis) -> None:
    """When Redis refuses its data, the error repeats what it printed."""
    (socket_of(embedded).parent / "appendonlydir").write_text("not a folder")
    with pytest.raises(EmbeddedError, match=r"ended at once in .*\n(.*\n)*.*appendonlydir"):
        await embedded.ensure_running()


async def test_says_when_the_folder_cannot_be_used(tmp_path: Path) -> None:
    """A data folder that can't be made is named."""
    (tmp_path / "data").write_text("a file")
    with pytest.raises(EmbeddedError, match=f"The data folder {tmp_path}/data/.* can't be used"):
        await EmbeddedRedis(tmp_path / "data").ensure_running()


async def test_a_deep_folder_has_its_socket_elsewhere(tmp_path: Path) -> None:
    """However long the path of the checkout is, the store can be reached, by every instance alike."""
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    one, two = EmbeddedRedis(deep), EmbeddedRedis(deep)
    assert one.url == two.url
    assert len(os.fsencode(socket_of(one))) < 104
    assert stat.S_IMODE(socket_of(one).parent.stat().st_mode) == 0o700
    await one.ensure_running()
    async with Redis.from_url(one.url) as client:
        assert await client.ping()
    await one.stop()
    socket_of(one).parent.rmdir()


def test_a_strangers_folder_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket folder that others may write to is refused: they could pose as the store."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    deep = EmbeddedRedis(tmp_path / ("d" * 100))
    assert deep.url
    (socket_of(deep).parent).chmod(0o777)
    with pytest.raises(EmbeddedError, match="belongs to this user alone"):
        assert EmbeddedRedis(tmp_path / ("d" * 100)).url


def test_prefers_a_redis_of_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Redis on the PATH goes before the packaged one, unless it is too old; each version has its folder."""
    program = tmp_path / "redis-server"
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    for told, folder in (("7.0.15", "redis-7"), ("6.2.0", "redis-6"), ("6.0.16", "valkey-")):
        program.write_text(f"#!/bin/sh\necho 'Redis server v={told} sha=00000000:0 malloc=libc bits=64'\n")
        program.chmod(0o755)
        place = embedded_place.find_place(tmp_path / "data")
        assert place.folder.name.startswith(folder)
        assert (place.program == program) == folder.startswith("redis")


def test_says_when_there_is_no_redis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any Redis the error tells what was looked for and what to do."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(EmbeddedError, match=r"There is no Redis to start: .* Set redis\.url"):
        embedded_place.find_place(tmp_path)


async def test_fixture_redis_is_there(redis_url: str) -> None:
    """Every test of the store has a real Redis to talk to."""
    async with Redis.from_url(redis_url) as client:
        assert await client.ping()


async def test_fixture_redis_can_be_killed_and_started(fresh_redis: FreshRedis) -> None:
    """A test of an outage can kill, start, pause and resume a store, and what was acknowledged stays."""
    async with Redis.from_url(fresh_redis.url) as client:
        await client.set("a", "1")
        fresh_redis.kill()
        fresh_redis.start()
    async with Redis.from_url(fresh_redis.url) as client:
        assert await client.get("a") == b"1"
        fresh_redis.pause()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await client.get("a")
        fresh_redis.resume()
        assert await client.get("a") == b"1"
