from __future__ import annotations

import asyncio
import os
import struct
from pathlib import Path

import pytest

from handlers import drawing
from handlers.drawing import Drawing
from schemas.board_svg import board_svg
from schemas.errors import INTERNAL, RATE_LIMITED, TOO_LARGE, Refused
from tests.support.stores import eventually

STATE = {"strokes": [{"id": "s", "points": [[0, 0], [90, 60]], "color": "#dc2626"}], "background": "white"}


def children() -> set[str]:
    """The processes that draw for this one."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, parent = path.parent.name, path.read_text().rpartition(")")[2].split()[1]
            if parent == str(os.getpid()) and b"board_render" in (path.parent / "cmdline").read_bytes():
                found.add(name)
        except OSError:  # it ended while it was looked at
            continue
    return found


@pytest.mark.gen_test(timeout=30)
async def test_pictures() -> None:
    """A board comes back as the SVG it is and as a PNG; more at once than there are slots all come."""
    works = [Drawing()] * 4
    svg, png, *_ = await asyncio.gather(
        *(work.draw(form, STATE) for work, form in zip(works, ("svg", "png", "svg", "png"), strict=True))
    )
    assert svg.decode() == board_svg(STATE)
    assert png.startswith(b"\x89PNG")
    assert struct.unpack(">II", png[16:24]) > (100, 100)
    assert children() == set()


@pytest.mark.gen_test(timeout=30)
async def test_it_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A board that takes too long is refused; its process is gone, and the next one is drawn."""
    monkeypatch.setattr(drawing, "PATIENCE_SECONDS", 0.02)
    work = Drawing()
    for _ in range(3):  # more than there are slots: each is given back
        with pytest.raises(Refused) as refused:
            await work.draw("png", STATE)
        assert refused.value.error is TOO_LARGE
    assert children() == set()
    monkeypatch.undo()
    assert (await work.draw("svg", None)).startswith(b"<svg")


@pytest.mark.gen_test(timeout=30)
async def test_a_client_that_went(monkeypatch: pytest.MonkeyPatch) -> None:
    """When nobody waits for the picture any more, its process does not go on."""
    work = Drawing()
    asked = asyncio.create_task(work.draw("png", STATE))
    await eventually(lambda: bool(children()))
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert children() == set()


@pytest.mark.gen_test(timeout=30)
async def test_what_cannot_be_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A drawing that fails is our fault: it is logged with its complaint, and the asker hears `internal`."""
    monkeypatch.setattr(drawing, "ROOT", tmp_path)  # where there is nothing that draws
    with pytest.raises(Refused) as refused:
        await Drawing().draw("svg", STATE)
    assert refused.value.error is INTERNAL


@pytest.mark.gen_test(timeout=30)
async def test_nobody_takes_the_whole_queue() -> None:
    """Somebody who asks for picture after picture is refused at the seventh; others wait for six at most, and are drawn."""
    work = Drawing()
    asked = [asyncio.create_task(work.draw("svg", STATE, "7")) for _ in range(10)]
    other = asyncio.create_task(work.draw("svg", STATE, "8"))
    outcomes = await asyncio.gather(*asked, other, return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert [refusal.error for refusal in refused] == [RATE_LIMITED] * 4
    assert isinstance(outcomes[-1], bytes)
    assert await work.draw("svg", STATE, "7") == outcomes[-1]
