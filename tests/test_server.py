"""The command line: what an operator sees who starts a server, or asks it for a token."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import jwt
import pytest

ROOT = Path(__file__).resolve().parent.parent
SECRET = "a secret of the platform that is long enough"


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`python server.py`, to its end."""
    return subprocess.run(
        [sys.executable, str(ROOT / "server.py"), *arguments],
        env={**os.environ, "LESSONROOM_AUTH__SECRET": SECRET, **environment},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


def test_a_port_that_is_in_use(redis_url: str) -> None:
    """A second server on the same port ends, and says why in one sentence."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = run("--host", "127.0.0.1", "--port", str(port), LESSONROOM_REDIS__URL=redis_url)
    assert ended.returncode == 1
    assert f"cannot listen on 127.0.0.1 port {port}" in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr


def test_a_token_for_a_person() -> None:
    """`token` prints one for the configured secret, and nothing else, so that it can be used in a command."""
    printed = run("token", "--user", "7", "--name", "Ada", "--hours", "1").stdout
    claims = jwt.decode(printed.strip(), SECRET, algorithms=["HS256"])
    assert (claims["user_id"], claims["name"]) == (7, "Ada")
    assert "service" not in claims.get("scope", "")
    assert abs(claims["exp"] - time.time() - 3_600) < 60


def test_a_token_for_the_platform() -> None:
    """`--service` makes it the platform's own."""
    printed = run("token", "--user", "platform", "--service").stdout
    assert "service" in jwt.decode(printed.strip(), SECRET, algorithms=["HS256"])["scope"]


@pytest.mark.parametrize(
    "arguments, environment, says",
    [
        (("--user", "x" * 129), {}, "--user is no user id"),
        (
            ("--user", "7"),
            {
                "LESSONROOM_AUTH__ALGORITHMS": '["RS256"]',
                "LESSONROOM_AUTH__JWKS_URL": "https://platform.example/keys",
            },
            "signed by the platform's own key",
        ),
        (("--user", "7"), {"LESSONROOM_NO__SUCH": "1"}, "The configuration is refused"),
    ],
)
def test_a_token_that_cannot_be_made(
    arguments: tuple[str, ...], environment: dict[str, str], says: str
) -> None:
    """Nothing that looks like a token is printed, and what is wrong is said."""
    ended = run("token", *arguments, **environment)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert says in ended.stderr
    assert "Traceback" not in ended.stderr
