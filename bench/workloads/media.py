"""Media: people switch their cameras over REST, and everybody in their room is told. The cost of a POST."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

from bench.peers import HttpPeer, post
from bench.seated import Seated, seated_everywhere
from bench.stage import Figures, Spent, Stage
from bench.targets import BARE, LESSONROOM, TORNADO, BareSend
from bench.workloads.relay import MICROSECONDS

CONNECTIONS = 16


def run(stage: Stage) -> None:
    """The targets in turn."""
    rooms, members = stage.sizes.shapes[0]
    case = f"{rooms}×{members}"
    with seated_everywhere(stage, (LESSONROOM, TORNADO, BARE), rooms, members) as everywhere:
        callers = {seated.target.name: Callers(seated) for seated in everywhere}
        for number in range(stage.runs):
            for seated in everywhere:
                size = 0 if seated.target.name == LESSONROOM else round(stage.median_bytes("media", case))
                figures = _measured(stage, seated, callers[seated.target.name], size)
                stage.record("media", case, seated.target.name, number, figures)


class Callers:
    """Keep-alive connections on which one POST follows the other; cameras go on and off. Everybody's requests take one
    connection: a camera put off after it was put on again would be no change, and nobody would be told.
    """

    def __init__(self, seated: Seated) -> None:
        calls = [
            (f"{room.calls}/media-state/", seat.platform_token)
            for room in seated.rooms
            for seat in room.seats
            if room.calls
        ]
        self._peers = seated.crowd.connect(seated.target.port, min(CONNECTIONS, len(calls)))
        self._requests: dict[HttpPeer, Iterator[bytes]] = {}
        self._left = 0
        self.answered = 0
        for number, peer in enumerate(self._peers):
            peer.on_body = self._on_body
            self._requests[peer] = cycle(
                [
                    post(path, token, b'{"video_enabled":%b}' % word)
                    for word in (b"true", b"false")
                    for path, token in calls[number :: len(self._peers)]
                ]
            )

    def begin(self, posts: int) -> None:
        """Sends the first ones; each answer is followed by the next."""
        self.answered, self._left = 0, posts
        for peer in self._peers:
            self._next(peer)

    def _next(self, peer: HttpPeer) -> None:
        if self._left:
            self._left -= 1
            peer.send(next(self._requests[peer]))

    def _on_body(self, peer: HttpPeer, _: bytes) -> None:
        self.answered += 1
        self._next(peer)


def _measured(stage: Stage, seated: Seated, callers: Callers, bare_bytes: int) -> Figures:
    target, tally, crowd, posts = seated.target, seated.tally, seated.crowd, stage.sizes.posts
    expected = posts * len(seated.peers[0])
    tally.begin()
    with Spent(target.pid, stage.store.pid) as spent:
        if isinstance(target, BareSend):
            target.play(seated.rooms, bare_bytes, posts, 0)
            crowd.run(lambda: tally.count >= expected)
            target.played()
        else:
            callers.begin(posts)
            crowd.run(lambda: callers.answered == posts and tally.count >= expected)
    crowd.settle(0.05)
    assert tally.count == expected, f"{target.name}: {tally.count} of {expected} delivered"
    seated.check()
    return {
        "server_us": spent.server / posts * MICROSECONDS,
        "store_us_per_event": spent.store / posts * MICROSECONDS,
        "bytes": tally.bytes / tally.count,
    }
