"""Signed tokens (JWS compact): ES256, and RS256 to verify for partners that are registered with it.

Source: RFC 7515, RFC 7518 section 3, RFC 8725.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from crypto import compact, engine
from crypto.canonical import Json
from crypto.compact import Compact
from crypto.failure import SealFailed
from crypto.jwk import PublicKey, SigningKey
from schemas.errors import TooLarge

PAYLOAD_LIMIT = 140_000
"""Bytes of payload that may be signed: signed and then sealed, more could not be opened. Larger goes in chunks."""
TOKEN_LIMIT = 200_000
"""Characters of a token that is verified, unless told otherwise."""
ES256_ONLY: frozenset[str] = frozenset({"ES256"})
WITH_RS256: frozenset[str] = frozenset({"ES256", "RS256"})

_MEMBERS = frozenset({"alg", "kid", "typ", "cty"})
# The order of the P-256 group: r and s of a signature lie between 1 and this, exclusive (SEC 1 section 4.1.4).
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_COORDINATE = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a good signature stands for: exactly the bytes that were signed, and who signed."""

    payload: bytes = field(repr=False)
    kid: str
    header: Mapping[str, Json] = field(repr=False)


def sign(payload: bytes, key: SigningKey, *, typ: str, cty: str | None = None) -> str:
    """The compact JWS over exactly these bytes, with ES256 and the key's kid.

    Raises:
        TooLarge: more than ``PAYLOAD_LIMIT`` bytes.
    """
    if len(payload) > PAYLOAD_LIMIT:
        raise TooLarge("crypto.jws.size", "send it in chunks", at="payload")
    header = {"typ": typ, "kid": key.kid} | ({"cty": cty} if cty is not None else {})
    return engine.sign(payload, header, key.key)


def verify(
    token: str | bytes,
    keys: Mapping[str, PublicKey],
    *,
    typ: str | Collection[str | None],
    algorithms: Collection[str] = ES256_ONLY,
    limit: int = TOKEN_LIMIT,
    tolerated: Collection[str] = (),
) -> Verified:
    """The payload, if one of ``keys`` (by kid) signed it as this type of token.

    (1) at most ``limit`` characters, three segments in canonical base64url, a header without members twice;
    (2) the header holds alg, kid, typ and cty at most (and what is ``tolerated``: read, never acted upon);
    (3) ``alg`` is in ``algorithms`` and on the allow-list; (4) ``typ`` is exactly this, or one of these, where None
    stands for an absent one; (5) ``kid`` names exactly one key in force, which is for this algorithm and for signing;
    (6) the signature has the one length that the key gives and its numbers are in range; (7) the signature is good.

    Raises:
        SealFailed: uniform to the caller; ``reason`` names the step.
    """
    # (1) the one spelling of a compact token
    parts = _split(token, limit)
    # (2) no member unknown, (3) alg on the lists
    alg = _check_header(parts, algorithms, tolerated)
    # (4) typ is exactly one that is asked for
    claimed = compact.header_text(parts, "typ", kind="jws") if "typ" in parts.header else None
    if claimed not in ((typ,) if isinstance(typ, str) else typ):
        raise SealFailed("jws.typ")
    # (5) kid names exactly one key in force
    kid = compact.header_text(parts, "kid", kind="jws")
    key = keys.get(kid)
    if key is None:
        raise SealFailed("jws.kid")
    # (5) to (7): with that key alone
    return _verify_with(parts, key, alg, kid)


def verify_compact(
    token: str | bytes | Compact,
    key: PublicKey,
    *,
    algorithms: Collection[str] = ES256_ONLY,
    limit: int = TOKEN_LIMIT,
    tolerated: Collection[str] = (),
) -> Verified:
    """The payload, if exactly this key signed it: as ``verify`` without a demand on typ, and kid may be absent.

    For proofs that bring their key along (DPoP), taken apart by ``claimed``, and for published test vectors; messages
    use ``verify``.

    Raises:
        SealFailed: uniform to the caller; ``reason`` names the step.
    """
    parts = token if isinstance(token, Compact) else _split(token, limit)
    alg = _check_header(parts, algorithms, tolerated)
    if parts.header.get("kid", key.kid) != key.kid:
        raise SealFailed("jws.kid")
    return _verify_with(parts, key, alg, key.kid)


def claimed_kid(token: str | bytes, *, limit: int = TOKEN_LIMIT) -> str:
    """The kid that the token claims, unverified: only to find out which keys to load.

    Raises:
        SealFailed: the token is malformed or names none.
    """
    return compact.header_text(_split(token, limit), "kid", kind="jws")


def claimed_payload(token: str | bytes, *, limit: int = TOKEN_LIMIT) -> bytes:
    """The payload, unverified: only to find out whose keys to verify the token with.

    Raises:
        SealFailed: the token is malformed.
    """
    return _split(token, limit).parts[1]


def claimed(token: str | bytes, *, limit: int = TOKEN_LIMIT) -> Compact:
    """The token taken apart, unverified: for a proof that brings its key along, before that key is matched.

    Raises:
        SealFailed: the token is malformed.
    """
    return _split(token, limit)


def _split(token: str | bytes, limit: int) -> Compact:
    return compact.split(token, kind="jws", segments=3, limit=limit)


def _check_header(parts: Compact, algorithms: Collection[str], tolerated: Collection[str]) -> str:
    # (2) crit, b64, jwk, jku, x5c, x5u, zip, p2c and whatever is invented next
    if not parts.header.keys() <= _MEMBERS | set(tolerated):
        raise SealFailed("jws.members")
    # (3) on the caller's list and on ours
    alg = compact.header_text(parts, "alg", kind="jws")
    if alg not in algorithms or alg not in WITH_RS256:
        raise SealFailed("jws.alg")
    return alg


def _verify_with(parts: Compact, key: PublicKey, alg: str, kid: str) -> Verified:
    # (5) the key is for this algorithm and for signing
    if key.alg != alg or key.use != "sig":
        raise SealFailed("jws.key")
    # (6) length and range
    signature = parts.parts[2]
    if alg == "ES256":
        r, s = (int.from_bytes(half, "big") for half in (signature[:_COORDINATE], signature[_COORDINATE:]))
        sound = len(signature) == 2 * _COORDINATE and 0 < r < _ORDER and 0 < s < _ORDER
    else:
        sound = len(signature) == (key.key.key_size + 7) // 8
    if not sound:
        raise SealFailed("jws.signature_form")
    # (7) the signature itself
    engine.verify(parts.text.rpartition(".")[0].encode("ascii"), signature, key.key, alg)
    return Verified(payload=parts.parts[1], kid=kid, header=parts.header)
