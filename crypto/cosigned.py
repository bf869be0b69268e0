"""One document that several keys signed: JWS in its general JSON serialisation, each signature under our own rules.

Signatures are made and checked one by one as compact tokens over the same payload, so nothing is laxer here than in
``crypto.jws``: no unprotected header, one spelling, one typ, a kid that names exactly one key.
Source: RFC 7515 section 7.2.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from crypto import base64url, canonical, compact, jws
from crypto.canonical import Json
from crypto.failure import SealFailed
from crypto.jwk import PublicKey, SigningKey
from schemas.errors import Rejected, TooLarge

SIZE_LIMIT = 400_000
"""Bytes of a document with its signatures."""
MOST_SIGNATURES = 400
_DEPTH = 4
_MEMBERS = frozenset({"protected", "signature"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosigned:
    """A document taken apart: the payload's bytes, and a compact token for each signature. Nothing is verified yet."""

    payload: bytes = field(repr=False)
    tokens: tuple[str, ...] = field(repr=False)


def parse(data: bytes) -> Cosigned:
    """The document in these bytes, unverified.

    (1) one JSON object of ``payload`` and ``signatures`` alone; (2) a signature is ``protected`` and ``signature``
    alone, and there are at most 400; (3) the payload is canonical base64url.

    Raises:
        Rejected: ``at`` names the member. TooLarge: more than 400,000 bytes.
    Source: RFC 7515 section 7.2.1.
    """
    # (1) two members
    found = canonical.loads_object(data, size=SIZE_LIMIT, depth=_DEPTH)
    if found.keys() != {"payload", "signatures"}:
        raise Rejected("cosigned.form", "a payload and the signatures over it, in JWS JSON", at="signatures")
    encoded, signatures = found["payload"], found["signatures"]
    if not isinstance(encoded, str):
        raise Rejected("cosigned.form", at="payload")
    # (2) signatures without a header that nobody signed
    if not isinstance(signatures, list) or len(signatures) > MOST_SIGNATURES:
        raise Rejected("cosigned.form", at="signatures")
    tokens = tuple(_token(one, encoded, f"signatures.{place}") for place, one in enumerate(signatures))
    # (3) one spelling
    try:
        payload = base64url.decode(encoded)
    except base64url.NotCanonical:
        raise Rejected("cosigned.encoding", at="payload") from None
    return Cosigned(payload=payload, tokens=tokens)


def signers(document: Cosigned, keys: Mapping[str, PublicKey], *, typ: str) -> frozenset[str]:
    """The kids of those among ``keys`` who signed this document as this type, none of them twice.

    A signature that is bad, by nobody we know, or by a key that signed already makes the whole document refused: a
    document with something in it that does not hold is not one that anybody meant.

    Raises:
        SealFailed: ``reason`` names the step.
    """
    found: set[str] = set()
    for token in document.tokens:
        parts = jws.claimed(token, limit=SIZE_LIMIT)
        kid = compact.header_text(parts, "kid", kind="jws")
        if compact.header_text(parts, "typ", kind="jws") != typ:
            raise SealFailed("jws.typ")
        if kid not in keys:
            raise SealFailed("jws.kid")
        if kid in found:
            raise SealFailed("cosigned.twice")
        jws.verify_compact(parts, keys[kid], algorithms=(keys[kid].alg,))
        found.add(kid)
    return frozenset(found)


def claimed_signers(document: Cosigned) -> tuple[str, ...]:
    """The kids that the signatures claim, unverified: to tell somebody who is still to sign.

    Raises:
        SealFailed: a signature is malformed.
    """
    return tuple(jws.claimed_kid(token, limit=SIZE_LIMIT) for token in document.tokens)


def prover(key: PublicKey) -> PublicKey:
    """The key as one that shows by a signature that its private half is held.

    A key that opens signs once for this and for nothing else (RS256), as it would in a request for a certificate.
    Source: NIST SP 800-57 part 1 revision 5, section 5.2; RFC 2986.
    """
    if key.use == "enc":
        return PublicKey(kid=key.kid, alg="RS256", use="sig", key=key.key)
    return key


def add_signature(document: Cosigned, key: SigningKey, *, typ: str) -> Cosigned:
    """The document with this key's signature beside the others.

    Raises:
        TooLarge: the payload is more than may be signed.
    """
    return Cosigned(payload=document.payload, tokens=(*document.tokens, jws.sign(document.payload, key, typ=typ)))


def render(document: Cosigned) -> bytes:
    """The document as JSON text."""
    signatures: list[Json] = []
    for token in document.tokens:
        protected, _, signature = token.split(".")
        signatures.append({"protected": protected, "signature": signature})
    return canonical.dumps({"payload": base64url.encode(document.payload), "signatures": signatures})


def _token(signature: Json, payload: str, at: str) -> str:
    if not isinstance(signature, dict) or signature.keys() != _MEMBERS:
        raise Rejected("cosigned.form", "protected and signature alone", at=at)
    protected, made = signature["protected"], signature["signature"]
    if not isinstance(protected, str) or not isinstance(made, str):
        raise Rejected("cosigned.form", at=at)
    token = f"{protected}.{payload}.{made}"
    if len(token) > SIZE_LIMIT:
        raise TooLarge("cosigned.size", at=at)
    return token
