"""Sealed tokens (JWE compact): RSA-OAEP-256 to a recipient, ``dir`` and A256KW under a shared key, always A256GCM.

The header holds alg, enc, cty and kid, exactly. No compression, no CBC, no RSA1_5, no password-based key.
Source: RFC 7516, RFC 7518 sections 4 and 5, RFC 8725.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import rsa

from crypto import compact, engine
from crypto.compact import Compact
from crypto.failure import SealFailed
from crypto.jwk import DecryptionKey, PublicKey
from schemas.errors import TooLarge

PLAINTEXT_LIMIT = 190_000
"""Bytes that may be sealed: a signed payload of 140,000 bytes fits; more than this the library could not open."""
CONTENT_KEY_BYTES = 32

_MEMBERS = frozenset({"alg", "enc", "cty", "kid"})
_NONCE_BYTES = 12
_TAG_BYTES = 16
_WRAPPED_KEY_BYTES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What a seal held, and the kid of the key that opened it."""

    payload: bytes = field(repr=False)
    kid: str


def seal_to(payload: bytes, recipient: PublicKey, *, cty: str) -> str:
    """Seals for this recipient alone, with RSA-OAEP-256 and A256GCM.

    Raises:
        TooLarge: more than ``PLAINTEXT_LIMIT`` bytes.
        ValueError: the key is not for sealing.
    """
    if recipient.use != "enc" or not isinstance(recipient.key, rsa.RSAPublicKey):
        message = "the recipient's key is not for sealing"
        raise ValueError(message)
    return _seal(payload, recipient.key, alg="RSA-OAEP-256", kid=recipient.kid, cty=cty)


def seal_direct(payload: bytes, content_key: bytes, *, kid: str, cty: str) -> str:
    """Seals under this content key of 32 bytes, with ``dir`` and A256GCM. A content key seals one message.

    Raises:
        TooLarge: more than ``PLAINTEXT_LIMIT`` bytes.
        ValueError: the key is not 32 bytes.
    """
    return _seal(payload, _sized(content_key), alg="dir", kid=kid, cty=cty)


def seal_wrapped(payload: bytes, wrapping_key: bytes, *, kid: str, cty: str) -> str:
    """Seals under a fresh content key wrapped by this key of 32 bytes, with A256KW and A256GCM.

    Raises:
        TooLarge: more than ``PLAINTEXT_LIMIT`` bytes.
        ValueError: the key is not 32 bytes.
    """
    return _seal(payload, _sized(wrapping_key), alg="A256KW", kid=kid, cty=cty)


