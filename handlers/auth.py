"""Who is calling: platform tokens, from the `Authorization` header to a verified `Person` (contract §1)."""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from hashlib import sha256

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from handlers.jwks import KeySet
from schemas.config_sections import ASYMMETRIC, SYMMETRIC
from schemas.errors import BAD_TOKEN, Refused
from schemas.jws import (
    MAX_TOKEN_BYTES,
    Header,
    PublicKey,
    VerifyKey,
    check_secret,
    fits,
    read_claims,
    read_header,
)
from schemas.platform_token import Person, person_from

__all__ = ["Person", "PlatformAuth", "bearer_token"]

CACHED_TOKENS = 10_000

_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/=-]+) *", re.IGNORECASE | re.ASCII)


def bearer_token(header: str | None) -> str | None:
    """The token of an `Authorization` header, or None when there is no such header, or an empty one.

    Refused(BAD_TOKEN) for any other scheme, for what is malformed, and for more than 8 KiB.
    """
    if header is None or not header.strip():
        return None
    if len(header) > MAX_TOKEN_BYTES:
        raise Refused(BAD_TOKEN, "The Authorization header is too long.")
    match = _BEARER.fullmatch(header.strip())
    if match is None:
        raise Refused(BAD_TOKEN, "The Authorization header is not `Bearer` and a token.")
    return match[1]


class PlatformAuth:
    """Verifies platform tokens with the configured keys, and remembers the verified ones until they expire.

    The parameters are the values of `auth.*`. ValueError, naming the key, for values that cannot work
    together.
    """

    def __init__(
        self,
        *,
        algorithms: Sequence[str],
        secret: str | None = None,
        public_key: str | None = None,
        jwks_url: str | None = None,
        user_id_claim: str = "user_id",
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._keys = _configured_keys(algorithms, secret, public_key, jwks_url)
        self._key_set = KeySet(jwks_url, monotonic) if jwks_url else None
        self._published = frozenset(algorithms) & frozenset(ASYMMETRIC)
        self._user_id_claim = user_id_claim
        self._clock = clock
        self._verified: OrderedDict[bytes, Person] = OrderedDict()

    async def verify(self, token: str) -> Person:
        """Whose token this is. Refused(BAD_TOKEN) says why it is none of the platform's, or none any more.

        Refused with a 503 when the platform's published keys are needed and could not be fetched.
        """
        digest = sha256(token.encode("utf-8", "surrogatepass")).digest()
        person = self._verified.get(digest)
        if person is None:
            header = read_header(token)
            claims = read_claims(token, await self._key(header), header.alg)
            person = person_from(claims, self._user_id_claim, self._clock())
            self._remember(digest, person)
        elif person.exp <= self._clock():
            del self._verified[digest]
            raise Refused(BAD_TOKEN, "The token has expired.")
        else:
            self._verified.move_to_end(digest)
        return person

    def close(self) -> None:
        """Lets go of what fetching keys has opened."""
        if self._key_set is not None:
            self._key_set.close()

    async def _key(self, header: Header) -> VerifyKey:
        configured = self._keys.get(header.alg)
        if configured is not None:
            return configured
        if self._key_set is not None and header.alg in self._published:
            return await self._key_set.key(header.alg, header.kid)
        raise Refused(BAD_TOKEN, "The token is signed with an algorithm that is not accepted here.")

    def _remember(self, digest: bytes, person: Person) -> None:
        self._verified[digest] = person
        if len(self._verified) > CACHED_TOKENS:
            self._verified.popitem(last=False)


def _configured_keys(
    algorithms: Sequence[str], secret: str | None, public_key: str | None, jwks_url: str | None
) -> dict[str, VerifyKey]:
    """The key of each algorithm that has one in the configuration itself."""
    unknown = set(algorithms) - {*SYMMETRIC, *ASYMMETRIC}
    if unknown or not algorithms:
        raise ValueError(f"auth.algorithms must be some of {', '.join((*SYMMETRIC, *ASYMMETRIC))}")
    keys: dict[str, VerifyKey] = {}
    for alg in set(algorithms) & set(SYMMETRIC):
        keys[alg] = _usable_secret(secret or "")
    asymmetric = set(algorithms) & set(ASYMMETRIC)
    if not asymmetric:
        return keys
    if bool(public_key) == bool(jwks_url):
        raise ValueError("auth.algorithms needs one of auth.public_key and auth.jwks_url, and not both")
    if public_key:
        key = _public_key(public_key)
        fitting = {alg: key for alg in asymmetric if fits(key, alg)}
        if not fitting:
            raise ValueError("auth.public_key is of no type that auth.algorithms accepts")
        keys.update(fitting)
    return keys


def _usable_secret(secret: str) -> str:
    try:
        check_secret(secret)
    except ValueError as problem:
        raise ValueError(f"auth.secret: {problem}") from None
    return secret


def _public_key(pem: str) -> PublicKey:
    try:
        key = load_pem_public_key(pem.strip().encode())
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("auth.public_key is not the PEM text of a public key") from None
    if not isinstance(key, RSAPublicKey | EllipticCurvePublicKey):
        raise ValueError("auth.public_key is neither an RSA nor an elliptic curve key")
    return key
