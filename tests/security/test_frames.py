"""A frame fuzzer of our own: what no client library sends ends that socket at most, and a cut-up message is still one."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator

import hypothesis
import pytest
from hypothesis import strategies as st
from tornado.ioloop import IOLoop

from tests.support.attack_rounds import rounds
from tests.support.fuzz_lesson import Lesson, assert_no_failures, running
from tests.support.fuzz_wire import FINAL, MASK, MASKED, PING, TEXT, RawSocket, frame

CONTINUATION, BINARY, CLOSE, PONG = 0x0, 0x2, 0x8, 0xA
CHANNELS = ("", "board/", "system/", "webrtc/", "presence/")
COMPRESSED = 0x40


@pytest.fixture
def lesson(io_loop: IOLoop, redis_url: str, caplog: pytest.LogCaptureFixture) -> Iterator[Lesson]:
    """A lesson on a server in this process; afterwards, nothing may have been logged as a failure."""
    with running(io_loop, redis_url) as lesson:
        yield lesson
        io_loop.run_sync(lesson.until_nobody_is_connected)
    assert_no_failures(caplog)


def odd_frame(first: int, masked: bool, mask: bytes, told: int | None, form: int, payload: bytes) -> bytes:
    """A frame whose told length need not be its payload's, in the short, the 16-bit or the 64-bit form."""
    size = len(payload) if told is None else told
    bit = MASKED if masked else 0
    begin = {
        7: lambda: struct.pack("!BB", first, bit | min(size, 125)),
        16: lambda: struct.pack("!BBH", first, bit | 126, size % 65_536),
        64: lambda: struct.pack("!BBQ", first, bit | 127, size),
    }[form]()
    return begin + (mask if masked else b"") + payload


payloads = st.one_of(
    st.sampled_from(
        [b"", b"{}", b'{"type": "ping"}', b"\xff\xfe", b"\xed\xa0\x80", b"\x03\xe8", b"\x00" * 200]
    ),
    st.binary(max_size=200),
)
odd_frames = st.builds(
    odd_frame,
    first=st.builds(lambda fin, rsv, op: fin | rsv | op, st.sampled_from([0, FINAL]),
                    st.sampled_from([0, 0, 0, 0x40, 0x70]), st.integers(0, 15)),
    masked=st.sampled_from([True, True, True, False]),
    mask=st.one_of(st.just(b"\0\0\0\0"), st.binary(min_size=4, max_size=4)),
    told=st.one_of(st.none(), st.none(), st.sampled_from([0, 1, 125, 126, 65_535, 2**31, 2**62, 2**63, 2**64 - 1])),
    form=st.sampled_from([7, 7, 16, 64]),
    payload=payloads,
)  # fmt: skip


async def assert_goes_on(witness: RawSocket, turn: object = "") -> None:
    """Somebody else is answered as if nothing were."""
    witness.say({"type": "ping", "id": str(turn)})
    while (answer := await witness.hear_type("pong")).get("id") != str(turn):
        pass
    assert answer["server_time"]


def test_frames_that_make_no_sense(lesson: Lesson, io_loop: IOLoop) -> None:
    """Any bits in a frame's head, wrong lengths, wrong masks, in any order: nobody else is touched."""
    witness = io_loop.run_sync(lesson.socket)
    turn = 0

    async def attack(channel: str, frames: list[bytes]) -> None:
        nonlocal turn
        turn += 1
        socket = await lesson.socket(channel)
        socket.write(b"".join(frames))
        for step in range(3):
            await assert_goes_on(witness, f"{turn}.{step}")
        await socket.drop()

    @rounds(100)
    @hypothesis.given(channel=st.sampled_from(CHANNELS), frames=st.lists(odd_frames, min_size=1, max_size=6))
    def run(channel: str, frames: list[bytes]) -> None:
        io_loop.run_sync(lambda: attack(channel, frames), timeout=40)

    run()
    io_loop.run_sync(witness.drop)


controls = st.one_of(
    st.binary(max_size=125).map(lambda data: frame(PING, data)),
    st.binary(max_size=125).map(lambda data: frame(PONG, data)),
)


def test_messages_in_pieces(lesson: Lesson, io_loop: IOLoop) -> None:
    """A message cut anywhere, between the bytes of a character too, with pings in between, is understood."""
    socket = io_loop.run_sync(lesson.socket)

    async def attack(text: str, cuts: list[int], between: list[bytes]) -> None:
        told = json.dumps({"type": "ping", "id": text}, ensure_ascii=False).encode()
        ends = [*sorted({cut % len(told) for cut in cuts}), len(told)]
        begin, opcode = 0, TEXT
        for number, end in enumerate(ends):
            socket.write(frame(opcode, told[begin:end], final=end == len(told)))
            if number < len(between) and end != len(told):
                socket.write(between[number])
            begin, opcode = end, CONTINUATION
        assert (await socket.hear_type("pong"))["id"] == text

    @rounds(100)
    @hypothesis.given(
        text=st.text(st.characters(codec="utf-8"), min_size=1, max_size=50),
        cuts=st.lists(st.integers(0, 400), max_size=8),
        between=st.lists(controls, max_size=8),
    )
    def run(text: str, cuts: list[int], between: list[bytes]) -> None:
        io_loop.run_sync(lambda: attack(text, cuts, between), timeout=40)

    run()
    io_loop.run_sync(socket.drop)


