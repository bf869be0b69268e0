"""Keyed hashes by which records are found without their identifiers being stored in clear.

The value must already be in its one canonical spelling (digits of an NHS number, say): what differs by a space hashes
apart. During a change of key both versions are looked up until all is rehashed.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from crypto import base64url

KEY_BYTES = 32
BLOCK_BYTES = 12
"""What is kept of the hash of a blocking key: 96 bits. A false friend would be compared, and told apart."""
_LABEL = b"mash-lookup-v1"
_BEGIN = len(_LABEL).to_bytes(4, "big") + _LABEL


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupKeys:
    """The hash keys (32 bytes) by version, and the one that hashes anew. Never shown in ``repr``."""

    current: int
    keys: Mapping[int, bytes] = field(repr=False)

    def __post_init__(self) -> None:
        if self.current not in self.keys or any(len(key) != KEY_BYTES for key in self.keys.values()):
            message = "the current version is among the keys, and each has 32 bytes"
            raise ValueError(message)


def lookup_key(kind: str, value: str, keys: LookupKeys) -> str:
    """The hash to store for this identifier, such as ``v1:...``: HMAC-SHA256 over kind and value, base64url."""
    return _hash(kind, value, keys, keys.current)


def lookup_keys(kind: str, value: str, keys: LookupKeys) -> tuple[str, ...]:
    """The hashes to search for, one per version in force, the current first."""
    others = sorted((version for version in keys.keys if version != keys.current), reverse=True)
    return tuple(_hash(kind, value, keys, version) for version in (keys.current, *others))


def block_keys(kind: str, value: str, keys: LookupKeys) -> tuple[str, ...]:
    """As ``lookup_keys``, for a key that many share: shorter, for there are many of them."""
    return tuple(_shortened(one) for one in lookup_keys(kind, value, keys))


def lookup_version(hashed: str) -> int:
    """The version of the key that made this hash.

    Raises:
        ValueError: it is no such hash.
    """
    name, separator, _ = hashed.partition(":")
    if not separator or name[:1] != "v" or not name[1:].isdecimal():
        message = "not a look-up hash"
        raise ValueError(message)
    return int(name[1:])


def _shortened(hashed: str) -> str:
    version, _, digest = hashed.partition(":")
    return f"{version}:{digest[: BLOCK_BYTES * 4 // 3]}"


def _hash(kind: str, value: str, keys: LookupKeys, version: int) -> str:
    # Lengths first, so that no kind and value run together into those of another.
    name, text = kind.encode(), value.encode()
    message = b"".join((_BEGIN, len(name).to_bytes(4, "big"), name, len(text).to_bytes(4, "big"), text))
    return f"v{version}:{base64url.encode(hmac.digest(keys.keys[version], message, 'sha256'))}"
