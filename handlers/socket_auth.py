"""Where a socket's token comes from: query, subprotocol pair or `Authorization` header (contract §1)."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.auth import bearer_token

SUBPROTOCOL = "access_token"


def socket_token(
    query_token: str | None, subprotocols: Sequence[str], authorization: str | None
) -> tuple[str | None, str | None]:
    """The token of a handshake, and the subprotocol to answer with; each None when there is none.

    The first place that has a token counts, in the order of the parameters. The subprotocol is answered
    whenever it was offered: a browser drops a connection that answers none of what it offered, and the close
    code of a refused one with it. Refused(BAD_TOKEN) for a malformed `Authorization` header, when it is the
    only place left to look at.
    """
    offered = [name.strip() for name in subprotocols]
    chosen = SUBPROTOCOL if SUBPROTOCOL in offered else None
    paired = offered[offered.index(SUBPROTOCOL) + 1 :][:1] if chosen else []
    token = query_token or (paired[0] if paired else None) or bearer_token(authorization)
    return token, chosen
