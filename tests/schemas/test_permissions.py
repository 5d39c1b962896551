"""Who may do what, as the contract has it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.permissions import ALL, BIT, PERMISSIONS, ROLES, as_object, bits, effective

BITS = st.integers(0, ALL)


def _granted(role: str) -> set[str]:
    return {name for name, yes in as_object(ROLES[role]).items() if yes}


def test_the_roles_are_those_of_the_contract() -> None:
    """A student draws and talks, a viewer only talks, a soloist is alone, and the host may do all."""
    assert len(PERMISSIONS) == len(set(PERMISSIONS)) == 15
    assert _granted("host") == set(PERMISSIONS)
    assert _granted("student") == {
        "can_draw",
        "can_erase",
        "can_export",
        "can_toggle_video",
        "can_toggle_audio",
        "can_share_screen",
    }
    assert _granted("viewer") == {"can_toggle_video", "can_toggle_audio"}
    assert set(PERMISSIONS) - _granted("solo") == {
        "can_toggle_video",
        "can_toggle_audio",
        "can_share_screen",
        "can_invite",
        "can_kick",
    }


def test_an_answer_always_names_all_fifteen() -> None:
    """The page never has to guess what a missing permission means."""
    assert list(as_object(0)) == list(PERMISSIONS)
    assert not any(as_object(0).values())
    assert all(as_object(ALL).values())


@given(st.sampled_from(sorted(ROLES)), BITS, BITS)
def test_what_was_set_for_one_person_overrides_the_role(role: str, allow: int, deny: int) -> None:
    """A custom permission counts, whatever the role says; where there is none the role does."""
    may = as_object(effective(role, allow, deny & ~allow))
    for name, bit in BIT.items():
        assert may[name] == (bool(allow & bit) or (not deny & bit and bool(ROLES[role] & bit)))


def test_an_unknown_name_is_found_at_once() -> None:
    """A misspelt permission in the code stops the start and does not silently grant nothing."""
    with pytest.raises(KeyError):
        bits(("can_fly",))
