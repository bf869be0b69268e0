"""Opaque names for things: a prefix that says what it is, and 128 random bits that say nothing else."""

from __future__ import annotations

import re
from enum import StrEnum

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32, lower case: no i, l, o, u
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_HIGH_SHIFTS, _LOW_SHIFTS = range(60, -1, -10), range(50, -1, -10)
_LOW = (1 << 60) - 1
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
    # Two letters at a time; a small whole number costs less to take apart than a large one.
    high, low = number >> 60, number & _LOW
    letters = [_PAIRS[(high >> shift) & 1023] for shift in _HIGH_SHIFTS]
    letters += [_PAIRS[(low >> shift) & 1023] for shift in _LOW_SHIFTS]
    return f"{prefix}_{''.join(letters)}"


def is_name(text: str, prefix: Prefix) -> bool:
    """Tell whether ``text`` has the shape of a name with this prefix, before it is looked up anywhere."""
    return _SHAPE.fullmatch(text) is not None and text.startswith(f"{prefix}_")
