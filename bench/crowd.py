"""The load generator: many raw sockets under one epoll, in a process of its own. It is not the bottleneck: reading
and checking a message takes it a fifth of what a plain server takes to send one.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import TypeVar

from bench.peers import HttpPeer, Peer, WebSocketPeer, upgrade

EVENTS_A_POLL = 1024
PATIENCE_SECONDS = 60.0
IP_BIND_ADDRESS_NO_PORT = 24  # of linux/in.h; the socket module names it from Python 3.12 on
SOCKETS_AN_ADDRESS = 20_000
_ALWAYS = -1.0
P = TypeVar("P", bound=Peer)


class Ticker:
    """Calls `act(number)` so many times, at a fixed rate; late calls are made up for at once."""

    def __init__(self, act: Callable[[int], None], times: int, per_second: float) -> None:
        self._act = act
        self._times = times
        self._pause = 1 / per_second if per_second else 0.0
        self._next = time.perf_counter()
        self._done = 0

    def fire(self) -> float:
        """Makes the calls that are due; the seconds until the next one (negative: none is left)."""
        now = time.perf_counter()
        while self._done < self._times:
            if self._next > now:
                return self._next - now
            self._act(self._done)
            self._done += 1
            self._next += self._pause
        return _ALWAYS


class Crowd:
    """All clients of one workload."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._peers: dict[int, Peer] = {}

    def open(
        self, port: int, paths: Sequence[str], listen: Callable[[WebSocketPeer], None], at_once: int
    ) -> list[WebSocketPeer]:
        """Sockets that got their welcome, in the order of `paths`; so many handshakes at a time."""
        opened: list[WebSocketPeer] = []
        greeted = 0

        def on_welcome(peer: WebSocketPeer) -> None:
            nonlocal greeted
            greeted += 1
            listen(peer)

        for number, path in enumerate(paths):
            self.run(lambda: len(opened) - greeted < at_once)
            opened.append(peer := self.start_open(port, path, number))
            peer.listen = on_welcome
        self.run(lambda: greeted == len(paths))
        return opened

    def start_open(self, port: int, path: str, number: int = 0) -> WebSocketPeer:
        """A socket whose handshake is under way."""
        return self._add(WebSocketPeer(socket.socket(), upgrade(path)), port, number)

    def connect(self, port: int, count: int) -> list[HttpPeer]:
        """Keep-alive HTTP connections."""
        made = [self._add(HttpPeer(socket.socket()), port, number) for number in range(count)]
        self.run(lambda: all(peer.is_connected for peer in made))
        return made

    def run(
        self, done: Callable[[], bool], ticker: Ticker | None = None, seconds: float = PATIENCE_SECONDS
    ) -> None:
        """Reads, and lets the ticker tick, until `done`; TimeoutError when that takes too long."""
        deadline = time.monotonic() + seconds
        until_tick = _ALWAYS
        while True:
            if ticker is not None:
                until_tick = ticker.fire()
            if done():
                return
            left = deadline - time.monotonic()
            if left < 0:
                raise TimeoutError("what a benchmark waits for does not come")
            self._poll(left if until_tick < 0 else min(left, until_tick))

    def settle(self, seconds: float) -> None:
        """Returns once nothing has come for that long."""
        while self._poll(seconds):
            pass

    def drop(self, peers: Iterable[Peer]) -> None:
        """Closes these connections."""
        for peer in peers:
            if self._peers.pop(peer.sock.fileno(), None) is not None:
                peer.sock.close()

    def close(self) -> None:
        """Closes everything."""
        self.drop(list(self._peers.values()))
        self._epoll.close()

    def _poll(self, seconds: float) -> int:
        ready = self._epoll.poll(seconds, EVENTS_A_POLL)
        peers = self._peers
        for number, event in ready:
            peer = peers.get(number)
            if peer is None:
                continue
            if event & select.EPOLLOUT:
                peer.connected()
                self._epoll.modify(number, select.EPOLLIN)
            else:
                peer.received()
        return len(ready)

    def _add(self, peer: P, port: int, number: int) -> P:
        peer.sock.setblocking(False)
        peer.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with suppress(
            OSError
        ):  # Linux: a port is chosen by the whole connection, so that ten thousand find one
            peer.sock.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
        peer.sock.bind((f"127.0.0.{1 + number // SOCKETS_AN_ADDRESS}", 0))
        with suppress(BlockingIOError):
            peer.sock.connect(("127.0.0.1", port))
        self._peers[peer.sock.fileno()] = peer
        self._epoll.register(peer.sock, select.EPOLLIN | select.EPOLLOUT)
        return peer
