"""Salted digests per group of items, by which an owner signs more than each reader is shown.

The owner signs the digests alone. Whoever is shown some groups can check each against the signed digests, and learns
nothing of the others, nor how many there are: decoys pad the list to a multiple of eight.
Source: the encoding and the digest are those of SD-JWT (RFC 9901 sections 4.2.1 to 4.2.5).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from crypto import base64url, canonical
from crypto.canonical import Json, JsonInput
from crypto.failure import SealFailed
from schemas.errors import Rejected, TooLarge

SALT_BYTES = 16
DECOY_BYTES = 32
PADDED_TO = 8
_PARTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SaltedGroup:
    """A named group of items with its salt (16 random bytes, base64url). Its content is never shown in ``repr``."""

    salt: str = field(repr=False)
    name: str
    content: JsonInput = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosedGroup:
    """A group that was matched with a signed digest."""

    name: str
    content: Json = field(repr=False)
    digest: str


def salted(name: str, content: JsonInput, *, salt: bytes) -> SaltedGroup:
    """The group with this salt of 16 random bytes; a salt serves one group once.

    Raises:
        ValueError: another length.
    """
    if len(salt) != SALT_BYTES:
        message = "a salt has 16 bytes"
        raise ValueError(message)
    return SaltedGroup(salt=base64url.encode(salt), name=name, content=content)


def encode_group(group: SaltedGroup) -> str:
    """The text that goes to whoever may see the group: base64url of the JSON array of salt, name and content."""
    return base64url.encode(canonical.dumps([group.salt, group.name, group.content]))


def digest(encoded: str) -> str:
    """SHA-256, base64url, over the encoded text itself."""
    return base64url.encode(hashlib.sha256(encoded.encode("ascii")).digest())


def decoys_needed(groups: int) -> int:
    """How many decoys pad so many groups to a multiple of eight; no group at all is padded too."""
    return -groups % PADDED_TO if groups else PADDED_TO


def commit(groups: Sequence[SaltedGroup], *, decoys: Sequence[bytes]) -> list[str]:
    """The sorted digests to sign: one per group and per decoy (32 random bytes each, as ``decoys_needed`` says).

    Sorted, so that their order tells nothing.

    Raises:
        ValueError: a name or a salt twice, or not the decoys that are needed.
    """
    names = {group.name for group in groups}
    salts = {group.salt for group in groups}
    if len(names) != len(groups) or len(salts) != len(groups):
        message = "each group has a name and a salt of its own"
        raise ValueError(message)
    if len(decoys) != decoys_needed(len(groups)) or any(len(decoy) != DECOY_BYTES for decoy in decoys):
        message = "decoys pad the groups to a multiple of eight, with 32 random bytes each"
        raise ValueError(message)
    real = [digest(encode_group(group)) for group in groups]
    return sorted([*real, *(digest(base64url.encode(decoy)) for decoy in decoys)])


def matches(encoded: Iterable[str], digests: Collection[str]) -> list[DisclosedGroup]:
    """The groups in these texts, if each is among the signed digests, in the order given.

    Raises:
        SealFailed: a text that matches no digest or is malformed, a text or a name twice, or a digest signed twice.
    """
    if len(set(digests)) != len(digests):
        raise SealFailed("digests.repeated")
    found: dict[str, DisclosedGroup] = {}
    for text in encoded:
        group = _decode(text)
        if group.digest not in digests:
            raise SealFailed("digests.unknown")
        if group.name in found:
            raise SealFailed("digests.repeated")
        found[group.name] = group
    return list(found.values())


def _decode(text: str) -> DisclosedGroup:
    try:
        parts = canonical.loads(base64url.decode(text))
    except (base64url.NotCanonical, Rejected, TooLarge):
        raise SealFailed("digests.encoding") from None
    if not isinstance(parts, list) or len(parts) != _PARTS:
        raise SealFailed("digests.encoding")
    salt, name, content = parts
    if not isinstance(salt, str) or not isinstance(name, str):
        raise SealFailed("digests.encoding")
    return DisclosedGroup(name=name, content=content, digest=digest(text))
