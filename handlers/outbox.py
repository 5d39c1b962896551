"""What waits to be written to one socket: bounded in bytes, ephemeral messages first to go. Pure.

"Unread" is what waits here, what the kernel has not taken yet, and, once it takes no more, what it holds and the client's
side has not confirmed. Over `limit_bytes` no ephemeral message is
taken and those that wait are dropped; a socket that stays over it for `PATIENCE_SECONDS`, or comes to
`HARD_LIMIT` times as much, is too slow. One message may be larger than the limit (a board of 4 MiB): who
reads it gets it.
"""

from __future__ import annotations

PATIENCE_SECONDS = 2.0
HARD_LIMIT = 9


class Outbox:
    """Frames in order; `in_flight` is what was handed to the stream and not sent yet, `in_kernel` what was sent and not
    confirmed, as far as it was looked at.
    """

    __slots__ = ("_frames", "_limit", "dropped", "in_flight", "in_kernel", "over_since", "waiting")

    def __init__(self, limit_bytes: int) -> None:
        self._frames: list[tuple[bytes, bool]] = []
        self._limit = limit_bytes
        self.waiting = 0
        self.in_flight = 0
        self.in_kernel = 0
        self.dropped = 0
        self.over_since: float | None = None

    def __bool__(self) -> bool:
        return bool(self._frames)

    @property
    def unread(self) -> int:
        """Bytes that the client has not taken from us."""
        return self.waiting + self.in_flight + self.in_kernel

    def push(self, frame: bytes, ephemeral: bool = False) -> None:
        """Puts a frame at the end; an ephemeral one is dropped instead while the client is behind."""
        if self.unread > self._limit:
            if ephemeral:
                self.dropped += 1
                return
            self._drop_ephemeral()
        self._frames.append((frame, ephemeral))
        self.waiting += len(frame)

    def take(self) -> bytes:
        """Everything that waits, as one piece: frames are self-delimiting."""
        data = self._frames[0][0] if len(self._frames) == 1 else b"".join(frame for frame, _ in self._frames)
        self.clear()
        return data

    def clear(self) -> None:
        """Forgets what waits."""
        self._frames.clear()
        self.waiting = 0

    def is_too_slow(self, now: float) -> bool:
        """Whether the client has been behind for too long, or is too far behind. `now` is in seconds."""
        if self.unread <= self._limit:
            self.over_since = None
            return False
        if self.over_since is None:
            self.over_since = now
        return now - self.over_since >= PATIENCE_SECONDS or self.unread > HARD_LIMIT * self._limit

    def _drop_ephemeral(self) -> None:
        kept = [item for item in self._frames if not item[1]]
        self.dropped += len(self._frames) - len(kept)
        self._frames = kept
        self.waiting = sum(len(frame) for frame, _ in kept)
