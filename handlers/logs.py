"""The log: one line an event, for a person or as JSON. No line ever contains a token (contract §5)."""

from __future__ import annotations

import logging
import re
import sys
from datetime import UTC, datetime

from schemas.jsonio import dumps

_TOKEN = re.compile(r"eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*|(?<=token=)[^&\s\"']+")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
REDACTED = "[token]"


class _Formatter(logging.Formatter):
    """Common to both formats: whatever looks like a token is taken out, last."""

    def line(self, record: logging.LogRecord) -> str:
        """The record's line, as it would be without that care."""
        raise NotImplementedError

    def format(self, record: logging.LogRecord) -> str:
        """The line that is written."""
        return _CONTROL.sub(" ", _TOKEN.sub(REDACTED, self.line(record)))

    def _trace(self, record: logging.LogRecord) -> str:
        return self.formatException(record.exc_info) if record.exc_info else ""


class TextFormatter(_Formatter):
    """`2026-01-02T03:04:05.678Z INFO access GET /healthz 200 0.3 ms request_id=…`."""

    def line(self, record: logging.LogRecord) -> str:
        """The record as words."""
        details = getattr(record, "details", {})
        words = [
            _time(record),
            record.levelname,
            record.name.removeprefix("lessonroom."),
            _one_line(record.getMessage()),
        ]
        words += [f"{name}={_one_line(str(value))}" for name, value in details.items() if value is not None]
        trace = self._trace(record)
        return " ".join(words) + (f"\n{trace}" if trace else "")


class JsonFormatter(_Formatter):
    """One JSON object: `time, level, logger, message`, the details, and `exception` if there is one."""

    def line(self, record: logging.LogRecord) -> str:
        """The record as JSON."""
        entry = {
            "time": _time(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "details", {}),
        }
        trace = self._trace(record)
        return dumps({**entry, "exception": trace} if trace else entry)


def configure(level: str, form: str) -> None:
    """Sends everything from `level` (debug, info, …) on to standard error, as `text` or `json`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    logging.getLogger("tornado.access").setLevel(logging.WARNING)  # we write these lines ourselves


def _time(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _one_line(text: str) -> str:
    return text.replace("\n", " ")