def open_with(token: str | bytes, keys: Mapping[str, DecryptionKey], *, cty: str) -> Opened:
    """What was sealed to one of ``keys`` (by kid) as this type of content.

    (1) no longer than the library opens, five segments in canonical base64url, a header without members twice;
    (2) the header holds alg, enc, cty and kid, exactly; (3) alg and enc are RSA-OAEP-256 and A256GCM; (4) ``cty`` is
    exactly this; (5) ``kid`` names exactly one key in force; (6) wrapped key, nonce and tag have the one length that
    they can have; (7) key and tag fit.

    Raises:
        SealFailed: uniform to the caller; ``reason`` names the step.
    """
    parts, kid = _checked(token, alg="RSA-OAEP-256", cty=cty)
    # (5) kid names exactly one key in force
    key = keys.get(kid)
    if key is None:
        raise SealFailed("jwe.kid")
    return Opened(payload=_open(parts, key.key, wrapped=(key.key.key_size + 7) // 8), kid=kid)


def open_direct(token: str | bytes, content_key: bytes, *, kid: str, cty: str) -> bytes:
    """What was sealed under this content key; the steps are those of ``open_with``, with ``dir`` and exactly this kid.

    Raises:
        SealFailed: uniform to the caller; ``reason`` names the step.
    """
    parts, named = _checked(token, alg="dir", cty=cty)
    if named != kid:
        raise SealFailed("jwe.kid")
    return _open(parts, _sized(content_key), wrapped=0)


def open_wrapped(token: str | bytes, keys: Mapping[str, bytes], *, cty: str) -> Opened:
    """What was sealed under one of these wrapping keys (by kid); the steps are those of ``open_with``, with A256KW.

    Raises:
        SealFailed: uniform to the caller; ``reason`` names the step.
    """
    parts, kid = _checked(token, alg="A256KW", cty=cty)
    key = keys.get(kid)
    if key is None:
        raise SealFailed("jwe.kid")
    return Opened(payload=_open(parts, _sized(key), wrapped=_WRAPPED_KEY_BYTES), kid=kid)


def open_compact(token: str | bytes, key: DecryptionKey | bytes, *, alg: str, kid: str | None = None) -> bytes:
    """As the others without a demand on cty, and kid may be absent: for published test vectors and foreign tools.

    ``alg`` is RSA-OAEP-256, A256KW or dir and must be the token's own.

    Raises:
        SealFailed: uniform to the caller; ``reason`` names the step.
    """
    parts = _split(token)
    _check_header(parts, alg)
    if "kid" in parts.header and parts.header["kid"] != kid:
        raise SealFailed("jwe.kid")
    if isinstance(key, DecryptionKey) and alg == "RSA-OAEP-256":
        return _open(parts, key.key, wrapped=(key.key.key_size + 7) // 8)
    if isinstance(key, bytes) and alg in {"A256KW", "dir"}:
        return _open(parts, _sized(key), wrapped=_WRAPPED_KEY_BYTES if alg == "A256KW" else 0)
    raise SealFailed("jwe.key")


def _sized(key: bytes) -> bytes:
    if len(key) != CONTENT_KEY_BYTES:
        message = "an A256 key has 32 bytes"
        raise ValueError(message)
    return key


def _seal(payload: bytes, key: rsa.RSAPublicKey | bytes, *, alg: str, kid: str, cty: str) -> str:
    if len(payload) > PLAINTEXT_LIMIT:
        raise TooLarge("crypto.jwe.size", "send it in chunks", at="payload")
    if not kid or not cty:
        message = "a seal names its key and its content type"
        raise ValueError(message)
    return engine.encrypt(payload, key, alg=alg, kid=kid, cty=cty)


def _split(token: str | bytes) -> Compact:
    # (1) the one spelling of a compact token
    return compact.split(token, kind="jwe", segments=5, limit=engine.TOKEN_LIMIT)


def _checked(token: str | bytes, *, alg: str, cty: str) -> tuple[Compact, str]:
    parts = _split(token)
    # (2) no member unknown, (3) alg and enc on the list
    _check_header(parts, alg)
    # (4) cty is exactly this
    if compact.header_text(parts, "cty", kind="jwe") != cty:
        raise SealFailed("jwe.cty")
    return parts, compact.header_text(parts, "kid", kind="jwe")


def _check_header(parts: Compact, alg: str) -> None:
    # (2) crit, zip, epk, p2c, jwk, x5u and whatever is invented next
    if not parts.header.keys() <= _MEMBERS:
        raise SealFailed("jwe.members")
    # (3) alg and enc exactly these
    if parts.header.get("alg") != alg:
        raise SealFailed("jwe.alg")
    if parts.header.get("enc") != "A256GCM":
        raise SealFailed("jwe.enc")


def _open(parts: Compact, key: rsa.RSAPrivateKey | bytes, *, wrapped: int) -> bytes:
    # (6) Content and tag are joined before they are opened, so a byte moved between them would make a second
    # spelling of the same token.
    _, encrypted_key, nonce, _, tag = parts.parts
    if len(encrypted_key) != wrapped or len(nonce) != _NONCE_BYTES or len(tag) != _TAG_BYTES:
        raise SealFailed("jwe.lengths")
    # (7) key and tag fit
    return engine.decrypt(parts.text, key)
