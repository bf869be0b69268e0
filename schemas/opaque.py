"""Opaque names for things: a prefix that says what it is, and 128 bits that say nothing of what it holds.

Most names are random. Those of what every message leaves behind begin with their time, so that in the store's indexes
they follow one another: random ones would touch a page each, and cost more the longer a hub lives. Whoever is told such
a name knows its time already; its other 80 bits are random, and nobody guesses them.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
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
    MERGE = "mrg"
    REIDENTIFICATION = "rid"
    RECALL = "rcl"
    ALARM = "alm"
    REPLAY = "rpl"
    BREAK_GLASS = "brk"
    REASON = "rsn"
    ERASURE = "era"
    ACCESS = "acc"
    ANNOTATION = "ann"
    ENTRY = "log"


TIMED = frozenset({Prefix.MESSAGE, Prefix.ITEM, Prefix.ENTRY})
"""What is named with its time."""
TIMED_RANDOM_BYTES = 10
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def timed(prefix: Prefix, at: datetime, random: bytes) -> str:
    """Name a thing with ``prefix``, its time (aware, to the millisecond) and exactly 10 random bytes.

    Names of the same prefix order by time. Source: RFC 9562, section 5.7, for the idea of it.
    """
    if len(random) != TIMED_RANDOM_BYTES:
        raise ValueError("an opaque name with its time takes 10 random bytes")
    return name(prefix, ((at - _EPOCH) // _MILLISECOND).to_bytes(6) + random)


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
