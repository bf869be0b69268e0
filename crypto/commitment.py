"""What the log commits to in place of an entry: a keyed hash under a salt of its own.

With salt and entry anyone can check the leaf. Once the salt is destroyed the leaf tells nothing of the entry, not even
to one who guesses it, and the tree stays whole.
"""

from __future__ import annotations

import hmac

SALT_BYTES = 32
_LABEL = b"mash-log-v1\n"


def commit(salt: bytes, entry: bytes) -> bytes:
    """HMAC-SHA256 under the salt (32 random bytes, one per entry) over a label and the entry's bytes: the Merkle leaf.

    Raises:
        ValueError: the salt is not 32 bytes.
    Source: RFC 2104, FIPS 198-1; the label is part of the wire, because readers check proofs by it.
    """
    if len(salt) != SALT_BYTES:
        message = "a salt has 32 bytes"
        raise ValueError(message)
    return hmac.digest(salt, _LABEL + entry, "sha256")
