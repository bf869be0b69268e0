"""Opaque names for things: a prefix that says what it is, and 128 random bits that say nothing else."""

from __future__ import annotations

import re
from enum import StrEnum

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32, lower case: no i, l, o, u
RANDOM_BYTES = 16
_SHAPE = re.compile(r"[a-z]{3}_[0-9a-hjkmnp-tv-z]{26}")


class Prefix(StrEnum):
    """What an opaque name names."""

    MESSAGE = "msg"
    ITEM = "itm"
    REFERRAL = "ref"
    PERSON = "per"
    REQUEST = "req"
    DISCLOSURE = "dis"
    ENVELOPE = "env"
    PRODUCT = "prd"
    RATING = "rat"
    DECISION = "dec"
    FEEDBACK = "fbk"
    ALERT = "alt"
    ALARM = "alm"
    ENTRY = "log"


def name(prefix: Prefix, random: bytes) -> str:
    """Name a thing with ``prefix`` and exactly 16 random bytes: ``ref_`` and 26 characters."""
    if len(random) != RANDOM_BYTES:
        raise ValueError("an opaque name takes 16 random bytes")
    number = int.from_bytes(random)
    letters = [_ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5)]
    return f"{prefix}_{''.join(letters)}"


def is_name(text: str, prefix: Prefix) -> bool:
    """Tell whether ``text`` has the shape of a name with this prefix, before it is looked up anywhere."""
    return _SHAPE.fullmatch(text) is not None and text.startswith(f"{prefix}_")
