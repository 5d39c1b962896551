"""Everything that can be refused has one name and one status."""

from __future__ import annotations

import re

import pytest

from schemas import errors
from schemas.errors import CLOSES, ERRORS, RATE_LIMITED, VALIDATION_FAILED, Error, Refused

CONTRACT_STATUS = {
    "bad_request": 400,
    "bad_message": 400,
    "unknown_type": 400,
    "bad_event": 400,
    "validation_failed": 400,
    "unauthorized": 401,
    "bad_token": 401,
    "forbidden": 403,
    "bad_access_code": 403,
    "kicked": 403,
    "not_found": 404,
    "invalid_transition": 409,
    "stale_version": 409,
    "session_full": 409,
    "session_paused": 409,
    "booking_cancelled": 409,
    "session_over": 410,
    "too_large": 413,
    "unsupported_media_type": 415,
    "rate_limited": 429,
    "store_unavailable": 503,
    "internal": 500,
}
CONTRACT_CLOSES = {1000, 4400, 4401, 4403, 4404, 4408, 4410, 4413, 4429, 1012, 1013}


def test_the_codes_of_the_contract_have_its_statuses() -> None:
    """A program that was written against the contract understands every refusal."""
    assert {code: ERRORS[code].http for code in CONTRACT_STATUS} == CONTRACT_STATUS
    assert "peer_unavailable" in ERRORS


def test_no_two_rows_share_a_code() -> None:
    """A code means one thing: a second row of the same name would hide the first."""
    rows = [value for value in vars(errors).values() if isinstance(value, Error)]
    assert len(rows) == len({row.code for row in rows}) == len(ERRORS)


@pytest.mark.parametrize("error", ERRORS.values(), ids=lambda error: error.code)
def test_every_row_is_fit_to_be_shown(error: Error) -> None:
    """A refusal closes with a code that clients know, and says when to come back where waiting helps."""
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", error.code)
    assert error.title
    assert not error.title.endswith(".")
    assert error.close in CONTRACT_CLOSES
    assert error.http != 422
    assert (error.retry_after_seconds is not None) == (error.http in (429, 503))


def test_the_closes_are_those_of_the_contract() -> None:
    """Every close code has a reason, short enough for a close frame."""
    assert set(CLOSES) == CONTRACT_CLOSES
    assert all(0 < len(close.reason.encode()) <= 123 for close in CLOSES.values())


def test_a_refusal_always_has_a_sentence() -> None:
    """Whoever was refused is told why, with the row's words where nobody had better ones."""
    assert Refused(VALIDATION_FAILED).detail == "Some fields are not valid."
    refused = Refused(RATE_LIMITED, "Slow down.", retry_after_seconds=7)
    assert (refused.detail, refused.retry_after_seconds, str(refused)) == ("Slow down.", 7, "Slow down.")
    assert Refused(RATE_LIMITED).retry_after_seconds == RATE_LIMITED.retry_after_seconds
    assert Refused(VALIDATION_FAILED, fields={"limit": ["No."]}).fields == {"limit": ["No."]}
