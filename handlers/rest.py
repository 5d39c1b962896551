"""One REST request, from the socket to its command and back: who, what, how often, and the answer in its
schema's shape.

What a route is, `routes.py` says; what its command does, `commands/`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, ValidationError
from tornado.http1connection import HTTP1Connection
from tornado.web import stream_request_body

from handlers.auth import bearer_token
from handlers.base import Base
from handlers.commands.call import Call, Command, Created, File
from handlers.services import Services
from schemas.errors import (
    BAD_REQUEST,
    METHOD_NOT_ALLOWED,
    RATE_LIMITED,
    STORE_UNAVAILABLE,
    TOO_LARGE,
    UNAUTHORIZED,
    UNSUPPORTED_MEDIA_TYPE,
    VALIDATION_FAILED,
    Refused,
)
from schemas.fields import field_errors
from schemas.ids import as_user_id
from schemas.jsonio import MalformedJson, loads
from schemas.rest import EmptyIn, EmptyQuery
from store import keys
from store.actor import Actor

MAX_BODY_BYTES = 65_536
DISCARDED_BYTES = 64 << 20
"""So much of a body that is too large is read all the same, before it is answered: who is still sending when the connection
ends does not read the answer.
"""
QUIET_SECONDS = 1.0
"""Somebody who is refused and still sending is answered at the end of their body, or when nothing has come for so long."""
MAX_DIGITS = 18
MAX_IDEMPOTENCY_KEY = 255
ACT_FOR = "user_id"
"""The query parameter with which the platform acts for somebody."""


@dataclass(frozen=True, slots=True)
class Route:
    """A row of the route table. `path` is below its area's base."""

    method: str
    path: str
    command: Command
    summary: str
    answer: type[Schema]
    body: type[Schema] = EmptyIn
    query: type[Schema] = EmptyQuery
    status: int = 200
    many: bool = False
    aliases: tuple[str, ...] = ()
    takes_board: bool = False
    """Whether the body may be as large as a board (`limits.state_bytes`)."""
    described_body: type[Schema] | None = None
    """What the API description shows as the body, where `body` is not all that is checked."""


