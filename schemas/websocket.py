"""WebSocket frames of a client (RFC 6455 §5), without I/O: bytes in, messages and control frames out.

What may not be is refused as soon as it can be seen, and nothing is waited for that would be too large.
"""

from __future__ import annotations

from collections.abc import Callable

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA
FINAL = MASKED = 0x80
_CONTINUATION, _CONTROL = 0x0, 0x8
_OPCODE, _LENGTH = 0x0F, 0x7F
_FIRST_BYTES = frozenset(
    (
        _CONTINUATION,
        TEXT,
        BINARY,
        *(FINAL | known for known in (_CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG)),
    )
)
"""All that a frame may begin with: no reserved bits, known opcodes, control frames in one piece."""
_SHORT = 125
_LONGER = {126: 2, 127: 8}
"""How many bytes tell a longer length. One told in more of them than it needs is taken, as everybody does."""
_MASK_BYTES = 4

_CLOSE_CODES = (range(1000, 1004), range(1007, 1015), range(3000, 5000))

Message = tuple[int, bytes]
"""An opcode and its payload: of a whole message, however many frames it came in, or of a control frame."""


class Violation(Exception):
    """What no client may send."""


class TooLarge(Exception):
    """A message is longer than it may be, by what its frame says, which takes `frame_bytes` with its head."""

    def __init__(self, frame_bytes: int) -> None:
        super().__init__(frame_bytes)
        self.frame_bytes = frame_bytes


class FrameReader:
    """`unmask(mask, payload)` gives the payload without its mask. After `next` gave None, `missing` says how many bytes
    are needed at least for what has begun.
    """

    __slots__ = ("_at", "_data", "_most_bytes", "_opcode", "_pieces", "_unmask", "missing")

    def __init__(self, most_bytes: int, unmask: Callable[[bytes, bytes], bytes]) -> None:
        self._most_bytes = most_bytes
        self._unmask = unmask
        self._data = b""
        self._at = 0
        self._opcode = _CONTINUATION
        self._pieces: bytearray | None = None
        self.missing = 2

    def feed(self, data: bytes) -> None:
        """What arrived. To be called when `next` has given None."""
        self._data = self._data[self._at :] + data if self._at < len(self._data) else data
        self._at = 0

    def next(self) -> Message | None:
        """The next message or control frame, None when there is none yet. Raises Violation, TooLarge."""
        while (frame := self._frame()) is not None:
            first, payload = frame
            if first & _CONTROL or (first & FINAL and self._pieces is None):
                return first & _OPCODE, payload
            if self._pieces is None:
                self._opcode, self._pieces = first & _OPCODE, bytearray(payload)
            else:
                self._pieces += payload
            if first & FINAL:
                whole, self._pieces = bytes(self._pieces), None
                return self._opcode, whole
        return None

    def pass_over(self, size: int) -> int:
        """Drops so many bytes from where it stands, which is at the frame that was too large; how many are yet to come."""
        kept = min(size, len(self._data) - self._at)
        self._at += kept
        return size - kept

    def _frame(self) -> Message | None:
        data, have = self._data, len(self._data)
        if have == self._at:  # nothing is kept of what was read
            self._data, self._at, self.missing = b"", 0, 2
            return None
        first, mask_at, end = self._head(data, self._at)
        if have < end:
            self.missing = end - have
            return None
        self._at = end
        begin = mask_at + _MASK_BYTES
        return first, self._unmask(data[mask_at:begin], data[begin:end])

    def _head(self, data: bytes, at: int) -> tuple[int, int, int]:
        """The first byte, where the mask begins, and where the frame ends, or its head as far as that is known."""
        begin, first = at, data[at]
        if first not in _FIRST_BYTES:
            raise Violation
        at += 2
        if len(data) < at:
            return first, at, at
        size = data[at - 1] - MASKED
        if size < 0 or (first & _CONTROL and size > _SHORT):
            raise Violation
        if size > _SHORT:
            more = _LONGER[size]
            at += more
            if len(data) < at:
                return first, at, at
            size = int.from_bytes(data[at - more : at])
        end = at + _MASK_BYTES + size
        if not first & _CONTROL and not self._has_room(first & _OPCODE, size):
            raise TooLarge(end - begin)
        return first, at, end

    def _has_room(self, opcode: int, size: int) -> bool:
        pieces = self._pieces
        if (opcode == _CONTINUATION) != (pieces is not None):
            raise Violation
        return size + (0 if pieces is None else len(pieces)) <= self._most_bytes


def is_close_code(code: bytes) -> bool:
    """Whether a close may begin with these two bytes (RFC 6455 §7.4); fewer are none."""
    return len(code) == 2 and any(int.from_bytes(code) in some for some in _CLOSE_CODES)
