"""The demo lesson that `make run` shows: made over the REST API like any platform would."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPClientError
from tornado.websocket import WebSocketClientConnection, WebSocketError, websocket_connect

from schemas.config import Config
from schemas.jsonio import dumps, loads
from schemas.platform_token import mint_platform_token

TUTOR, STUDENT = {"id": 1, "name": "Demo Tutor"}, {"id": 2, "name": "Demo Student"}
BOOKING = "demo"
TOKEN_HOURS = 12
READY_SECONDS = 20.0
RETRY_SECONDS = 0.1

_SHEET = """
A demo lesson is ready on {url}

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
    return 0


def _send_lines(socket: WebSocketClientConnection, loop: asyncio.AbstractEventLoop) -> None:
    def send(line: str) -> None:
        with contextlib.suppress(WebSocketError):
            socket.write_message(line)

    for line in sys.stdin:
        loop.call_soon_threadsafe(send, line.strip())


async def _sheet(config: Config, url: str) -> str:
    tokens = {person["id"]: _token(config, person) for person in (TUTOR, STUDENT)}
    service = mint_platform_token(config.auth.secret, "demo-platform", None, True, TOKEN_HOURS, time.time())
    uuid = await _session(url, service)
    joined = await _call(url, tokens[STUDENT["id"]], "POST", f"classroom/sessions/{uuid}/join/")
    return _SHEET.format(
        url=url,
        socket=url.replace("http", "ws", 1),
        uuid=uuid,
        tutor=tokens[TUTOR["id"]],
        student=tokens[STUDENT["id"]],
        student_classroom=joined["token"],
    )


async def _session(url: str, service: str) -> str:
    """The session of the newest demo booking whose lesson is not over, else of a new one."""
    number = 1
    while True:
        booking_id = f"{BOOKING}-{number}"
        start = datetime.now(UTC)
        booking = {
            "id": booking_id,
            "tutor": TUTOR,
            "student": STUDENT,
            "start": start.isoformat(),
            "end": (start + timedelta(hours=1)).isoformat(),
            "subject": "A first lesson",
            "status": "confirmed",
        }
        pushed = await _call(url, service, "POST", "booking/bookings/", booking)
        classroom = pushed["classroom"]
        if classroom["status"] in ("scheduled", "waiting", "active", "paused"):
            return str(classroom["session_id"])
        number += 1


def _token(config: Config, person: dict[str, Any]) -> str:
    return mint_platform_token(
        config.auth.secret, person["id"], person["name"], False, TOKEN_HOURS, time.time()
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
