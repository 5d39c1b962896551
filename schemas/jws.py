"""Signed compact tokens, both kinds of contract §1: signing, reading the header, checking the signature.

What the claims must say is the business of `classroom_token` and `platform_token`. A token never chooses how
it is checked: the caller names the one algorithm and hands over a key of that algorithm's type.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    SECP384R1,
    SECP521R1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWS
from jwt.algorithms import HMACAlgorithm
from jwt.exceptions import PyJWTError

from schemas.config_sections import ASYMMETRIC
from schemas.errors import BAD_TOKEN, Refused
from schemas.jsonio import MalformedJson, loads

MAX_TOKEN_BYTES = 8 * 1024
MIN_RSA_BITS = 2048

PublicKey = RSAPublicKey | EllipticCurvePublicKey
VerifyKey = str | PublicKey
"""A secret for HS, an RSA key for RS and PS, a key on the algorithm's own curve for ES."""


class Header(NamedTuple):
    """What an unverified token says about itself."""

    alg: str
    kid: str | None


class _QuietHmac(HMACAlgorithm):
    def check_key_length(self, key: bytes) -> str | None:
        return None  # PyJWT would warn at every single token; the length of a secret is settled at the start


_JWS = PyJWS(algorithms=ASYMMETRIC)  # not among them, and never registered: `none`
_JWS.register_algorithm("HS256", _QuietHmac(HMACAlgorithm.SHA256))
_JWS.register_algorithm("HS384", _QuietHmac(HMACAlgorithm.SHA384))
_JWS.register_algorithm("HS512", _QuietHmac(HMACAlgorithm.SHA512))

_CURVES = {"ES256": SECP256R1, "ES384": SECP384R1, "ES512": SECP521R1}

_AS_ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in ">?~\x7f"}


def ascii_json(claims: Mapping[str, Any]) -> bytes:
    """`claims` as ASCII JSON whose base64url has neither `-` nor `_`, so that a browser's `atob` reads it.

    Those two letters stand for the six bits 111110 and 111111. In text below 0x80 these can only be the last
    six bits of a byte: of `>`, `?`, `~` and DEL, which JSON may write as escapes (contract §1).
    """
    text = json.dumps(claims, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.translate(_AS_ESCAPES).encode("ascii")


def sign(claims: Mapping[str, Any], secret: str, kid: str | None = None) -> str:
    """A token signed with HS256; `kid` goes into the header when given."""
    return _JWS.encode(ascii_json(claims), secret, "HS256", headers=None if kid is None else {"kid": kid})


def read_header(token: str) -> Header:
    """The unverified header of `token`. Refused(BAD_TOKEN) for what is no compact token of at most 8 KiB."""
    if len(token) > MAX_TOKEN_BYTES:
        raise Refused(BAD_TOKEN, "The token is too long.")
    if not token.isascii():
        raise Refused(BAD_TOKEN, "The token is malformed.")
    try:
        header = _JWS.get_unverified_header(token)
    except PyJWTError:
        raise Refused(BAD_TOKEN, "The token is malformed.") from None
    alg = header.get("alg")
    if not isinstance(alg, str):
        raise Refused(BAD_TOKEN, "The token names no algorithm.")
    return Header(alg, header.get("kid"))


def read_claims(token: str, key: VerifyKey, alg: str) -> dict[str, Any]:
    """The claims of `token` if `key` signed it with `alg`; any other token is Refused(BAD_TOKEN)."""
    try:
        payload = _JWS.decode(token, key, algorithms=[alg])
    except (PyJWTError, TypeError):  # TypeError: a key of another type than the algorithm's
        raise Refused(BAD_TOKEN, "The token's signature is not valid.") from None
    try:
        claims = loads(payload)
    except MalformedJson:
        claims = None
    if not isinstance(claims, dict):
        raise Refused(BAD_TOKEN, "The token holds no JSON object.")
    return claims


def check_secret(secret: str) -> None:
    """ValueError, in words for whoever configures it, for a secret that cannot sign."""
    if not secret:
        raise ValueError("the secret is empty")
    try:
        HMACAlgorithm(HMACAlgorithm.SHA256).prepare_key(secret)
    except PyJWTError:
        raise ValueError("the secret is a public key or a JWK, which is known to everybody") from None


def fits(key: PublicKey, alg: str) -> bool:
    """Whether `alg` is one that verifies with `key`."""
    if isinstance(key, RSAPublicKey):
        return alg.startswith(("RS", "PS")) and key.key_size >= MIN_RSA_BITS
    return alg in _CURVES and isinstance(key.curve, _CURVES[alg])
