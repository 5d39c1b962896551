"""Resume storm: an instance dies, all of its people come back to another one at once, and want what they missed."""

from __future__ import annotations

import time

from bench.crowd import Crowd
from bench.messages import Listener, Tally
from bench.seated import Seated
from bench.stage import AnyTarget, Figures, Spent, Stage
from bench.targets import LESSONROOM, TARGETS, TORNADO
from bench.workloads.join import MEMBERS, MILLISECONDS


def run(stage: Stage) -> None:
    """The servers in turn, new processes for each run."""
    case = f"{stage.sizes.storm_rooms * MEMBERS} sockets"
    for number in range(stage.runs):
        for name in (LESSONROOM, TORNADO):
            with stage.target(name) as haven:
                stage.record("storm", case, name, number, _measured(stage, haven))


def _measured(stage: Stage, haven: AnyTarget) -> Figures:
    dying = TARGETS[haven.name](stage.store)
    rooms = haven.rooms(stage.sizes.storm_rooms, MEMBERS)
    seated = Seated(stage, dying, rooms)
    for peers in seated.peers:
        for peer in peers:
            peer.may_end = True
    cursors = _cursors(seated)
    dying.kill()
    haven.publish(rooms, stage.sizes.storm_events)
    seated.crowd.close()
    comers = Comers(haven, cursors, stage.sizes.storm_events)
    began = time.perf_counter()
    with Spent(haven.pid, stage.store.pid) as spent:
        comers.come()
    seconds = time.perf_counter() - began
    comers.crowd.close()
    return {
        "seconds": seconds,
        "server_ms": spent.server / len(cursors) * MILLISECONDS,
        "store_ms": spent.store / len(cursors) * MILLISECONDS,
    }


def _cursors(seated: Seated) -> list[tuple[str, int]]:
    """The paths on which everybody comes back, and the last number they saw."""
    found = []
    for room, peers in zip(seated.rooms, seated.peers, strict=True):
        for seat, peer in zip(room.seats, peers, strict=True):
            assert peer.welcome is not None
            epoch = peer.welcome.partition(b'"epoch":"')[2].partition(b'"')[0].decode()
            last = seated.listeners[peer].last
            found.append((f"{seat.path}&since={last}&epoch={epoch}", last))
    return found


class Comers:
    """All of them, at once; back is who has the last event."""

    def __init__(self, haven: AnyTarget, cursors: list[tuple[str, int]], events: int) -> None:
        self.crowd = Crowd()
        self._haven = haven
        self._cursors = cursors
        self._events = events
        self._tally = Tally()
        self.back = 0

    def come(self) -> None:
        """Returns when everybody is back and has everything."""
        for number, (path, last) in enumerate(self._cursors):
            self._come(number, path, last)
        self.crowd.run(lambda: self.back == len(self._cursors))

    def _come(self, number: int, path: str, last: int) -> None:
        peer = self.crowd.start_open(self._haven.port, path, number)
        listener = Listener(self._tally, last)

        def on_text(text: bytes) -> None:
            if peer.welcome is None:
                assert b'"recovered":true' in text.replace(b" ", b""), text[:300]
                peer.welcome = text
                return
            before = listener.last
            listener.on_text(text)
            if before != listener.last == last + self._events:
                assert listener.faults == 0, "what was missed came out of order"
                self.back += 1

        peer.on_text = on_text
