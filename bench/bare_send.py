"""The floor: a process that does nothing but `send` ready-made bytes to sockets, one call for each message and socket.

Prints its port. A line on standard input is `[rooms, size, times, per_second]` as JSON: so many messages of that size, the
rooms in turn, each message to every socket of its room, at that pace (0: at once); `done` is printed after it.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
from collections import defaultdict
from typing import Any

from bench.messages import floor_text
from handlers.wire import text_frame

BACKLOG = 4096
WELCOME = text_frame(b'{"type":"welcome"}')
ACCEPTED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"


class BareSend:
    """Sockets by room, and the loop over them."""

    def __init__(self) -> None:
        self.rooms: defaultdict[str, list[socket.socket]] = defaultdict(list)
        self._numbers: defaultdict[str, int] = defaultdict(int)

    def accept(self, listener: socket.socket) -> None:
        """Takes one socket into its room."""
        sock, _ = listener.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        request = sock.recv(4096)
        sock.sendall(ACCEPTED + WELCOME)
        self.rooms[request.split(b" ", 2)[1].decode().split("/")[2]].append(sock)

    def play(self, rooms: list[str], size: int, times: int, per_second: float) -> None:
        """Sends; the kernel's buffers may make a call wait, which costs no CPU."""
        due = time.perf_counter()
        for number in range(times):
            pause = due - time.perf_counter()
            if per_second and pause > 0:
                time.sleep(pause)
            due += 1 / per_second if per_second else 0
            name = rooms[number % len(rooms)]
            self._numbers[name] += 1
            frame = text_frame(floor_text(self._numbers[name], size))
            for sock in self.rooms[name]:
                sock.sendall(frame)


def main() -> None:
    """Runs until standard input ends."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)
    print(listener.getsockname()[1], flush=True)
    bare, selector = BareSend(), selectors.DefaultSelector()
    selector.register(listener, selectors.EVENT_READ)
    selector.register(sys.stdin, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            if key.fileobj is listener:
                bare.accept(listener)
                continue
            line = sys.stdin.readline()
            if not line:
                return
            play: list[Any] = json.loads(line)
            bare.play(*play)
            print("done", flush=True)


if __name__ == "__main__":
    main()
