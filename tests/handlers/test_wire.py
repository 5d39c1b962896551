import asyncio
import socket
import struct
from collections.abc import Iterator

import pytest
from tornado.ioloop import IOLoop
from tornado.iostream import IOStream

from handlers import outbox
from handlers.line import Line
from handlers.wire import Flusher, Way, Wire, text_frame
from tests.support.stores import eventually

LIMIT = 100_000


class Pair:
    """A wire and the other end of its connection, of small buffers."""

    def __init__(self) -> None:
        ours, self.client = socket.socketpair()
        for end in (ours, self.client):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
            end.setblocking(False)
        self.stream = Line(IOStream(ours))
        self.flusher = Flusher()
        self.too_slow = 0
        self.way: Way | None = None
        self.wire = Wire(self.stream, self.flusher, LIMIT, self._count, self._set_way)

    def _count(self) -> None:
        self.too_slow += 1

    @property
    def is_clear(self) -> bool:
        """Whether something may be sent past the wire."""
        return self.way is not None

    def _set_way(self, way: Way | None) -> None:
        self.way = way

    async def read(self, size: int) -> bytes:
        """So many bytes, as the client gets them."""
        loop, data = asyncio.get_running_loop(), b""
        async with asyncio.timeout(5):
            while len(data) < size:
                data += await loop.sock_recv(self.client, size - len(data))
        return data

    def close(self) -> None:
        """Both ends."""
        self.wire.close()
        self.stream.close()
        self.client.close()


@pytest.fixture
def pair(io_loop: IOLoop) -> Iterator[Pair]:
    """A wire with somebody at the other end."""

    async def make() -> Pair:
        return Pair()

    made = io_loop.run_sync(make)
    yield made
    made.close()


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 70_000])
def test_frames(size: int) -> None:
    """A frame says its length in the shortest way, as RFC 6455 wants it."""
    frame = text_frame(b"x" * size)
    assert frame[0] == 0x81
    length, header = frame[1], 2
    if length == 126:
        (length,), header = struct.unpack("!H", frame[2:4]), 4
        assert size >= 126
    elif length == 127:
        (length,), header = struct.unpack("!Q", frame[2:10]), 10
        assert size >= 65_536
    assert (length, len(frame)) == (size, header + size)


async def test_one_turn_is_one_write(pair: Pair) -> None:
    """What is sent in one turn of the loop arrives in order, and leaves at the turn's end."""
    for number in range(10):
        pair.wire.send(b"%d" % number)
    assert pair.wire.outbox.waiting == 10
    assert await pair.read(10) == b"0123456789"
    assert not pair.wire.outbox


async def test_a_client_that_pauses_gets_everything(pair: Pair) -> None:
    """What the kernel does not take at once follows whole and in order when the client reads on."""
    sent = b""
    for number in range(40):
        frame = (b"%02d" % number) * 1_000
        pair.wire.send(frame)
        sent += frame
        await asyncio.sleep(0)
    assert pair.wire.outbox.unread > 0
    assert await pair.read(len(sent)) == sent
    await eventually(lambda: pair.wire.outbox.unread == 0)
    assert pair.too_slow == 0


async def test_what_waits_goes_before_the_close(pair: Pair) -> None:
    """After `finish` whatever is written to the stream comes last: the close frame, after the messages."""
    for number in range(20):
        pair.wire.send((b"%02d" % number) * 1_000)
        if number == 9:
            await asyncio.sleep(0)
    pair.wire.finish()
    pair.stream.write(b"close")
    data = await pair.read(40_005)
    assert data == b"".join((b"%02d" % number) * 1_000 for number in range(20)) + b"close"


