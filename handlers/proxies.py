"""Who is really asking, when proxies are in between (`http.trusted_proxies`). For the log only: nothing depends on it."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address, ip_network


def client_address(peer: str, forwarded_for: str, trusted: Sequence[str]) -> str:
    """The address nearest to us that is no trusted proxy; `trusted` are addresses or networks.

    `forwarded_for` is the X-Forwarded-For header, which each proxy appends to, so it is read from its end.
    """
    networks = [ip_network(text, strict=False) for text in trusted]
    address = peer
    hops = [hop.strip() for hop in forwarded_for.split(",") if hop.strip()]
    while hops and any(_is_in(address, network) for network in networks):
        hop = hops.pop()
        try:
            address = str(ip_address(hop))
        except ValueError:
            return address
    return address


def _is_in(address: str, network: object) -> bool:
    try:
        return ip_address(address) in network  # type: ignore[operator]  # IPv4Network | IPv6Network
    except ValueError:
        return False
