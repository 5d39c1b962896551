"""The configuration that an operator writes is what the server runs with, or it says what is wrong."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from schemas.config import Config, ConfigError, SigningKey, load_config

PEM = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYI\n-----END PUBLIC KEY-----\n"
LONG = "a-platform-secret-of-at-least-32-bytes"
PRODUCTION = {
    "LESSONROOM_SERVER__ENV": "production",
    "LESSONROOM_REDIS__URL": "redis://redis.internal:6379/0",
    "LESSONROOM_AUTH__SECRET": LONG,
    "LESSONROOM_CLASSROOM_TOKEN__KEYS": json.dumps([{"kid": "1", "secret": LONG.upper()}]),
}


def refusal(environ: Mapping[str, str], path: Path | None = None) -> str:
    """What load_config says about `environ` and the file at `path`, of which it must refuse something."""
    with pytest.raises(ConfigError) as refused:
        load_config(path, environ)
    return str(refused.value)


def written(folder: Path, text: str) -> Path:
    """A configuration file of `text`."""
    path = folder / "config.toml"
    path.write_text(text)
    return path


def test_starts_without_any_configuration() -> None:
    """A newcomer needs no file and no environment: the defaults of the contract hold."""
    config = load_config(None, {"HOME": "/root"})
    assert config == Config()
    assert config.server.port == 8000
    assert config.redis.url == "embedded"
    assert config.redis.fsync == "always"
    assert config.limits.message_bytes == 65_536


def test_file_sets_keys(tmp_path: Path) -> None:
    """What the file says counts, and what it leaves out keeps its default."""
    text = '[presence]\ngrace_seconds = 0.5\n[http]\ncors_origins = ["https://app.example.org"]\n'
    config = load_config(written(tmp_path, text), {})
    assert config.presence.grace_seconds == 0.5
    assert config.presence.lease_seconds == 10
    assert config.http.cors_origins == ("https://app.example.org",)


def test_environment_counts_over_the_file_and_options_over_both(tmp_path: Path) -> None:
    """A key of the environment overrides the file, and the command line overrides the environment."""
    path = written(tmp_path, "[server]\nport = 1\ndrain_seconds = 1\n[events]\ncap = 1\n")
    environ = {"LESSONROOM_SERVER__PORT": "2", "LESSONROOM_SERVER__DRAIN_SECONDS": "2.5"}
    config = load_config(path, environ, {"server.port": "3"})
    assert (config.server.port, config.server.drain_seconds, config.events.cap) == (3, 2.5, 1)


def test_environment_takes_lists_and_tables_as_json() -> None:
    """Lists in the environment are JSON; the first key signs, so their order is kept."""
    keys = [{"kid": "new", "secret": "n"}, {"kid": "old", "secret": "o"}]
    servers = [{"urls": "stun:stun.example.org"}, {"urls": ["turn:t:1"], "username": "u", "credential": "c"}]
    config = load_config(
        None,
        {
            "LESSONROOM_CLASSROOM_TOKEN__KEYS": json.dumps(keys),
            "LESSONROOM_WEBRTC__ICE_SERVERS": json.dumps(servers),
            "LESSONROOM_HTTP__TRUSTED_PROXIES": '["127.0.0.1", "10.0.0.0/8", "::1"]',
        },
    )
    assert config.classroom_token.keys == (SigningKey("new", "n"), SigningKey("old", "o"))
    assert list(config.webrtc.ice_servers) == servers
    assert config.http.trusted_proxies == ("127.0.0.1", "10.0.0.0/8", "::1")


@pytest.mark.parametrize(
    "text, says",
    [
        (
            "[limits]\nmesage_bytes = 1",
            "limits.mesage_bytes (FILE): there is no such key; did you mean message_bytes?",
        ),
        ("[limit]\nx = 1", "limit (FILE): there is no such section; did you mean limits?"),
        ("server = 5", "server (FILE): must be a table"),
        ('[server]\nport = "8000"', "server.port (FILE): Not a valid integer."),
        ("[server]\nport = true", "server.port (FILE): Not a valid integer."),
        ("[server]\nport = 8000.5", "server.port (FILE): Not a valid integer."),
        ("[server]\nport = 65536", "server.port (FILE): must be from 0 to 65535"),
        ('[presence]\ngrace_seconds = "15"', "presence.grace_seconds (FILE): Not a valid number."),
        ("[presence]\ngrace_seconds = -1", "presence.grace_seconds (FILE): must be from 0 to 600"),
        ("[presence]\ngrace_seconds = nan", "presence.grace_seconds (FILE): Special numeric values"),
        ("[presence]\ngrace_seconds = false", "presence.grace_seconds (FILE): Not a valid number."),
        ("[relay]\nlog_length = 1999", "relay.log_length (FILE): must be from 2000"),
        ('[http]\ncors_origins = "https://a.example"', "http.cors_origins (FILE): Not a valid list."),
        ("[http.cors_origins]\na = 1", "http.cors_origins (FILE): Not a valid list."),
        ('[http]\ncors_origins = ["https://a.example/"]', "http.cors_origins.0 (FILE): must be like"),
        ('[http]\ntrusted_proxies = ["proxy"]', "http.trusted_proxies.0 (FILE): must be an IP address"),
        ('[redis]\nurl = "localhost:6379"', 'redis.url (FILE): must be "embedded" or'),
        ('[redis]\nurl = "redis+sentinel://h"', "redis.url (FILE): must be followed by the name"),
        ("[redis]\nwait_ms = 1000", "redis.wait_ms (FILE): must be from 1 to 900"),
        (
            "[redis]\nembedded_in_production = 1",
            "redis.embedded_in_production (FILE): must be true or false",
        ),
        ('[redis]\nfsync = "no"', "redis.fsync (FILE): must be one of always, everysec"),
        ('[auth]\nalgorithms = ["none"]', "auth.algorithms.0 (FILE): must be one of HS256"),
        ("[auth]\nalgorithms = []", "auth.algorithms (FILE): must have at least 1"),
        ('[auth]\nalgorithms = ["HS256", "HS256"]', "auth.algorithms (FILE): must not name one twice"),
        (
            '[auth]\npublic_key = "-----BEGIN PRIVATE KEY-----\\nx"',
            "auth.public_key (FILE): must be the PEM text",
        ),
        ('[classroom_token]\nkeys = [{ kid = "a" }]', "classroom_token.keys.0.secret (FILE): Missing"),
        (
            '[classroom_token]\nkeys = [{ kid = "a", secret = "b", alg = "c" }]',
            "classroom_token.keys.0.alg (FILE): Unknown",
        ),
        (
            '[webrtc]\nice_servers = [{ urls = "http://a" }]',
            "webrtc.ice_servers.0.urls (FILE): must be a URL",
        ),
        ("[webrtc]\nice_servers = [{ urls = [] }]", "webrtc.ice_servers.0.urls (FILE): Shorter"),
    ],
)
def test_file_errors_name_the_key_and_the_file(tmp_path: Path, text: str, says: str) -> None:
    """An unknown key or a value of the wrong kind or range stops the start, with its name and the file's."""
    path = written(tmp_path, text)
    assert says.replace("FILE", str(path)) in refusal({}, path)


