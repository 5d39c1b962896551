"""People in their rooms, on open sockets, and what each of them receives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from bench.crowd import Crowd
from bench.messages import Listener, Tally
from bench.peers import WebSocketPeer
from bench.rooms import Room
from bench.stage import AnyTarget, Stage

AT_ONCE, FEW, MANY = 64, 8, 100
"""Handshakes under way at a time; fewer in large rooms, where each is told of everybody: how they fill is not measured."""


class Seated:
    """All members of `rooms`, connected."""

    def __init__(self, stage: Stage, target: AnyTarget, rooms: list[Room]) -> None:
        self.target = target
        self.rooms = rooms
        self.crowd = Crowd()
        self.tally = Tally()
        self.listeners: dict[WebSocketPeer, Listener] = {}
        paths = [seat.path for room in rooms for seat in room.seats]
        at_once = FEW if len(rooms[0].seats) > MANY else AT_ONCE
        opened = iter(self.crowd.open(target.port, paths, self._listen, at_once))
        self.peers = [[next(opened) for _ in room.seats] for room in rooms]
        self.crowd.settle(stage.sizes.quiet_seconds)
        for listener in self.listeners.values():
            listener.faults = 0  # the plain rival reads where it stands and greets in two steps

    @property
    def pairs(self) -> list[WebSocketPeer]:
        """All sockets, those of one room far from each other: who sends next."""
        most = max(len(peers) for peers in self.peers)
        return [peers[number] for number in range(most) for peers in self.peers if number < len(peers)]

    def check(self) -> None:
        """Everybody got what they got in order, each once."""
        faults = sum(listener.faults for listener in self.listeners.values())
        assert faults == 0, f"{self.target.name}: {faults} messages out of order"

    def _listen(self, peer: WebSocketPeer) -> None:
        assert peer.welcome is not None
        seq = peer.welcome.partition(b'"seq":')[2].partition(b",")[0]
        self.listeners[peer] = listener = Listener(self.tally, int(seq or 0))
        peer.on_text = listener.on_text


@contextmanager
def seated_everywhere(
    stage: Stage, names: tuple[str, ...], rooms: int, members: int, strokes: int = 0
) -> Iterator[list[Seated]]:
    """The same rooms, full of people and with so many strokes on their boards, at each of the targets."""
    with ExitStack() as stack:
        made: list[Seated] = []
        for name in names:
            target = stack.enter_context(stage.target(name))
            places = target.rooms(rooms, members)
            for room in places if strokes else ():
                target.draw(room, strokes)
            made.append(seated := Seated(stage, target, places))
            stack.callback(seated.crowd.close)
        yield made
