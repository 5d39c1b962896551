"""An open socket's connection: what arrives is read whole and in order, and what is written leaves whole and in order."""

import asyncio
import socket
from collections.abc import Iterator

import pytest
from tornado.ioloop import IOLoop
from tornado.iostream import IOStream, StreamClosedError

from handlers.line import READ_BYTES, Line
from tests.support.stores import eventually

MEBIBYTE = 1 << 20


class Ends:
    """A line, and the client at its other end."""

    def __init__(self, early: bytes = b"") -> None:
        ours, self.client = socket.socketpair()
        self.client.setblocking(False)
        self.client.send(early) if early else None
        self.line = Line(IOStream(ours))

    async def receive(self, size: int) -> bytes:
        """So many bytes, as the client gets them."""
        loop, data = asyncio.get_running_loop(), bytearray()
        async with asyncio.timeout(5):
            while len(data) < size:
                data += await loop.sock_recv(self.client, MEBIBYTE)
        return bytes(data)

    async def give(self, data: bytes) -> None:
        """The client sends it all."""
        await asyncio.get_running_loop().sock_sendall(self.client, data)

    def close(self) -> None:
        """Both ends."""
        self.line.close()
        self.client.close()


@pytest.fixture
def ends(io_loop: IOLoop) -> Iterator[Ends]:
    """A line that is open."""

    async def make() -> Ends:
        return Ends()

    made = io_loop.run_sync(make)
    yield made
    made.close()


async def test_what_was_sent_with_the_handshake_is_not_lost() -> None:
    """A client that does not wait for the handshake's answer is heard all the same, first things first."""
    ends = Ends(b"early ")
    ends.client.send(b"late")
    data = await ends.line.read()
    while len(data) < 10:
        data += await ends.line.read()
    assert data == b"early late"
    ends.close()


async def test_what_arrives_is_read(ends: Ends) -> None:
    """One piece after the other, as it comes."""
    reading = asyncio.ensure_future(ends.line.read())
    await asyncio.sleep(0)
    assert not reading.done()
    await ends.give(b"one")
    assert await reading == b"one"
    await ends.give(b"two")
    assert await ends.line.read() == b"two"


async def test_a_large_message_is_read_whole(ends: Ends) -> None:
    """However it comes in."""
    sending = asyncio.create_task(ends.give(b"x" * (2 * MEBIBYTE)))
    assert len(await ends.line.read(2 * MEBIBYTE)) == 2 * MEBIBYTE
    await sending


async def test_nobody_sends_ahead(ends: Ends) -> None:
    """While a message is under way little is taken in: the rest waits in the kernel, and then with the client."""
    sending = asyncio.create_task(ends.give(b"x" * (4 * MEBIBYTE)))
    await asyncio.sleep(0.05)
    assert not sending.done()
    assert ends.line._size <= 2 * READ_BYTES
    taken = 0
    async with asyncio.timeout(5):
        while taken < 4 * MEBIBYTE:
            taken += len(await ends.line.read())
    await sending


async def test_the_last_words_are_heard(ends: Ends) -> None:
    """What came before the end of the connection is read; after that there is nothing, however often it is asked for."""
    await ends.give(b"bye")
    ends.client.shutdown(socket.SHUT_WR)
    await asyncio.sleep(0.01)
    assert await ends.line.read() == b"bye"
    for _ in range(2):
        with pytest.raises(StreamClosedError):
            await ends.line.read()
    assert ends.line.closed()


async def test_half_a_message_at_the_end(ends: Ends) -> None:
    """Who waits for more than will come is told."""
    reading = asyncio.ensure_future(ends.line.read(MEBIBYTE))
    await ends.give(b"half")
    ends.client.close()
    with pytest.raises(StreamClosedError):
        await reading


async def test_closing_wakes_who_reads(ends: Ends) -> None:
    """The reader of a line that is closed from here does not wait for ever."""
    reading = asyncio.ensure_future(ends.line.read())
    await asyncio.sleep(0)
    ends.line.close()
    with pytest.raises(StreamClosedError):
        await reading
    ends.line.close()


async def test_more_than_fits_is_written(ends: Ends) -> None:
    """What the kernel does not take at once follows, whole and in order; each piece is done when it has left."""
    pieces = [bytes([number]) * MEBIBYTE for number in range(4)]
    written = [ends.line.write(piece) for piece in pieces]
    assert not written[0].done()
    assert MEBIBYTE < ends.line.unsent <= 4 * MEBIBYTE
    assert await ends.receive(4 * MEBIBYTE) == b"".join(pieces)
    await asyncio.gather(*written)
    assert ends.line.unsent == 0
    assert ends.line.write(b"x").done()


async def test_what_could_not_be_written(ends: Ends) -> None:
    """When the connection ends, what still waits has failed, and nothing more can be written."""
    written = ends.line.write(b"x" * (4 * MEBIBYTE))
    ends.line.close()
    with pytest.raises(StreamClosedError):
        await written
    with pytest.raises(StreamClosedError):
        ends.line.write(b"y")


async def test_a_client_that_is_gone(ends: Ends) -> None:
    """Writing to a connection that broke closes it, and raises nothing."""
    ends.line.write(b"x" * (4 * MEBIBYTE))
    ends.client.close()
    await eventually(ends.line.closed)


async def test_a_connection_that_is_gone_already() -> None:
    """A client may vanish while its handshake is answered."""
    ours, client = socket.socketpair()
    stream = IOStream(ours)
    client.close()
    line = Line(stream)
    assert line.closed()
    with pytest.raises(StreamClosedError):
        await line.read()
