"""The configuration, checked before anything starts: `config.toml`, the environment over it (contract §5).

`config.server.port` and every other key is typed and frozen; the sections are in `config_sections`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from marshmallow import RAISE, Schema, ValidationError

from schemas.config_rules import messages_by_path
from schemas.config_sections import (
    DEVELOPMENT_CLASSROOM_SECRET,
    DEVELOPMENT_PLATFORM_SECRET,
    RULES,
    SECTIONS,
    SYMMETRIC,
    Auth,
    Board,
    Booking,
    ClassroomToken,
    Events,
    Http,
    Limits,
    Log,
    Presence,
    Redis,
    Relay,
    Server,
    Sessions,
    SigningKey,
    Web,
    Webrtc,
)
from schemas.config_sources import ConfigError, Raw, read_environment, read_file, read_options

__all__ = [
    "Auth",
    "Board",
    "Booking",
    "ClassroomToken",
    "Config",
    "ConfigError",
    "Events",
    "Http",
    "Limits",
    "Log",
    "Presence",
    "Redis",
    "Relay",
    "Server",
    "Sessions",
    "SigningKey",
    "Web",
    "Webrtc",
    "load_config",
]

LEAST_SECRET_BYTES = 32
"""As long as what HS256 puts out: a shorter secret could be guessed from one token (RFC 7518 §3.2)."""


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that can be configured; `Config()` is the defaults, for development."""

    server: Server = field(default_factory=Server)
    redis: Redis = field(default_factory=Redis)
    auth: Auth = field(default_factory=Auth)
    classroom_token: ClassroomToken = field(default_factory=ClassroomToken)
    events: Events = field(default_factory=Events)
    relay: Relay = field(default_factory=Relay)
    presence: Presence = field(default_factory=Presence)
    booking: Booking = field(default_factory=Booking)
    webrtc: Webrtc = field(default_factory=Webrtc)
    limits: Limits = field(default_factory=Limits)
    http: Http = field(default_factory=Http)
    sessions: Sessions = field(default_factory=Sessions)
    board: Board = field(default_factory=Board)
    web: Web = field(default_factory=Web)
    log: Log = field(default_factory=Log)

    @property
    def offers_page(self) -> bool:
        """Whether the lesson room page is served."""
        return self.web.enabled == "on" or (self.web.enabled == "auto" and self.server.env == "development")

    def require_consistent(self) -> None:
        """Raise ConfigError for keys that are fine alone and wrong or unsafe together."""
        _refuse(_contradictions(self))

    def require_production_ready(self) -> None:
        """Raise ConfigError for what nobody may put before real people; anything goes in development."""
        if self.server.env == "production":
            _refuse(_not_for_production(self))


def load_config(
    path: Path | None, environ: Mapping[str, str], options: Mapping[str, str] | None = None
) -> Config:
    """The configuration of the file at `path` (none: the defaults), under `environ`, under `options`.

    `options` is what the command line said, `{"server.port": "8001"}`. Raises ConfigError with a line for
    every key that is unknown, of the wrong kind, out of its range, or unsafe.
    """
    raw = Raw()
    if path is not None:
        read_file(raw, path)
    read_environment(raw, environ)
    read_options(raw, options or {})
    config = Config(**{name: _section(raw, name) for name in SECTIONS})
    _refuse(raw.problems)
    config.require_consistent()
    config.require_production_ready()
    return config


def _section(raw: Raw, name: str) -> Any:
    schema = Schema.from_dict(dict(RULES[name]))(unknown=RAISE)
    try:
        return SECTIONS[name](**schema.load(raw.values.get(name, {})))
    except ValidationError as refused:
        for path, message in messages_by_path(refused.messages_dict, name):
            raw.wrong(path, message)
        return SECTIONS[name]()


def _refuse(problems: Iterator[str] | list[str]) -> None:
    lines = list(problems)
    if lines:
        raise ConfigError("\n".join(lines))


def _contradictions(config: Config) -> Iterator[str]:
    auth, keys = config.auth, config.classroom_token.keys
    if auth.public_key and auth.jwks_url:
        yield "auth.public_key and auth.jwks_url: set one of them, the other would never be used"
    symmetric = [name for name in auth.algorithms if name in SYMMETRIC]
    if symmetric and len(symmetric) < len(auth.algorithms):
        # A public key is public: taken for an HMAC secret, it would let anybody sign.
        yield "auth.algorithms: HS algorithms can't stand beside RS, PS or ES ones"
    if symmetric and not auth.secret:
        yield f"auth.secret: {symmetric[0]} in auth.algorithms needs it"
    if not symmetric and not (auth.public_key or auth.jwks_url):
        yield f"auth.public_key: {auth.algorithms[0]} in auth.algorithms needs it, or auth.jwks_url"
    if any(key.secret == auth.secret for key in keys):
        # Then whoever may issue one kind of token could issue the other.
        yield "classroom_token.keys: a secret must not be the same as auth.secret"
    if len({key.kid for key in keys}) < len(keys):
        yield "classroom_token.keys: two keys have the same kid"
    if config.redis.wait_replicas and config.redis.url == "embedded":
        yield "redis.wait_replicas: the embedded store has no replicas"
    if config.webrtc.turn_urls and not config.webrtc.turn_secret:
        yield "webrtc.turn_secret: webrtc.turn_urls needs it"


def _not_for_production(config: Config) -> Iterator[str]:
    secrets = [("classroom_token.keys", key.secret) for key in config.classroom_token.keys]
    if set(config.auth.algorithms) & set(SYMMETRIC):
        secrets.insert(0, ("auth.secret", config.auth.secret))
    for key, secret in secrets:
        if secret in (DEVELOPMENT_PLATFORM_SECRET, DEVELOPMENT_CLASSROOM_SECRET):
            yield f"{key}: the development default is not allowed when server.env is production"
        elif len(secret.encode()) < LEAST_SECRET_BYTES:
            yield f"{key}: a secret needs {LEAST_SECRET_BYTES} bytes or more when server.env is production"
    if "*" in config.http.cors_origins:
        yield 'http.cors_origins: "*" is not allowed when server.env is production'
    if config.redis.url == "embedded" and not config.redis.embedded_in_production:
        yield (
            'redis.url: "embedded" needs redis.embedded_in_production = true when server.env is production'
        )
