"""Pictures of boards, drawn in processes of their own: few at once, and ended when they take too long."""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path
from typing import Any

from schemas.errors import INTERNAL, TOO_LARGE, Refused
from schemas.jsonio import dumps

AT_ONCE = 2
PATIENCE_SECONDS = 20.0
ROOT = Path(__file__).parent.parent
log = logging.getLogger("lessonroom.drawing")


class Drawing:
    """Draws for one server."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def draw(self, form: str, state: Any) -> bytes:
        """`state` as `svg` or `png`. `Refused(TOO_LARGE)` when it takes longer than 20 seconds."""
        async with self._slots:
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
