"""The platform and its people, as far as REST goes: written against the contract alone."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import jwt
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.simple_httpclient import HTTPStreamClosedError, HTTPTimeoutError

from tests.support.process_instance import Instance

TIMEOUT_SECONDS = 10.0
UserId = int | str


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: status, JSON body, headers, and the monotonic times at which it was asked for and had."""

    status: int
    body: Any
    headers: dict[str, str]
    asked_at: float
    had_at: float

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.had_at - self.asked_at

    @property
    def code(self) -> str | None:
        """The stable code of a problem."""
        return self.body.get("code") if isinstance(self.body, dict) else None


def platform_token(secret: str, user_id: UserId, **claims: Any) -> str:
    """What the platform issues to `user_id`."""
    return jwt.encode(
        {"user_id": user_id, "exp": int(time.time()) + 3600, **claims}, secret, algorithm="HS256"
    )


class Caller:
    """Somebody with a platform token who calls the API."""

    def __init__(self, http: AsyncHTTPClient, secret: str, user_id: UserId, **claims: Any) -> None:
        self.user_id = user_id
        self.token = platform_token(secret, user_id, **claims)
        self._http = http

    async def call(
        self,
        instance: Instance,
        method: str,
        path: str,
        body: Any = None,
        **headers: str,
    ) -> Answer:
        """One call below `/api/v1/`; whatever is answered is returned."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = HTTPRequest(
            f"{instance.url}/api/v1/{path}",
            method=method,
            headers={"Authorization": f"Bearer {self.token}", **named},
            body=None if method == "GET" else b"" if body is None else json.dumps(body).encode(),
            request_timeout=TIMEOUT_SECONDS,
        )
        if body is not None:
            request.headers["Content-Type"] = "application/json"
        asked_at = time.monotonic()
        try:
            response = await self._http.fetch(request, raise_error=False)
        except (HTTPStreamClosedError, HTTPTimeoutError) as problem:
            raise ConnectionError(f"{method} {path}: {problem}") from None
        had_at = time.monotonic()
        text = response.body
        return Answer(
            response.code, json.loads(text) if text else None, dict(response.headers), asked_at, had_at
        )

    async def get(self, instance: Instance, path: str, **query: Any) -> Any:
        """The body of a GET that succeeds."""
        answer = await self.call(instance, "GET", path + (f"?{urlencode(query)}" if query else ""))
        assert answer.status == 200, (path, answer)
        return answer.body

    async def post(self, instance: Instance, path: str, body: Any = None, **headers: str) -> Any:
        """The body of a POST that succeeds."""
        answer = await self.call(instance, "POST", path, body, **headers)
        assert answer.status in (200, 201), (path, answer)
        return answer.body
