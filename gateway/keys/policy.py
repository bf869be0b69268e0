"""What the hub's keys are for, how long each is published before it is promoted, and why one may be revoked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from crypto.keys import Purpose

PURPOSES = (
    Purpose.CHECKPOINT,  # first: the log entries about the others are then soon under a checkpoint
    Purpose.SIGNING,
    Purpose.SEALING,
    Purpose.AT_REST,
    Purpose.LOOKUP,
    Purpose.POLICY,
    Purpose.PSEUDONYM,
)
"""The purposes that a hub has a key for."""

ROTATED = tuple(purpose for purpose in PURPOSES if purpose is not Purpose.PSEUDONYM)
"""Those whose keys take turns. What an agency has on file under a pseudonym must be found under it for ever."""

JWKS_CACHE = timedelta(minutes=5)
"""How long others may keep our published keys: the ``max-age`` of the JWKS and of the server's metadata."""
REFRESH_EVERY = timedelta(seconds=2)
"""How often a running process looks for keys that another one changed."""

_OUTSIDE = JWKS_CACHE + timedelta(minutes=1)
_INSIDE = REFRESH_EVERY * 5
PUBLISH_FOR: Mapping[Purpose, timedelta] = {
    Purpose.SIGNING: _OUTSIDE,
    Purpose.SEALING: _OUTSIDE,
    Purpose.CHECKPOINT: _OUTSIDE,
    Purpose.AT_REST: _INSIDE,  # only our own processes hold these
    Purpose.LOOKUP: _INSIDE,
    Purpose.POLICY: _INSIDE,
    Purpose.PSEUDONYM: _INSIDE,
}
"""How long a successor is published before it is promoted: longer than any cache holds the set."""

STILL_NEEDED = frozenset({Purpose.AT_REST, Purpose.LOOKUP})
"""Purposes whose old keys are read with until what hangs on them was made anew, even after a compromise."""


class RevocationReason(StrEnum):
    """Why a key is revoked: a code, because the log takes no free text."""

    COMPROMISED = "compromised"
    SUSPECTED = "suspected"
    LOST = "lost"
    SUPERSEDED = "superseded"
    CEASED = "ceased"
