"""Texts of attackers in headers, in the log, in exports and on pages: they stay texts."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from tornado.ioloop import IOLoop

from tests.support.board_people import deed, pair
from tests.support.board_pictures import parsed
from tests.support.fuzz_lesson import Lesson, assert_no_failures, running
from tests.support.fuzz_wire import Reply, Wire, head
from tests.support.people_lesson import People, fresh_id
from tests.support.process_house import House

MARK = "injected7f3"
BREAKS = ("\r\n", "\n", "\r", "%0d%0a", "%0a", "\\r\\n", "\x0b", "\x85", "\u2028", "\x1b[2J", "\x00", "%00")
LINE = f"2026-01-02T03:04:05.678Z ERROR {MARK} eyJhbGciOiJIUzI1NiJ9.e30.x"
NASTY = (
    *(
        '"/><script>alert(1)</script>',
        "url(https://evil.example/x)",
        "javascript:alert(1)",
        "]]><!--",
        "&lt;b&gt;",
    ),
    *(
        "<foreignObject/>",
        "&#60;script&#62;",
        "data:text/html,<script>1</script>",
        "<!DOCTYPE x [<!ENTITY a 'b'>]>",
    ),
)
OWN_HEADERS = frozenset(
    (
        *(
            "content-type",
            "content-length",
            "date",
            "x-request-id",
            "x-content-type-options",
            "cache-control",
        ),
        *("vary", "www-authenticate", "connection", "allow", "retry-after", "content-disposition", "etag"),
        *("content-security-policy", "access-control-allow-origin", "access-control-allow-credentials"),
        *("access-control-expose-headers", "access-control-allow-methods", "access-control-allow-headers"),
        *("access-control-max-age", "referrer-policy", "permissions-policy", "location", "last-modified"),
        *("accept-ranges", "cross-origin-opener-policy", "cross-origin-resource-policy"),
    )
)


@pytest.fixture
def lesson(io_loop: IOLoop, redis_url: str, caplog: pytest.LogCaptureFixture) -> Iterator[Lesson]:
    """A lesson on a server in this process; afterwards, nothing may have been logged as a failure."""
    with running(io_loop, redis_url) as lesson:
        yield lesson
    assert_no_failures(caplog)


def check_headers(reply: Reply, what: object) -> None:
    """Fails when a header is not one of ours, or holds what the attacker sent."""
    if (reply.status, reply.headers) == (400, {}):  # Tornado has seen that this is no HTTP
        return
    assert set(reply.headers) <= OWN_HEADERS, (what, reply.headers)
    assert not [value for value in reply.headers.values() if MARK in value], (what, reply.headers)
    assert reply.headers["x-content-type-options"] == "nosniff", what


@pytest.mark.gen_test(timeout=40)
@pytest.mark.parametrize("broken", BREAKS, ids=repr)
async def test_headers(broken: str, lesson: Lesson) -> None:
    """Line ends in whatever form, in whatever part of a request, never make a header of the answer."""
    evil = f"x{broken}{MARK}: yes{broken}{broken}<html>"
    in_path = quote(evil, safe="%")
    target = f"/api/v1/classroom/sessions/{lesson.uuid}/"
    paths = [
        *(f"/{in_path}", f"/web/{in_path}", f"/docs/{in_path}", f"/classroom/{in_path}", f"//{in_path}"),
        *(f"{target}export/?format={in_path}", f"{target}{in_path}", f"{target}kick/{in_path}/"),
        *(f"{target}?user_id={in_path}", f"{target}snapshots/0/export/?format=svg&{in_path}=1"),
        f"/api/v1/booking/bookings/{in_path}/",
    ]
    for path in paths:
        for method in ("GET", "POST", "OPTIONS"):
            reply = await lesson.another_wire().request(method, path, headers=lesson.bearer(lesson.host))
            check_headers(reply, (method, path))
    sent = (
        evil.encode("latin-1", "replace")
        .decode("latin-1")
        .replace("\r", " ")
        .replace("\n", " ")
        .replace("\x00", "0")
    )
    for name in (
        "X-Request-ID",
        "Origin",
        "Idempotency-Key",
        "Content-Type",
        "Authorization",
        "X-Forwarded-For",
    ):
        headers = {**lesson.bearer(lesson.host), name: sent}
        for method in ("GET", "POST", "OPTIONS"):
            reply = await lesson.another_wire().request(method, target, headers=headers)
            check_headers(reply, (method, name))


async def test_a_header_that_is_two(lesson: Lesson) -> None:
    """A request with line ends in a header's value is refused, or the rest is a header of the request and nothing more."""
    for end in (b"\r", b"\n", b"\x00", b"\r\n ", b"\r\n\t"):
        begin = head("GET", "/healthz", {"X-Request-ID": "PLACE"}, None)
        evil = begin.replace(b"PLACE", b"a" + end + MARK.encode() + b": b")
        try:
            reply = await lesson.another_wire().raw(evil)
        except (EOFError, ConnectionError):
            continue
        assert MARK not in json.dumps(reply.headers), (end, reply)