@pytest.mark.parametrize(
    "variable, value, says",
    [
        ("LESSONROOM_X__Y", "1", "LESSONROOM_X__Y (environment): there is no such key"),
        (
            "LESSONROOM_REDIS_URL",
            "x",
            "LESSONROOM_REDIS_URL (environment): there is no such key; did you mean LESSONROOM_REDIS__URL?",
        ),
        ("LESSONROOM_SERVER__PORT", "", "server.port (LESSONROOM_SERVER__PORT): must be a whole number"),
        ("LESSONROOM_SERVER__PORT", "1e3", "server.port (LESSONROOM_SERVER__PORT): must be a whole number"),
        ("LESSONROOM_PRESENCE__GRACE_SECONDS", "soon", "presence.grace_seconds (LESSONROOM_PRESENCE__GRACE"),
        (
            "LESSONROOM_AUTH__ALGORITHMS",
            "HS256",
            "auth.algorithms (LESSONROOM_AUTH__ALGORITHMS): must be a JSON",
        ),
        (
            "LESSONROOM_AUTH__ALGORITHMS",
            '"HS256"',
            "auth.algorithms (LESSONROOM_AUTH__ALGORITHMS): Not a valid list",
        ),
    ],
)
def test_environment_errors_name_the_key_and_the_variable(variable: str, value: str, says: str) -> None:
    """A variable that stands for no key, or whose text can't be its value, stops the start by name."""
    assert says in refusal({variable: value})


def test_tells_everything_that_is_wrong_at_once(tmp_path: Path) -> None:
    """An operator needn't start the server once per mistake."""
    path = written(tmp_path, "[server]\nport = 70000\nprot = 1\n[log]\nlevel = 5")
    said = refusal({"LESSONROOM_EVENTS__CAP": "x"}, path)
    assert [line.partition(" ")[0] for line in said.splitlines()] == [
        "server.prot",
        "events.cap",
        "server.port",
        "log.level",
    ]


def test_says_when_the_file_is_not_there_or_no_toml(tmp_path: Path) -> None:
    """A mistyped path or a broken file is said, and not taken for the defaults."""
    with pytest.raises(ConfigError, match=r"nowhere\.toml: No such file"):
        load_config(tmp_path / "nowhere.toml", {})
    assert "this is no TOML" in refusal({}, written(tmp_path, "[server"))


def test_says_nothing_of_a_misplaced_secret() -> None:
    """A secret that was put into the wrong variable doesn't end up in the log of the failed start."""
    for key in ("SERVER__PORT", "PRESENCE__GRACE_SECONDS", "AUTH__ALGORITHMS", "REDIS__URL", "LOG__LEVEL"):
        assert LONG not in refusal({f"LESSONROOM_{key}": LONG})


def test_shows_no_secret() -> None:
    """A configuration that is printed or logged shows no secret."""
    environ = {**PRODUCTION, "LESSONROOM_REDIS__URL": "redis://:password@redis.example"}
    shown = repr(load_config(None, environ))
    assert LONG not in shown
    assert LONG.upper() not in shown
    assert "password" not in shown


