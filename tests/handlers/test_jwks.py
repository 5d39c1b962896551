import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from handlers import jwks
from handlers.auth import PlatformAuth
from schemas.errors import BAD_TOKEN, KEYS_UNAVAILABLE, Error, Refused

OLD, NEW = rsa.generate_private_key(65537, 2048), rsa.generate_private_key(65537, 2048)
CURVE = ec.generate_private_key(ec.SECP256R1())
START = 1_800_000_000.0
QUIET = "handlers.jwks"


def rsa_jwk(kid: str | None, key: rsa.RSAPrivateKey, **more: Any) -> dict[str, Any]:
    """The public half of `key` as it is published."""
    named = {} if kid is None else {"kid": kid}
    return RSAAlgorithm.to_jwk(key.public_key(), as_dict=True) | named | more


def ec_jwk(kid: str, key: ec.EllipticCurvePrivateKey, **more: Any) -> dict[str, Any]:
    """The public half of `key` as it is published."""
    return ECAlgorithm.to_jwk(key.public_key(), as_dict=True) | {"kid": kid} | more


class Platform:
    """A platform that publishes `keys` at `url`, or answers `body` with `status`; `asked` counts."""

    def __init__(self, *keys: dict[str, Any]) -> None:
        self.keys: list[Any] = list(keys)
        self.body: bytes | None = None
        self.status = 200
        self.headers: dict[str, str] = {}
        self.asked = 0
        self.url = ""
        self.now = 0.0
        self.auth: PlatformAuth

    async def verify(self, key: Any, kid: str | None, alg: str = "RS256", user_id: int = 7) -> Any:
        """The id that a token signed with `key` is taken for."""
        headers = {} if kid is None else {"kid": kid}
        claims = {"user_id": user_id, "exp": START + 60}
        return (await self.auth.verify(jwt.encode(claims, key, alg, headers=headers))).user_id

    async def refused(self, error: Error, key: Any, kid: str | None, alg: str = "RS256") -> Refused:
        """The refusal of a token signed with `key`."""
        with pytest.raises(Refused) as caught:
            await self.verify(key, kid, alg)
        assert caught.value.error is error
        return caught.value


class KeysHandler(RequestHandler):
    """What the platform answers."""

    def initialize(self, platform: Platform) -> None:
        """Take the platform whose answers these are."""
        self.platform = platform

    def get(self) -> None:
        """Answer as the test has set it."""
        self.platform.asked += 1
        self.set_status(self.platform.status)
        for name, value in self.platform.headers.items():
            self.set_header(name, value)
        self.write(self.platform.body or json.dumps({"keys": self.platform.keys}).encode())


@asynccontextmanager
async def publishing(
    *keys: dict[str, Any], algorithms: tuple[str, ...] = ("RS256", "ES256")
) -> AsyncIterator[Platform]:
    """A platform that publishes `keys`, on a server of its own."""
    platform = Platform(*keys)
    server = HTTPServer(
        Application([("/keys", KeysHandler, {"platform": platform})], log_function=lambda _: None)
    )
    sockets = bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    platform.url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}/keys"
    platform.auth = PlatformAuth(
        algorithms=algorithms,
        jwks_url=platform.url,
        clock=lambda: START,
        monotonic=lambda: platform.now,
    )
    try:
        yield platform
    finally:
        platform.auth.close()
        server.stop()
        await server.close_all_connections()


async def test_published_keys() -> None:
    """Whoever holds a token signed with one of the published keys is known; the keys are fetched once."""
    async with publishing(rsa_jwk("r", OLD, use="sig", alg="RS256"), ec_jwk("e", CURVE)) as platform:
        assert await platform.verify(OLD, "r") == 7
        assert await platform.verify(CURVE, "e", "ES256") == 7
        await platform.refused(BAD_TOKEN, NEW, "r")
        assert platform.asked == 1


async def test_crowd_waits_for_one_fetch() -> None:
    """When a whole class comes at once after a start, the platform is asked once and everybody gets in."""
    async with publishing(rsa_jwk("r", OLD)) as platform:
        people = await asyncio.gather(*(platform.verify(OLD, "r", user_id=n) for n in range(20)))
        assert people == list(range(20))
        assert platform.asked == 1


async def test_rotation() -> None:
    """A key that the platform takes into use counts without a restart, the old one while it is published."""
    async with publishing(rsa_jwk("old", OLD)) as platform:
        await platform.verify(OLD, "old")
        platform.keys.append(rsa_jwk("new", NEW))
        platform.now = jwks.REFETCH_SECONDS
        assert await platform.verify(NEW, "new") == 7
        assert await platform.verify(OLD, "old", user_id=8) == 8
        platform.keys = platform.keys[1:]
        platform.now += jwks.MAX_AGE_SECONDS
        with pytest.raises(Refused):
            await platform.verify(
                OLD, "old", user_id=9
            )  # a token not seen before: those known run out by themselves
        assert platform.asked == 3


async def test_forged_kids_cost_one_fetch() -> None:
    """Tokens with invented key names don't make us hammer the platform."""
    async with publishing(rsa_jwk("r", OLD)) as platform:
        for n in range(5):
            await platform.refused(BAD_TOKEN, NEW, f"invented-{n}")
        assert platform.asked == 1
        platform.now = jwks.REFETCH_SECONDS
        for n in range(5):
            await platform.refused(BAD_TOKEN, NEW, f"invented-{n}")
        assert platform.asked == 2


