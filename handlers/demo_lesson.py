"""What the demo lesson consists of: its people, their tokens, its bookings. Development only."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from schemas.config import Config
from schemas.platform_token import mint_platform_token

TUTOR = {"id": 1, "name": "Demo Tutor"}
STUDENT = {"id": 2, "name": "Demo Student"}
TOKEN_HOURS = 12
_BOOKING = "demo"
_OPEN = ("scheduled", "waiting", "active", "paused")

Push = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]
"""Pushes a booking like the platform does, and gives what is answered."""


def token_of(config: Config, person: dict[str, Any]) -> str:
    """A platform token of one of the demo people."""
    return mint_platform_token(
        config.auth.secret, person["id"], person["name"], False, TOKEN_HOURS, time.time()
    )


async def demo_session(push: Push) -> str:
    """The session of the first demo booking whose lesson is not over, else of a new one."""
    number = 1
    while True:
        classroom = (await push(_booking(number)))["classroom"]
        if classroom["status"] in _OPEN:
            return str(classroom["session_id"])
        number += 1


def _booking(number: int) -> dict[str, Any]:
    start = datetime.now(UTC)
    return {
        "id": f"{_BOOKING}-{number}",
        "tutor": TUTOR,
        "student": STUDENT,
        "start": start.isoformat(),
        "end": (start + timedelta(hours=1)).isoformat(),
        "subject": "A first lesson",
        "status": "confirmed",
    }
