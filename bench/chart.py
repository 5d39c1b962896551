"""The picture of a run: Lessonroom's cost and the floor's, as shares of the plain rival's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, LABEL, BAR, ROW, TOP = 840, 210, 400, 26, 64
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2933 }
.title { font-size: 15px; font-weight: 600 } .quiet { fill: #52606d }
.rival { fill: #cbd2d9 } .ours { fill: #2563eb } .floor { fill: #b45309 }
@media (prefers-color-scheme: dark) {
  text { fill: #e4e7eb } .quiet { fill: #9aa5b1 } .rival { fill: #3e4c59 } .ours { fill: #60a5fa } .floor { fill: #fbbf24 }
}
"""


@dataclass(frozen=True, slots=True)
class Bar:
    """One row: shares of the rival's cost (1 is as much), and what is written beside it."""

    label: str
    ours: float
    floor: float | None
    note: str


def bars(title: str, subtitle: str, rows: Sequence[Bar]) -> str:
    """An SVG that reads well on light and on dark pages."""
    height = TOP + ROW * len(rows) + 10
    body = "".join(_bar(row, TOP + ROW * number) for number, row in enumerate(rows))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
        f' aria-label="{escape(title)}"><style>{STYLE}</style>'
        f'<text class="title" x="10" y="24">{escape(title)}</text>'
        f'<text class="quiet" x="10" y="46">{escape(subtitle)}</text>{body}</svg>\n'
    )


def _bar(row: Bar, y: int) -> str:
    middle = y + ROW // 2 + 4
    parts = [
        f'<text x="{LABEL - 8}" y="{middle}" text-anchor="end">{escape(row.label)}</text>',
        f'<rect class="rival" x="{LABEL}" y="{y + 3}" width="{BAR}" height="{ROW - 8}" rx="2"/>',
        f'<rect class="ours" x="{LABEL}" y="{y + 3}" width="{_length(row.ours)}" height="{ROW - 8}" rx="2"/>',
    ]
    if row.floor is not None:
        parts.append(
            f'<rect class="floor" x="{LABEL + _length(row.floor) - 1}" y="{y}" width="3" height="{ROW - 2}"/>'
        )
    parts.append(f'<text class="quiet" x="{LABEL + BAR + 10}" y="{middle}">{escape(row.note)}</text>')
    return "".join(parts)


def _length(share: float) -> int:
    return round(BAR * min(share, 1.0))
