"""Keys: public ones read strictly from JWK and written as JWK, private ones that never show themselves.

Allowed: EC P-256 for ES256; RSA of 2048 bits or more for RS256 (verified only, per registered partner); RSA of 3072
bits or more for RSA-OAEP-256. The public exponent is 65537.
Source: RFC 7517, RFC 7518 section 6, RFC 7638.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from crypto import base64url, canonical, roca
from schemas.errors import Rejected

Use: TypeAlias = Literal["sig", "enc"]
Algorithm: TypeAlias = Literal["ES256", "RS256", "RSA-OAEP-256"]

SIGNING_BITS = 2048
SEALING_BITS = 3072
_LARGEST_BITS = 8192
_EXPONENT = 65537
_COORDINATE = 32
_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_OPERATIONS: Mapping[str, frozenset[str]] = {
    "sig": frozenset({"verify"}),
    "enc": frozenset({"encrypt", "wrapKey"}),
}
_KID = re.compile(r"[\x21-\x7e]{1,200}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """A public key that passed every check, with what it may be used for and nothing else."""

    kid: str
    alg: Algorithm
    use: Use
    key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey = field(repr=False)

    def jwk(self) -> dict[str, str]:
        """The public JWK with kid, use and alg. Source: RFC 7517 section 4."""
        return {**_required_members(self.key), "kid": self.kid, "use": self.use, "alg": self.alg}

    @property
    def thumbprint(self) -> str:
        """The SHA-256 thumbprint, base64url. Source: RFC 7638."""
        return _thumbprint(_required_members(self.key))


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A private key for ES256. Neither ``repr`` nor any error shows it."""

    kid: str
    key: ec.EllipticCurvePrivateKey = field(repr=False)

    def public(self) -> PublicKey:
        """The half that others verify with."""
        return PublicKey(kid=self.kid, alg="ES256", use="sig", key=self.key.public_key())

    def to_der(self) -> bytes:
        """PKCS#8 DER, unencrypted: wrap it before it is stored anywhere."""
        return _der(self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecryptionKey:
    """A private key for RSA-OAEP-256. Neither ``repr`` nor any error shows it."""

    kid: str
    key: rsa.RSAPrivateKey = field(repr=False)

    def public(self) -> PublicKey:
        """The half that others seal to."""
        return PublicKey(kid=self.kid, alg="RSA-OAEP-256", use="enc", key=self.key.public_key())

    def to_der(self) -> bytes:
        """PKCS#8 DER, unencrypted: wrap it before it is stored anywhere."""
        return _der(self.key)


def generate_signing_key(kid: str | None = None) -> SigningKey:
    """A fresh ES256 key; its kid is the thumbprint unless given. Draws on the operating system's generator."""
    return _signing_key(ec.generate_private_key(ec.SECP256R1()), kid)


def generate_sealing_key(kid: str | None = None, *, bits: int = SEALING_BITS) -> DecryptionKey:
    """A fresh RSA-OAEP-256 key; its kid is the thumbprint unless given. Draws on the operating system's generator.

    Raises:
        ValueError: fewer bits than the allow-list asks for.
    """
    if bits < SEALING_BITS:
        message = "an RSA sealing key has 3072 bits or more"
        raise ValueError(message)
    return _decryption_key(rsa.generate_private_key(public_exponent=_EXPONENT, key_size=bits), kid)


def load_signing_key(data: bytes, kid: str | None = None) -> SigningKey:
    """The ES256 key in this unencrypted PKCS#8 (or SEC 1) DER or PEM; its kid is the thumbprint unless given.

    Raises:
        Rejected: not a private key on P-256.
    """
    private = _load(data)
    if not isinstance(private, ec.EllipticCurvePrivateKey) or not isinstance(private.curve, ec.SECP256R1):
        raise Rejected("crypto.key.kind", at="private_key")
    return _signing_key(private, kid)


def load_sealing_key(data: bytes, kid: str | None = None) -> DecryptionKey:
    """The RSA-OAEP-256 key in this unencrypted PKCS#8 (or PKCS#1) DER or PEM; its kid is the thumbprint unless given.

    Raises:
        Rejected: not an RSA private key, or one that enrolment would refuse.
    """
    private = _load(data)
    if not isinstance(private, rsa.RSAPrivateKey):
        raise Rejected("crypto.key.kind", at="private_key")
    numbers = private.public_key().public_numbers()
    _check_rsa(numbers.n, numbers.e, "enc")
    return _decryption_key(private, kid)


def parse_public_jwk(jwk: Mapping[str, object], *, use: Use) -> PublicKey:
    """The public key in this JWK, if it may be used this way. Members that we do not know are left out.

    (1) no private member; (2) ``use`` and ``key_ops``, where given, allow this use; (3) ``alg``, where given, goes with
    the key and the use; (4) a kid is given or is the thumbprint; (5) the numbers are sound: a point on P-256, or a
    modulus of enough bits without known weakness and the exponent 65537; every number in canonical form.

    Raises:
        Rejected: with ``at`` naming the member.
    Source: RFC 7517 section 4, RFC 7518 section 6.
    """
    # (1) no private member
    if _PRIVATE_MEMBERS & jwk.keys():
        raise Rejected("crypto.jwk.private", "send the public key alone")
    # (2) use and key_ops allow it
    if jwk.get("use", use) != use:
        raise Rejected("crypto.jwk.use", at="use")
    operations = jwk.get("key_ops")
    if operations is not None and not _allows(operations, use):
        raise Rejected("crypto.jwk.use", at="key_ops")
    # (3) alg goes with key and use
    expected = _algorithm(jwk.get("kty"), use)
    if jwk.get("alg", expected) != expected:
        raise Rejected("crypto.jwk.alg", at="alg")
    # (5) the numbers are sound
    key = _parse_rsa(jwk, use) if jwk.get("kty") == "RSA" else _parse_ec(jwk)
    # (4) a kid, given or derived
    kid = jwk["kid"] if "kid" in jwk else _thumbprint(_required_members(key))
    return PublicKey(kid=_checked_kid(kid), alg=expected, use=use, key=key)


def parse_public_jwks(jwks: Mapping[str, object], *, use: Use) -> dict[str, PublicKey]:
    """The keys of a JWK set for this use, by kid. Keys of the set that are marked for the other use are passed over.

    Raises:
        Rejected: the set has no ``keys``, a key that is refused, or one kid twice.
    Source: RFC 7517 section 5.
    """
    members = jwks.get("keys")
    if not isinstance(members, list):
        raise Rejected("crypto.jwks.keys", at="keys")
    found: dict[str, PublicKey] = {}
    for member in members:
        if not isinstance(member, Mapping):
            raise Rejected("crypto.jwks.keys", at="keys")
        if member.get("use", use) != use and member.get("use") in _OPERATIONS:
            continue
        key = parse_public_jwk(member, use=use)
        if key.kid in found:
            raise Rejected("crypto.jwks.duplicate", at="kid")
        found[key.kid] = key
    return found


def thumbprint(jwk: Mapping[str, object]) -> str:
    """The SHA-256 thumbprint of a public EC or RSA JWK, base64url.

    Raises:
        Rejected: a required member is missing or is not text.
    Source: RFC 7638 sections 3.1 and 3.2.
    """
    names = {"EC": ("crv", "kty", "x", "y"), "RSA": ("e", "kty", "n")}.get(str(jwk.get("kty")))
    if names is None:
        raise Rejected("crypto.jwk.kty", at="kty")
    return _thumbprint({name: _text(jwk, name) for name in names})


def _thumbprint(members: Mapping[str, str]) -> str:
    return base64url.encode(hashlib.sha256(canonical.dumps(members)).digest())


def _algorithm(kty: object, use: Use) -> Algorithm:
    if kty == "EC" and use == "sig":
        return "ES256"
    if kty == "RSA":
        return "RS256" if use == "sig" else "RSA-OAEP-256"
    raise Rejected("crypto.jwk.kty", at="kty")


def _allows(operations: object, use: Use) -> bool:
    if not isinstance(operations, list) or not operations or not all(isinstance(name, str) for name in operations):
        return False
    return len(set(operations)) == len(operations) and set(operations) <= _OPERATIONS[use]


def _parse_ec(jwk: Mapping[str, object]) -> ec.EllipticCurvePublicKey:
    if jwk.get("crv") != "P-256":
        raise Rejected("crypto.jwk.crv", at="crv")
    x, y = (_number(jwk, name, exactly=_COORDINATE) for name in ("x", "y"))
    try:
        return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    except ValueError:
        raise Rejected("crypto.jwk.point", at="x") from None


def _parse_rsa(jwk: Mapping[str, object], use: Use) -> rsa.RSAPublicKey:
    modulus, exponent = _number(jwk, "n"), _number(jwk, "e")
    _check_rsa(modulus, exponent, use)
    try:
        return rsa.RSAPublicNumbers(exponent, modulus).public_key()
    except ValueError:
        raise Rejected("crypto.jwk.modulus", at="n") from None


def _check_rsa(modulus: int, exponent: int, use: Use) -> None:
    least = SIGNING_BITS if use == "sig" else SEALING_BITS
    if not least <= modulus.bit_length() <= _LARGEST_BITS:
        raise Rejected("crypto.jwk.size", at="n")
    if exponent != _EXPONENT:
        raise Rejected("crypto.jwk.exponent", at="e")
    if roca.has_small_factor(modulus) or roca.is_fingerprinted(modulus):
        raise Rejected("crypto.jwk.weak", "make a new key with another generator", at="n")


def _number(jwk: Mapping[str, object], name: str, *, exactly: int | None = None) -> int:
    try:
        octets = base64url.decode(_text(jwk, name))
    except base64url.NotCanonical:
        raise Rejected("crypto.jwk.encoding", at=name) from None
    # RFC 7518: a coordinate has the full size of the field; n and e have no leading zero octet.
    sound = len(octets) == exactly if exactly is not None else octets[:1] not in {b"", b"\0"}
    if not sound:
        raise Rejected("crypto.jwk.encoding", at=name)
    return int.from_bytes(octets, "big")


def _text(jwk: Mapping[str, object], name: str) -> str:
    value = jwk.get(name)
    if not isinstance(value, str):
        raise Rejected("crypto.jwk.member", at=name)
    return value


def _checked_kid(kid: object) -> str:
    if not isinstance(kid, str) or not _KID.fullmatch(kid):
        raise Rejected("crypto.jwk.kid", at="kid")
    return kid


def _required_members(key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey) -> dict[str, str]:
    if isinstance(key, rsa.RSAPublicKey):
        rsa_numbers = key.public_numbers()
        return {"kty": "RSA", "n": _octets(rsa_numbers.n), "e": _octets(rsa_numbers.e)}
    point = key.public_numbers()
    return {"kty": "EC", "crv": "P-256", "x": _octets(point.x, _COORDINATE), "y": _octets(point.y, _COORDINATE)}


def _octets(number: int, size: int | None = None) -> str:
    return base64url.encode(number.to_bytes(size or (number.bit_length() + 7) // 8, "big"))


def _signing_key(private: ec.EllipticCurvePrivateKey, kid: str | None) -> SigningKey:
    return SigningKey(kid=_checked_kid(kid or _thumbprint(_required_members(private.public_key()))), key=private)


def _decryption_key(private: rsa.RSAPrivateKey, kid: str | None) -> DecryptionKey:
    return DecryptionKey(kid=_checked_kid(kid or _thumbprint(_required_members(private.public_key()))), key=private)


def _load(data: bytes) -> object:
    load = serialization.load_pem_private_key if data.startswith(b"-----") else serialization.load_der_private_key
    try:
        return load(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Rejected("crypto.key.encoding", at="private_key") from None


def _der(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