@pytest.mark.gen_test(timeout=40)
@pytest.mark.parametrize("number", [0, 1], ids=["text", "json"])
async def test_the_log(number: int, house: House, people: People) -> None:
    """What people send makes no line of its own in the log, shows no token and hides nothing (looked at afterwards)."""
    instance = house.instances[number]
    before = len(instance.log())
    (host,) = await people.lesson(instance, fresh_id())
    socket = await host.open(instance)
    for broken in BREAKS:
        evil = f"x{broken}{LINE}"
        quoted = quote(evil, safe="%")
        claims = people.caller(f"u {quoted}"[:128], name=evil)
        for path in (quoted, f"sessions/{quoted}/", f"sessions/{host.uuid}/?token={quoted}&{quoted}"):
            await claims.call(instance, "GET", f"classroom/{path}")
        await host.call(instance, "POST", "event/", {"event_type": "error", "data": {"message": evil}})
        await host.call(instance, "POST", "terminate/no-such/", {"reason": evil})
        await host.call(instance, "POST", f"kick/{quoted}/", {"reason": evil})
        await socket.send(type=evil, id=evil)
        await deed(socket, evil, {"id": evil})
    wire = Wire(instance.port)
    for byte in range(
        128, 256
    ):  # Tornado lets no others through; read as Latin-1, some of them are line ends and escapes
        raw = b"/x" + bytes([byte]) + LINE.replace(" ", "_").encode()
        assert (await wire.raw(b"GET " + raw + b" HTTP/1.1\r\nHost: a\r\n\r\n")).status == 404
    await wire.close()
    lines = instance.log()[before:].splitlines()
    assert not [line for line in lines if any(unicodedata.category(letter) == "Cc" for letter in line)]
    assert any(MARK in line for line in lines), "nothing of it got as far as the log"
    assert not [line for line in lines if line.startswith(LINE[:24]) or (number and not line.startswith("{"))]
    house.assert_logs_clean()


@pytest.mark.gen_test(timeout=40)
async def test_exports(house: House, people: People) -> None:
    """An export is a file to save, of one told type, that runs nothing even when it is opened: its headers say so."""
    host, _ = await pair(people, house)
    for number, evil in enumerate(NASTY):
        for name in (
            "color",
            "text",
            "type",
            "src",
            "fill",
            "fontFamily",
            "id",
            "title",
            "href",
            "style",
            "onload",
        ):
            element = {"id": f"e{number}{name}", "type": "text", "x": 1, "y": 2, "text": evil, name: evil}
            await deed(host.socket, "object:add", element)
        await deed(
            host.socket, "stroke_add", {"id": evil, "points": [[0, 0], [9, 9]], "color": evil, "tool": evil}
        )
    await host.post(house.instances[0], "save/")
    base = f"/api/v1/classroom/sessions/{host.uuid}/"
    kinds = {"json": "application/json", "svg": "image/svg+xml", "png": "image/png"}
    for form, media_type in kinds.items():
        for path in ("export/", "snapshots/{version}/export/"):
            version = (await host.get(house.instances[0], "snapshots/"))["snapshots"][0]["version"]
            answer = await people.fetch(
                house.instances[0], f"{base}{path.format(version=version)}?format={form}", host.caller.token
            )
            assert answer.headers["Content-Type"] == media_type
            assert answer.headers["Content-Disposition"].startswith('attachment; filename="board-')
            assert "sandbox" in answer.headers["Content-Security-Policy"]
            assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            if form == "svg":
                parsed(answer.body.decode())
