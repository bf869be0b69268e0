"""What the gateway draws from outside itself: the time and randomness, as two functions that are passed in."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from schemas import opaque


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class World:
    """``now`` gives aware UTC times; ``random`` gives so many unpredictable bytes. Tests and replays pass their own."""

    now: Callable[[], datetime] = _now
    random: Callable[[int], bytes] = os.urandom

    def name(self, prefix: opaque.Prefix) -> str:
        """A fresh opaque name."""
        if prefix in opaque.TIMED:
            return opaque.timed(prefix, self.now(), self.random(opaque.TIMED_RANDOM_BYTES))
        return opaque.name(prefix, self.random(opaque.RANDOM_BYTES))