async def test_a_client_that_does_not_read(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who stays behind is found too slow, without anybody sending more; pointers are not kept for them."""
    monkeypatch.setattr(outbox, "PATIENCE_SECONDS", 0.5)
    pair.wire.send(b"x" * (3 * LIMIT))
    pair.wire.send(b"pointer", ephemeral=True)
    await asyncio.sleep(0)
    pair.wire.send(b"pointer", ephemeral=True)
    await eventually(lambda: pair.too_slow == 1)
    assert pair.wire.outbox.dropped >= 1


async def test_a_client_that_is_gone(pair: Pair) -> None:
    """Sending to a connection that broke is no error, and is forgotten."""
    pair.client.close()
    for _ in range(3):
        pair.wire.send(b"x" * 10)
        await asyncio.sleep(0)
    await eventually(pair.stream.closed)
    pair.wire.send(b"y")
    pair.wire.finish()


async def test_what_the_kernel_holds_is_unread_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that does not read is too slow when it left more than the limit unread, wherever that waits."""
    monkeypatch.setattr(outbox, "PATIENCE_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        client.connect(listening.getsockname())
        ours, _ = listening.accept()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * LIMIT)
        stream, slow = Line(IOStream(ours)), asyncio.Event()
        wire = Wire(stream, Flusher(), 2 * LIMIT, slow.set, lambda _: None)
        sent = 0
        while not wire.outbox.in_flight:
            wire.send(b"x" * 10_000)
            sent += 10_000
            await asyncio.sleep(0)
        wire.send(b"x" * LIMIT)
        await asyncio.sleep(0)
        assert wire.outbox.waiting + wire.outbox.in_flight < 2 * LIMIT < sent + LIMIT
        async with asyncio.timeout(5):
            await slow.wait()
        wire.close()
        stream.close()


async def test_a_client_that_vanishes_while_it_is_behind(pair: Pair) -> None:
    """What is sent to a socket that broke in the middle of a long message is lost with it, and raises nothing."""
    pair.wire.send(text_frame(b"x" * 4 * LIMIT))
    await eventually(lambda: pair.wire.outbox.in_flight > 0)
    pair.stream.close()
    pair.wire.flush()
    assert not pair.is_clear
    assert pair.too_slow == 0


async def test_what_the_direct_way_left(pair: Pair) -> None:
    """Whoever sends past the wire leaves the rest to it: that follows, and until it has left nothing else goes that way."""
    frames = b"x" * LIMIT
    assert pair.way is not None
    sent = pair.way(frames)
    assert sent < LIMIT
    pair.wire.send_rest(frames, sent)
    assert not pair.is_clear
    pair.wire.send(b"y")
    assert await pair.read(LIMIT + 1) == frames + b"y"
    await eventually(lambda: pair.is_clear)
    pair.wire.send_rest(b"z" * 10, 0)  # it had failed
    assert await pair.read(10) == b"z" * 10


async def test_nothing_is_sent_into_what_others_write(pair: Pair) -> None:
    """A ping or a close frame that the kernel has not taken whole is not torn by a message: that one comes after it."""
    control = b"c" * LIMIT
    pair.wire.wait_for(pair.stream.write(control), len(control))
    assert not pair.is_clear
    pair.wire.send(b"y" * 10)
    await asyncio.sleep(0)
    assert await pair.read(LIMIT + 10) == control + b"y" * 10
    await eventually(lambda: pair.is_clear)
    assert pair.way is not None
    assert pair.way(b"z") == 1
    assert await pair.read(1) == b"z"


async def test_a_closing_socket_gets_nothing_more(pair: Pair) -> None:
    """After the close frame nothing may come, even where the kernel would take it at once."""
    pair.wire.send(b"last")
    pair.wire.finish()
    pair.wire.close()
    pair.wire.flush()
    assert not pair.is_clear
    assert await pair.read(4) == b"last"


async def test_a_system_that_does_not_tell(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the kernel does not say what it holds, what waits here alone counts as unread."""
    monkeypatch.setattr(outbox, "PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr("handlers.wire.termios.TIOCOUTQ", 0xFFFF)
    pair.wire.send(b"x" * (3 * LIMIT))
    await eventually(lambda: pair.too_slow >= 1)
    assert pair.wire.outbox.in_kernel == 0
