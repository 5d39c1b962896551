"""The first message on a socket, and what follows it when a client resumes (contract §4). Pure."""

from __future__ import annotations

from typing import Any

from handlers.connection import Connection
from schemas.jsonio import dumps
from schemas.permissions import as_object
from store.entry import DIRECTED, PEERS, Entry, parse
from store.presence import Arrival

PROTOCOL = 1
HEARTBEAT_SECONDS = 20
_PERMISSIONS_UPDATED = b'"type":"permissions_updated"'


def welcome_text(
    connection_id: str, arrival: Arrival, missed: int, ice_servers: list[dict[str, Any]], server_time: str
) -> bytes:
    """The `welcome`; the large parts are spliced in as the store made them."""
    known = dumps(
        {
            "type": "welcome",
            "protocol": PROTOCOL,
            "connection_id": connection_id,
            "epoch": arrival.epoch,
            "seq": arrival.position.seq,
            "recovered": arrival.recovered,
            "missed": missed,
            "server_time": server_time,
            "heartbeat_seconds": HEARTBEAT_SECONDS,
            "permissions": as_object(arrival.bits),
            "role": arrival.role,
            "board": {"version": arrival.board_version},
            "ice_servers": ice_servers,
        }
    ).encode()
    spliced = (
        (b"session", arrival.session_json),
        (b"participant", arrival.participant_json),
        (b"participants", arrival.participants_json),
        (b"media_states", arrival.media_states_json),
    )
    return known[:-1] + b"".join(b',"%b":%b' % part for part in spliced) + b"}"


def replay(connection: Connection, arrival: Arrival) -> list[Entry]:
    """The missed entries this socket gets: its broadcasts, and the latest of its changed permissions. Older
    ones, and a removal from which the person has come back, are history.
    """
    parsed = map(parse, arrival.missed)
    entries = [entry for entry in parsed if entry.kind != PEERS and connection.wants(entry)]
    directed = [entry for entry in entries if entry.kind == DIRECTED]
    latest = next((entry for entry in reversed(directed) if _PERMISSIONS_UPDATED in entry.json), None)
    return [entry for entry in entries if entry.kind != DIRECTED or entry is latest]