async def test_keys_outlive_an_outage(caplog: pytest.LogCaptureFixture) -> None:
    """While the platform is out of reach, people with a known key get in, and nobody is logged out."""
    caplog.set_level(logging.CRITICAL, QUIET)
    async with publishing(rsa_jwk("r", OLD)) as platform:
        await platform.verify(OLD, "r")
        platform.status = 500
        platform.now = jwks.MAX_AGE_SECONDS
        assert await platform.verify(OLD, "r", user_id=8) == 8
        refusal = await platform.refused(KEYS_UNAVAILABLE, NEW, "new")
        assert refusal.retry_after_seconds == jwks.REFETCH_SECONDS
        assert platform.asked == 2
        platform.status = 200
        platform.keys.append(rsa_jwk("new", NEW))
        platform.now += jwks.REFETCH_SECONDS
        assert await platform.verify(NEW, "new") == 7


@pytest.mark.parametrize(
    "status, body, headers",
    [
        (500, b"", {}),
        (302, b"", {"Location": "/keys"}),
        (200, b"<html>", {}),
        (200, b"[]", {}),
        (200, b'{"keys": {}}', {}),
        (200, b'{"keys": []}', {}),
        (200, json.dumps({"keys": [rsa_jwk("r", OLD)]}).encode() + b" " * jwks.MAX_BODY_BYTES, {}),
    ],
)
async def test_no_keys_is_no_verdict(
    status: int, body: bytes, headers: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    """As long as no key could be got, nobody is told that their token is bad: they are asked to come back."""
    caplog.set_level(logging.CRITICAL, QUIET)
    async with publishing(rsa_jwk("r", OLD)) as platform:
        platform.status, platform.body, platform.headers = status, body, headers
        await platform.refused(KEYS_UNAVAILABLE, OLD, "r")
        refusal = await platform.refused(KEYS_UNAVAILABLE, OLD, "r")
        assert refusal.retry_after_seconds == jwks.RETRY_SECONDS
        assert platform.asked == 1
        platform.status, platform.body, platform.headers = 200, None, {}
        platform.now = jwks.RETRY_SECONDS
        assert await platform.verify(OLD, "r") == 7


async def test_unreachable_platform(caplog: pytest.LogCaptureFixture) -> None:
    """A platform that is down is told from a bad token, and the log says what is wrong, without the token."""
    async with publishing() as platform:
        pass
    platform.auth = PlatformAuth(
        algorithms=("RS256",), jwks_url=platform.url, clock=lambda: START, monotonic=lambda: platform.now
    )
    with caplog.at_level(logging.WARNING, QUIET):
        await platform.refused(KEYS_UNAVAILABLE, OLD, "r")
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "could not be fetched" in caplog.text
    assert "eyJ" not in caplog.text
    caplog.clear()
    platform.auth.close()


async def test_token_without_a_key_name() -> None:
    """A platform with one key need not name it; among several nobody guesses."""
    async with publishing(rsa_jwk(None, OLD), ec_jwk("e", CURVE)) as platform:
        assert await platform.verify(OLD, None) == 7
        platform.keys.append(rsa_jwk("new", NEW))
        platform.now = jwks.MAX_AGE_SECONDS
        with pytest.raises(Refused):
            await platform.verify(OLD, None, user_id=8)


@pytest.mark.parametrize(
    "odd",
    [
        7,
        {},
        {"kty": "oct", "kid": "odd", "k": "c2VjcmV0"},
        {"kty": "RSA", "kid": "odd"},
        {"kty": "RSA", "kid": "odd", "n": 7, "e": []},
        {"kty": "EC", "kid": "odd", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": ["RSA"], "kid": "odd"},
        rsa_jwk("odd", NEW, use="enc"),
        rsa_jwk("odd", NEW, alg="RS512"),
        rsa_jwk("odd", rsa.generate_private_key(65537, 1024)),  # noqa: S505  # that it is weak is the point
        RSAAlgorithm.to_jwk(NEW, as_dict=True) | {"kid": "odd"},
    ],
)
async def test_odd_keys_are_passed_over(odd: Any) -> None:
    """A published key that we cannot or must not use costs nobody else's login."""
    async with publishing(odd, rsa_jwk("r", OLD)) as platform:
        assert await platform.verify(OLD, "r") == 7
        await platform.refused(BAD_TOKEN, NEW, "odd")


async def test_published_key_is_no_secret() -> None:
    """Published keys never verify HS256, and only the configured algorithms count for them."""
    secret = "a-secret-of-thirty-two-bytes-or-more"
    async with publishing(rsa_jwk("r", OLD), ec_jwk("e", CURVE), algorithms=("RS256",)) as platform:
        await platform.refused(BAD_TOKEN, secret, "r", "HS256")
        await platform.refused(BAD_TOKEN, CURVE, "e", "ES256")
        await platform.refused(BAD_TOKEN, CURVE, "r", "ES256")
        await platform.refused(BAD_TOKEN, OLD, "r", "RS512")
        assert platform.asked == 0
