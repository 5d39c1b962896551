"""Origin checks on every address: what a page of somebody else's could do with its visitor's browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tornado.ioloop import IOLoop

from handlers.routes import AREAS
from tests.support.fuzz_lesson import Lesson, assert_no_failures, running
from tests.support.fuzz_wire import RawSocket, Reply

ALLOWED = "https://app.example.org"
STRANGE = (
    *("https://evil.example", "null", "https://app.example.org.evil.example", "https://evil-app.example.org"),
    *(
        "http://app.example.org",
        "https://app.example.org:8443",
        "https://app.example.org/",
        "https://APP.example.org",
    ),
    *("https://app.example.org@evil.example", "https://evil.example#app.example.org", "file://", "https://"),
    *(
        "https://lesson.test.evil.example",
        "https://evil.example, https://app.example.org",
        "*",
        "http://[::1",
    ),
)
CHANNELS = ("", "system/", "board/", "webrtc/", "presence/")
PATHS = [(route.method, f"/api/v1/{area}/{route.path}") for area, routes in AREAS.items() for route in routes]


@pytest.fixture
def lesson(io_loop: IOLoop, redis_url: str, caplog: pytest.LogCaptureFixture) -> Iterator[Lesson]:
    """A lesson on a server in this process; afterwards, nothing may have been logged as a failure."""
    with running(io_loop, redis_url) as lesson:
        yield lesson
    assert_no_failures(caplog)


@pytest.mark.gen_test(timeout=40)
async def test_sockets(lesson: Lesson) -> None:
    """Another page opens no socket, with a good token or without: 403 at the handshake, on every path."""
    for channel in CHANNELS:
        for origin in STRANGE:
            for query in ({}, {"token": ""}):
                reply = await lesson.open(channel, {"Origin": origin}, **query)
                assert isinstance(reply, Reply), (channel, origin)
                assert reply.status == 403, (channel, origin, reply)
                assert reply.problem["code"] == "bad_origin"
        for origin in (ALLOWED, "http://lesson.test", "https://lesson.test"):
            socket = await lesson.open(channel, {"Origin": origin})
            assert isinstance(socket, RawSocket), (channel, origin)
            await socket.drop()


@pytest.mark.parametrize("method, path", PATHS)
async def test_calls(method: str, path: str, lesson: Lesson) -> None:
    """A browser keeps every answer from another page: no address gives that page a CORS header, errors neither."""
    ids = {"uuid": lesson.uuid, "booking_id": lesson.booking, "user_id": lesson.student, "version": "0"}
    target = path.format_map(ids)
    for origin in STRANGE:
        for verb in ("OPTIONS", "GET"):
            headers = lesson.bearer(99, Origin=origin)
            reply = await lesson.another_wire().request(verb, target, headers=headers)
            assert not [name for name in reply.headers if name.startswith("access-control")], (verb, origin)
            assert reply.headers.get("vary") == "Origin", (verb, origin, reply)
    reply = await lesson.wire.request("OPTIONS", target, headers={"Origin": ALLOWED})
    assert reply.status == 204
    assert reply.headers["access-control-allow-origin"] == ALLOWED
    assert method in reply.headers["access-control-allow-methods"]


async def test_no_cookie_opens_anything(lesson: Lesson) -> None:
    """A browser sends cookies by itself, so none may count: a token in one is no token."""
    token = lesson.bearer(lesson.host)["Authorization"].removeprefix("Bearer ")
    cookie = f"token={token}; access_token={token}; Authorization=Bearer {token}"
    path = f"/api/v1/classroom/sessions/{lesson.uuid}/"
    assert (await lesson.wire.request("GET", path, headers={"Cookie": cookie})).status == 401
    opened = await lesson.open("system/", {"Cookie": f"token={lesson.classroom_token}"}, token="")
    assert isinstance(opened, Reply)
    assert opened.status == 401
