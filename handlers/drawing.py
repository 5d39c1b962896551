"""Pictures of boards, drawn in processes of their own: few at once, and ended when they take too long."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from schemas.errors import INTERNAL, RATE_LIMITED, TOO_LARGE, Refused
from schemas.jsonio import dumps

AT_ONCE = 2
AT_ONCE_FOR_ONE = 6
"""So that the queue is not all one person's."""
PATIENCE_SECONDS = 20.0
ROOT = Path(__file__).parent.parent
log = logging.getLogger("lessonroom.drawing")


class Drawing:
    """Draws for one server."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._asked_for: Counter[str] = Counter()

    async def draw(self, form: str, state: Any, who: str = "") -> bytes:
        """`state` as `svg` or `png`, for the person `who`. `Refused`: TOO_LARGE when it takes longer than 20 seconds,
        RATE_LIMITED when they wait for six already.
        """
        if who and self._asked_for[who] >= AT_ONCE_FOR_ONE:
            raise Refused(RATE_LIMITED, "Your other exports are still being drawn.", retry_after_seconds=5)
        self._asked_for[who] += 1
        try:
            async with self._slots:
                return await self._draw(form, state)
        finally:
            self._asked_for[who] -= 1
            if not self._asked_for[who]:
                del self._asked_for[who]

    async def _draw(self, form: str, state: Any) -> bytes:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "schemas.board_render", form),
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                picture, complaint = await process.communicate(dumps(state).encode())
        except TimeoutError:
            raise Refused(TOO_LARGE, "The board takes too long to draw.") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode != 0:
            log.error("drawing failed: %s", complaint.decode(errors="replace")[-2000:])
            raise Refused(INTERNAL)
        return picture
