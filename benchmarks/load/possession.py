"""Tokens and proofs of possession with cryptography alone: the load must not be what is measured.

Source: RFC 7515 (ES256), RFC 7523 (client assertions), RFC 9449 (DPoP).
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import secrets
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

_SHA = ec.ECDSA(hashes.SHA256())
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_WIDTH = 32
_WAIT = 15.0


def encoded(octets: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


def load_key(pem: str) -> ec.EllipticCurvePrivateKey:
    """A private P-256 key from PKCS 8."""
    key = serialization.load_pem_private_key(pem.encode("ascii"), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def public_jwk(key: ec.EllipticCurvePublicKey) -> dict[str, str]:
    """The members of a P-256 key's JWK that its thumbprint covers, in their order."""
    numbers = key.public_numbers()
    x, y = (encoded(part.to_bytes(_WIDTH, "big")) for part in (numbers.x, numbers.y))
    return {"crv": "P-256", "kty": "EC", "x": x, "y": y}


def thumbprint(jwk: dict[str, str]) -> str:
    """Source: RFC 7638."""
    return encoded(hashlib.sha256(json.dumps(jwk, separators=(",", ":"), sort_keys=True).encode()).digest())


def signed(header: str, claims: dict[str, object], key: ec.EllipticCurvePrivateKey) -> str:
    """A compact JWS; ``header`` is encoded already."""
    text = f"{header}.{encoded(json.dumps(claims, separators=(',', ':')).encode())}"
    r, s = decode_dss_signature(key.sign(text.encode("ascii"), _SHA))
    return f"{text}.{encoded(r.to_bytes(_WIDTH, 'big') + s.to_bytes(_WIDTH, 'big'))}"


def header_of(**members: object) -> str:
    """A JOSE header, encoded."""
    return encoded(json.dumps(members, separators=(",", ":")).encode())


@dataclass(kw_only=True)
class Holder:
    """Who holds the key that access tokens are bound to; makes proofs, and fetches tokens from a hub."""

    dpop: ec.EllipticCurvePrivateKey = field(repr=False)
    nonce: str = ""
    _header: str = ""
    _stem: str = field(default_factory=lambda: secrets.token_urlsafe(9))
    _made: int = 0

    def __post_init__(self) -> None:
        self._header = header_of(alg="ES256", typ="dpop+jwt", jwk=public_jwk(self.dpop.public_key()))

    def proof(self, method: str, url: str, ath: str = "") -> str:
        """A proof for one request, under the last nonce that was heard."""
        self._made += 1
        claims: dict[str, object] = {
            "htm": method,
            "htu": url,
            "iat": int(time.time()),
            "jti": f"{self._stem}{self._made}",
        }
        if ath:
            claims["ath"] = ath
        if self.nonce:
            claims["nonce"] = self.nonce
        return signed(self._header, claims, self.dpop)

    def fetch(self, hub: str, client_id: str, kid: str, authentication: ec.EllipticCurvePrivateKey) -> str:
        """An access token of the hub at this URL, by private_key_jwt; its answer brings a nonce too."""
        url, now = f"{hub}/oauth2/token", int(time.time())
        claims: dict[str, object] = {"iss": client_id, "sub": client_id, "aud": url, "iat": now, "exp": now + 120}
        header = header_of(alg="ES256", typ="JWT", kid=kid)
        assertion = signed(header, claims | {"jti": secrets.token_urlsafe(16)}, authentication)
        form = {"grant_type": "client_credentials", "client_assertion_type": _ASSERTION, "client_assertion": assertion}
        status = 0
        for _ in range(2):
            status, nonce, body = _post(url, self.proof("POST", url), urlencode(form))
            self.nonce = nonce or self.nonce
            if status == 200:
                return str(json.loads(body)["access_token"])
        raise SystemExit(f"no access token: {status}")

    def challenge(self, url: str, token: str) -> None:
        """Hear a nonce: a server that wants one says it."""
        _, self.nonce, _ = _post(url, self.proof("POST", url, ath(token)), "", token)


def ath(token: str) -> str:
    """The digest of a token that its proof carries."""
    return encoded(hashlib.sha256(token.encode("ascii")).digest())


def _post(url: str, proof: str, body: str, token: str = "") -> tuple[int, str, bytes]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=_WAIT)
    headers = {"DPoP": proof, "Content-Type": "application/x-www-form-urlencoded"}
    if token:
        headers["Authorization"] = f"DPoP {token}"
    try:
        connection.request("POST", parts.path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.headers.get("DPoP-Nonce", ""), answer.read()
    finally:
        connection.close()
