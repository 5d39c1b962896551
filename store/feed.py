"""One session's sequence as this instance follows it: in order, each once, and nothing lost without notice.

Pure: entries and log readings in, entries to deliver out. Pub/sub alone cannot be trusted (a dropped
connection resubscribes silently and what was published in between is gone), so every entry names the one
before it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from store.entry import EPHEMERAL, Entry, Position

HELD_BYTES = 1 << 20
ENTRY_BYTES = 400  # what an entry takes beside its message
BEGINNING = Position(0, 0)


@dataclass(frozen=True, slots=True)
class LogReading:
    """What the log held after a position, read in one instant: the entries, or the first of them, and where the log
    stood. `goes_on` says that its epoch is another one, but that it has all that was up to the position.
    """

    epoch: str
    position: Position
    entries: list[Entry]
    after: Position
    goes_on: bool = False


@dataclass(slots=True)
class Feed:
    """Where one session's delivery stands. Until `start`, and from a gap until it is healed, entries wait."""

    position: Position | None = None
    began_at: Position = BEGINNING
    epoch: str = ""
    gap: bool = False
    _held: list[Entry] = field(default_factory=list)
    _held_bytes: int = 0

    def start(self, epoch: str, position: Position) -> list[Entry]:
        """Begins at `position`, unless it has begun already; the held entries that may be delivered now."""
        if self.position is not None:
            return []
        self.epoch, self.position, self.began_at = epoch, position, position
        return self._release()

    def reaches(self, epoch: str, position: Position) -> bool:
        """Whether all that follows this state was or will be delivered: not when the feed began after it."""
        return epoch != self.epoch or position >= self.began_at

    def receive(self, entry: Entry) -> list[Entry]:
        """Takes what pub/sub brought; the entries to deliver now. Sets `gap` when something is missing before
        it.
        """
        if entry.position is None:
            return [] if self.position is None and entry.kind == EPHEMERAL else [entry]
        if self.position is None or self.gap:
            self._hold(entry)
            return []
        if entry.position <= self.position:
            return []
        if entry.previous != self.position:
            self.gap = True
            self._hold(entry)
            return []
        self.position = entry.position
        return [entry]

    def heal(self, reading: LogReading) -> list[Entry] | None:
        """Takes what the log held after `position`; the entries to deliver, or None when the log does not
        reach back (or is another one) and the sockets have to start anew. Clears `gap`, unless there is
        another one behind.
        """
        assert self.position is not None, "a feed that has not started has nothing to heal"
        self.gap = False
        missed = [
            entry
            for entry in reading.entries
            if entry.position is not None and entry.position > self.position
        ]
        if not self._continues(reading, missed):
            self.epoch, self.position, self.began_at = reading.epoch, reading.position, reading.position
            return None
        self.epoch = reading.epoch
        if missed and missed[-1].position is not None:
            self.position = missed[-1].position
        if self.position < reading.position:
            self.gap = True  # there is more to read
            return missed
        return missed + self._release()

    def release(self) -> list[Entry]:
        """After a heal that answered None: the held entries that follow the new position."""
        return self._release()

    def _continues(self, reading: LogReading, missed: list[Entry]) -> bool:
        if not (reading.epoch == self.epoch or reading.goes_on) or reading.position < reading.after:
            return False  # another log, or the store lost the end of this one
        if not missed:
            return self.position is not None and reading.position <= self.position
        return missed[0].previous == self.position

    def _hold(self, entry: Entry) -> None:
        if self._held_bytes < HELD_BYTES:
            self._held_bytes += ENTRY_BYTES + len(entry.json)
            self._held.append(entry)  # beyond it, the next one that is taken shows the gap

    def _release(self) -> list[Entry]:
        held, self._held, self._held_bytes = self._held, [], 0
        return [ready for entry in held for ready in self.receive(entry)]
