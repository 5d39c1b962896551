"""One call of a command: who, on what, with which values."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from handlers.services import Services
from schemas.classroom_token import ClassroomTokens
from schemas.errors import FORBIDDEN, Refused
from schemas.ids import UserId
from schemas.permissions import as_object
from schemas.times import rfc3339
from store.actor import Actor


@dataclass(frozen=True, slots=True)
class Call:
    """`path` holds the parts of the URL, `body` and `query` what their schemas loaded; `operation` names an
    idempotent request, None when the client named none.
    """

    services: Services
    actor: Actor
    path: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    operation: str | None = None
    connection_id: str = ""
    """The socket it came on; empty over REST."""

    @property
    def uuid(self) -> str:
        """The session called upon."""
        return self.path["uuid"].lower()

    def need_service(self) -> None:
        """Refuses everybody but the platform itself."""
        if not self.actor.service:
            raise Refused(FORBIDDEN, "Only the platform itself may do this.")


@dataclass(frozen=True, slots=True)
class Created:
    """An answer with the status 201, where the route's own is 200."""

    value: Any


@dataclass(frozen=True, slots=True)
class File:
    """An answer that is a file to save."""

    name: str
    content_type: str
    content: bytes


Command = Callable[[Call], Awaitable[Any]]


def issue_token(
    tokens: ClassroomTokens,
    *,
    uuid: str,
    user_id: UserId,
    role: str,
    bits: int,
    generation: int,
    scheduled_end: int | None,
) -> dict[str, Any]:
    """`{token, expires_at}` for a participant as the store knows them; `scheduled_end` is in ms."""
    end = None if scheduled_end is None else scheduled_end / 1000
    token, expires = tokens.issue(uuid, user_id, role, as_object(bits), generation, end, time.time())
    return {"token": token, "expires_at": rfc3339(expires * 1000)}


def utc_now() -> str:
    """The present time as the contract writes it."""
    return rfc3339(int(datetime.now(UTC).timestamp() * 1000))
