"""The wire's tokens, made and opened by a party that is independent of the hub.

ES256 signs, RSA-OAEP-256 with A256GCM seals to somebody, ``dir`` with A256GCM under a content key. Every opening says
which type of token it expects: what was made for one purpose opens for no other.
Source: RFC 7515, 7516, 7518, 7523, 9449.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from joserfc import jwe, jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OctKey, RSAKey

from sandbox import base64url
from sandbox.failures import NotTrusted

ASSERTION_SECONDS = 120
_SIZE = 400_000


class _Signatures(jws.JWSRegistry):
    """joserfc's own limits are below what a hub may send."""

    max_payload_length = _SIZE


class _Seals(jwe.JWERegistry):
    """joserfc's own limits are below what a hub may send."""

    max_ciphertext_length = _SIZE


_ES256 = _Signatures(algorithms=["ES256"])
_POSSESSION = _Signatures(algorithms=["ES256", "RS256"])
_TO_KEY = _Seals(algorithms=["RSA-OAEP-256", "A256GCM"])
_DIRECT = _Seals(algorithms=["dir", "A256GCM"])


def seconds(at: datetime) -> int:
    """A time as NumericDate."""
    return int(at.timestamp())


def compact_json(value: object) -> bytes:
    """JSON as it is signed here: UTF-8 and no spaces. Nothing depends on the spelling: the bytes are what counts."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def sign(payload: bytes, key: ECKey, *, typ: str) -> str:
    """A compact JWS by this key, which the header names."""
    return jws.serialize_compact({"alg": "ES256", "kid": key.kid, "typ": typ}, payload, key, registry=_ES256)


def cosigned(payload: bytes, keys: Iterable[ECKey | RSAKey], *, typ: str) -> bytes:
    """One document that each of these keys signed: by ES256, or by RS256 where a key that opens shows that it is held.

    Source: RFC 7515, section 7.2.1.
    """
    signatures = list[dict[str, str]]()
    for key in keys:
        # The same key without its use: one that opens signs this once, and joserfc is right to ask about it.
        # Not imported anew: that checks an RSA pair for a tenth of a second.
        protected = {"alg": "ES256" if isinstance(key, ECKey) else "RS256", "kid": key.kid, "typ": typ}
        header, _, signature = jws.serialize_compact(protected, payload, _free(key), registry=_POSSESSION).split(".")
        signatures.append({"protected": header, "signature": signature})
    return compact_json({"payload": base64url.encode(payload), "signatures": signatures})


def _free(key: ECKey | RSAKey) -> ECKey | RSAKey:
    if isinstance(key, ECKey):
        return ECKey(key.raw_value, key.raw_value)
    return RSAKey(key.raw_value, key.raw_value)


def verify(token: str, keys: Mapping[str, ECKey], *, typ: str) -> bytes:
    """What was signed as this type of token by one of these keys (by kid).

    Raises:
        NotTrusted: anything else.
    """
    kid = claimed_kid(token)
    if kid not in keys:
        raise NotTrusted("the signing key is not known")
    try:
        opened = jws.deserialize_compact(token, keys[kid], registry=_ES256)
    except (JoseError, ValueError) as error:
        raise NotTrusted("the signature does not hold") from error
    if opened.headers().get("typ") != typ:
        raise NotTrusted("the token is of another type")
    return opened.payload


def claimed_kid(token: str) -> str:
    """Which key the token says that it was signed or sealed with: to find the key, and to trust nothing by.

    Raises:
        NotTrusted: the token is malformed or names none.
    """
    return str(header(token).get("kid", ""))


def header(token: str) -> dict[str, Any]:
    """The token's header, unverified.

    Raises:
        NotTrusted: the token is malformed.
    """
    return json_object(base64url.decode(token.partition(".")[0]))


def json_object(raw: bytes) -> dict[str, Any]:
    """The JSON object in these bytes.

    Raises:
        NotTrusted: they hold something else.
    """
    try:
        value = json.loads(raw)
    except ValueError as error:
        raise NotTrusted("this is not JSON") from error
    if not isinstance(value, dict):
        raise NotTrusted("this is not a JSON object")
    return value


def client_assertion(key: ECKey, client_id: str, *, audience: str, now: datetime, jti: str) -> str:
    """Who the client is, for the token endpoint. Source: RFC 7523, section 3."""
    issued = seconds(now)
    claims = {"iss": client_id, "sub": client_id, "aud": audience, "iat": issued, "exp": issued + ASSERTION_SECONDS}
    return sign(compact_json(claims | {"jti": jti}), key, typ="JWT")


def proof(key: ECKey, *, method: str, url: str, now: datetime, jti: str, nonce: str = "", token: str = "") -> str:
    """That whoever calls holds this key: bound to the method, the URL, the hub's nonce and the access token.

    ``url`` is without query and fragment. Source: RFC 9449, section 4.2.
    """
    claims: dict[str, Any] = {"htm": method, "htu": url, "iat": seconds(now), "jti": jti}
    if nonce:
        claims["nonce"] = nonce
    if token:
        claims["ath"] = base64url.digest(token.encode("ascii"))
    jwk = {name: value for name, value in key.as_dict(private=False).items() if name in {"kty", "crv", "x", "y"}}
    protected = {"alg": "ES256", "typ": "dpop+jwt", "jwk": jwk}
    return jws.serialize_compact(protected, compact_json(claims), key, registry=_ES256)


def seal_to(plaintext: bytes, key: RSAKey, *, cty: str) -> str:
    """A compact JWE to the holder of this key."""
    protected = {"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": key.kid, "cty": cty}
    return jwe.encrypt_compact(protected, plaintext, key, registry=_TO_KEY)


def open_with(token: str, key: RSAKey, *, cty: str) -> bytes:
    """What was sealed to this key as this type of content.

    Raises:
        NotTrusted: anything else.
    """
    return _open(token, key, _TO_KEY, cty=cty)


def open_direct(token: str, content_key: bytes, *, kid: str, cty: str) -> bytes:
    """What was sealed under this content key, named by ``kid``, as this type of content.

    Raises:
        NotTrusted: anything else.
    """
    if claimed_kid(token) != kid:
        raise NotTrusted("the body is sealed under another key")
    return _open(token, OctKey.import_key(content_key), _DIRECT, cty=cty)


def _open(token: str, key: RSAKey | OctKey, registry: jwe.JWERegistry, *, cty: str) -> bytes:
    try:
        opened = jwe.decrypt_compact(token, key, registry=registry)
    except (JoseError, ValueError) as error:
        raise NotTrusted("the seal does not open") from error
    if opened.headers().get("cty") != cty or opened.plaintext is None:
        raise NotTrusted("the content is of another type")
    return opened.plaintext
