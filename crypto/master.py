"""The master key's port: what wraps every other key of the hub, be it a secret here or a key inside a token.

Every implementation makes the same bytes from the same key, nonce and place (``atrest.seal``), so that a key which was
imported into a token can be put together again from its escrow. Which key it is can be said: its id is public.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Protocol

from crypto import atrest

_ID_LABEL = b"mash-master-key-id-v1"
ID_BYTES = 8


class Master(Protocol):
    """A master key. It is never shown; ``id`` may be (16 hexadecimal digits)."""

    @property
    def id(self) -> str:
        """Which key this is.

        Raises:
            Unavailable: the token that holds it is not there.
            Rejected: the token does not know it.
        """

    def wrap(self, secret: bytes, *, kid: str, random: Callable[[int], bytes]) -> bytes:
        """A key's secret bytes (any length), sealed for the row with this kid.

        Raises:
            Unavailable, Rejected: as ``id``.
        """

    def unwrap(self, wrapped: bytes, *, kid: str) -> bytes:
        """The secret bytes of the key with this kid.

        Raises:
            Rejected: they were wrapped under another master key, or changed; or as ``id``.
            Unavailable: as ``id``.
        """


def id_of(secret: bytes) -> str:
    """The id of the master key with these 32 secret bytes: the beginning of a hash, which tells nothing of them."""
    return hashlib.sha256(_ID_LABEL + secret).digest()[:ID_BYTES].hex()


def row_place(kid: str) -> bytes:
    """The associated data that binds a wrapped key to its row."""
    return atrest.place("keys", "wrapped", kid)
