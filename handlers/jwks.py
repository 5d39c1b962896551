"""The platform's published keys (JWKS): fetched when needed, kept while it is out of reach (contract §1)."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from jwt.exceptions import PyJWTError
from tornado.httpclient import AsyncHTTPClient, HTTPClientError
from tornado.httputil import HTTPInputError

from schemas.errors import BAD_TOKEN, KEYS_UNAVAILABLE, Refused
from schemas.jsonio import loads
from schemas.jws import PublicKey, fits

CONNECT_TIMEOUT_SECONDS = 2.0
REQUEST_TIMEOUT_SECONDS = 4.0
MAX_BODY_BYTES = 256 * 1024
REFETCH_SECONDS = 30.0
"""While keys are at hand, they are asked for again at most this often, whatever tokens come in."""
RETRY_SECONDS = 2.0
"""The same while there is none at all."""
MAX_AGE_SECONDS = 600.0
"""Older keys are fetched again even if they still fit, so that a withdrawn one stops counting."""

_log = logging.getLogger(__name__)


class _Key(NamedTuple):
    kid: str | None
    alg: str | None
    key: PublicKey

    def verifies(self, alg: str, kid: str | None) -> bool:
        return kid in (None, self.kid) and self.alg in (None, alg) and fits(self.key, alg)


class KeySet:
    """The keys behind one URL. One fetch at a time, however many tokens wait for it."""

    def __init__(self, url: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        if not url.startswith(("https://", "http://")):
            raise ValueError("auth.jwks_url is not an http or https URL")
        self._url = url
        self._monotonic = monotonic
        self._keys: Sequence[_Key] = ()
        self._reachable = False
        self._fetched_at = -math.inf
        self._next_fetch_at = -math.inf
        self._lock = asyncio.Lock()
        self._client: AsyncHTTPClient | None = None

    async def key(self, alg: str, kid: str | None) -> PublicKey:
        """The key that verifies tokens of this `alg` and `kid`; without a `kid`, the only one for `alg`.

        Refused: BAD_TOKEN when the platform publishes no such key, KEYS_UNAVAILABLE (503) when that cannot
        be told, because the platform could not be asked: a 401 would log the person out of it.
        """
        found = self._find(alg, kid)
        if found is None or self._is_stale():
            await self._refresh()
            found = self._find(alg, kid)
        if found is not None:
            return found
        if self._reachable:
            raise Refused(BAD_TOKEN, "The token is signed with a key that the platform does not publish.")
        raise Refused(
            KEYS_UNAVAILABLE,
            "The platform's keys cannot be fetched at the moment, so the token cannot be checked.",
            retry_after_seconds=max(1, math.ceil(self._next_fetch_at - self._monotonic())),
        )

    def close(self) -> None:
        """Lets go of the HTTP client."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _is_stale(self) -> bool:
        old = self._monotonic() >= self._fetched_at + MAX_AGE_SECONDS
        return old and not self._lock.locked()  # else somebody is asking already, and the old key will do

    def _find(self, alg: str, kid: str | None) -> PublicKey | None:
        fitting = [known.key for known in self._keys if known.verifies(alg, kid)]
        return fitting[0] if len(fitting) == 1 else None

    async def _refresh(self) -> None:
        async with self._lock:
            if self._monotonic() < self._next_fetch_at:
                return
            try:
                self._keys = _usable(await self._fetch())
                self._reachable = True
                self._fetched_at = self._monotonic()
            except (HTTPClientError, HTTPInputError, OSError, ValueError) as problem:
                self._reachable = False
                _log.warning("the platform's keys could not be fetched: %s", problem)
            self._next_fetch_at = self._monotonic() + (REFETCH_SECONDS if self._keys else RETRY_SECONDS)

    async def _fetch(self) -> bytes:
        if self._client is None:
            # A client of its own: the shared one of the loop has other limits, and belongs to nobody.
            self._client = AsyncHTTPClient(force_instance=True, max_body_size=MAX_BODY_BYTES)
        response = await self._client.fetch(
            self._url,
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
            request_timeout=REQUEST_TIMEOUT_SECONDS,
            follow_redirects=False,
            decompress_response=False,  # the limit of the body would hold for its compressed size only
        )
        return response.body


def _usable(body: bytes) -> Sequence[_Key]:
    """The keys of a JWKS document that we can verify with. ValueError when there is none."""
    document = loads(body)
    published = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(published, list):
        raise ValueError("the answer is no JSON Web Key Set")
    keys = [key for key in map(_key, published) if key is not None]
    if not keys:
        raise ValueError("none of the published keys is one that verifies tokens")
    return keys


def _key(jwk: Any) -> _Key | None:
    if not isinstance(jwk, dict) or jwk.get("use", "sig") != "sig":
        return None
    parse = {"RSA": RSAAlgorithm.from_jwk, "EC": ECAlgorithm.from_jwk}.get(str(jwk.get("kty")))
    if parse is None:
        return None
    try:
        key = parse(jwk)
    except (PyJWTError, ValueError, TypeError, KeyError, AttributeError):
        return None  # one odd key must not cost the others
    if not isinstance(key, RSAPublicKey | EllipticCurvePublicKey):
        return None  # a private key, which the platform has published by mistake
    kid, alg = jwk.get("kid"), jwk.get("alg")
    return _Key(kid if isinstance(kid, str) else None, alg if isinstance(alg, str) else None, key)
