"""What comes in on a WebSocket, byte by byte, beside what another implementation makes of it."""

from __future__ import annotations

import struct
from collections.abc import Generator
from itertools import pairwise

import hypothesis
import pytest
from hypothesis import strategies as st
from websockets.exceptions import PayloadTooBig, ProtocolError
from websockets.frames import CTRL_OPCODES, Frame, Opcode
from websockets.streams import StreamReader

from schemas.websocket import BINARY, CLOSE, PING, PONG, TEXT, FrameReader, Message, TooLarge, Violation
from tests.support.attack_rounds import rounds

MOST_BYTES = 300
MASK = b"\x01\xf2\x03\xe4"
Outcome = tuple[list[Message], str]


def unmask(mask: bytes, data: bytes) -> bytes:
    """The payload without its mask."""
    return bytes(byte ^ mask[at % 4] for at, byte in enumerate(data))


def reader() -> FrameReader:
    """One that takes messages of 300 bytes."""
    return FrameReader(MOST_BYTES, unmask)


def frame(first: int, payload: bytes, form: int = 0, told: int | None = None, masked: bool = True) -> bytes:
    """A frame that begins with this byte; `form` is 126 or 127 for a length told in more bytes than the payload needs."""
    size = len(payload) if told is None else told
    form = form or (size if size < 126 else 126 if size < 65_536 else 127)
    longer = {126: struct.pack("!H", size & 0xFFFF), 127: struct.pack("!Q", size)}.get(form, b"")
    head = bytes((first, form | (0x80 if masked else 0))) + longer
    return head + (MASK + unmask(MASK, payload) if masked else payload)


def read(pieces: list[bytes]) -> Outcome:
    """What is read from bytes that arrive like this: the messages, and what ended it."""
    found: list[Message] = []
    frames = reader()
    try:
        for data in pieces:
            frames.feed(data)
            while (message := frames.next()) is not None:
                found.append(message)
    except (Violation, TooLarge) as end:
        return found, type(end).__name__
    return found, ""


def expected(data: bytes) -> Outcome:
    """The same by the parser of `websockets`, with the rules for pieces around it."""
    found: list[Message] = []
    try:
        for message in _assembled(data):
            found.append(message)  # noqa: PERF402 - what was found before an error counts
    except ProtocolError:
        return found, "Violation"
    except PayloadTooBig:
        return found, "TooLarge"
    return found, ""


def _assembled(data: bytes) -> Generator[Message]:
    opcode, pieces = Opcode.CONT, b""
    for one in _frames(data):
        if one.opcode in CTRL_OPCODES:
            yield int(one.opcode), bytes(one.data)
            continue
        if (one.opcode is Opcode.CONT) != (opcode is not Opcode.CONT):
            raise ProtocolError("out of turn")
        opcode, pieces = (opcode if one.opcode is Opcode.CONT else one.opcode), pieces + bytes(one.data)
        if len(pieces) > MOST_BYTES:
            raise PayloadTooBig(len(pieces), MOST_BYTES)
        if one.fin:
            yield int(opcode), pieces
            opcode, pieces = Opcode.CONT, b""


def _frames(data: bytes) -> Generator[Frame]:
    stream = StreamReader()
    stream.feed_data(data)
    while True:
        head = bytes(stream.buffer[:2])
        if len(head) == 2 and head[0] & 0x08 and head[1] & 0x7F > 125:
            raise ProtocolError("a long control frame")  # which `websockets` sees when all of it is there
        parsing = Frame.parse(stream.read_exact, mask=True, max_size=MOST_BYTES)
        try:
            next(parsing)
        except StopIteration as parsed:
            one: Frame = parsed.value
            yield one
        else:
            return  # it waits for more


payloads = st.binary(max_size=9) | st.builds(bytes, st.sampled_from([99, 125, 126, 199, 255, 300, 301]))
begins = st.sampled_from([0x00, 0x01, 0x02, 0x80, 0x81, 0x82, 0x88, 0x89, 0x8A])
good = st.builds(frame, st.sampled_from([0x81, 0x82, 0x89, 0x8A]), st.binary(max_size=125))
in_pieces = st.builds(
    lambda opcode, parts, between: b"".join(
        frame((0 if number else opcode) | (0x80 if number == len(parts) - 1 else 0), part) + between
        for number, part in enumerate(parts)
    ),
    st.sampled_from([TEXT, BINARY]), st.lists(payloads, min_size=1, max_size=5),
    st.just(b"") | st.builds(frame, st.just(0x80 | PING), st.binary(max_size=9)),
)  # fmt: skip
odd = st.builds(
    frame, begins | st.integers(0, 255), payloads,
    form=st.sampled_from([0, 0, 127]), masked=st.sampled_from([True, True, True, False]),
)  # fmt: skip
streams = st.lists(good | good | in_pieces | odd | st.binary(max_size=20), max_size=8).map(b"".join)


