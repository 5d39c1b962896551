"""A queue in which every room has its turn: what one room piles up delays that room, and hardly the others. Pure."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class FairQueue(Generic[T]):
    """Items of one room come out in the order in which they went in; of several rooms, one each in turn."""

    def __init__(self) -> None:
        self._rooms: dict[str, deque[T]] = {}
        self._turns: deque[str] = deque()
        self._length = 0

    def __len__(self) -> int:
        return self._length

    @property
    def rooms(self) -> int:
        """How many rooms have something waiting."""
        return len(self._rooms)

    def holds(self, room: str) -> bool:
        """Whether that room has something waiting."""
        return room in self._rooms

    def push(self, room: str, item: T) -> None:
        """Puts an item at the end of its room."""
        waiting = self._rooms.get(room)
        if waiting is None:
            self._rooms[room] = deque((item,))
            self._turns.append(room)
        else:
            waiting.append(item)
        self._length += 1

    def pop(self) -> T:
        """The next item; IndexError when there is none."""
        room = self._turns.popleft()
        waiting = self._rooms[room]
        item = waiting.popleft()
        if waiting:
            self._turns.append(room)
        else:
            del self._rooms[room]
        self._length -= 1
        return item

    def take(self, at_most: int) -> list[T]:
        """The next items, no more than that."""
        if self._length <= at_most and len(self._turns) == 1:  # nobody else waits: the usual case
            (waiting,) = self._rooms.values()
            self._rooms.clear()
            self._turns.clear()
            self._length = 0
            return list(waiting)
        return [self.pop() for _ in range(min(at_most, self._length))]

    def drop(self, room: str) -> None:
        """Forgets what waits for a room."""
        waiting = self._rooms.pop(room, None)
        if waiting is not None:
            self._turns.remove(room)
            self._length -= len(waiting)
