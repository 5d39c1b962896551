"""Sync: somebody asks for the whole board. The cost of an answer, for a large board and a very large one."""

from __future__ import annotations

from functools import partial

from bench.peers import client_frame
from bench.seated import Seated
from bench.stage import Figures, Spent, Stage
from bench.targets import BARE, LESSONROOM, TORNADO, BareSend
from bench.workloads.join import MILLISECONDS

REQUEST = client_frame(b'{"type":"sync_request"}')


def run(stage: Stage) -> None:
    """All boards, the targets in turn."""
    for strokes in stage.sizes.boards:
        case = f"{strokes} strokes"
        for number in range(stage.runs):
            for name in (LESSONROOM, TORNADO, BARE):
                size = 0 if name == LESSONROOM else round(stage.median_bytes("sync", case))
                with stage.target(name) as target:
                    room = target.rooms(1, 1)[0]
                    target.draw(room, strokes)
                    seated = Seated(stage, target, [room])
                    stage.record("sync", case, name, number, _measured(stage, seated, size, strokes))
                    seated.crowd.close()


def _has(texts: list[bytes], wanted: int) -> bool:
    return len(texts) == wanted


def _measured(stage: Stage, seated: Seated, bare_bytes: int, strokes: int) -> Figures:
    target, (peer,) = seated.target, seated.pairs
    texts: list[bytes] = []
    peer.on_text = texts.append
    with Spent(target.pid, stage.store.pid) as spent:
        for number in range(stage.sizes.syncs):
            if isinstance(target, BareSend):
                target.play(seated.rooms, bare_bytes, 1, 0)
            else:
                peer.send(REQUEST)
            seated.crowd.run(partial(_has, texts, number + 1))
            if isinstance(target, BareSend):
                target.played()
    if not isinstance(target, BareSend):
        whole = sum(text.count(b'"points"') == strokes for text in texts)
        assert whole == len(texts), f"{target.name}: {whole} of {len(texts)} answers have the whole board"
    return {
        "server_ms": spent.server / stage.sizes.syncs * MILLISECONDS,
        "store_ms": spent.store / stage.sizes.syncs * MILLISECONDS,
        "bytes": sum(map(len, texts)) / len(texts),
    }
