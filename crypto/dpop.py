"""Proofs of possession (DPoP), and the stateless nonces that the server asks for.

Source: RFC 9449.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from crypto import base64url, canonical, jws
from crypto.canonical import Json
from crypto.failure import SealFailed
from crypto.jwk import PublicKey, parse_public_jwk
from crypto.tokens import numeric_date
from crypto.uri import same_target
from schemas.errors import Rejected, TooLarge

TYP = "dpop+jwt"
NONCE_RANDOM_BYTES = 8
NONCE_WINDOW = timedelta(minutes=5)

_PROOF_LIMIT = 8192
_JTI_LIMIT = 200
_LATEST = 253_402_300_799
_TIME_BYTES = 8
_MAC_BYTES = 16
_KEYS = 1024
_TOLERATED = frozenset({"jwk"})
_NONCE_LABEL = b"mash-dpop-nonce-v1\0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A proof that held: by which key (``jkt``), its id (to be taken once, by the caller's store), its time (UTC)."""

    jkt: str
    jti: str
    iat: datetime
    nonce: str | None


def verify_proof(
    proof: str | bytes,
    *,
    htm: str,
    htu: str,
    now: datetime,
    max_age: timedelta,
    nonce: str | None,
    access_token: str | None,
    expected_jkt: str | None,
    leeway: timedelta = timedelta(seconds=5),
) -> Proof:
    """That the caller holds its key now, for this request.

    (1) a JWS of type dpop+jwt with ES256, whose header holds typ, alg, jwk (and kid) alone; (2) the jwk is a public key
    that we would enrol, and with ``expected_jkt`` it is that key; (3) the key made the signature; (4) jti, htm, htu and
    iat are there; htm is exactly the method, htu the target without query and fragment; (5) iat lies within ``max_age``
    before and ``leeway`` after ``now`` (aware, UTC); (6) with ``nonce``, exactly that nonce; (7) with ``access_token``,
    ``ath`` is its digest.

    Raises:
        SealFailed: uniform to the caller; ``reason`` names the step, ``dpop.nonce`` where a fresh nonce is to be sent.
    Source: RFC 9449 section 4.3.
    """
    # (1) typ is dpop+jwt
    parts = jws.claimed(proof, limit=_PROOF_LIMIT)
    if parts.header.get("typ") != TYP:
        raise SealFailed("dpop.typ")
    # (2) a key that we would enrol, and the expected one
    key, jkt = _embedded_key(parts.parts[0])
    if expected_jkt is not None and not hmac.compare_digest(jkt.encode(), expected_jkt.encode()):
        raise SealFailed("dpop.jkt")
    # (3) that key signed, with ES256, and the header holds nothing more
    verified = jws.verify_compact(parts, key, tolerated=_TOLERATED)
    claims = _claims(verified.payload)
    # (4) jti, htm and htu
    jti, method, target = (_text(claims, name) for name in ("jti", "htm", "htu"))
    if not 0 < len(jti) <= _JTI_LIMIT:
        raise SealFailed("dpop.jti")
    if method != htm:
        raise SealFailed("dpop.htm")
    if not same_target(target, htu):
        raise SealFailed("dpop.htu")
    # (5) made just now
    iat = _iat(claims)
    if not now - max_age <= iat <= now + leeway:
        raise SealFailed("dpop.iat")
    # (6) over our nonce
    given = _text(claims, "nonce") if "nonce" in claims else None
    if nonce is not None and (given is None or not hmac.compare_digest(given.encode(), nonce.encode())):
        raise SealFailed("dpop.nonce")
    # (7) for this access token
    if access_token is not None and not hmac.compare_digest(_text(claims, "ath"), ath(access_token)):
        raise SealFailed("dpop.ath")
    return Proof(jkt=jkt, jti=jti, iat=iat, nonce=given)


def ath(access_token: str) -> str:
    """The digest of an access token that its proof carries: SHA-256, base64url. Source: RFC 9449 section 4.2."""
    return base64url.encode(hashlib.sha256(access_token.encode("utf-8")).digest())


def make_nonce(key: bytes, *, now: datetime, random: bytes) -> str:
    """A nonce that ``check_nonce`` accepts for a while, without anything being stored. ``random`` is 8 bytes.

    Raises:
        ValueError: ``random`` has another length.
    """
    if len(random) != NONCE_RANDOM_BYTES:
        message = "a nonce takes 8 random bytes"
        raise ValueError(message)
    body = numeric_date(now).to_bytes(_TIME_BYTES, "big") + random
    return base64url.encode(body + _nonce_mac(key, body))


def check_nonce(key: bytes, nonce: str, *, now: datetime, window: timedelta = NONCE_WINDOW) -> bool:
    """Whether we made this nonce with this key, not longer ago than ``window``."""
    try:
        octets = base64url.decode(nonce)
    except base64url.NotCanonical:
        return False
    body, mac = octets[:-_MAC_BYTES], octets[-_MAC_BYTES:]
    if len(octets) != _TIME_BYTES + NONCE_RANDOM_BYTES + _MAC_BYTES or not hmac.compare_digest(
        mac, _nonce_mac(key, body)
    ):
        return False
    age = numeric_date(now) - int.from_bytes(body[:_TIME_BYTES], "big")
    # A second of slack: another replica's clock may be a little ahead.
    return -1 <= age <= window.total_seconds()


def _nonce_mac(key: bytes, body: bytes) -> bytes:
    return hmac.digest(key, _NONCE_LABEL + body, "sha256")[:_MAC_BYTES]


@lru_cache(maxsize=_KEYS)
def _embedded_key(header: bytes) -> tuple[PublicKey, str]:
    """The key in this header, and its thumbprint: a function of the bytes alone, which a client sends each time."""
    jwk = canonical.loads_object(header).get("jwk")
    if not isinstance(jwk, dict):
        raise SealFailed("dpop.jwk")
    try:
        key = parse_public_jwk(jwk, use="sig")
    except Rejected:
        raise SealFailed("dpop.jwk") from None
    if key.alg != "ES256":
        raise SealFailed("dpop.jwk")
    return key, key.thumbprint


def _claims(payload: bytes) -> dict[str, Json]:
    try:
        return canonical.loads_object(payload, size=_PROOF_LIMIT, depth=4)
    except (Rejected, TooLarge):
        raise SealFailed("dpop.claims") from None


def _text(claims: dict[str, Json], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value.isascii():
        raise SealFailed(f"dpop.{name}")
    return value


def _iat(claims: dict[str, Json]) -> datetime:
    value = claims.get("iat")
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _LATEST:
        raise SealFailed("dpop.iat")
    return datetime.fromtimestamp(value, UTC)
