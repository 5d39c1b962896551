"""Files as they are, with what all our answers have in common."""

from __future__ import annotations

from typing import Any

from tornado.web import StaticFileHandler

from handlers.base import Base
from handlers.services import Services

REVALIDATE = "no-cache"
"""May be kept, and is asked for with its ETag each time: a new version is seen at once, whole."""


class StaticFile(Base, StaticFileHandler):
    """A file of one folder. Which names may be asked for, the routing says."""

    allowed_methods = ("GET", "HEAD")

    def initialize(  # type: ignore[override]  # what Tornado hands over is named in the routing
        self, services: Services, path: str, **_: Any
    ) -> None:
        """`path` is the folder."""
        Base.initialize(self, services)
        StaticFileHandler.initialize(self, path)

    def set_extra_headers(self, path: str) -> None:
        """Called by Tornado after its own."""
        self.set_header("Cache-Control", REVALIDATE)
