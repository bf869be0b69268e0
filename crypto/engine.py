"""python-jose at arm's length: the one file that calls it.

It does the compact serialisation, the signature and the encryption, and nothing else: by the time it is called,
``jws`` and ``jwe`` have checked everything that it leaves unchecked (algorithm, kid, typ, cty, critical members,
canonical base64url, lengths). Keys go in as objects of cryptography; PEM or JWK keys would cost 40 to 140 ms a call.
"""

from __future__ import annotations

from collections.abc import Mapping

import jose.jwe
import jose.jwk
import jose.jws
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from crypto.failure import SealFailed

TOKEN_LIMIT = 250 * 1024
"""Characters of a JWE that the library opens; it makes longer ones, which nobody could open."""


def sign(payload: bytes, header: Mapping[str, str], key: ec.EllipticCurvePrivateKey) -> str:
    """The compact JWS over the payload with ES256. The header names all but ``alg``; ``typ`` must be among it."""
    token: str = jose.jws.sign(payload, jose.jwk.construct(key, "ES256"), headers=dict(header), algorithm="ES256")
    return token


def verify(signed: bytes, signature: bytes, key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey, alg: str) -> None:
    """Return if this signature over the signing input (header and payload, encoded) is good.

    The library's key does it: its ``jws.verify`` would take apart again, laxly, what ``compact`` has taken apart.

    Raises:
        SealFailed: it is not, or the library failed in any other way.
    """
    try:
        good = jose.jwk.construct(key, alg).verify(signed, signature)
    except Exception:  # noqa: BLE001 - the library lets TypeErrors and others through; here they all mean the same
        raise SealFailed("jws.signature") from None
    if good is not True:
        raise SealFailed("jws.signature")


def encrypt(payload: bytes, key: rsa.RSAPublicKey | bytes, *, alg: str, kid: str, cty: str) -> str:
    """The compact JWE of the payload with A256GCM under ``alg``, its header holding alg, cty, enc and kid."""
    token: bytes = jose.jwe.encrypt(payload, key, encryption="A256GCM", algorithm=alg, cty=cty, kid=kid)
    return token.decode("ascii")


def decrypt(token: str, key: rsa.RSAPrivateKey | bytes) -> bytes:
    """The plaintext, if key and authentication tag fit.

    Raises:
        SealFailed: they do not, or the library failed in any other way.
    """
    try:
        payload: bytes | None = jose.jwe.decrypt(token, key)
    except Exception:  # noqa: BLE001 - as above
        raise SealFailed("jwe.open") from None
    # The library answers None where the content key was not unwrapped but stood-in bytes opened the content.
    if payload is None:
        raise SealFailed("jwe.open")
    return payload
