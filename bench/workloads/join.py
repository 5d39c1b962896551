"""Join: people join over REST, connect, and are welcomed. The cost of one of them, with all that the others are told."""

from __future__ import annotations

import json

from bench.crowd import Crowd
from bench.peers import HttpPeer, WebSocketPeer, post
from bench.rooms import Room, Seat
from bench.stage import AnyTarget, Figures, Spent, Stage
from bench.targets import BARE, LESSONROOM, TORNADO, BareSend

CONNECTIONS = 20
MEMBERS = 4
MILLISECONDS = 1000


def run(stage: Stage) -> None:
    """The targets in turn, a new process for each run."""
    people = stage.sizes.joining_rooms * MEMBERS
    case = f"{people} people"
    for number in range(stage.runs):
        for name in (LESSONROOM, TORNADO, BARE):
            size = 0 if name == LESSONROOM else round(stage.median_bytes("join", case))
            with stage.target(name) as target:
                stage.record("join", case, name, number, _measured(stage, target, size))


class Arrivals:
    """People who come, so many at a time: the call, the socket with the token it answered, the welcome."""

    def __init__(self, target: AnyTarget, rooms: list[Room]) -> None:
        self.crowd = Crowd()
        self.welcomed = 0
        self.bytes = 0
        self._port = target.port
        self._waiting = [(room, seat) for room in rooms for seat in room.seats][::-1]
        self._busy: dict[HttpPeer, tuple[Room, Seat]] = {}
        self._peers = self.crowd.connect(target.port, CONNECTIONS)
        for peer in self._peers:
            peer.on_body = self._has_token

    def begin(self) -> None:
        """The first ones come."""
        for peer in self._peers:
            self._next(peer)

    def _next(self, peer: HttpPeer) -> None:
        if self._waiting:
            room, seat = self._busy[peer] = self._waiting.pop()
            peer.send(post(f"{room.calls}/join/", seat.platform_token))

    def _has_token(self, peer: HttpPeer, body: bytes) -> None:
        _, seat = self._busy[peer]
        path = seat.path.partition("?")[0] + "?token=" + json.loads(body)["token"]
        socket: WebSocketPeer = self.crowd.start_open(self._port, path)

        def greeted(text: bytes) -> None:
            self.bytes += len(text)
            if socket.welcome is None and b'"welcome"' in text[:400]:
                socket.welcome = text
                self.welcomed += 1
                self._next(peer)

        socket.on_text = greeted


def _measured(stage: Stage, target: AnyTarget, bare_bytes: int) -> Figures:
    rooms = target.rooms(stage.sizes.joining_rooms, MEMBERS)
    people = len(rooms) * MEMBERS
    if isinstance(target, BareSend):
        return _bare(stage, target, rooms, bare_bytes)
    arrivals = Arrivals(target, rooms)
    with Spent(target.pid, stage.store.pid) as spent:
        arrivals.begin()
        arrivals.crowd.run(lambda: arrivals.welcomed == people)
        arrivals.crowd.settle(stage.sizes.quiet_seconds)
    arrivals.crowd.close()
    return {
        "server_ms": spent.server / people * MILLISECONDS,
        "store_ms": spent.store / people * MILLISECONDS,
        "bytes": arrivals.bytes / people,
    }


def _bare(stage: Stage, target: BareSend, rooms: list[Room], size: int) -> Figures:
    """Everybody gets as many bytes as a newcomer gets, and nothing is asked."""
    crowd = Crowd()
    paths = [seat.path for room in rooms for seat in room.seats]
    with Spent(target.pid, stage.store.pid) as spent:
        crowd.open(target.port, paths, lambda _peer: None, CONNECTIONS)
        target.play(rooms, size, len(rooms), 0)
        target.played()
    crowd.close()
    return {"server_ms": spent.server / len(paths) * MILLISECONDS}
