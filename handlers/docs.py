"""The API description for programs (`/openapi.json`) and for people (`/docs/`).

The page is Swagger UI from the files of an installed package, started by a script of its own, so that it works without
any other host and under a policy that allows none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from handlers.base import Base
from handlers.commands import board, bookings, sessions
from handlers.commands.call import Command
from handlers.rest import Route
from handlers.routes import AREAS
from handlers.services import Services
from handlers.static import REVALIDATE, StaticFile
from schemas.errors import BOOKING_CANCELLED, NOT_FOUND, RATE_LIMITED, STALE_VERSION, Error
from schemas.jsonio import dumps
from schemas.openapi import Operation, describe

ASSETS = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

ALSO_REFUSED: Mapping[Command, tuple[Error, ...]] = {
    sessions.create: (NOT_FOUND, BOOKING_CANCELLED),
    bookings.push: (STALE_VERSION,),
    bookings.classroom: (BOOKING_CANCELLED,),
    board.export: (RATE_LIMITED,),
}
"""What a command can be refused for that neither its method nor its path tells."""

ALSO_ANSWERED: Mapping[Command, tuple[int, ...]] = {bookings.push: (201,)}
"""The statuses of commands that may answer `Created`."""

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Lessonroom: the API</title>
<link rel="icon" href="assets/favicon-32x32.png">
<link rel="stylesheet" href="assets/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<noscript>This page needs JavaScript. <a href="../openapi.json">openapi.json</a> has the same content.</noscript>
<script src="assets/swagger-ui-bundle.js"></script>
<script src="start.js"></script>
</body>
</html>
"""
_START = """SwaggerUIBundle({
  url: "../openapi.json",
  dom_id: "#api",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
});
"""


def operations() -> Iterator[Operation]:
    """The route table, as the description needs it."""
    for area, routes in AREAS.items():
        for route in routes:
            yield _operation(f"/api/v1/{area}/", area, route)


def _operation(base: str, area: str, route: Route) -> Operation:
    return Operation(
        method=route.method,
        path=base + route.path,
        tag=area,
        summary=route.summary,
        description=" ".join((route.command.__doc__ or "").split()),
        answer=route.answer,
        body=route.described_body or route.body,
        query=route.query,
        statuses=(route.status, *ALSO_ANSWERED.get(route.command, ())),
        many=route.many,
        aliases=tuple(base + path for path in route.aliases),
        refused=ALSO_REFUSED.get(route.command, ()),
    )


class Description:
    """The document of one server: made when it is first asked for, and then kept."""

    @cached_property
    def text(self) -> str:
        """The document as JSON."""
        return dumps(describe(operations()))


class OpenApi(Base):
    """The description for programs. Tornado gives it an ETag."""

    allowed_methods = ("GET", "HEAD")

    def initialize(self, services: Services, description: Description | None = None) -> None:
        """`description` is the server's."""
        super().initialize(services)
        self.description = description or Description()

    def get(self) -> None:
        """Answers."""
        self.allow_origin()
        self.set_header("Cache-Control", REVALIDATE)
        self.set_header("Content-Type", "application/json")
        self.finish(self.description.text)

    head = get


class Page(Base):
    """One of the two texts that the description for people is made of."""

    allowed_methods = ("GET", "HEAD")

    def initialize(self, services: Services, text: str = "", media_type: str = "") -> None:
        """What to answer."""
        super().initialize(services)
        self.text, self.media_type = text, media_type

    def get(self) -> None:
        """Answers."""
        self.set_header("Cache-Control", REVALIDATE)
        self.set_header("Content-Type", f"{self.media_type}; charset=utf-8")
        self.set_header("Content-Security-Policy", POLICY)
        self.set_header("Referrer-Policy", "no-referrer")
        self.finish(self.text)

    head = get


class ToPage(Base):
    """The page's address without its last slash: what it loads is named relative to the slash."""

    allowed_methods = ("GET", "HEAD")

    def get(self) -> None:
        """Redirects."""
        self.redirect("docs/")

    head = get


def specs(services: Services) -> list[Any]:
    """Tornado's routing for this module."""
    own = {"services": services}
    names = "|".join(name.replace(".", r"\.") for name in ASSETS)
    return [
        (r"/openapi\.json", OpenApi, {**own, "description": Description()}),
        (r"/docs", ToPage, own),
        (r"/docs/", Page, {**own, "text": _PAGE, "media_type": "text/html"}),
        (r"/docs/start\.js", Page, {**own, "text": _START, "media_type": "text/javascript"}),
        (rf"/docs/assets/({names})", StaticFile, {**own, "path": str(assets_folder())}),
    ]


def assets_folder() -> Path:
    """Where the package keeps Swagger UI; its code, which is for other ways of serving it, is not run."""
    found = find_spec("swagger_ui")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("swagger-ui-py, one of requirements.in, is not installed")
    return Path(found.origin).parent / "static"
