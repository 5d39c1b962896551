"""One socket, as the hub sees it: whose it is, what it gets, and from which position on. Decides, does no
I/O.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Protocol

from schemas.errors import Close
from store.actor import Actor
from store.entry import (
    BOARD,
    DIRECTED,
    EPHEMERAL,
    ICE,
    PEERS,
    PRESENCE,
    SIGNAL,
    SYSTEM,
    Entry,
    Position,
)
from store.presence import Arrival


class Kind(StrEnum):
    """What a socket carries: everything, one channel (the deployed client opens all three), or the presence
    relay.
    """

    FULL = "full"
    SYSTEM = "system"
    BOARD = "board"
    WEBRTC = "webrtc"
    PRESENCE = "presence"


CHANNELS = frozenset((Kind.SYSTEM, Kind.BOARD, Kind.WEBRTC))
_LISTENING: dict[str, frozenset[Kind]] = {
    SIGNAL: frozenset((Kind.FULL, Kind.WEBRTC)),
    ICE: frozenset((Kind.FULL, Kind.WEBRTC)),
    PEERS: frozenset((Kind.FULL, Kind.WEBRTC)),
    PRESENCE: frozenset((Kind.PRESENCE,)),
    SYSTEM: frozenset((Kind.FULL, Kind.SYSTEM)),
    DIRECTED: frozenset((Kind.FULL, Kind.SYSTEM)),
    BOARD: frozenset((Kind.FULL, Kind.BOARD)),
    EPHEMERAL: frozenset((Kind.FULL, Kind.BOARD)),
}


class Transport(Protocol):
    """What a connection needs of the socket under it."""

    def send(self, payload_frame: bytes, ephemeral: bool = False) -> None:
        """Queues a frame."""

    def send_rest(self, payload_frames: bytes, sent: int) -> None:
        """So much of them was sent past it."""

    def shut(self, close: Close) -> None:
        """Sends what waits, then closes with that code."""

    def greet(self, arrival: Arrival) -> None:
        """Sends the welcome, and after it what was missed."""


@dataclass(slots=True, eq=False)
class Connection:
    """An open or opening socket. Until it is live, what the session broadcasts is held back in `held`, and what the server
    itself says in `owed`. Until `in_doubt_until` (monotonic) a registration that nobody confirmed may still reach the
    store. `registered_by` is the instance (a lease's id) in whose name it was registered last.
    """

    id: str
    uuid: str
    actor: Actor
    kind: Kind
    transport: Transport | None = None
    position: Position = field(default=Position(0, 0))
    epoch: str = ""
    held: list[Entry] | None = field(default_factory=list)
    way: Callable[[bytes], int] | None = None
    """The socket's own `send`, while nothing is before it: at hand for what goes to hundreds of sockets."""
    owed: list[bytes] = field(default_factory=list)
    starts_anew: bool = False
    pending: Sequence[Any] = ()
    """What waits for all sockets of the session: the room's own list."""
    in_doubt_until: float = 0.0
    registered_by: str = ""

    def set_way(self, way: Callable[[bytes], int] | None) -> None:
        """Something is before what is sent now, or nothing any more."""
        self.way = way

    @property
    def user_key(self) -> str:
        """Whose socket it is."""
        return self.actor.key

    def is_new_to(self, entry: Entry) -> bool:
        """Whether the entry came after the state this socket started from. Steps forward if so; this also
        fences effects: what was said about an earlier socket never touches a later one.
        """
        if entry.position is None:
            return True
        if entry.position <= self.position:
            return False
        self.position = entry.position
        return True

    def wants(self, entry: Entry) -> bool:
        """Whether the entry's message is for this socket."""
        if not entry.json or self.kind not in _LISTENING.get(entry.kind, ()):
            return False
        if entry.to and entry.to != self.user_key:
            return False
        if entry.without == self.user_key and (entry.kind == PEERS or self.kind in CHANNELS):
            return False
        return entry.origin != self.id or entry.kind == BOARD

    def is_origin_of(self, entry: Entry) -> bool:
        """Whether the entry is this socket's own board event: it gets an ack for it, in the event's place."""
        return entry.kind == BOARD and entry.origin == self.id

    def disown(self) -> None:
        """The socket's own events among what is held come to it like anybody's, and not as acks."""
        self.held = [
            replace(entry, origin="") if self.is_origin_of(entry) else entry for entry in self.held or ()
        ]

    def closes_with(self, entry: Entry) -> int | None:
        """The code with which the entry closes this socket, if it does."""
        return entry.close_code if entry.to == self.user_key else None
