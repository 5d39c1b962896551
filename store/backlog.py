"""What pub/sub brought and the sockets did not get yet: rooms in turn, and bounded. Pure.

A room that piles up more than its share is cut off: what comes is dropped, and read from the room's log once what waits
has been delivered. So memory is bounded, and nothing is lost.
"""

from __future__ import annotations

from store.fairqueue import FairQueue

TOTAL_BYTES = 32 << 20
BEHIND_BYTES = 1 << 20
BEHIND_MESSAGES = 500
FAR_BEHIND_MESSAGES = 1_500  # less than any log reaches back, so that it can be caught up with
_EPHEMERAL = (b"\t\te", b"\t\ti", b"\t\tx")  # no positions, and a kind that may be dropped (`store.entry`)


class Backlog:
    """Messages by channel. All rooms share `total_bytes`; what a single message takes comes on top."""

    def __init__(self, total_bytes: int = TOTAL_BYTES) -> None:
        self._total = total_bytes
        self._queue: FairQueue[tuple[str, bytes]] = FairQueue()
        self._bytes: dict[str, int] = {}
        self._messages: dict[str, int] = {}
        self._cut_off: set[str] = set()

    def __len__(self) -> int:
        return len(self._queue)

    def push(self, channel: str, text: bytes) -> bool:
        """Lets a message wait; whether it does, or is dropped. Pointers and the like are not kept for a room that is
        behind.
        """
        if self.is_behind(channel) and text.startswith(_EPHEMERAL):
            return False
        waiting = self._bytes.get(channel, 0)
        if channel in self._cut_off or waiting > self._total // (self._queue.rooms or 1):
            self._cut_off.add(channel)
            return False
        self._queue.push(channel, (channel, text))
        self._bytes[channel] = waiting + len(text)
        self._messages[channel] = self._messages.get(channel, 0) + 1
        return True

    def pop(self) -> tuple[str, bytes]:
        """The next message and its channel."""
        channel, text = self._queue.pop()
        if self._queue.holds(channel):
            self._bytes[channel] -= len(text)
            self._messages[channel] -= 1
        else:
            del self._bytes[channel], self._messages[channel]
        return channel, text

    def is_behind(self, channel: str) -> bool:
        """Whether so much waits for a room that its own people should wait before they send more."""
        if channel not in self._bytes:
            return False
        return self._bytes[channel] > BEHIND_BYTES or self._messages[channel] > BEHIND_MESSAGES

    def is_far_behind(self, channel: str) -> bool:
        """Whether so much waits for a room that nobody should send into it, on any instance."""
        return channel in self._cut_off or self._messages.get(channel, 0) > FAR_BEHIND_MESSAGES

    def was_cut_off(self, channel: str) -> bool:
        """Asked when nothing waits for a room any more: whether something was dropped; it then starts anew."""
        if self._queue.holds(channel) or channel not in self._cut_off:
            return False
        self._cut_off.discard(channel)
        return True

    def drop(self, channel: str) -> None:
        """The room's messages are wanted no more."""
        self._queue.drop(channel)
        self._bytes.pop(channel, None)
        self._messages.pop(channel, None)
        self._cut_off.discard(channel)
