"""Sealing at rest as the gateway does it: a data key for each value, under a scope's key, under the hub's key."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_KEY, _NONCE, _TAG = 32, 12, 16
_WRAPPED = _NONCE + _KEY + _TAG
_HUB = AESGCM(AESGCM.generate_key(256))


@dataclass(frozen=True, slots=True)
class Scope:
    """What is erased together. ``wrapped`` is its key under the hub's."""

    id: str
    wrapped: bytes
    _key: AESGCM = field(repr=False)

    def seal(self, plaintext: bytes, place: bytes) -> bytes:
        """The plaintext under a fresh data key, bound to its place."""
        drawn = os.urandom(_KEY + 2 * _NONCE)
        data_key, first, second = drawn[:_KEY], drawn[_KEY : _KEY + _NONCE], drawn[_KEY + _NONCE :]
        wrapped = first + self._key.encrypt(first, data_key, place)
        return wrapped + second + AESGCM(data_key).encrypt(second, plaintext, place)

    def open(self, sealed: bytes, place: bytes) -> bytes:
        """What ``seal`` sealed."""
        data_key = self._key.decrypt(sealed[:_NONCE], sealed[_NONCE:_WRAPPED], place)
        return AESGCM(data_key).decrypt(sealed[_WRAPPED : _WRAPPED + _NONCE], sealed[_WRAPPED + _NONCE :], place)


def new_scope(name: str) -> Scope:
    """A scope with a fresh key."""
    drawn = os.urandom(_KEY + _NONCE)
    key, nonce = drawn[:_KEY], drawn[_KEY:]
    return Scope(name, nonce + _HUB.encrypt(nonce, key, name.encode()), AESGCM(key))


def known_scope(name: str, wrapped: bytes) -> Scope:
    """A scope from its row."""
    return Scope(name, wrapped, AESGCM(_HUB.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], name.encode())))
