"""The demo lesson that `make run` shows: made over the REST API like any platform would."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
import time
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPClientError
from tornado.websocket import WebSocketClientConnection, WebSocketError, websocket_connect

from handlers.demo_lesson import STUDENT, TOKEN_HOURS, TUTOR, demo_session, token_of
from schemas.config import Config
from schemas.jsonio import dumps, loads
from schemas.platform_token import mint_platform_token

READY_SECONDS = 20.0
RETRY_SECONDS = 0.1

_LINKS = """
  Tutor    {url}/classroom/{uuid}#token={tutor}
  Student  {url}/classroom/{uuid}#token={student}
"""
_SHEET = """
A demo lesson is ready on {url}
{links}
  Session        {uuid}
  Tutor token    {tutor}
  Student token  {student}

The tutor starts the lesson:
  curl -X POST -H "Authorization: Bearer {tutor}" {url}/api/v1/classroom/sessions/{uuid}/start/

The student watches it (the first message is the welcome; type {{"type": "ping"}} and Enter):
  .venv/bin/python server.py watch "{socket}/ws/classroom/{uuid}/?token={student_classroom}"
"""


async def print_demo(config: Config, url: str) -> int:
    """Makes the demo lesson on the server at `url` (the same one again, while it is not over); the exit
    status.
    """
    try:
        await _wait_ready(url)
        print(await _sheet(config, url), flush=True)
    except (HTTPClientError, OSError) as problem:
        print(f"The demo lesson could not be made: {problem}", file=sys.stderr)
        return 1
    return 0


async def watch(address: str) -> int:
    """Prints every message of the socket at `address`, and sends each line that is typed, until either end closes."""
    try:
        socket = await websocket_connect(address)
    except (HTTPClientError, OSError, WebSocketError) as problem:
        print(f"The socket does not open: {problem}", file=sys.stderr)
        return 1
    loop = asyncio.get_running_loop()
    threading.Thread(target=_send_lines, args=(socket, loop), daemon=True).start()  # reading a line blocks
    while (message := await socket.read_message()) is not None:
        print(message, flush=True)
    print(f"closed: {socket.close_code} {socket.close_reason or ''}", flush=True)
    socket.close()
    return 0


def _send_lines(socket: WebSocketClientConnection, loop: asyncio.AbstractEventLoop) -> None:
    def send(line: str) -> None:
        with contextlib.suppress(WebSocketError):
            socket.write_message(line)

    for line in sys.stdin:
        loop.call_soon_threadsafe(send, line.strip())


async def _sheet(config: Config, url: str) -> str:
    tutor, student = token_of(config, TUTOR), token_of(config, STUDENT)
    service = mint_platform_token(config.auth.secret, "demo-platform", None, True, TOKEN_HOURS, time.time())

    async def push(booking: dict[str, Any]) -> Any:
        return await _call(url, service, "POST", "booking/bookings/", booking)

    uuid = await demo_session(push)
    joined = await _call(url, student, "POST", f"classroom/sessions/{uuid}/join/")
    links = _LINKS.format(url=url, uuid=uuid, tutor=tutor, student=student)
    return _SHEET.format(
        url=url,
        links=links if config.offers_page else "",
        socket=url.replace("http", "ws", 1),
        uuid=uuid,
        tutor=tutor,
        student=student,
        student_classroom=joined["token"],
    )


async def _call(url: str, token: str, method: str, path: str, body: Any = None) -> Any:
    response = await AsyncHTTPClient().fetch(
        f"{url}/api/v1/{path}",
        method=method,
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        body=None if method == "GET" else dumps(body if body is not None else {}),
    )
    return loads(response.body)


async def _wait_ready(url: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            await AsyncHTTPClient().fetch(f"{url}/readyz")
            return
        except (HTTPClientError, OSError):
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(RETRY_SECONDS)
