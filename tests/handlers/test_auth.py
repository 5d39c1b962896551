import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from handlers import auth as auth_module
from handlers.auth import Person, PlatformAuth, bearer_token
from schemas.classroom_token import ClassroomTokens
from schemas.config_sections import SigningKey
from schemas.errors import BAD_TOKEN, Refused
from schemas.jws import VerifyKey, read_claims
from schemas.platform_token import mint_platform_token

SECRET = "a-secret-of-thirty-two-bytes-or-more"
RSA_KEY = rsa.generate_private_key(65537, 2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        """Unix seconds."""
        return self.now


def pem(key: PublicKey) -> str:
    """The key as it is configured."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def platform(clock: Clock, **values: Any) -> PlatformAuth:
    """The verifier of a platform with one secret, or as `values` say."""
    configured: dict[str, Any] = {"algorithms": ("HS256",), "secret": SECRET, "clock": clock}
    return PlatformAuth(**configured | values)


def claims(clock: Clock, **changes: Any) -> dict[str, Any]:
    """Those of a person's good token, with `changes`."""
    return {"user_id": 7, "name": "Ada", "exp": clock.now + 60} | changes


async def refused(auth: PlatformAuth, token: str) -> str:
    """The sentence that `token` is refused with as a bad one."""
    with pytest.raises(Refused) as caught:
        await auth.verify(token)
    assert caught.value.error is BAD_TOKEN
    return caught.value.detail


def segment(value: Any) -> str:
    """One part of a token."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def hmac_signed(header: dict[str, Any], payload: Any, secret: bytes) -> str:
    """A token as an attacker makes it: PyJWT refuses to sign with a public key."""
    signing_input = f"{segment(header)}.{segment(payload)}"
    return f"{signing_input}.{segment(hmac.new(secret, signing_input.encode(), hashlib.sha256).digest())}"


async def test_platform_token() -> None:
    """Whoever the platform has logged in is known here."""
    clock = Clock()
    person = await platform(clock).verify(jwt.encode(claims(clock, scope="service"), SECRET, "HS256"))
    assert person == Person(7, "Ada", None, None, True, int(clock.now) + 60)
    assert person.key == "7"


async def test_minted_token() -> None:
    """The token that the command line prints is a platform token."""
    clock = Clock()
    token = mint_platform_token(SECRET, "7", "Ada", False, 1, clock.now)
    assert (await platform(clock).verify(token)).user_id == "7"


async def test_one_person_of_two_types() -> None:
    """7 and "7" are one person, each shown as its own token says."""
    clock = Clock()
    auth = platform(clock)
    number = await auth.verify(jwt.encode(claims(clock, user_id=7), SECRET))
    text = await auth.verify(jwt.encode(claims(clock, user_id="7"), SECRET))
    assert (number.user_id, text.user_id) == (7, "7")
    assert number.key == text.key


@pytest.mark.parametrize("user_id", [True, 2**53, 2**70, "a" * 129, None, 7.5])
async def test_what_is_no_user_id(user_id: Any) -> None:
    """A signed token with an id that cannot be one is refused, and never becomes somebody else."""
    clock = Clock()
    await refused(platform(clock), jwt.encode(claims(clock, user_id=user_id), SECRET))


@pytest.mark.parametrize("aud", ["app", ["app", "web"], 5])
async def test_other_standard_claims_do_not_matter(aud: Any) -> None:
    """A platform that says for whom and by whom its tokens are logs nobody out with it."""
    clock = Clock()
    token = jwt.encode(claims(clock, aud=aud, jti="x"), SECRET)
    assert (await platform(clock).verify(token)).user_id == 7


async def test_forged_tokens() -> None:
    """Nobody is logged in by a token that the platform did not sign."""
    clock = Clock()
    auth = platform(clock)
    good = jwt.encode(claims(clock), SECRET)
    header, _, signature = good.split(".")
    for token in (
        jwt.encode(claims(clock), "not-" + SECRET),
        f"{header}.{segment(claims(clock, user_id=8))}.{signature}",
        f"{header}.{segment(claims(clock))}.",
        good[:-2],
        good + ".x",
        "",
        ".",
        "..",
        "null",
        good + "é",
        "\ud800",
        jwt.encode(claims(clock, padding="a" * 8192), SECRET),
    ):
        await refused(auth, token)
    assert (await auth.verify(good)).user_id == 7


@pytest.mark.parametrize("alg", ["none", "None", "", "HS384", "RS256", "ES256", None, ["HS256"], 7])
async def test_only_the_configured_algorithm(alg: Any) -> None:
    """What a token says about its own algorithm is not believed: unsigned ones are worth nothing."""
    clock = Clock()
    for signature in ("", segment(b"x")):
        token = f"{segment({'alg': alg, 'typ': 'JWT'})}.{segment(claims(clock))}.{signature}"
        await refused(platform(clock), token)
    await refused(platform(clock), hmac_signed({"alg": alg}, claims(clock), SECRET.encode()))


@pytest.mark.parametrize(
    "payload", [b"[]", b"7", b"", b"{", b'{"exp": NaN}', b'{"user_id":"\\ud800"}', b"\xff"]
)
async def test_payload_that_is_no_object(payload: bytes) -> None:
    """A payload that is no JSON object is refused like any other bad token, even if it is signed."""
    await refused(platform(Clock()), hmac_signed({"alg": "HS256"}, payload, SECRET.encode()))


@pytest.mark.parametrize("key, alg", [(RSA_KEY, "RS256"), (EC_KEY, "ES256"), (RSA_KEY, "PS256")])
async def test_configured_public_key(key: Any, alg: str) -> None:
    """A platform that keeps its signing key to itself is understood by its public one."""
    clock = Clock()
    auth = platform(clock, algorithms=("RS256", "PS256", "ES256"), public_key=pem(key.public_key()))
    assert (await auth.verify(jwt.encode(claims(clock), key, alg))).user_id == 7


def test_a_public_key_of_another_kind() -> None:
    """A key that none of the algorithms uses stops the start, and says so."""
    other: Any = Ed25519PrivateKey.generate().public_key()
    with pytest.raises(ValueError, match="neither an RSA nor an elliptic curve key"):
        platform(Clock(), algorithms=("RS256",), public_key=pem(other))


async def test_public_key_is_no_secret() -> None:
    """A token signed with the public key as if it were a secret is refused, whatever else is configured."""
    clock = Clock()
    public = pem(RSA_KEY.public_key())
    for algorithms in (("RS256",), ("RS256", "HS256")):
        auth = platform(clock, algorithms=algorithms, public_key=public)
        await refused(auth, hmac_signed({"alg": "HS256"}, claims(clock), public.encode()))
        await refused(auth, hmac_signed({"alg": "RS256"}, claims(clock), public.encode()))


async def test_other_keys_of_the_same_type() -> None:
    """A key that is not the platform's signs nothing, of the right type or the wrong one."""
    clock = Clock()
    auth = platform(clock, algorithms=("RS256", "ES256"), public_key=pem(RSA_KEY.public_key()))
    await refused(auth, jwt.encode(claims(clock), rsa.generate_private_key(65537, 2048), "RS256"))
    await refused(auth, jwt.encode(claims(clock), EC_KEY, "ES256"))


async def test_classroom_token_is_refused() -> None:
    """A token for sockets opens no REST call, even where both kinds share a secret."""
    clock = Clock()
    tokens = ClassroomTokens([SigningKey("k", SECRET)], 60)
    token, _ = tokens.issue("s", 7, "host", {}, 0, None, clock.now)
    assert "classroom" in await refused(platform(clock), token)


async def test_cached_token_expires() -> None:
    """A token that was good a moment ago is refused from its expiry on."""
    clock = Clock()
    auth = platform(clock)
    token = jwt.encode(claims(clock), SECRET)
    await auth.verify(token)
    clock.now += 59.9
    await auth.verify(token)
    clock.now += 0.1
    for _ in range(2):
        assert "expired" in await refused(auth, token)


async def test_token_is_checked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy person's calls don't pay for the same signature again and again; refusals are not remembered."""
    clock = Clock()
    auth = platform(clock)
    checked: list[str] = []

    def counted(token: str, key: VerifyKey, alg: str) -> dict[str, Any]:
        checked.append(token)
        return read_claims(token, key, alg)

    monkeypatch.setattr(auth_module, "read_claims", counted)
    token = jwt.encode(claims(clock), SECRET)
    assert await auth.verify(token) is await auth.verify(token)
    assert checked == [token]
    early = jwt.encode(claims(clock, nbf=clock.now + 100, exp=clock.now + 200), SECRET)
    await refused(auth, early)
    clock.now += 100
    assert (await auth.verify(early)).user_id == 7


async def test_cache_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many people come by, the memory for their tokens has an end; who is busy stays in it."""
    monkeypatch.setattr(auth_module, "CACHED_TOKENS", 2)
    clock = Clock()
    auth = platform(clock)
    busy, idle, new = (jwt.encode(claims(clock, user_id=n), SECRET) for n in (1, 2, 3))
    first = await auth.verify(busy)
    second = await auth.verify(idle)
    await auth.verify(busy)
    await auth.verify(new)
    assert await auth.verify(busy) is first
    assert await auth.verify(idle) is not second


async def test_short_secret_is_quiet() -> None:
    """A short secret, as in development, works without a warning at every token."""
    clock = Clock()
    auth = platform(clock, secret="short")
    token = mint_platform_token("short", 7, None, False, 1, clock.now)
    assert (await auth.verify(token)).user_id == 7


@pytest.mark.parametrize(
    "values, named",
    [
        ({"algorithms": ()}, "auth.algorithms"),
        ({"algorithms": ("none",)}, "auth.algorithms"),
        ({"algorithms": ("HS256", "EdDSA")}, "auth.algorithms"),
        ({"secret": ""}, "auth.secret"),
        ({"secret": None}, "auth.secret"),
        ({"secret": pem(RSA_KEY.public_key())}, "auth.secret"),
        ({"algorithms": ("RS256",)}, "auth.public_key"),
        ({"algorithms": ("RS256",), "public_key": "no key"}, "auth.public_key"),
        ({"algorithms": ("RS256",), "public_key": pem(EC_KEY.public_key())}, "auth.public_key"),
        ({"algorithms": ("ES384",), "public_key": pem(EC_KEY.public_key())}, "auth.public_key"),
        ({"algorithms": ("RS256",), "jwks_url": "file:///etc/passwd"}, "auth.jwks_url"),
        (
            {"algorithms": ("RS256",), "jwks_url": "http://x/", "public_key": pem(RSA_KEY.public_key())},
            "auth.jwks_url",
        ),
    ],
)
def test_unusable_configuration_stops_the_start(values: dict[str, Any], named: str) -> None:
    """Whoever configures what cannot work, or would let anybody in, is told at once, and which key it is."""
    with pytest.raises(ValueError, match=named.replace(".", r"\.")):
        platform(Clock(), **values)


@pytest.mark.parametrize(
    "header, token",
    [
        (None, None),
        ("", None),
        ("  ", None),
        ("Bearer a.b-_.c", "a.b-_.c"),
        ("bearer a.b.c", "a.b.c"),
        ("BEARER   a.b.c  ", "a.b.c"),
    ],
)
def test_bearer_token(header: str | None, token: str | None) -> None:
    """The token is found however the scheme is written; no header is no token, which is another refusal."""
    assert bearer_token(header) == token


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "a.b.c",
        "Basic YTpi",
        "Bearer a.b.c d",
        "Bearer a,Bearer b",
        "Bearera.b.c",
        "Bearer\ta.b.c",
        'Bearer "a.b.c"',
        "Bearer é.b.c",
        "Bearer " + "a" * 8186,
    ],
)
def test_malformed_bearer_token(header: str) -> None:
    """What is no `Bearer` and one token is a bad token, not a missing one."""
    with pytest.raises(Refused) as caught:
        bearer_token(header)
    assert caught.value.error is BAD_TOKEN