@stream_request_body
class RestHandler(Base):
    """Serves the routes of one path."""

    def initialize(self, services: Services, routes: Mapping[str, Route] | None = None) -> None:
        """`routes` by method."""
        super().initialize(services)
        self.routes = routes or {}
        self.allowed_methods = tuple(self.routes)
        self._body = bytearray()
        self._body_limit = 0
        self._body_is_read = False
        self._is_too_large = False
        self._refused: Refused | None = None
        self._quiet: asyncio.TimerHandle | None = None

    async def prepare(self) -> None:
        """Everything that can be refused without the body is, before it is looked at."""
        if self.request.method == "OPTIONS":
            return
        route = self.routes.get(self.request.method or "")
        self._limit_body(
            self.services.config.limits.state_bytes if route and route.takes_board else MAX_BODY_BYTES
        )
        try:
            await self._admit(route)
        except Refused as refused:
            if not self._is_body_coming():
                raise
            self._refused = refused
            self._wait_for_body()

    async def _admit(self, route: Route | None) -> None:
        if route is None:
            raise Refused(METHOD_NOT_ALLOWED)
        self.route = route
        self.allow_origin()  # another origin's page gets its answer without the headers: its browser keeps it from it
        self.actor = await self._authenticate()
        if route.method == "POST" and not self.actor.service:
            await self._count_write(self.actor.key)

    def data_received(self, chunk: bytes) -> None:
        """Collects the body; when it is too large it is thrown away, and that is the answer at its end. The same when the
        request is refused already.
        """
        if self._refused is not None:
            self._wait_for_body()
        elif self._is_too_large or len(self._body) + len(chunk) > self._body_limit:
            self._is_too_large = True
            self._body.clear()
        else:
            self._body += chunk

    def on_finish(self) -> None:
        """It is answered."""
        self._stop_waiting()

    def on_connection_close(self) -> None:
        """The client is gone."""
        self._stop_waiting()
        super().on_connection_close()

    async def get(self, **path: str) -> None:
        """Answers."""
        await self._serve(path)

    async def post(self, **path: str) -> None:
        """Answers."""
        await self._serve(path)

    async def _serve(self, path: dict[str, str]) -> None:
        self._body_is_read = True
        if self._refused is not None:
            raise self._refused
        route = self.route
        if self._is_too_large:
            raise Refused(TOO_LARGE, f"The body is larger than {self._body_limit} bytes.")
        call = Call(
            services=self.services,
            actor=self.actor,
            path=path,
            query=_load(route.query(), self._query()),
            body=_load(route.body(), self._json_body()),
            operation=self._operation(path),
        )
        value = await route.command(call)
        status = route.status
        if isinstance(value, Created):
            value, status = value.value, 201
        if isinstance(value, File):
            self.finish_file(value)
            return
        self.finish_json(route.answer(many=route.many).dump(value), status)

    def finish_problem(self, refused: Refused) -> None:
        """Answers a refusal as problem+json; before the body was read, Tornado ends the connection after it."""
        if not self._body_is_read:
            self.set_header("Connection", "close")
        super().finish_problem(refused)

    def finish_file(self, file: File) -> None:
        """Answers a download."""
        self.set_header("Content-Type", file.content_type)
        self.set_header("Content-Disposition", f'attachment; filename="{file.name}"')
        self.set_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
        self.finish(file.content)

    def _limit_body(self, limit_bytes: int) -> None:
        assert isinstance(self.request.connection, HTTP1Connection)
        self.request.connection.set_max_body_size(DISCARDED_BYTES)
        self._body_limit = limit_bytes
        self._is_too_large = self._told_bytes() > limit_bytes

    def _told_bytes(self) -> int:
        length = self.request.headers.get("Content-Length", "0")
        return int(length[:MAX_DIGITS]) if length.isdecimal() else 0

    def _is_body_coming(self) -> bool:
        """Whether a client may be sending a body by now, and reads no answer before its end."""
        headers = self.request.headers
        sends = "Transfer-Encoding" in headers or 0 < self._told_bytes() <= DISCARDED_BYTES
        return sends and "Expect" not in headers

    def _wait_for_body(self) -> None:
        self._stop_waiting()
        self._quiet = asyncio.get_running_loop().call_later(QUIET_SECONDS, self._answer_before_body)

    def _stop_waiting(self) -> None:
        if self._quiet is not None:
            self._quiet.cancel()

    def _answer_before_body(self) -> None:
        assert self._refused is not None
        self.finish_problem(self._refused)

    async def _authenticate(self) -> Actor:
        token = bearer_token(self.request.headers.get("Authorization"))
        if token is None:
            raise Refused(UNAUTHORIZED)
        person = await self.services.auth.verify(token)
        actor = Actor(person.user_id, person.name, person.avatar, service=person.service)
        self.user_key = actor.key
        return self._acting_for(actor)

    async def _count_write(self, user_key: str) -> None:
        """`Refused(RATE_LIMITED)` when it is one too many, on this instance or on all together."""
        now = time.monotonic()
        limit = self.services.writes.of(user_key, now)
        if not limit.allows(now):
            raise Refused(RATE_LIMITED, retry_after_seconds=limit.wait_seconds(now))
        share_ms = limit.share_ms()
        assert share_ms is not None, "writes are counted one by one"
        try:
            await self.services.requests.count_write(user_key, share_ms)
        except Refused as refused:
            if refused.error is RATE_LIMITED:
                limit.bar(now + (refused.wait_seconds or 0))
            if refused.error is not STORE_UNAVAILABLE:  # without the store this instance's own limit holds
                raise

    def _acting_for(self, actor: Actor) -> Actor:
        named = self.get_query_arguments(ACT_FOR)
        if not named or not actor.service:
            return actor
        user_id = as_user_id(named[0])
        if len(named) > 1 or user_id is None:
            raise Refused(VALIDATION_FAILED, fields={ACT_FOR: ["This is not a user id."]})
        return Actor(user_id, service=True)

    def _query(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, values in self.request.query_arguments.items():
            if name == ACT_FOR and self.actor.service:
                continue
            if len(values) > 1:
                raise Refused(VALIDATION_FAILED, fields={name: ["This is given more than once."]})
            found[name] = self.decode_argument(values[0], name)
        return found

    def _json_body(self) -> Any:
        if self.request.method == "GET" or not self._body:
            return {}
        media_type = (
            self.request.headers.get("Content-Type", "application/json").partition(";")[0].strip().lower()
        )
        if media_type != "application/json":
            raise Refused(UNSUPPORTED_MEDIA_TYPE)
        try:
            body = loads(bytes(self._body))
        except MalformedJson as problem:
            raise Refused(BAD_REQUEST, f"The body is not JSON: {problem}.") from None
        if not isinstance(body, dict):
            raise Refused(BAD_REQUEST, "The body must be a JSON object.")
        return body

    def _operation(self, path: Mapping[str, str]) -> str | None:
        given = self.request.headers.get("Idempotency-Key")
        if given is None or self.route.method != "POST":
            return None
        if not 0 < len(given) <= MAX_IDEMPOTENCY_KEY:
            raise Refused(BAD_REQUEST, f"An Idempotency-Key has 1 to {MAX_IDEMPOTENCY_KEY} characters.")
        known = {name: part.lower() if name == "uuid" else part for name, part in path.items()}
        return keys.operation(self.actor.key, self.route.path.format_map(known), given)


def _load(schema: Schema, data: Any) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = schema.load(data)
    except ValidationError as problem:
        raise Refused(VALIDATION_FAILED, fields=field_errors(problem.messages)) from None
    return loaded