def test_is_frozen() -> None:
    """Nothing can change the configuration while the server runs."""
    config = Config()
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.server.port = 1  # type: ignore[misc]  # what the test is about


@pytest.mark.parametrize(
    "environ, says",
    [
        ({"LESSONROOM_AUTH__ALGORITHMS": '["HS256", "RS256"]'}, "auth.algorithms"),
        ({"LESSONROOM_AUTH__ALGORITHMS": '["RS256"]'}, "auth.public_key"),
        (
            {
                "LESSONROOM_AUTH__ALGORITHMS": '["RS256"]',
                "LESSONROOM_AUTH__PUBLIC_KEY": PEM,
                "LESSONROOM_AUTH__JWKS_URL": "https://platform.example/keys",
            },
            "auth.public_key and auth.jwks_url",
        ),
        ({"LESSONROOM_AUTH__SECRET": ""}, "auth.secret"),
        ({"LESSONROOM_WEBRTC__TURN_URLS": '["turn:turn.example.org"]'}, "webrtc.turn_secret"),
        ({"LESSONROOM_REDIS__WAIT_REPLICAS": "1"}, "redis.wait_replicas"),
        ({"LESSONROOM_AUTH__SECRET": "lessonroom-development-classroom-secret"}, "classroom_token.keys"),
        (
            {"LESSONROOM_CLASSROOM_TOKEN__KEYS": '[{"kid":"a","secret":"x"},{"kid":"a","secret":"y"}]'},
            "classroom_token.keys",
        ),
    ],
)
def test_refuses_what_is_unsafe_together(environ: dict[str, str], says: str) -> None:
    """Mixed kinds of algorithms, missing keys, shared secrets and ambiguous key ids are refused."""
    assert refusal(environ).startswith(f"{says}: ")


def test_public_keys_are_enough_without_a_secret() -> None:
    """A platform that signs with a private key needs no shared secret."""
    environ = {
        "LESSONROOM_AUTH__ALGORITHMS": '["RS256", "ES256"]',
        "LESSONROOM_AUTH__PUBLIC_KEY": PEM,
        "LESSONROOM_AUTH__SECRET": "",
    }
    assert load_config(None, environ).auth.public_key == PEM


def test_production_starts_with_secrets_of_its_own() -> None:
    """Production needs nothing but its own two secrets and a store."""
    assert load_config(None, PRODUCTION).server.env == "production"


def test_production_on_one_machine_must_be_wanted() -> None:
    """The embedded store is a choice that somebody made, in so many words."""
    environ = {**PRODUCTION, "LESSONROOM_REDIS__URL": "embedded"}
    for text, wanted in (("true", True), ("false", False)):
        environ["LESSONROOM_REDIS__EMBEDDED_IN_PRODUCTION"] = text
        if wanted:
            assert load_config(None, environ).redis.embedded_in_production
        else:
            assert refusal(environ).startswith("redis.url: ")
    environ["LESSONROOM_REDIS__EMBEDDED_IN_PRODUCTION"] = "1"
    assert "must be true or false" in refusal(environ)


def test_production_by_option_is_checked_too() -> None:
    """`--env production` on the command line is as strict as the environment."""
    with pytest.raises(ConfigError, match=r"auth\.secret: the development default"):
        load_config(None, {}, {"server.env": "production"})


@pytest.mark.parametrize(
    "change, says",
    [
        ({"LESSONROOM_AUTH__SECRET": "x" * 31}, "auth.secret: a secret needs 32 bytes"),
        (
            {"LESSONROOM_CLASSROOM_TOKEN__KEYS": '[{"kid":"a","secret":"short"}]'},
            "classroom_token.keys: a secret needs 32",
        ),
        (
            {"LESSONROOM_CLASSROOM_TOKEN__KEYS": None},
            "classroom_token.keys: the development default is not allowed",
        ),
        ({"LESSONROOM_AUTH__SECRET": None}, "auth.secret: the development default is not allowed"),
        ({"LESSONROOM_HTTP__CORS_ORIGINS": '["*"]'}, 'http.cors_origins: "*" is not allowed'),
        ({"LESSONROOM_REDIS__URL": None}, 'redis.url: "embedded" needs redis.embedded_in_production = true'),
    ],
)
def test_production_refuses_to_start_unsafely(change: dict[str, str | None], says: str) -> None:
    """A forgotten or weak secret, or an API open to every page, stops a production start."""
    environ = {name: value for name, value in {**PRODUCTION, **change}.items() if value is not None}
    assert refusal(environ).startswith(says)


def test_production_with_public_keys_does_not_ask_for_the_unused_secret() -> None:
    """The development secret of a kind of token that is never accepted harms nobody."""
    environ = {
        **PRODUCTION,
        "LESSONROOM_AUTH__ALGORITHMS": '["ES256"]',
        "LESSONROOM_AUTH__JWKS_URL": "https://platform.example.org/jwks.json",
    }
    del environ["LESSONROOM_AUTH__SECRET"]
    assert load_config(None, environ).auth.algorithms == ("ES256",)
