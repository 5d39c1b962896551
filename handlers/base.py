"""What every HTTP answer has in common: request id, CORS, problems for errors, one line in the log (contract
§1).
"""

from __future__ import annotations

import logging
import re
import uuid as uuids
from typing import Any
from urllib.parse import urlsplit

from tornado.httputil import HTTPServerRequest
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, RequestHandler

from handlers.proxies import client_address
from handlers.services import Services
from schemas.errors import (
    BAD_REQUEST,
    INTERNAL,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    SHUTTING_DOWN,
    TOO_LARGE,
    Error,
    Refused,
)
from schemas.jsonio import dumps

ALLOWED_HEADERS = "authorization, content-type, x-request-id, x-csrf-token, idempotency-key"
EXPOSED_HEADERS = "Retry-After, X-Request-ID"
PREFLIGHT_SECONDS = 600
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_BY_STATUS: dict[int, Error] = {404: NOT_FOUND, 405: METHOD_NOT_ALLOWED, 413: TOO_LARGE}

log = logging.getLogger("lessonroom.http")
access_log = logging.getLogger("lessonroom.access")


class Base(RequestHandler):
    """The base of all handlers; `services` is the running server's."""

    services: Services
    allowed_methods: tuple[str, ...] = ("GET",)
    user_key: str | None = None
    request_id = ""

    def initialize(self, services: Services) -> None:
        """Called by Tornado for every request."""
        self.services = services

    def set_default_headers(self) -> None:
        """Also called when an error replaces an answer that was begun."""
        if not self.request_id:
            given = self.request.headers.get("X-Request-ID", "")
            self.request_id = given if _REQUEST_ID.fullmatch(given) else uuids.uuid4().hex
        self.clear_header("Server")
        self.set_header("X-Request-ID", self.request_id)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-store")

    def allow_origin(self) -> bool:
        """Sets the CORS headers for the request's origin; whether it is allowed (none and our own are)."""
        origin = self.request.headers.get("Origin")
        self.set_header("Vary", "Origin")
        if origin is None or _host_of(origin) == self.request.host.lower():
            return True  # whatever the scheme: in front of us may be what ends TLS
        allowed = self.services.config.http.cors_origins
        if origin not in allowed and "*" not in allowed:
            return False
        self.set_header("Access-Control-Allow-Origin", origin)
        self.set_header("Access-Control-Allow-Credentials", "true")
        self.set_header("Access-Control-Expose-Headers", EXPOSED_HEADERS)
        return True

    def options(self, *_: str, **__: str) -> None:
        """A preflight."""
        if self.allow_origin() and self.request.headers.get("Origin"):
            self.set_header("Access-Control-Allow-Methods", ", ".join((*self.allowed_methods, "OPTIONS")))
            self.set_header("Access-Control-Allow-Headers", ALLOWED_HEADERS)
            self.set_header("Access-Control-Max-Age", str(PREFLIGHT_SECONDS))
        self.set_header("Allow", ", ".join((*self.allowed_methods, "OPTIONS")))
        self.set_status(204)
        self.finish()

    def finish_json(self, value: Any, status: int = 200) -> None:
        """Answers `value`."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.finish(dumps(value))

    def finish_problem(self, refused: Refused) -> None:
        """Answers a refusal as problem+json."""
        error = refused.error
        self.services.metrics.errors.labels(error.code).inc()
        self.allow_origin()
        self.set_status(error.http)
        self.set_header("Content-Type", "application/problem+json")
        if refused.retry_after_seconds is not None:
            self.set_header("Retry-After", str(refused.retry_after_seconds))
        if error.http == 401:
            self.set_header("WWW-Authenticate", "Bearer")
        if error is METHOD_NOT_ALLOWED:
            self.set_header("Allow", ", ".join((*self.allowed_methods, "OPTIONS")))
        problem = {
            "type": f"urn:lessonroom:problem:{error.code}",
            "title": error.title,
            "status": error.http,
            "detail": refused.detail,
            "code": error.code,
            "request_id": self.request_id,
            **({"errors": refused.fields} if refused.fields is not None else {}),
        }
        self.finish(dumps(problem))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Whatever Tornado or a bug raised, as a problem too."""
        raised = kwargs.get("exc_info", (None, None, None))[1]
        if isinstance(raised, Refused):
            self.finish_problem(raised)
            return
        if status_code >= 500 and raised is None:  # it was cancelled, since the instance ends
            self.finish_problem(Refused(SHUTTING_DOWN))
            return
        if status_code >= 500:
            log.error("request %s failed", self.request_id, exc_info=kwargs.get("exc_info"))
            self.finish_problem(Refused(INTERNAL, "Something went wrong on our side; it was logged."))
            return
        self.finish_problem(Refused(_BY_STATUS.get(status_code, BAD_REQUEST)))

    def log_exception(self, typ: Any, value: BaseException | None, tb: Any) -> None:
        """`write_error` logs what is worth it, with the request id; what a client did wrong is not."""
        if isinstance(value, (HTTPError, Refused)):
            log.debug("request %s is refused: %s", self.request_id, value)
        elif self._headers_written and not isinstance(value, StreamClosedError):  # too late for `write_error`
            log.error("request %s failed after its answer had begun", self.request_id, exc_info=value)


class NotFound(Base):
    """Every path that is none."""

    allowed_methods = ()

    def prepare(self) -> None:
        """Refuses."""
        raise Refused(NOT_FOUND, "There is nothing at this address.")


def _host_of(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc.lower() or None
    except ValueError:  # a bracket that is not closed
        return None


def log_request(handler: RequestHandler) -> None:
    """One line for each answer. The query is left out: it may hold a token."""
    request: HTTPServerRequest = handler.request
    seconds = request.request_time()
    status = handler.get_status()
    if not isinstance(handler, Base):
        access_log.info("%s %s %d", request.method, request.path, status)
        return
    method = request.method if request.method in ("GET", "POST", "OPTIONS", "HEAD") else "other"
    handler.services.metrics.requests.labels(method, str(status)).inc()
    if status != 101:
        handler.services.metrics.request_seconds.observe(seconds)
    client = client_address(
        request.remote_ip or "",
        request.headers.get("X-Forwarded-For", ""),
        handler.services.config.http.trusted_proxies,
    )
    details = {"request_id": handler.request_id, "user": handler.user_key, "client": client}
    access_log.info(
        "%s %s %d %.1f ms", request.method, request.path, status, seconds * 1000, extra={"details": details}
    )
