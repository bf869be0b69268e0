"""Sealing what is too large for one token: chunks of AES-256-GCM, each bound to its message, its place and the end.

The key is a content key of 32 bytes. The salt is derived from key, message and content: the same content sealed twice
gives the same chunks, and two contents under one key never share a nonce. Each chunk: version byte 0x01, salt (16),
index (4, big endian), last-flag (1), ciphertext and tag (16). The nonce is the index, under a key derived
from the salt.
Source: NIST SP 800-38D; the construction follows STREAM (Hoang, Reyhanitabar, Rogaway, Vizar, CRYPTO 2015).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crypto.failure import SealFailed
from schemas.errors import TooLarge

CHUNK_BYTES = 65_536
OPENED_LIMIT = 64 * 1024 * 1024
"""Bytes that ``open_chunks`` puts together, unless told otherwise."""
KEY_BYTES = 32
_VERSION = b"\x01"
_SALT_BYTES = 16
_TAG_BYTES = 16
_HEAD_BYTES = 1 + _SALT_BYTES + 4 + 1
_LAST = b"\x01"
_MORE = b"\x00"


def seal_chunks(data: bytes, key: bytes, *, message_id: str, chunk: int = CHUNK_BYTES) -> list[bytes]:
    """The data in sealed chunks of ``chunk`` plaintext bytes each, the last one shorter; nothing gives one chunk.

    Raises:
        ValueError: a key that is not 32 bytes, or a chunk of no bytes.
    """
    if len(key) != KEY_BYTES or chunk < 1:
        message = "a key has 32 bytes, a chunk one or more"
        raise ValueError(message)
    salt = _salt(key, message_id, data)
    cipher = AESGCM(_chunk_key(key, message_id, salt))
    starts = range(0, len(data), chunk) or range(1)
    sealed: list[bytes] = []
    for index, start in enumerate(starts):
        head = _VERSION + salt + index.to_bytes(4, "big") + (_LAST if index == len(starts) - 1 else _MORE)
        sealed.append(head + cipher.encrypt(_nonce(index), data[start : start + chunk], _aad(head, message_id)))
    return sealed


def open_chunks(chunks: Iterable[bytes], key: bytes, *, message_id: str, limit: int = OPENED_LIMIT) -> bytes:
    """The data, if these are all the chunks of this message, in order, unchanged.

    (1) every chunk is in the format and bears the salt of the first; (2) indices run from 0 without gap or repeat;
    (3) each opens under the key; (4) the last one, and no other, bears the last-flag; (5) the salt is that of the
    whole content.

    Raises:
        TooLarge: more than ``limit`` bytes.
        SealFailed: uniform to the caller; ``reason`` names the step.
    """
    if len(key) != KEY_BYTES:
        message = "a key has 32 bytes"
        raise ValueError(message)
    opened: list[bytes] = []
    salt, ended, total = b"", False, 0
    for index, sealed in enumerate(chunks):
        head = sealed[:_HEAD_BYTES]
        # (1) in the format
        if len(sealed) < _HEAD_BYTES + _TAG_BYTES or head[:1] != _VERSION:
            raise SealFailed("chunked.format")
        salt = salt or head[1 : 1 + _SALT_BYTES]
        # (2) in order, and (4) nothing follows the last
        expected = _VERSION + salt + index.to_bytes(4, "big")
        if ended or head[:-1] != expected or head[-1:] not in {_LAST, _MORE}:
            raise SealFailed("chunked.order")
        # (3) it opens under the key
        opened.append(_open(key, salt, message_id, index, sealed))
        total += len(opened[-1])
        if total > limit:
            raise TooLarge("crypto.chunked.size")
        ended = head[-1:] == _LAST
    # (4) the last one came
    if not ended:
        raise SealFailed("chunked.truncated")
    data = b"".join(opened)
    # (5) the salt is that of the whole content
    if not hmac.compare_digest(salt, _salt(key, message_id, data)):
        raise SealFailed("chunked.salt")
    return data


def _open(key: bytes, salt: bytes, message_id: str, index: int, sealed: bytes) -> bytes:
    head, body = sealed[:_HEAD_BYTES], sealed[_HEAD_BYTES:]
    try:
        return AESGCM(_chunk_key(key, message_id, salt)).decrypt(_nonce(index), body, _aad(head, message_id))
    except InvalidTag:
        raise SealFailed("chunked.open") from None


def _salt(key: bytes, message_id: str, data: bytes) -> bytes:
    label = b"mash-chunk-salt-v1\0" + message_id.encode() + b"\0"
    return hmac.digest(key, label + hashlib.sha256(data).digest(), "sha256")[:_SALT_BYTES]


def _chunk_key(key: bytes, message_id: str, salt: bytes) -> bytes:
    return hmac.digest(key, b"mash-chunk-key-v1\0" + salt + message_id.encode(), "sha256")


def _nonce(index: int) -> bytes:
    return index.to_bytes(12, "big")


def _aad(head: bytes, message_id: str) -> bytes:
    return head + message_id.encode()
