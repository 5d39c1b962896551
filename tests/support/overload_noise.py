"""A room that makes far more noise than a core can carry, in a process of its own, and its account of what became of it.

    python -m tests.support.overload_noise '{"port": 8000, "witness_port": 8001, "uuid": "…", "writers": ["<token>", …], …}'

Prints "open" when everybody is in, begins when a line comes in, and prints its account as JSON at the end.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from typing import Any

from tests.support.overload_sockets import LoadSocket, handshake, open_load_socket

TICK_SECONDS = 0.02
SETTLE_SECONDS = 30.0
STROKES_EACH = 50  # drawn again and again, so that the board stays small
STROKE = b'{"type":"board_event","event_type":"stroke_add","data":{"id":"%b","ink":"%b"},"id":"%b"}'
INK = b"x" * 1_000  # a stroke of some eighty points


def percentile(values: list[float], share: float) -> float:
    """The value that this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


class Account:
    """What was sent, and what became of each."""

    def __init__(self) -> None:
        self.sent: dict[bytes, float] = {}
        self.acked: dict[bytes, int] = {}
        self.refused: dict[bytes, str] = {}
        self.ack_seconds: list[float] = []
        self.update_seconds: list[float] = []
        self.faults: list[str] = []

    @property
    def unanswered(self) -> int:
        """How many got neither an ack nor a refusal."""
        return len(self.sent) - len(self.acked) - len(self.refused)


class Member:
    """One socket of the room that looks at what it gets: every number, in order, each once."""

    def __init__(self, name: str, account: Account, is_witness: bool) -> None:
        self.name = name.encode()
        self.account = account
        self.seq: int | None = None
        self.version: int | None = None
        self.seen: list[bytes] = []
        self.socket: LoadSocket
        self._is_witness = is_witness
        self._count = 0

    def take(self, text: bytes) -> None:
        """A message."""
        if text.startswith(b'{"seq":'):
            self._step(int(text[7 : text.index(b",", 7)]))
            if self._is_witness:
                self._witness(text)
        elif text.startswith(b'{"type":"ack"'):
            message = json.loads(text)
            self._step(message["seq"])
            self._note(message["id"].encode(), self.account.acked, message["version"])
        elif text.startswith(b'{"type":"error"'):
            message = json.loads(text)
            self._note(message["id"].encode(), self.account.refused, message["code"])
        elif text.startswith(b'{"type":"welcome"') or b'"type": "welcome"' in text[:20]:
            self.seq = json.loads(text)["seq"]

    def make_noise(self, count: int) -> None:
        """Sends that many strokes, unless the server does not take them."""
        for _ in range(count):
            if not self.socket.may_write:
                return
            self._count += 1
            name = b"%b-%d" % (self.name, self._count)
            self.account.sent[name] = time.monotonic()
            self.socket.send(STROKE % (b"%b-%d" % (self.name, self._count % STROKES_EACH), INK, name))

    def _step(self, seq: int) -> None:
        if self.seq is not None and seq != self.seq + 1:
            self.account.faults.append(f"{self.name.decode()}: {seq} came after {self.seq}")
        self.seq = seq

    def _note(self, name: bytes, noted: dict[bytes, Any], what: Any) -> None:
        if name in self.account.acked or name in self.account.refused:
            self.account.faults.append(f"{name.decode()} was answered twice")
        noted[name] = what
        if noted is self.account.acked:
            self.account.ack_seconds.append(time.monotonic() - self.account.sent[name])

    def _witness(self, text: bytes) -> None:
        if b'"type":"board_update"' not in text[:60]:
            return
        name = text[text.rindex(b'"id":"') + 6 : -2]
        self.seen.append(name)
        self.account.update_seconds.append(time.monotonic() - self.account.sent[name])


async def enter(
    told: dict[str, Any], account: Account
) -> tuple[list[Member], list[Member], list[LoadSocket]]:
    """Everybody comes in: the writers' sockets, two witnesses who check everything, and an audience."""

    async def member(name: str, token: str, is_witness: bool = False) -> Member:
        made = Member(name, account, is_witness)
        port = told["witness_port" if is_witness else "port"]
        made.socket = await open_load_socket(port, handshake(told["uuid"], token), made.take)
        return made

    writers = [
        await member(f"w{number}.{of_it}", token)
        for number, token in enumerate(told["writers"])
        for of_it in range(told["sockets_each"])
    ]
    witnesses = [await member(f"v{n}", token, True) for n, token in enumerate(told["audience"][:2])]
    audience = [
        await open_load_socket(told["witness_port"], handshake(told["uuid"], token))
        for token in told["audience"][2:]
    ]
    return writers, witnesses, audience


def report(account: Account, witnesses: list[Member], everybody: list[LoadSocket]) -> dict[str, Any]:
    """The account in figures."""
    order = [name for name, _ in sorted(account.acked.items(), key=lambda item: item[1])]
    for witness in witnesses:
        if witness.seen != order:
            lost, strange = len(set(order) - set(witness.seen)), len(set(witness.seen) - set(order))
            account.faults.append(
                f"{witness.name.decode()} saw another order; lost {lost}, never acked {strange}"
            )
    return {
        "sent": len(account.sent),
        "accepted": len(account.acked),
        "refused": Counter(account.refused.values()),
        "unanswered": account.unanswered,
        "ack_p50": percentile(account.ack_seconds, 0.5),
        "ack_p95": percentile(account.ack_seconds, 0.95),
        "update_p95": percentile(account.update_seconds, 0.95),
        "faults": account.faults[:20],
        "closed": Counter(socket.closed.result() for socket in everybody if socket.closed.done()),
        "received_bytes": sum(socket.received_bytes for socket in everybody),
    }


async def main(told: dict[str, Any]) -> None:
    """The noise."""
    account = Account()
    writers, witnesses, audience = await enter(told, account)
    sys.stdout.write("open\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.readline)
    ends = time.monotonic() + told["seconds"]
    while time.monotonic() < ends:
        for writer in writers:
            writer.make_noise(round(told["rate_each"] * TICK_SECONDS))
        await asyncio.sleep(TICK_SECONDS)
    stopped = time.monotonic()

    def is_settled() -> bool:
        return not account.unanswered and all(w.seq == writers[0].seq for w in (*writers, *witnesses))

    while not is_settled() and time.monotonic() < stopped + SETTLE_SECONDS:  # noqa: ASYNC110 - several make it true
        await asyncio.sleep(TICK_SECONDS)
    settled = time.monotonic() - stopped
    everybody = [*(member.socket for member in (*writers, *witnesses)), *audience]
    sys.stdout.write(
        json.dumps({**report(account, witnesses, everybody), "caught_up_seconds": settled}) + "\n"
    )
    for socket in everybody:
        socket.close()


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