@rounds(400)
@hypothesis.given(data=streams, cuts=st.lists(st.integers(0, 2_000), max_size=12))
def test_like_another_implementation(data: bytes, cuts: list[int]) -> None:
    """Whatever comes, and however it is cut up on its way, is understood or refused as `websockets` would."""
    edges = [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]
    found, end = read([data[begin:after] for begin, after in pairwise(edges)])
    wanted, wanted_end = expected(data)
    if end and not wanted_end:  # here it is refused before it is whole
        wanted, wanted_end = expected(data + bytes(MOST_BYTES + 20))
    assert found == wanted
    assert end == wanted_end or (end, wanted_end) == ("Violation", "TooLarge")


@pytest.mark.parametrize("step", [1, 7, 64, 10_000])
def test_behind_what_is_too_large(step: int) -> None:
    """The frames behind one that is too large can be read again, however they arrive."""
    frames, found = reader(), []
    data = (
        frame(0x80 | TEXT, b"a")
        + frame(0x80 | TEXT, b"x" * (MOST_BYTES + 1))
        + frame(0x80 | CLOSE, b"\x03\xe8")
    )
    left = 0
    for begin in range(0, len(data), step):
        frames.feed(data[begin : begin + step])
        left = frames.pass_over(left)
        while not left:
            try:
                message = frames.next()
            except TooLarge as problem:
                left = frames.pass_over(problem.frame_bytes)
                continue
            if message is None:
                break
            found.append(message)
    assert found == [(TEXT, b"a"), (CLOSE, b"\x03\xe8")]


@pytest.mark.parametrize("opcode", [TEXT, BINARY, CLOSE, PING, PONG])
def test_one_frame(opcode: int) -> None:
    """A whole frame is there at once; then nothing is kept of it."""
    frames = reader()
    frames.feed(frame(0x80 | opcode, b"hello"))
    assert frames.next() == (opcode, b"hello")
    assert frames.next() is None
    assert frames.missing == 2


def test_what_is_missing() -> None:
    """It is known how much must still come, so that a large message is read whole, not in a thousand parts."""
    whole = frame(0x81, b"x" * 300)
    frames = reader()
    needed = []
    for byte in whole:
        assert frames.next() is None
        needed.append(frames.missing)
        frames.feed(bytes((byte,)))
    assert frames.next() == (TEXT, b"x" * 300)
    assert needed == [2, 1, 2, 1, *range(304, 0, -1)]


@pytest.mark.parametrize(
    "what, data",
    [
        ("no mask", frame(0x81, b"", masked=False)[:2]),
        ("a reserved bit", b"\xc1"),
        ("an opcode that is none", b"\x83"),
        ("a control frame in pieces", b"\x09"),
        ("a long control frame", b"\x89\xfe"),
        ("a piece of nothing", b"\x80\x81"),
        ("a message within a message", frame(0x01, b"a") + b"\x81\x81"),
    ],
)
def test_refused_at_once(what: str, data: bytes) -> None:
    """What breaks the protocol is refused at the first byte that shows it."""
    assert read([data])[1] == "Violation", what
    assert read([data[:-1]])[1] == "", what


@pytest.mark.parametrize(
    "told, ends",
    [(MOST_BYTES, ""), (MOST_BYTES + 1, "TooLarge"), (2**31, "TooLarge"), (2**64 - 1, "TooLarge")],
)
def test_the_limit_counts_what_is_told(told: int, ends: str) -> None:
    """A message that would be too large is refused by its head; not a byte of it is waited for."""
    assert read([frame(0x81, b"", told=told)[:-4]])[1] == ends
    assert read([frame(0x01, b"") + frame(0x80, b"", told=told)[:-4]])[1] == ends


def test_the_limit_counts_all_pieces() -> None:
    """Pieces are no way around it, and control frames between them do not count."""
    pieces = [frame(0x01, b"x" * 200), frame(0x89, b"y" * 100), frame(0x00, b"x" * 100)]
    assert read([*pieces, frame(0x80, b"")])[0][-1] == (TEXT, b"x" * 300)
    assert read([*pieces, frame(0x80, b"x")])[1] == "TooLarge"
