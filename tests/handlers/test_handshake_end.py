from typing import Any

from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine
from tornado.web import Application, RequestHandler

from handlers.handshake_end import forget_handshake

TOKEN = "eyJ.secret.token"


class Connection:
    """Enough of Tornado's for a request to be made."""

    def set_close_callback(self, callback: object) -> None:
        """Nobody calls it."""


def handler_of(address: str) -> RequestHandler:
    """A handler whose request was answered."""
    headers = HTTPHeaders({"Host": "h", "Sec-WebSocket-Protocol": f"access_token, {TOKEN}"})
    line = RequestStartLine("GET", address, "HTTP/1.1")
    connection: Any = Connection()
    request = HTTPServerRequest(headers=headers, connection=connection, start_line=line)
    handler = RequestHandler(Application(), request)
    handler.path_kwargs = {"uuid": "u"}
    return handler


def test_nothing_of_the_token_is_kept() -> None:
    """An open socket does not carry its token around, and knows where it is all the same."""
    handler = handler_of(f"/ws/?token={TOKEN}")
    headers = handler.request.headers
    forget_handshake(handler)
    assert handler.request.path == "/ws/"
    kept = (handler.request.__dict__, headers.__dict__, handler.path_kwargs, handler._headers.__dict__)
    assert TOKEN not in repr(kept)
