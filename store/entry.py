"""One entry of a session's sequence, as the scripts write it (`lua/lib/5_log.lua` says the format)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Position(NamedTuple):
    """A place in a log: the number of the last broadcast, and how many directed messages followed it."""

    seq: int
    sub: int


SYSTEM = "s"
BOARD = "b"
DIRECTED = "d"
EPHEMERAL = "e"
CLOSE_CONNECTIONS = "c"
PEERS = "p"
SIGNAL = "g"
ICE = "i"
PRESENCE = "x"

MAY_BE_DROPPED = frozenset((EPHEMERAL, ICE, PRESENCE))
"""What a socket that is behind does not get."""

OVER = "over"


@dataclass(frozen=True, slots=True)
class Entry:
    """What is relayed. `position` and `previous` are None for what is not logged (ephemeral, close)."""

    previous: Position | None
    position: Position | None
    kind: str
    to: str
    without: str
    effect: str
    origin: str
    ack: str
    json: bytes

    @property
    def is_numbered(self) -> bool:
        """Whether its message carries a `seq`."""
        return self.position is not None and self.position.sub == 0

    @property
    def close_code(self) -> int | None:
        """The code with which the addressed person's sockets close, if this entry closes them."""
        return int(self.effect.removeprefix("close:")) if self.effect.startswith("close:") else None


def _position(text: str) -> Position | None:
    if not text:
        return None
    seq, sub = text.split("-")
    return Position(int(seq), int(sub))


def parse(text: bytes) -> Entry:
    """The entry in `text`; ValueError when it is none."""
    header, _, json = text.partition(b"\n")
    previous, position, kind, to, without, effect, origin, ack = header.decode().split("\t")
    return Entry(_position(previous), _position(position), kind, to, without, effect, origin, ack, json)
