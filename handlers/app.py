"""The Tornado application: every address this server answers at."""

from __future__ import annotations

from typing import Any

from tornado.web import Application

from handlers import docs, pages
from handlers.base import NotFound, log_request
from handlers.connection import CHANNELS, Kind
from handlers.meta import Health, MetricsPage, Ready
from handlers.routes import url_specs
from handlers.services import Services
from handlers.socket import SocketHandler

_SOCKET = r"/ws/classroom/(?P<uuid>[^/]+)"
_PRESENCE = r"/ws/classroom/[^/]+/session/(?P<uuid>[^/]+)/?"


def make_app(services: Services) -> Application:
    """The application of one server. Nothing is kept on handler classes: several may run in one process."""
    own = {"services": services}
    sockets: list[Any] = [(_SOCKET + "/?", SocketHandler, {**own, "kind": Kind.FULL})]
    sockets += [(f"{_SOCKET}/{kind}/?", SocketHandler, {**own, "kind": kind}) for kind in sorted(CHANNELS)]
    sockets.append((_PRESENCE, SocketHandler, {**own, "kind": Kind.PRESENCE}))
    return Application(
        [
            (r"/healthz/?", Health, own),
            (r"/readyz/?", Ready, own),
            (r"/metrics/?", MetricsPage, own),
            *docs.specs(services),
            *pages.specs(services),
            *url_specs(services),
            *sockets,
        ],
        default_handler_class=NotFound,
        default_handler_args=own,
        log_function=log_request,
    )
