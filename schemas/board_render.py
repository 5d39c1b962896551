"""Draws a board in a process of its own: `python -m schemas.board_render svg|png` reads a state and writes a picture.

Drawing holds the interpreter's lock, for seconds on a large board and for minutes on a malicious one; only a process can
be ended.
"""

from __future__ import annotations

import sys

from schemas.board_png import board_png
from schemas.board_svg import board_svg
from schemas.jsonio import loads


def main(form: str) -> None:
    """Standard input to standard output."""
    state = loads(sys.stdin.buffer.read())
    sys.stdout.buffer.write(board_png(state) if form == "png" else board_svg(state).encode())


if __name__ == "__main__":
    main(sys.argv[1])
