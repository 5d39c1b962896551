"""The messages of the load: their texts and sizes, and what a reader takes from them."""

from __future__ import annotations

import time
from itertools import count

EVENT_BYTES = 320
_TIME = b'"t":'
_TIME_DIGITS = 16
_SEQ = b'{"seq":'
_ACK = b'{"type":"ack"'
_names = count(1)


def now_us() -> int:
    """Microseconds that load and receiver share: 16 digits."""
    return time.time_ns() // 1000


def board_event(size: int = EVENT_BYTES) -> bytes:
    """What a person sends: a new stroke, `size` bytes in all, with the time in it."""
    name = f"e{next(_names)}"
    head = b'{"type":"board_event","event_type":"stroke_add","data":{"id":"%b","t":%d,"points":"' % (
        name.encode(),
        now_us(),
    )
    tail = b'"},"id":"%b"}' % name.encode()
    return head + b"." * (size - len(head) - len(tail)) + tail


def stroke(number: int) -> dict[str, object]:
    """A stroke as it lies on a board: ten points, some 200 bytes."""
    points = [
        [round(number * 1.7 % 800 + step * 3.1, 1), round(number * 0.9 % 600 + step * 2.3, 1)]
        for step in range(10)
    ]
    return {"id": f"s{number}", "points": points, "color": "#1f2937", "width": 3, "tool": "pen"}


def floor_text(seq: int, size: int) -> bytes:
    """A numbered text of that size, as the floor sends it."""
    head = b'{"seq":%d,"type":"board_update","t":%d,"fill":"' % (seq, now_us())
    return head + b"." * (size - len(head) - 2) + b'"}'


def seq_of(text: bytes) -> int | None:
    """The number of a broadcast or an ack; None for what carries none."""
    if text.startswith(_SEQ):
        return int(text[7 : text.index(b",", 7)])
    if text.startswith(_ACK):
        return int(text[text.rindex(b":") + 1 : -1])
    return None


def sent_us(text: bytes) -> int | None:
    """When the message was sent, if it says so."""
    at = text.find(_TIME)
    return int(text[at + 4 : at + 4 + _TIME_DIGITS]) if at >= 0 else None


class Tally:
    """What all sockets of a workload received."""

    __slots__ = ("bytes", "count", "latencies_us")

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Counts anew."""
        self.count = 0
        self.bytes = 0
        self.latencies_us: list[int] = []


class Listener:
    """What one socket receives: counted, in order, each once."""

    __slots__ = ("_tally", "faults", "last")

    def __init__(self, tally: Tally, last: int) -> None:
        self._tally = tally
        self.faults = 0
        self.last = last

    def on_text(self, text: bytes) -> None:
        """Takes a message."""
        seq = seq_of(text)
        if seq is None:
            return
        if seq != self.last + 1:
            self.faults += 1
        self.last = seq
        tally = self._tally
        tally.count += 1
        tally.bytes += len(text)
        at = sent_us(text)
        if at is not None:
            tally.latencies_us.append(now_us() - at)
