"""The end of a handshake. On a socket that opened, what it leaves behind and nobody asks for any more: 10 KiB each, for
hours. Where it was refused, the end of the connection.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from tornado.httputil import HTTPHeaders
from tornado.iostream import BaseIOStream, StreamClosedError
from tornado.web import RequestHandler

HANG_UP_SECONDS = 2.0
_NOTHING: dict[str, Any] = {}
_NO_HEADERS = HTTPHeaders()


def forget_handshake(handler: RequestHandler) -> None:
    """Lets go of the request's headers, arguments and address (which may hold the token), and of the answer's headers.

    To be called once the handshake was answered; what Tornado's handlers look at later is the path alone.
    """
    request: Any = handler.request
    request.uri, request.query = request.path, ""
    request.headers.__dict__.update(
        _NO_HEADERS.__dict__
    )  # its owner's frame holds it as long as the socket is open
    handler._headers = _NO_HEADERS
    request.arguments = request.query_arguments = request.body_arguments = request.files = _NOTHING
    request.connection = request.server_connection = None
    handler.path_kwargs = _NOTHING


async def hang_up(stream: BaseIOStream) -> None:
    """Closes the connection once all that was written to it has left, or some time later."""
    with contextlib.suppress(StreamClosedError, TimeoutError):
        async with asyncio.timeout(HANG_UP_SECONDS):
            await stream.write(b"")  # done when all before it is
    stream.close()
