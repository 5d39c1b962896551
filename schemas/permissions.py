"""The fifteen permissions, the roles that grant them, and how a participant's custom ones override (contract §3).

A set of permissions travels as an integer of bits (bit n is the n-th name of `PERMISSIONS`), so that the store's
scripts can check one with a single AND. `schemas` is where the table lives; the scripts get it from here.
"""

from __future__ import annotations

from collections.abc import Mapping

PERMISSIONS: tuple[str, ...] = (
    "can_draw",
    "can_erase",
    "can_add_layers",
    "can_delete_layers",
    "can_reorder_layers",
    "can_upload_images",
    "can_export",
    "can_clear_board",
    "can_toggle_video",
    "can_toggle_audio",
    "can_share_screen",
    "can_invite",
    "can_kick",
    "can_terminate",
    "can_pause",
)
BIT: Mapping[str, int] = {name: 1 << index for index, name in enumerate(PERMISSIONS)}
ALL = (1 << len(PERMISSIONS)) - 1


def bits(names: tuple[str, ...]) -> int:
    """The integer for `names`; KeyError for a name that is none."""
    return sum(BIT[name] for name in names)


ROLES: Mapping[str, int] = {
    "host": ALL,
    "student": bits(
        ("can_draw", "can_erase", "can_export", "can_toggle_video", "can_toggle_audio", "can_share_screen")
    ),
    "viewer": bits(("can_toggle_video", "can_toggle_audio")),
    "solo": ALL
    & ~bits(("can_toggle_video", "can_toggle_audio", "can_share_screen", "can_invite", "can_kick")),
}


def effective(role: str, allow: int, deny: int) -> int:
    """What a participant may do: the role's permissions, less the denied, plus the allowed custom ones."""
    return (ROLES[role] & ~deny) | allow


def as_object(granted: int) -> dict[str, bool]:
    """All fifteen names, each true or false, in the order of the contract."""
    return {name: bool(granted & bit) for name, bit in BIT.items()}
