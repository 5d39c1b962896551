import asyncio
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine
from tornado.ioloop import IOLoop
from tornado.iostream import IOStream
from tornado.web import Application, RequestHandler

from handlers import handshake_end
from handlers.handshake_end import forget_handshake, hang_up
from tests.handlers.test_overload import draw, lesson

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


def test_nothing_of_the_token_is_kept() -> None:
    """An open socket does not carry its token around, and knows where it is all the same."""
    handler = handler_of(f"/ws/?token={TOKEN}")
    headers = handler.request.headers
    forget_handshake(handler)
    assert handler.request.path == "/ws/"
    kept = (handler.request.__dict__, headers.__dict__, handler.path_kwargs, handler._headers.__dict__)
    assert TOKEN not in repr(kept)
    assert not handler.path_kwargs
    assert not list(handler._headers.get_all())


async def test_an_open_socket_lets_go(redis_url: str) -> None:
    """That holds for every socket that was opened: neither its request nor its answer is kept, and the lesson goes on."""
    async with lesson(redis_url) as scene:
        (connection,) = (
            one for one in scene.server.services.hub.connections if one.user_key == str(scene.host.user_id)
        )
        handler: Any = connection.transport
        assert handler.request.uri == handler.request.path
        assert not list(handler.request.headers.get_all())
        assert not handler.request.arguments
        await draw(scene.host, "a")
        assert (await scene.host.socket.find_type("ack"))["version"] == 1


async def test_who_was_refused_reads_why(streams: tuple[IOStream, socket.socket]) -> None:
    """The answer leaves whole, however slowly it is taken; then the connection ends."""
    stream, client = streams
    stream.write(b"1" * 4 * MEBIBYTE)
    ending = asyncio.create_task(hang_up(stream))
    received, loop = 0, asyncio.get_running_loop()
    while piece := await loop.sock_recv(client, MEBIBYTE):
        received += len(piece)
    await ending
    assert received == 4 * MEBIBYTE


async def test_who_was_refused_and_does_not_read(
    streams: tuple[IOStream, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refused client that does not take its answer is not waited for."""
    monkeypatch.setattr(handshake_end, "HANG_UP_SECONDS", 0.05)
    stream = streams[0]
    stream.write(b"1" * 4 * MEBIBYTE)
    await hang_up(stream)
    assert stream.closed()
