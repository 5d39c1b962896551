"""Every configuration key: its section, default, kind and range (contract §5). What for: see `config.toml`.

A key is written once, as a dataclass field that carries its rule; the schema that checks `config.toml` and
the names of the environment variables are made from these tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from dataclasses import fields as dataclass_fields
from typing import Any, TypeVar

from marshmallow import fields

from schemas.config_rules import (
    flag,
    many,
    matching,
    network,
    number,
    one_of,
    origin,
    store_url,
    table,
    text,
    urls,
    whole,
)

DEVELOPMENT_PLATFORM_SECRET = "lessonroom-development-platform-secret"  # noqa: S105 - refused in production
DEVELOPMENT_CLASSROOM_SECRET = "lessonroom-development-classroom-secret"  # noqa: S105 - refused in production

SYMMETRIC = ("HS256", "HS384", "HS512")
ASYMMETRIC = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")

_DAY_SECONDS = 86_400
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One key of `classroom_token.keys`: the id in the header of tokens, and the secret that signs them."""

    kid: str
    secret: str = field(repr=False)


_T = TypeVar("_T")


def _key(default: _T, rule: fields.Field[Any], *, secret: bool = False) -> _T:
    made: _T = field(default=default, metadata={"rule": rule}, repr=not secret)
    return made


@dataclass(frozen=True, slots=True)
class Server:
    """Where and how this process listens."""

    host: str = _key("127.0.0.1", text(1, 255))
    port: int = _key(8000, whole(0, 65_535))
    env: str = _key("development", one_of("development", "production"))
    drain_seconds: float = _key(10, number(0, 600))


@dataclass(frozen=True, slots=True)
class Redis:
    """The store: a Redis of one's own, alone, under sentinels or as a cluster, or the embedded one; and when a write is
    acknowledged.
    """

    url: str = _key("embedded", store_url(), secret=True)
    wait_replicas: int = _key(0, whole(0, 16))
    wait_ms: int = _key(500, whole(1, 900))
    data_dir: str = _key("data", text(1))
    fsync: str = _key("always", one_of("always", "everysec"))
    embedded_in_production: bool = _key(False, flag())


@dataclass(frozen=True, slots=True)
class Auth:
    """How platform tokens are verified."""

    algorithms: tuple[str, ...] = _key(("HS256",), many(one_of(*SYMMETRIC, *ASYMMETRIC), least=1))
    secret: str = _key(DEVELOPMENT_PLATFORM_SECRET, text(), secret=True)
    public_key: str = _key(
        "",
        matching(r"|\s*-----BEGIN (?:RSA |EC )?PUBLIC KEY-----.+", "the PEM text of a public key"),
    )
    jwks_url: str = _key("", matching(r"|https?://\S+", "an https:// or http:// URL"))
    user_id_claim: str = _key("user_id", text(1, 64))


@dataclass(frozen=True, slots=True)
class ClassroomToken:
    """How classroom tokens are signed (by the first key) and verified (by any of them)."""

    keys: tuple[SigningKey, ...] = _key(
        (SigningKey("development", DEVELOPMENT_CLASSROOM_SECRET),),
        many(
            table(
                SigningKey,
                {"kid": matching(r"[A-Za-z0-9._-]{1,64}", "1 to 64 of A-Z a-z 0-9 . _ -"), "secret": text(1)},
            ),
            least=1,
        ),
    )
    ttl_seconds: int = _key(7_200, whole(1, 7 * _DAY_SECONDS))


@dataclass(frozen=True, slots=True)
class Events:
    """The event log of a session."""

    cap: int = _key(10_000, whole(1, 10_000_000))


@dataclass(frozen=True, slots=True)
class Relay:
    """What carries broadcasts between instances."""

    log_length: int = _key(5_000, whole(2_000, 1_000_000))
    log_bytes: int = _key(16 * _MIB, whole(_MIB, 1 << 30))
    check_seconds: float = _key(15, number(0.05, 60))


