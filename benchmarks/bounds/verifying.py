"""A token and the proof that its holder holds its key: two ES256 signatures and what they say of this request.

Source: RFC 9068, RFC 9449 section 4.3.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import time
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from benchmarks.load.possession import encoded, public_jwk, thumbprint

_SHA = ec.ECDSA(hashes.SHA256())
_HALF = 32
_AGE = 120
_NONCE_AGE = 300
_SECRET = os.urandom(32)


class Refused(Exception):
    """A credential that does not hold. ``nonce`` says that only a nonce is wanted."""

    def __init__(self, *, nonce: bool = False) -> None:
        super().__init__()
        self.nonce = nonce


class Verifier:
    """Holds the issuer's key and the one holder's, as key objects."""

    def __init__(self, issuer: ec.EllipticCurvePublicKey, holder: ec.EllipticCurvePublicKey) -> None:
        self._issuer = issuer
        self._holder = holder
        self._jwk = public_jwk(holder)
        self._jkt = thumbprint(self._jwk)

    def verify(self, token: str, proof: str, *, url: str) -> tuple[Mapping[str, Any], str]:
        """The token's claims, and the hash under which the proof's id is used up.

        Raises:
            Refused: one of the two does not hold.
        """
        now = time.time()
        _, claims = _verified(token, self._issuer)
        if claims["exp"] < now or claims["cnf"]["jkt"] != self._jkt:
            raise Refused
        header, told = _verified(proof, self._holder)
        fresh = told["htm"] == "POST" and told["htu"] == url and now - _AGE <= told["iat"] <= now + _AGE
        if header["jwk"] != self._jwk or not fresh or told["ath"] != _digest(token):
            raise Refused
        if not is_ours(told.get("nonce", ""), now):
            raise Refused(nonce=True)
        return claims, hashlib.sha256(f"{self._jkt}\n{told['jti']}".encode()).hexdigest()


def fresh_nonce() -> str:
    """A nonce that ``is_ours`` knows again for five minutes, without being stored."""
    body = int(time.time()).to_bytes(8, "big") + os.urandom(8)
    return encoded(body + _mac(body))


def is_ours(nonce: str, now: float) -> bool:
    """Whether this is such a nonce."""
    octets = _decoded(nonce)
    body, mac = octets[:16], octets[16:]
    return hmac.compare_digest(mac, _mac(body)) and now - int.from_bytes(body[:8], "big") <= _NONCE_AGE


def _verified(token: str, key: ec.EllipticCurvePublicKey) -> tuple[dict[str, Any], dict[str, Any]]:
    signed, _, signature = token.rpartition(".")
    header, _, payload = signed.partition(".")
    octets = _decoded(signature)
    der = encode_dss_signature(int.from_bytes(octets[:_HALF], "big"), int.from_bytes(octets[_HALF:], "big"))
    try:
        key.verify(der, signed.encode("ascii"), _SHA)
    except InvalidSignature:
        raise Refused from None
    return json.loads(_decoded(header)), json.loads(_decoded(payload))


def _mac(body: bytes) -> bytes:
    return hmac.digest(_SECRET, body, "sha256")[:16]


def _digest(token: str) -> str:
    return encoded(hashlib.sha256(token.encode("ascii")).digest())


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
