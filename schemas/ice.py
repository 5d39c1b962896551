"""The ICE servers a person is given: those configured, and TURN with passing credentials (contract §4)."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any


def ice_servers(
    user_key: str,
    now: float,
    *,
    configured: Sequence[Mapping[str, Any]],
    turn_secret: str | None,
    turn_urls: Sequence[str],
    turn_ttl_seconds: float,
) -> list[dict[str, Any]]:
    """What a browser's `RTCPeerConnection` takes as `iceServers`; the keyword values are those of `webrtc.*`.

    Without a TURN secret or without TURN urls there is no TURN entry. The credentials are the usual ones that
    a TURN server checks with the shared secret: username `<expiry in unix seconds>:<user>`, and its HMAC-SHA1
    in base64.
    """
    servers = [dict(server) for server in configured]
    if turn_secret and turn_urls:
        username = f"{int(now + turn_ttl_seconds)}:{user_key}"
        digest = hmac.new(turn_secret.encode(), username.encode(), hashlib.sha1).digest()
        servers.append(
            {"urls": list(turn_urls), "username": username, "credential": b64encode(digest).decode("ascii")}
        )
    return servers
