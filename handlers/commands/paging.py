"""Pages of a list: `{count, next, previous, results}`, as the platform's other lists have them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode


def page_of(items: Sequence[Any], query: Mapping[str, Any], path: str) -> dict[str, Any]:
    """The asked-for page; `next` and `previous` are addresses, or null at the ends."""
    page, size = query["page"], query["page_size"]
    begin = (page - 1) * size
    others = {name: ",".join(value) if isinstance(value, tuple) else value for name, value in query.items()}

    def address(number: int) -> str:
        return f"{path}?{urlencode({**others, 'page': number})}"

    return {
        "count": len(items),
        "next": address(page + 1) if begin + size < len(items) else None,
        "previous": address(page - 1) if page > 1 else None,
        "results": list(items[begin : begin + size]),
    }
