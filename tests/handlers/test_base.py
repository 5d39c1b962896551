import asyncio
import dataclasses
import json
import secrets
from collections.abc import Iterator

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPResponse
from tornado.ioloop import IOLoop
from tornado.simple_httpclient import HTTPStreamClosedError

from handlers.meta import Health
from schemas.config import Config
from server import Server

PAGE = "https://page.example"


@pytest.fixture
def url(io_loop: IOLoop, redis_url: str) -> Iterator[str]:
    """Where a server of this process answers; one foreign page may use it."""
    config = Config()
    server = Server(
        dataclasses.replace(
            config,
            server=dataclasses.replace(config.server, port=0, host="127.0.0.1", drain_seconds=0.0),
            redis=dataclasses.replace(config.redis, url=redis_url),
            auth=dataclasses.replace(config.auth, secret=secrets.token_hex(32)),
            http=dataclasses.replace(config.http, cors_origins=(PAGE,)),
        )
    )
    port = io_loop.run_sync(server.start)
    yield f"http://127.0.0.1:{port}"
    io_loop.run_sync(server.stop)


async def fetch(url: str, method: str = "GET", **headers: str) -> HTTPResponse:
    """An answer, whatever its status."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await AsyncHTTPClient().fetch(
        url, method=method, headers=named, raise_error=False, allow_nonstandard_methods=True
    )


async def test_request_ids(url: str) -> None:
    """A request keeps the id it came with, if that is one; else it gets one; the problem names it too."""
    answer = await fetch(url + "/nothing/", X_Request_ID="my-id.1")
    assert answer.headers["X-Request-ID"] == json.loads(answer.body)["request_id"] == "my-id.1"
    for bad in ("a b", "x" * 129, "é"):
        made = (await fetch(url + "/healthz", X_Request_ID=bad)).headers["X-Request-ID"]
        assert len(made) == 32


async def test_problems(url: str) -> None:
    """What is refused is told as a problem: a status, a stable code, a sentence."""
    answer = await fetch(url + "/nothing/")
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = json.loads(answer.body)
    assert (answer.code, problem["status"], problem["code"]) == (404, 404, "not_found")
    assert problem["detail"].endswith(".")
    refused = await fetch(url + "/api/v1/classroom/sessions/my/")
    assert (refused.code, json.loads(refused.body)["code"]) == (401, "unauthorized")
    wrong = await fetch(url + "/api/v1/classroom/sessions/my/", "DELETE")
    assert (wrong.code, wrong.headers["Allow"]) == (405, "GET, OPTIONS")


async def test_a_page_elsewhere(url: str) -> None:
    """The configured page may call, with credentials, and read errors too; another one's browser shows it
    nothing.
    """
    path = url + "/api/v1/classroom/sessions/my/"
    preflight = await fetch(path, "OPTIONS", Origin=PAGE)
    assert (preflight.code, preflight.headers["Access-Control-Allow-Origin"]) == (204, PAGE)
    assert preflight.headers["Access-Control-Allow-Credentials"] == "true"
    assert "idempotency-key" in preflight.headers["Access-Control-Allow-Headers"]
    refused = await fetch(path, Origin=PAGE)
    assert (refused.code, refused.headers["Access-Control-Allow-Origin"]) == (401, PAGE)
    assert "Retry-After" in refused.headers["Access-Control-Expose-Headers"]
    foreign = await fetch(path, Origin="https://elsewhere.example")
    assert foreign.code == 401
    assert "Access-Control-Allow-Origin" not in foreign.headers
    own = await fetch(path, Origin=url)
    assert own.code == 401


async def test_slash_or_not(url: str) -> None:
    """Every path works with and without the slash at its end."""
    for path in ("/healthz", "/api/v1/classroom/sessions/my", "/api/classroom/my-sessions"):
        assert (await fetch(url + path)).code == (await fetch(url + path + "/")).code != 404


async def test_a_bug_of_ours(
    url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A person is told that it is our fault, and nothing of what it is; the log says it, by the request's id."""

    async def fail(_: Health) -> None:
        raise ArithmeticError("something inside")

    monkeypatch.setattr(Health, "get", fail)
    answer = await fetch(url + "/healthz", X_Request_ID="broken-7")
    assert (answer.code, json.loads(answer.body)["code"]) == (500, "internal")
    assert b"inside" not in answer.body
    assert "request broken-7 failed" in caplog.text
    assert "something inside" in caplog.text


async def test_a_bug_after_the_answer_has_begun(
    url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Half an answer does not look like a whole one, and the log says why."""

    async def fail(handler: Health) -> None:
        handler.set_header("Content-Length", "9")
        handler.write("half")
        await handler.flush()
        raise ArithmeticError("something inside")

    monkeypatch.setattr(Health, "get", fail)
    with pytest.raises(HTTPStreamClosedError):
        await fetch(url + "/healthz", X_Request_ID="broken-8")
    assert "request broken-8 failed after its answer had begun" in caplog.text


async def test_a_request_that_the_end_overtakes(
    url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What is still under way when the instance ends is answered as that, for the client to ask another one: no bug."""
    arrived = asyncio.Event()

    async def wait(_: Health) -> None:
        arrived.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(Health, "get", wait)
    asking = asyncio.create_task(fetch(url + "/healthz"))
    await arrived.wait()
    for task in asyncio.all_tasks():
        if getattr(task.get_coro(), "__name__", "") == "_execute":
            task.cancel()
    answer = await asking
    assert (answer.code, json.loads(answer.body)["code"]) == (503, "shutting_down")
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
