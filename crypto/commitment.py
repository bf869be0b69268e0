"""What the log commits to in place of an entry: a keyed hash under a salt of its own.

With salt and entry anyone can check the leaf. Once the salt is destroyed the leaf tells nothing of the entry, not even
to one who guesses it, and the tree stays whole.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Sequence

SALT_BYTES = 32
_LABEL = b"mash-log-v1\n"
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))
_INNER_REST, _OUTER_REST = b"\x36" * SALT_BYTES, b"\x5c" * SALT_BYTES  # the rest of SHA-256's block of 64 bytes


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


def commit_all(salts: bytes, entries: Sequence[bytes]) -> list[bytes]:
    """As ``commit``, of each entry under its salt; ``salts`` are all of them, one after another.

    HMAC spelt out: nothing but its two hashes is done for each entry, half of what setting it up for each key takes.

    Raises:
        ValueError: they are not 32 bytes for each entry.
    Source: RFC 2104 section 2.
    """
    if len(salts) != SALT_BYTES * len(entries):
        message = "a salt has 32 bytes"
        raise ValueError(message)
    sha256, inner_rest, outer_rest = hashlib.sha256, _INNER_REST + _LABEL, _OUTER_REST
    each = struct.Struct(f"{SALT_BYTES}s" * len(entries))
    keys = zip(each.unpack(salts.translate(_INNER)), each.unpack(salts.translate(_OUTER)), entries, strict=True)
    return [
        sha256(outer + outer_rest + sha256(inner + inner_rest + entry).digest()).digest()
        for inner, outer, entry in keys
    ]
