"""Times: integer milliseconds since 1970 inside, RFC 3339 in UTC with `Z` outside (contract §1)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def parse_ms(text: str) -> int:
    """The moment `text` names, in ms; finer digits are cut off.

    ValueError for what is not RFC 3339 with an offset or `Z`, and for years outside 1970 to 2199: lessons are
    planned by people, so anything else is a mistake of the sender's.
    """
    if _RFC_3339.fullmatch(text) is None:
        raise ValueError("not an RFC 3339 time with an offset")
    moment = datetime.fromisoformat(text.upper())
    if not _EPOCH <= moment < _LATEST:
        raise ValueError("outside the years 1970 to 2199")
    return (moment - _EPOCH) // _MILLISECOND


def rfc3339(ms: int) -> str:
    """`2026-01-02T03:04:05.678Z`: always milliseconds, always `Z`. OverflowError beyond the year 9999."""
    return (_EPOCH + ms * _MILLISECOND).isoformat(timespec="milliseconds")[:-6] + "Z"