PING_TEXT = b'{"type": "ping", "id": "m"}'
ENDS: tuple[tuple[str, bytes, tuple[int, ...]], ...] = (
    ("no mask", frame(TEXT, PING_TEXT, masked=False), (1006,)),
    ("no mask on a ping", frame(PING, b"x", masked=False), (1006,)),
    ("another mask than it says", frame(TEXT, b"")[:-4] + MASK + PING_TEXT, (1006, 4400)),
    ("masked with something else", odd_frame(FINAL | TEXT, True, b"\xff" * 4, None, 7, PING_TEXT), (4400,)),
    ("no UTF-8", frame(TEXT, b'{"type": "ping", "id": "\xff"}'), (4400,)),
    ("half a character", frame(TEXT, b'{"type": "\xc3', final=False) + frame(CONTINUATION, b'x"}'), (4400,)),
    ("a surrogate as UTF-8", frame(TEXT, b'{"type": "ping", "id": "\xed\xa0\x80"}'), (4400,)),
    ("a ping in two pieces", frame(PING, b"a", final=False) + frame(CONTINUATION, b"b"), (1006,)),
    ("a long ping", odd_frame(FINAL | PING, True, MASK, 126, 16, b"x" * 126), (1006,)),
    ("a message within a message", frame(TEXT, b"{", final=False) + frame(TEXT, PING_TEXT), (1006,)),
    ("a piece of nothing", frame(CONTINUATION, PING_TEXT), (1006,)),
    ("more than memory", odd_frame(FINAL | TEXT, True, MASK, 2**62, 64, b"x" * 100), (4413,)),
    ("more than memory, in pieces", frame(TEXT, b"{", final=False)
     + odd_frame(CONTINUATION, True, MASK, 2**63 - 1, 64, b"x" * 100), (4413,)),
    ("compressed, unasked", frame(TEXT, zlib.compress(b"0" * 10_000_000)[2:-4], reserved=COMPRESSED), (1006,)),
    ("reserved bits", frame(TEXT, PING_TEXT, reserved=0x30), (1006,)),
    ("an opcode that is none", frame(0x3, PING_TEXT), (1006,)),
    ("a close with half a code", frame(CLOSE, b"\x03"), (1005,)),
    ("a close with a code that is none", frame(CLOSE, b"\xff\xff"), (1005,)),
    ("a close with a code that nobody may send", frame(CLOSE, struct.pack("!H", 1006)), (1005,)),
    ("a close with its own code, and no UTF-8", frame(CLOSE, struct.pack("!H", 4001) + b"\xff"), (4001,)),
    ("HTTP", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", (1006,)),
)  # fmt: skip


@pytest.mark.gen_test(timeout=40)
@pytest.mark.parametrize("channel", CHANNELS)
async def test_the_end_of_the_socket(channel: str, lesson: Lesson) -> None:
    """What breaks the protocol ends the socket at once, with the code where there is one; the next socket is fine."""
    for what, data, codes in ENDS:
        socket = await lesson.socket(channel)
        socket.write(data)
        assert await socket.closed_with() in codes, (what, socket.close_code)
        await socket.drop()


async def test_no_compression_is_agreed(lesson: Lesson) -> None:
    """A client that offers compression gets none: a few bytes can never become many."""
    offer = {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"}
    socket = await lesson.open("", offer)
    assert isinstance(socket, RawSocket)
    assert "sec-websocket-extensions" not in socket.reply.headers
    await socket.hear_type("welcome")
    bomb = zlib.compressobj(wbits=-15)
    packed = bomb.compress(b'{"type": "ping", "a": "' + b"0" * 20_000_000 + b'"}') + bomb.flush(
        zlib.Z_SYNC_FLUSH
    )
    assert len(packed) < 25_000
    socket.write(frame(TEXT, packed[:-4], reserved=COMPRESSED))
    assert await socket.closed_with() == 1006


@pytest.mark.gen_test(timeout=40)
@pytest.mark.parametrize("piece", [b"", b"x"])
async def test_endless_pieces(piece: bytes, lesson: Lesson) -> None:
    """A message that never ends, in empty pieces or tiny ones, is no more than noise to everybody else."""
    witness, socket = await lesson.socket(), await lesson.socket("system/")
    socket.write(frame(TEXT, b'{"type": "ping', final=False))
    for turn in range(20):
        socket.write(frame(CONTINUATION, piece, final=False) * 1_000)
        await assert_goes_on(witness, turn)
    await socket.drop()
    await witness.drop()


@pytest.mark.parametrize("channel", ["system/", "webrtc/", "presence/"])
async def test_a_channel_keeps_no_whole_board(channel: str, lesson: Lesson) -> None:
    """Only the board's sockets take messages of a board's size: on the others a large one is refused by its length."""
    socket = await lesson.socket(channel)
    socket.write(odd_frame(FINAL | TEXT, True, MASK, 2**20, 64, b"x" * 100))
    assert await socket.closed_with() == 4413
    await socket.drop()


@pytest.mark.gen_test(timeout=40)
async def test_pings_whose_answers_nobody_reads(lesson: Lesson) -> None:
    """A client that pings and never reads does not fill the server's memory."""
    witness, socket = await lesson.socket(), await lesson.socket()
    flood = frame(PING, b"x" * 125) * 2_000
    for turn in range(40):
        socket.write(flood)
        await assert_goes_on(witness, turn)
    assert lesson.unsent_bytes() < 1 << 20
    await socket.drop()
    await witness.drop()
