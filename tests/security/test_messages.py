"""Hypothesis against every socket message: whatever its fields hold, the answer is one of ours and the lesson goes on."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st
from marshmallow import Schema
from tornado.ioloop import IOLoop

from handlers.connection import Kind
from handlers.messages import MESSAGES
from schemas.board import EVENTS
from schemas.errors import ERRORS
from tests.support.attack_rounds import LONG, rounds
from tests.support.fuzz_lesson import SENTENCE, Lesson, assert_no_failures, running
from tests.support.fuzz_wire import RawSocket

PRESENCE = Kind.PRESENCE
NAMES = (
    *(
        "id",
        "stroke",
        "strokeId",
        "asset",
        "assetId",
        "object",
        "objectId",
        "changes",
        "layer",
        "layerId",
        "state",
    ),
    *(
        "strokes",
        "objects",
        "assets",
        "layers",
        "background",
        "points",
        "targetUserId",
        "x",
        "y",
        "__proto__",
        "",
    ),
)
"""What the board looks for in `data`."""
SERVER_SAYS = frozenset(
    (
        *(
            "pong",
            "error",
            "ack",
            "board_update",
            "media_state_update",
            "participant_updated",
            "token",
            "conflict",
        ),
        *(
            "sync_response",
            "pointer_move",
            "participant_joined",
            "participant_left",
            "peers",
            "peer_joined",
            "peer_left",
        ),
        *("offer", "answer", "ice_candidate", *MESSAGES[PRESENCE]),
    )
)
ENDS = (4400, 4413, 4429) if LONG else (4400, 4413)
"""In a long run one kind of message may be sent so often, for so long, that its limit ends the socket."""

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=40),
    st.sampled_from(["\x00", "\u2028", "<script>", "\ud800", "a" * 3_000, "{uuid}", "-0", "1e9999", "7"]),
)
anything = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(st.sampled_from(NAMES), st.text(max_size=8)), inner, max_size=4),
    ),
    max_leaves=12,
)


def message(name: str, schema: Schema) -> st.SearchStrategy[dict[str, Any]]:
    """Messages of that type: each known field right, wrong or missing, and some that nobody knows."""
    known = {
        field: st.one_of(st.just(rule.metadata["example"]), anything)
        if "example" in rule.metadata
        else anything
        for field, rule in schema.load_fields.items()
    }
    return st.fixed_dictionaries(
        {"type": st.just(name)}, optional={**known, "id": anything, "more": anything}
    )


def event(event_type: str) -> st.SearchStrategy[dict[str, Any]]:
    """Board events of that type, of which only the data may be wrong, so that they get as far as that."""
    data = st.one_of(st.dictionaries(st.sampled_from(NAMES), anything, max_size=5), anything)
    return st.fixed_dictionaries(
        {"type": st.just("board_event"), "event_type": st.just(event_type)},
        optional={"data": data, "id": st.text(min_size=1, max_size=8)},
    )


def attempts(kind: Kind) -> Iterator[st.SearchStrategy[Any]]:
    """Whatever may be tried on a socket of that kind: each message, each board event, and what is none."""
    yield anything
    for name, row in MESSAGES[kind].items():
        yield message(name, row.schema)
    if "board_event" in MESSAGES[kind]:
        for event_type in (*EVENTS, "webrtc:ice-candidate", "nobody:knows"):
            yield event(event_type)


@pytest.fixture
def lesson(io_loop: IOLoop, redis_url: str, caplog: pytest.LogCaptureFixture) -> Iterator[Lesson]:
    """A lesson on a server in this process; afterwards, nothing may have been logged as a failure."""
    with running(io_loop, redis_url) as lesson:
        yield lesson
    assert_no_failures(caplog)


class Attack:
    """One socket, opened anew when the server has ended it, and a witness who must not suffer."""

    def __init__(self, lesson: Lesson, kind: Kind) -> None:
        self._lesson = lesson
        self._kind = kind
        self._socket: RawSocket | None = None
        self._turn = 0

    async def send(self, told: list[Any]) -> None:
        """Sends these, and looks at everything that is answered."""
        if self._socket is None:
            self._socket = await self._lesson.socket("" if self._kind is Kind.FULL else f"{self._kind}/")
        self._turn += 1
        end = f"end-{self._turn}"
        for one in told:
            self._socket.say(one if not isinstance(one, str) else json.dumps(one))
        self._socket.say({"type": "presence.heartbeat" if self._kind is PRESENCE else "ping", "id": end})
        while (answer := await self._socket.hear()) is not None:
            check(answer)
            if answer.get("id") == end and answer["type"] in ("pong", "ack"):
                return
        ended, self._socket = self._socket, None
        await ended.drop()
        assert ended.close_code in ENDS, told

    async def assert_lesson_goes_on(self) -> None:
        """Somebody else's socket works, and the board can be read and drawn."""
        witness = await self._lesson.socket()
        witness.say({"type": "sync_request"})
        board = await witness.hear_type("sync_response")
        assert set(board["state"]) == {"strokes", "objects", "assets", "layers", "background"}
        for form in ("json", "svg"):
            target = f"/api/v1/classroom/sessions/{self._lesson.uuid}/export/?format={form}"
            reply = await self._lesson.wire.request(
                "GET", target, headers=self._lesson.bearer(self._lesson.host)
            )
            assert reply.status == 200, reply
        await witness.drop()


def check(answer: dict[str, Any]) -> None:
    """Fails for anything that the protocol does not know."""
    assert answer["type"] in SERVER_SAYS, answer
    if answer["type"] == "error":
        assert ERRORS[answer["code"]].http < 500, answer
        assert SENTENCE.fullmatch(answer["message"]), answer
    assert not any(isinstance(value, float) and not math.isfinite(value) for value in answer.values())


@pytest.mark.parametrize("kind", list(Kind))
def test_every_message(kind: Kind, lesson: Lesson, io_loop: IOLoop) -> None:
    """A few messages at once, with anything in them: answered, refused or the end of that socket; never a failure."""
    attack = Attack(lesson, kind)

    def send(told: list[Any]) -> None:
        io_loop.run_sync(lambda: attack.send(told), timeout=40)

    for attempt in attempts(kind):
        rounds(12)(hypothesis.given(told=st.lists(attempt, min_size=1, max_size=3))(send))()
    io_loop.run_sync(attack.assert_lesson_goes_on, timeout=30)
