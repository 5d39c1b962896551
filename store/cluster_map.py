"""Which node has which slots, from what the nodes say of themselves and of one another. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from schemas.store_url import Address

SLOTS = 16_384
_NOT_THERE = frozenset(("fail", "noaddr", "handshake"))


class Claim(NamedTuple):
    """A primary has the slots from `first` to `last`, since the change of the cluster that is numbered `epoch`."""

    epoch: int
    first: int
    last: int
    address: Address


def claims_in(view: str, asked: Address) -> list[Claim]:
    """All claims in one node's answer to `CLUSTER NODES`. `asked` is where the answer is from: a node that nobody has met
    does not know its own host.
    """
    found = []
    for line in view.splitlines():
        _, where, flags, _, _, _, epoch, _, *slots = line.split(" ")
        kinds = flags.split(",")
        if "master" not in kinds or not _NOT_THERE.isdisjoint(kinds):
            continue
        host, _, port = where.partition("@")[0].rpartition(":")
        address = (host or asked[0], int(port))
        for text in slots:
            if not text.startswith("["):  # those on the move
                first, _, last = text.partition("-")
                found.append(Claim(int(epoch), int(first), int(last or first), address))
    return found


def owners(claims: Iterable[Claim]) -> list[Address | None]:
    """The owner of every slot. The latest claim counts: a node that was cut off repeats what held before."""
    slots: list[Address | None] = [None] * SLOTS
    for claim in sorted(set(claims)):
        slots[claim.first : claim.last + 1] = [claim.address] * (claim.last + 1 - claim.first)
    return slots
