import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.jws import ascii_json

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(blacklist_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("a>?~\x7f\\"), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text('key>?~\x7f\\"'), JSON, max_size=5))
def test_escaping_changes_no_value(claims: dict[str, Any]) -> None:
    """However claims are written for `atob`, a JSON parser reads back what was put in."""
    text = ascii_json(claims)
    assert json.loads(text) == claims
    assert not set(text) & set(b">?~\x7f")
    assert max(text) < 0x80


def test_no_number_outside_json() -> None:
    """A claim that JSON cannot say is an error where it is made, not at the client."""
    with pytest.raises(ValueError):
        ascii_json({"exp": float("nan")})
