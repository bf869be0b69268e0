"""What the log commits to in place of an entry: a keyed hash under a salt of its own.

With salt and entry anyone can check the leaf. Once the salt is destroyed the leaf tells nothing of the entry, not even
to one who guesses it, and the tree stays whole.
"""

from __future__ import annotations

import hmac

from crypto.failure import SealFailed

SALT_BYTES = 32
_LABEL = b"mash-log-commitment-v1\0"


def commit(salt: bytes, entry: bytes) -> bytes:
    """HMAC-SHA256 under the salt (32 random bytes, one per entry) over a label and the entry's bytes: the Merkle leaf.

    Raises:
        ValueError: the salt is not 32 bytes.
    Source: RFC 2104, FIPS 198-1.
    """
    if len(salt) != SALT_BYTES:
        message = "a salt has 32 bytes"
        raise ValueError(message)
    return hmac.digest(salt, _LABEL + entry, "sha256")


def verify_commitment(commitment: bytes, *, salt: bytes, entry: bytes) -> None:
    """That this is the commitment to this entry.

    Raises:
        SealFailed: ``commitment.mismatch``.
    """
    if len(salt) != SALT_BYTES or not hmac.compare_digest(commit(salt, entry), commitment):
        raise SealFailed("commitment.mismatch")
