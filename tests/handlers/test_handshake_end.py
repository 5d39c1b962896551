import asyncio
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine
from tornado.ioloop import IOLoop
from tornado.iostream import IOStream
from tornado.web import Application, RequestHandler

from handlers.handshake_end import forget_handshake

TOKEN = "eyJ.secret.token"
MEBIBYTE = 1 << 20


class Connection:
    """Enough of Tornado's for a request to be made."""

    def set_close_callback(self, callback: object) -> None:
        """Nobody calls it."""


@pytest.fixture
def streams(io_loop: IOLoop) -> Iterator[tuple[IOStream, socket.socket]]:
    """A stream and the other end of it."""
    ours, client = socket.socketpair()
    client.setblocking(False)

    async def make() -> IOStream:
        return IOStream(ours)

    stream = io_loop.run_sync(make)
    yield stream, client
    stream.close()
    client.close()


def handler_of(address: str) -> RequestHandler:
    """A handler whose request was answered."""
    headers = HTTPHeaders({"Host": "h", "Sec-WebSocket-Protocol": f"access_token, {TOKEN}"})
    line = RequestStartLine("GET", address, "HTTP/1.1")
    connection: Any = Connection()
    request = HTTPServerRequest(headers=headers, connection=connection, start_line=line)
    handler = RequestHandler(Application(), request)
    handler.path_kwargs = {"uuid": "u"}
    return handler


async def test_nothing_of_the_token_is_kept(streams: tuple[IOStream, socket.socket]) -> None:
    """An open socket does not carry its token around, and knows where it is all the same."""
    handler = handler_of(f"/ws/?token={TOKEN}")
    headers = handler.request.headers
    forget_handshake(handler, streams[0])
    assert handler.request.path == "/ws/"
    kept = (handler.request.__dict__, headers.__dict__, handler.path_kwargs, handler._headers.__dict__)
    assert TOKEN not in repr(kept)


async def test_a_stream_still_writes_more_than_fits(streams: tuple[IOStream, socket.socket]) -> None:
    """What the kernel does not take at once follows, whole and in order."""
    stream, client = streams
    forget_handshake(handler_of("/ws/"), stream)
    pieces = [bytes([number]) * MEBIBYTE for number in range(4)]
    written = [stream.write(piece) for piece in pieces]
    received, loop = bytearray(), asyncio.get_running_loop()
    while len(received) < 4 * MEBIBYTE:
        received += await loop.sock_recv(client, MEBIBYTE)
    await asyncio.gather(*written)
    assert received == b"".join(pieces)
    assert not stream.writing()
