"""Sealing at rest: a data key per message, wrapped under its referral's scope key, wrapped under a KEK version.

All is AES-256-GCM. What is sealed is bound to its place (table, column, id), so that a value moved elsewhere in the
database does not open. Nonces are arguments: 12 random bytes, never used twice with one key.
Format: version byte 0x01 or 0x02, for 0x02 the KEK version (4 bytes, big endian), nonce (12), ciphertext and tag (16).
Source: NIST SP 800-38D.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crypto.failure import SealFailed

KEY_BYTES = 32
NONCE_BYTES = 12
_TAG_BYTES = 16
_SEALED = b"\x01"
_WRAPPED_BY_VERSION = b"\x02"
_VERSION_BYTES = 4
_LABEL = b"mash-at-rest-v1"
_PLACE = len(_LABEL).to_bytes(4) + _LABEL


def place(table: str, column: str, identity: str) -> bytes:
    """The associated data that binds a sealed value to where it stands; no two places share it."""
    at, within, who = table.encode(), column.encode(), identity.encode()
    lengths = len(at).to_bytes(4), len(within).to_bytes(4), len(who).to_bytes(4)
    return _PLACE + lengths[0] + at + lengths[1] + within + lengths[2] + who


def seal(data_key: bytes, plaintext: bytes, *, nonce: bytes, aad: bytes) -> bytes:
    """The plaintext sealed under this key of 32 bytes and bound to ``aad``.

    Raises:
        ValueError: a key that is not 32 bytes, or a nonce that is not 12.
    """
    return _SEALED + nonce + _encrypt(data_key, nonce, plaintext, _SEALED + aad)


def open_sealed(data_key: bytes, sealed: bytes, *, aad: bytes) -> bytes:
    """The plaintext, if it was sealed under this key for this place and not changed since.

    Raises:
        SealFailed: it was not.
    """
    return _decrypt(data_key, sealed, head=_SEALED, aad=aad)


def wrap_key(wrapping: bytes, key: bytes, *, nonce: bytes, aad: bytes) -> bytes:
    """A key of 32 bytes sealed under another.

    Raises:
        ValueError: a key that is not 32 bytes, or a nonce that is not 12.
    """
    return seal(wrapping, _key(key), nonce=nonce, aad=aad)


def unwrap_key(wrapping: bytes, wrapped: bytes, *, aad: bytes) -> bytes:
    """The key of 32 bytes that ``wrap_key`` sealed.

    Raises:
        SealFailed: another key, another place, changed bytes, or what is inside is no key.
    """
    return _unwrapped(open_sealed(wrapping, wrapped, aad=aad))


def bound(aad: bytes) -> bytes:
    """The associated data as the cipher is given it, where a token seals in our stead."""
    return _SEALED + aad


def joined(nonce: bytes, ciphertext: bytes) -> bytes:
    """A sealed value from its nonce and its ciphertext with tag, as ``seal`` makes it."""
    return _SEALED + nonce + ciphertext


def parted(sealed: bytes) -> tuple[bytes, bytes]:
    """The nonce of a sealed value, and its ciphertext with tag.

    Raises:
        SealFailed: the bytes are not in the format.
    """
    body = sealed[len(_SEALED) :]
    if not sealed.startswith(_SEALED) or len(body) < NONCE_BYTES + _TAG_BYTES:
        raise SealFailed("atrest.format")
    return body[:NONCE_BYTES], body[NONCE_BYTES:]


@dataclass(frozen=True, slots=True, kw_only=True)
class KekSet:
    """The key-encryption keys (32 bytes) by version, and the one that wraps anew. Never shown in ``repr``."""

    current: int
    keys: Mapping[int, bytes] = field(repr=False)

    def __post_init__(self) -> None:
        if self.current not in self.keys or any(len(key) != KEY_BYTES for key in self.keys.values()):
            message = "the current version is among the keys, and each has 32 bytes"
            raise ValueError(message)

    def wrap(self, key: bytes, *, nonce: bytes, aad: bytes) -> bytes:
        """A key of 32 bytes, wrapped under the current version, which the result names.

        Raises:
            ValueError: a key that is not 32 bytes, or a nonce that is not 12.
        """
        head = _WRAPPED_BY_VERSION + self.current.to_bytes(_VERSION_BYTES, "big")
        return head + nonce + _encrypt(self.keys[self.current], nonce, _key(key), head + aad)

    def unwrap(self, wrapped: bytes, *, aad: bytes) -> bytes:
        """The key that ``wrap`` wrapped, under whichever version it names.

        Raises:
            SealFailed: the version is not here (destroyed, perhaps), or another place or changed bytes.
        """
        version = kek_version(wrapped)
        if version not in self.keys:
            raise SealFailed("atrest.version")
        head = wrapped[: 1 + _VERSION_BYTES]
        return _unwrapped(_decrypt(self.keys[version], wrapped, head=head, aad=aad))

    def rewrap(self, wrapped: bytes, *, nonce: bytes, aad: bytes) -> bytes:
        """The same key, wrapped under the current version.

        Raises:
            SealFailed: as ``unwrap``.
        """
        return self.wrap(self.unwrap(wrapped, aad=aad), nonce=nonce, aad=aad)


def kek_version(wrapped: bytes) -> int:
    """The version of the KEK that this was wrapped under.

    Raises:
        SealFailed: the bytes are not in the format.
    """
    if wrapped[:1] != _WRAPPED_BY_VERSION or len(wrapped) < 1 + _VERSION_BYTES:
        raise SealFailed("atrest.format")
    return int.from_bytes(wrapped[1 : 1 + _VERSION_BYTES], "big")


def _encrypt(key: bytes, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
    if len(nonce) != NONCE_BYTES:
        message = "a nonce has 12 bytes"
        raise ValueError(message)
    return AESGCM(_key(key)).encrypt(nonce, plaintext, aad)


def _decrypt(key: bytes, sealed: bytes, *, head: bytes, aad: bytes) -> bytes:
    body = sealed[len(head) :]
    if not sealed.startswith(head) or len(body) < NONCE_BYTES + _TAG_BYTES:
        raise SealFailed("atrest.format")
    try:
        return AESGCM(_key(key)).decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], head + aad)
    except InvalidTag:
        raise SealFailed("atrest.open") from None


def _key(key: bytes) -> bytes:
    if len(key) != KEY_BYTES:
        message = "a key has 32 bytes"
        raise ValueError(message)
    return key


def _unwrapped(key: bytes) -> bytes:
    if len(key) != KEY_BYTES:
        raise SealFailed("atrest.key")
    return key
