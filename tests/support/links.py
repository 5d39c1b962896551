"""A TCP proxy between an instance and its Redis: it delays, cuts, half-closes and loses replies, when told to."""

from __future__ import annotations

import asyncio
import contextlib

from tests.support.apart import Apart

CHUNK_BYTES = 65_536


class _Pair:
    """One connection of the instance, and its own to Redis."""

    def __init__(self, near: asyncio.StreamWriter, far: asyncio.StreamWriter) -> None:
        self.near = near
        self.far = far
        self.lost_replies = False

    def abort(self) -> None:
        """Both ends, at once."""
        self.near.transport.abort()
        self.far.transport.abort()


class Link:
    """The way from one instance to the Redis at the unix socket `target`. `delay_seconds` and `loses_replies` hold for
    what is read while they are set. Like a network, it delivers what was sent before its sender went away; `under_way`
    is how many pieces are.
    """

    def __init__(self, target: str) -> None:
        self.port = 0
        self.delay_seconds = 0.0
        self.loses_replies = False
        self.under_way = 0
        self._target = target
        self._pairs: set[_Pair] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listens on a port of its own."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Ends everything."""
        assert self._server is not None
        self._server.close()
        self.cut()
        while self._pairs:  # noqa: ASYNC110 - asked at the end only
            await asyncio.sleep(0.005)

    def cut(self) -> None:
        """Every connection is gone, for both ends."""
        for pair in self._pairs:
            pair.abort()

    def half_close(self) -> None:
        """The instance is told that nothing more comes; what it still sends arrives."""
        for pair in self._pairs:
            with contextlib.suppress(OSError, RuntimeError):
                pair.near.write_eof()

    def find_replies(self) -> None:
        """Replies arrive again, on new connections; those that lost one are gone."""
        self.loses_replies = False
        for pair in self._pairs:
            if pair.lost_replies:
                pair.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_unix_connection(self._target)
        except OSError:
            writer.transport.abort()
            return
        pair = _Pair(writer, far_writer)
        self._pairs.add(pair)
        try:
            await asyncio.gather(
                self._carry(pair, reader, far_writer, replies=False),
                self._carry(pair, far_reader, writer, replies=True),
            )
        finally:
            self._pairs.discard(pair)
            pair.abort()

    async def _carry(
        self, pair: _Pair, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, replies: bool
    ) -> None:
        """Until its sender ends, and then it ends the other side too."""
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        delivery = asyncio.create_task(self._deliver(under_way, writer))
        loop = asyncio.get_running_loop()
        data = b"?"
        while data:
            with contextlib.suppress(OSError):
                data = await reader.read(CHUNK_BYTES)
                if replies and self.loses_replies and data:
                    pair.lost_replies = True
                    continue
                self.under_way += 1
                under_way.put_nowait((loop.time() + self.delay_seconds, data))
                continue
            data = b""
            self.under_way += 1
            under_way.put_nowait((loop.time(), data))
        await delivery

    async def _deliver(
        self, under_way: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter
    ) -> None:
        loop = asyncio.get_running_loop()
        data = b"?"
        while data:
            due, data = await under_way.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            with contextlib.suppress(
                OSError, RuntimeError
            ):  # the latter after `half_close`: nothing more goes there
                if not data:
                    writer.write_eof()
                elif not writer.transport.is_closing():
                    writer.write(data)
                    await writer.drain()
            self.under_way -= 1


class Links:
    """The links of all instances, in an event loop of their own, so that they outlive the loop of one test."""

    def __init__(self, target: str, count: int) -> None:
        self.links = [Link(target) for _ in range(count)]
        self._apart = Apart("links")

    def start(self) -> None:
        """Returns once all have their ports; blocks."""
        for link in self.links:
            self._apart.run(link.start())

    def close(self) -> None:
        """Ends everything; blocks."""
        for link in self.links:
            self._apart.run(link.stop())
        self._apart.close()

    def tell(self, number: int, what: str) -> None:
        """Has a link `cut`, `half_close` or `find_replies`."""
        self._apart.tell(getattr(self.links[number], what))
