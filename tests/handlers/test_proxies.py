"""Whose address the log names."""

from __future__ import annotations

import pytest

from handlers.proxies import client_address


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "trusted", "client"),
    [
        ("10.0.0.1", "", (), "10.0.0.1"),
        ("10.0.0.1", "1.2.3.4", (), "10.0.0.1"),
        ("10.0.0.1", "1.2.3.4", ("10.0.0.0/8",), "1.2.3.4"),
        ("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2", ("10.0.0.0/8",), "1.2.3.4"),
        ("10.0.0.1", "6.6.6.6, nonsense", ("10.0.0.0/8",), "10.0.0.1"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", ("10.0.0.0/8",), "10.0.0.3"),
        ("::1", "1.2.3.4", ("::1",), "1.2.3.4"),
        ("", "1.2.3.4", ("10.0.0.0/8",), ""),
    ],
)
def test_only_trusted_proxies_are_believed(
    peer: str, forwarded_for: str, trusted: tuple[str, ...], client: str
) -> None:
    """Nobody can put an address of their choice into the log by sending the header themselves."""
    assert client_address(peer, forwarded_for, trusted) == client
