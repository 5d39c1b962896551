"""Path probing: no file of this project or machine is given out but those of the page and the description."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop

from handlers.docs import ASSETS
from tests.support.fuzz_lesson import Lesson, assert_no_failures, running
from tests.support.fuzz_wire import Reply

ROOT = Path(__file__).resolve().parents[2]
PUBLIC = (".js", ".css", ".svg")
UPWARDS = (
    *(
        "../",
        "..%2f",
        "%2e%2e/",
        "%2e%2e%2f",
        "..%5c",
        "..\\",
        "..%255c",
        "%252e%252e%252f",
        "....//",
        "..;/",
        "..%00/",
    ),
    *("..%c0%af", "..%ef%bc%8f", "%c0%ae%c0%ae/", ".%2e/", "..%2f..%2f", "/..%2f", "%5c..%5c"),
)
WANTED = (
    "server.py",
    "config.toml",
    "etc/passwd",
    "handlers/auth.py",
    "data/redis.pid",
    ".git/config",
    "proc/self/environ",
)
BELOW = (
    "/",
    "/web/",
    "/web/lib/",
    "/web/room/",
    "/docs/",
    "/docs/assets/",
    "/classroom/",
    "/api/v1/",
    "/ws/classroom/",
)
SECRETS = (
    b"root:",
    b"import annotations",
    b"LESSONROOM_",
    b"[classroom_token]",
    b"development-platform-secret",
    b"[core]",
)
GUESSES = (
    *(
        ".env",
        ".git/HEAD",
        ".git/config",
        ".htaccess",
        ".well-known/security.txt",
        "admin/",
        "phpinfo.php",
        "wp-login.php",
    ),
    *(
        "server-status",
        "actuator/env",
        "debug/pprof/",
        "metrics.json",
        "backup.zip",
        "id_rsa",
        "swagger.json",
        "graphql",
    ),
    *(
        "api/",
        "api/v1/",
        "api/v2/classroom/sessions/",
        "api/v1/classroom/",
        "api/v1/classroom/sessions/all/",
        "console",
    ),
    *(
        "http://169.254.169.254/latest/meta-data/",
        "https://evil.example/",
        "\\\\evil\\share",
        "?page=../../config.toml",
    ),
)


@pytest.fixture
def lesson(io_loop: IOLoop, redis_url: str, caplog: pytest.LogCaptureFixture) -> Iterator[Lesson]:
    """A lesson on a server in this process; afterwards, nothing may have been logged as a failure."""
    with running(io_loop, redis_url) as lesson:
        yield lesson
    assert_no_failures(caplog)


@cache
def files() -> list[str]:
    """Every file of the project, and the secret ones that git does not know."""
    git = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S607 - whichever is there
    found = git.stdout.split() or [str(path.relative_to(ROOT)) for path in ROOT.glob("*/*.*")]
    return [
        *found,
        ".git/config",
        ".venv/pyvenv.cfg",
        "data/redis.conf",
        "tests/shared/board_fold_cases.json",
    ]


def check(reply: Reply, path: str) -> None:
    """Fails when a file got out."""
    assert reply.status < 500, (path, reply)
    assert not [secret for secret in SECRETS if secret in reply.body], (path, reply)


@pytest.mark.gen_test(timeout=40)
async def test_every_file_of_the_project(lesson: Lesson) -> None:
    """Whatever lies in the folder is asked for below every address that serves files: only the page's own are there."""
    for name in files():
        for below in BELOW[:6]:
            path = f"{below}{name}"
            reply = await lesson.wire.request("GET", path)
            public = path.startswith("/web/") and path.endswith(PUBLIC)
            public = public or (below == "/" and name.startswith("web/") and name.endswith(PUBLIC))
            public = public or path.removeprefix("/docs/assets/") in ASSETS
            assert public or reply.status == 404, (path, reply.status)
            if reply.status == 200:
                assert b"import annotations" not in reply.body, path


@pytest.mark.gen_test(timeout=40)
async def test_ways_up(lesson: Lesson) -> None:
    """However `..` is written, it leads nowhere; nor do absolute paths, blanks and drives."""
    for below in BELOW:
        for up in UPWARDS:
            for name in WANTED:
                path = f"{below}{up * 6}{name}"
                check(await lesson.wire.request("GET", path), path)
        for name in WANTED:
            for path in (
                f"{below}/{ROOT}/{name}",
                f"{below}%2f{name}",
                f"{below}{name}%00.js",
                f"{below}file:///{name}",
            ):
                check(await lesson.wire.request("GET", path), path)


@pytest.mark.gen_test(timeout=40)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "TRACE", "PROPFIND"])
async def test_guesses(method: str, lesson: Lesson) -> None:
    """What scanners look for is not there, and the answer is a plain problem that tells nothing of the server."""
    for guess in GUESSES:
        reply = await lesson.another_wire().request(method, f"/{guess}") if method != "HEAD" else None
        if reply is None:
            continue
        assert reply.status in (400, 404, 405) or guess.startswith("?"), (guess, reply)
        check(reply, guess)
        assert "server" not in reply.headers
        assert b"Traceback" not in reply.body
        assert b"ornado" not in reply.body


async def test_what_is_open_to_everybody(lesson: Lesson) -> None:
    """Without a token there is the page, the description, health and metrics, and none of it names people or sessions."""
    for path in (
        "/healthz",
        "/readyz",
        "/metrics",
        "/openapi.json",
        "/docs/",
        "/",
        f"/classroom/{lesson.uuid}",
    ):
        reply = await lesson.wire.request("GET", path)
        assert reply.status == 200, path
        assert reply.headers["x-content-type-options"] == "nosniff", path
        for known in (lesson.uuid, str(lesson.host), lesson.student, lesson.booking):
            assert known.encode() not in reply.body, (path, known)
        if reply.headers["content-type"].startswith("text/html"):
            policy = reply.headers["content-security-policy"]
            assert "default-src 'none'" in policy or "default-src 'self'" in policy, (path, policy)
            assert "unsafe-inline" not in policy.partition("script-src")[2].partition(";")[0], (path, policy)
            assert "unsafe-eval" not in policy, (path, policy)
    assert json.loads((await lesson.wire.request("GET", "/healthz")).body) == {"status": "ok"}
