"""What is measured: Lessonroom, the plain rival, and the floor; each in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from itertools import count
from typing import Any

from bench import rooms as making
from bench.messages import stroke
from bench.rooms import CLASSROOM_SECRET, PLATFORM_SECRET, Room
from bench.store import Store
from tests.support.process_instance import ROOT, Instance

LESSONROOM, TORNADO, BARE = "Lessonroom", "plain Tornado", "bare send"
UNLIMITED = 100_000
_numbers = count(1)


class Target:
    """A running server. `pid` and `port` are those of the one process that is measured."""

    name = ""
    pid = 0
    port = 0

    def __init__(self, store: Store) -> None:
        self.store = store

    def rooms(self, rooms: int, members: int) -> list[Room]:
        """Rooms with people who may come in."""
        raise NotImplementedError

    def draw(self, room: Room, strokes: int) -> None:
        """Puts so many strokes on a room's board."""

    def publish(self, rooms: list[Room], times: int) -> None:
        """Draws so many strokes in each of the rooms, from outside."""

    def kill(self) -> None:
        """Ends it at once."""
        raise NotImplementedError


class Lessonroom(Target):
    """`python server.py`, with its defaults but for the limits on what one person may send."""

    name = LESSONROOM

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        settings = {
            "redis.url": store.url,
            "auth.secret": PLATFORM_SECRET,
            "classroom_token.keys": [{"kid": "bench", "secret": CLASSROOM_SECRET}],
            "limits.writes_per_second": UNLIMITED,
            "limits.board_events_per_second": UNLIMITED,
        }
        self._instance = Instance(f"instance{next(_numbers)}", store.folder, settings)
        self._instance.spawn()
        self._instance.wait_ready()
        self.pid, self.port = self._instance.pid, self._instance.port

    def rooms(self, rooms: int, members: int) -> list[Room]:
        """Lessons, made through the store."""
        return making.lessonroom_rooms(self.store.url, rooms, members)

    def draw(self, room: Room, strokes: int) -> None:
        """A board with one event that holds it whole."""
        making.draw(self.store.url, room, [stroke(number) for number in range(strokes)])

    def publish(self, rooms: list[Room], times: int) -> None:
        """As the platform."""
        making.publish(self.store.url, rooms, [stroke(number) for number in range(times)])

    def kill(self) -> None:
        """Ends it at once; what it had to say against somebody is an error of the benchmark."""
        self._instance.kill()
        faults = self._instance.unexpected_lines((r"instance \w+ is gone", r"the lease of instance"))
        assert faults == [], "\n".join(faults)


class _Program(Target):
    def __init__(self, store: Store, module: str, *arguments: str) -> None:
        super().__init__(store)
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"bench.{module}", *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.pid, self.port = self._process.pid, int(self._line())

    def kill(self) -> None:
        """Ends it at once."""
        self._process.kill()
        self._process.communicate()

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"{self.name} has ended"
        return line


class PlainTornado(_Program):
    """`bench/plain_tornado.py`."""

    name = TORNADO

    def __init__(self, store: Store) -> None:
        super().__init__(store, "plain_tornado", store.url, PLATFORM_SECRET, CLASSROOM_SECRET)
        self._seqs: defaultdict[str, int] = defaultdict(int)

    def rooms(self, rooms: int, members: int) -> list[Room]:
        """Names, and tokens for them."""
        return making.plain_rooms(rooms, members)

    def draw(self, room: Room, strokes: int) -> None:
        """Where it keeps them: a list."""
        texts = [_dumps(stroke(number)) for number in range(strokes)]
        self.store.redis.rpush(f"{room.id}:strokes", *texts)

    def publish(self, rooms: list[Room], times: int) -> None:
        """What the program itself would do for a member."""
        redis = self.store.redis
        for number in range(times):
            for room in rooms:
                seq = redis.incr(f"{room.id}:seq")
                text = _dumps(
                    {"seq": seq, "type": "board_update", "event_type": "stroke_add", "data": stroke(number)}
                )
                redis.xadd(f"{room.id}:log", {"m": text}, id=f"{seq}-0", maxlen=5_000, approximate=True)
                redis.publish(room.id, f"\n{text}")


class BareSend(_Program):
    """`bench/bare_send.py`."""

    name = BARE

    def __init__(self, store: Store) -> None:
        super().__init__(store, "bare_send")

    def rooms(self, rooms: int, members: int) -> list[Room]:
        """Names."""
        return making.bare_rooms(rooms, members)

    def play(self, rooms: list[Room], size: int, times: int, per_second: float) -> None:
        """Begins to send, to the rooms in turn. The caller reads until it has everything."""
        assert self._process.stdin is not None
        self._process.stdin.write(_dumps([[room.id for room in rooms], size, times, per_second]) + "\n")
        self._process.stdin.flush()

    def played(self) -> None:
        """Returns once all was sent."""
        assert self._line() == "done\n"


def _dumps(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


TARGETS: dict[str, type[Lessonroom] | type[PlainTornado] | type[BareSend]] = {
    target.name: target for target in (Lessonroom, PlainTornado, BareSend)
}
