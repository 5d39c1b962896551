import json
import logging
import sys

import pytest

from handlers.logs import REDACTED, JsonFormatter, TextFormatter

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjo3fQ.c2lnbmF0dXJl"


def record(message: str, *arguments: object, **details: object) -> logging.LogRecord:
    """A log record with details."""
    made = logging.LogRecord("lessonroom.http", logging.INFO, __file__, 1, message, arguments, None)
    made.details = details
    return made


@pytest.mark.parametrize("formatter", [TextFormatter(), JsonFormatter()])
@pytest.mark.parametrize(
    "text",
    [f"Bearer {TOKEN}", f"/ws/?token={TOKEN}&since=1", f"access_token, {TOKEN}", "/ws/?token=anything"],
)
def test_no_token_is_ever_written(formatter: logging.Formatter, text: str) -> None:
    """Whatever somebody logs, no token is in it: not in the message, a detail or a trace."""
    made = record("%s", text, header=text)
    try:
        raise ValueError(text)  # noqa: TRY301 - a trace is what is wanted
    except ValueError:
        made.exc_info = sys.exc_info()
    line = formatter.format(made)
    assert "eyJ" not in line
    assert "anything" not in line
    assert line.count(REDACTED) >= 3


def test_a_line_for_a_person() -> None:
    """One event is one line, with its details; nobody writes a second line into the log by sending a line
    break.
    """
    line = TextFormatter().format(record("GET %s", "/a\nb\x1b[31m", user="7\n8", status=200, none=None))
    assert line.endswith("INFO http GET /a b [31m user=7 8 status=200")
    assert "\n" not in line


def test_a_line_for_a_program() -> None:
    """JSON lines carry the same, as fields."""
    line = JsonFormatter().format(record("GET %s", '/a\n"b"', user=7))
    assert "\n" not in line
    entry = json.loads(line)
    assert (entry["level"], entry["logger"], entry["message"], entry["user"]) == (
        "INFO",
        "lessonroom.http",
        'GET /a\n"b"',
        7,
    )
    assert entry["time"].endswith("Z")