@dataclass(frozen=True, slots=True)
class Presence:
    """When a person whose sockets dropped counts as gone, or who never opened one, and an instance as crashed."""

    grace_seconds: float = _key(15, number(0, 600))
    joining_seconds: float = _key(300, number(0, _DAY_SECONDS))
    lease_seconds: float = _key(10, number(0.2, 40))


@dataclass(frozen=True, slots=True)
class Booking:
    """What booking answers advise the page."""

    early_join_minutes: float = _key(15, number(0, 1_440))


@dataclass(frozen=True, slots=True)
class Webrtc:
    """The ICE servers that clients are told of."""

    ice_servers: tuple[Mapping[str, Any], ...] = _key(
        (),
        many(table(dict, {"urls": urls("stun|stuns|turn|turns")}, username=text(), credential=text())),
        secret=True,
    )
    turn_secret: str = _key("", text(), secret=True)
    turn_urls: tuple[str, ...] = _key((), many(matching(r"turns?:\S+", "a turn: or turns: URL")))
    turn_ttl_seconds: int = _key(_DAY_SECONDS, whole(1, 7 * _DAY_SECONDS))


@dataclass(frozen=True, slots=True)
class Limits:
    """What one message, person or socket may take."""

    message_bytes: int = _key(65_536, whole(256, 16 * _MIB))
    pointer_bytes: int = _key(2_048, whole(64, 65_536))
    state_bytes: int = _key(4 * _MIB, whole(1_024, 64 * _MIB))
    board_events_per_second: float = _key(60, number(0.1, 100_000))
    pointers_per_second: float = _key(20, number(0.1, 100_000))
    writes_per_second: float = _key(20, number(0.1, 100_000))
    sockets_per_participant: int = _key(30, whole(1, 10_000))
    outbox_bytes: int = _key(_MIB, whole(1_024, 256 * _MIB))
    waiting_connections: int = _key(2_000, whole(10, 1_000_000))


@dataclass(frozen=True, slots=True)
class Http:
    """Whose pages and whose proxies are believed."""

    cors_origins: tuple[str, ...] = _key((), many(origin()))
    trusted_proxies: tuple[str, ...] = _key((), many(network()))


@dataclass(frozen=True, slots=True)
class Sessions:
    """The end of sessions."""

    linger_seconds: float = _key(2, number(0, 60))
    expire_hours: float = _key(24, number(0, 8_760))


@dataclass(frozen=True, slots=True)
class Board:
    """How large a board may be, when it is saved by itself, and what is kept of that."""

    snapshot_seconds: float = _key(10, number(0.05, 3_600))
    snapshot_events: int = _key(500, whole(1, 100_000))
    snapshot_bytes: int = _key(4 * _MIB, whole(1_024, 1 << 30))
    kept_snapshots: int = _key(50, whole(1, 10_000))
    kept_bytes: int = _key(64 * _MIB, whole(1_024, 1 << 32))
    most_bytes: int = _key(32 * _MIB, whole(1_024, 256 * _MIB))


@dataclass(frozen=True, slots=True)
class Web:
    """The lesson room page."""

    enabled: str = _key("auto", one_of("auto", "on", "off"))


@dataclass(frozen=True, slots=True)
class Log:
    """What is written to standard error, and how."""

    level: str = _key("info", one_of("debug", "info", "warning", "error"))
    format: str = _key("text", one_of("text", "json"))


SECTIONS: Mapping[str, type[Any]] = {
    "server": Server,
    "redis": Redis,
    "auth": Auth,
    "classroom_token": ClassroomToken,
    "events": Events,
    "relay": Relay,
    "presence": Presence,
    "booking": Booking,
    "webrtc": Webrtc,
    "limits": Limits,
    "http": Http,
    "sessions": Sessions,
    "board": Board,
    "web": Web,
    "log": Log,
}
"""Every section by its name in `config.toml`."""

RULES: Mapping[str, Mapping[str, fields.Field[Any]]] = {
    name: {key.name: key.metadata["rule"] for key in dataclass_fields(section)}
    for name, section in SECTIONS.items()
}
"""Every key's rule, by section and key."""
