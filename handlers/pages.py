"""The lesson room page (`GET /`, `/classroom/<session>`) and the files it is made of, under `/web/`.

The page may load only what this server serves and talk to this server alone; nothing inline runs. In development it is
offered the demo people, so that a visitor can enter a lesson without a platform.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from handlers.base import Base
from handlers.commands import bookings
from handlers.commands.call import Call, Created
from handlers.demo_lesson import STUDENT, TUTOR, demo_session, token_of
from handlers.services import Services
from handlers.static import StaticFile
from store.actor import Actor

FOLDER = Path(__file__).resolve().parent.parent / "web"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "connect-src {connect}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
FEATURES = (
    "camera=(self), microphone=(self), display-capture=(self), fullscreen=(self), picture-in-picture=(self), "
    "geolocation=(), payment=(), usb=(), serial=(), hid=()"
)
_HOST = re.compile(r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?")
_FILES = r"/web/((?:(?:lib|room|strings|styles)/(?:[a-z0-9_]+/)*)?[a-z0-9_]+\.(?:js|css|svg))"
_PLATFORM = Actor(user_id="demo-platform", service=True)


def content_policy(host: str) -> str:
    """The policy for a page asked for at `host`; `'self'` alone does not cover sockets in every browser."""
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    return POLICY.format(connect=f"'self'{sockets}")


class WebFile(StaticFile):
    """A file of `web/`."""

    def compute_etag(self) -> str | None:
        """From time and size: Tornado's own is kept for the life of the process, whatever happens to the file."""
        assert self.absolute_path is not None, "Tornado has found the file before it asks"
        found = Path(self.absolute_path).stat()
        return f'"{found.st_mtime_ns:x}-{found.st_size:x}"'

    def get_content_type(self) -> str:
        """Texts are UTF-8; scripts are modules, which browsers load as nothing else."""
        kind = "text/javascript" if self.path.endswith(".js") else super().get_content_type()
        return f"{kind}; charset=utf-8"

    def set_extra_headers(self, path: str) -> None:
        """Called by Tornado after its own."""
        super().set_extra_headers(path)
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")


class Page(WebFile):
    """The page; which session it opens, it reads from its own address."""

    async def get(self, path: str = "", include_body: bool = True) -> None:
        """Answers."""
        await super().get("index.html", include_body)

    def set_extra_headers(self, path: str) -> None:
        """Called by Tornado after its own."""
        super().set_extra_headers(path)
        self.set_header("Content-Security-Policy", content_policy(self.request.host))
        self.set_header("Permissions-Policy", FEATURES)
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cross-Origin-Opener-Policy", "same-origin")


class Demo(Base):
    """`{session, people: [{name, role, token}]}`: a lesson to look around in, and who may enter it."""

    allowed_methods = ("POST",)

    async def post(self) -> None:
        """Answers; the lesson is made if there is none that goes on."""
        config = self.services.config

        async def push(booking: dict[str, Any]) -> Any:
            answer = await bookings.push(Call(self.services, _PLATFORM, body=booking))
            return answer.value if isinstance(answer, Created) else answer

        people = [
            {"name": person["name"], "role": role, "token": token_of(config, person)}
            for role, person in (("tutor", TUTOR), ("student", STUDENT))
        ]
        self.finish_json({"session": await demo_session(push), "people": people})


def specs(services: Services) -> list[Any]:
    """Tornado's routing for this module: nothing where the page is off."""
    config = services.config
    if not config.offers_page:
        return []
    own: dict[str, Any] = {"services": services}
    files = {**own, "path": str(FOLDER)}
    found: list[Any] = [
        (r"/()", Page, files),
        (r"/classroom(?:/([^/]+))?/?", Page, files),
        (_FILES, WebFile, files),
    ]
    if config.server.env == "development" and "HS256" in config.auth.algorithms:
        found.append((r"/demo/?", Demo, own))
    return found
