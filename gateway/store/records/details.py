"""What is known of the detail of a thin message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DetailState(StrEnum):
    """Where the detail of a message is."""

    WAITING = "waiting"
    DONE = "done"
    PARKED = "parked"


@dataclass(frozen=True, kw_only=True, slots=True)
class DetailRecord:
    """That the detail of a message is to be asked for, and how far that is.

    ``completed_by`` is the message that the detail came in as. ``reason`` is the code of the last failure. Until
    ``next_at`` it is ``claimed_by``'s, afterwards anybody's.
    """

    message_id: str
    feed: str
    next_at: datetime
    state: str = DetailState.WAITING
    reason: str | None = None
    attempts: int = 0
    claimed_by: str | None = None
    completed_by: str | None = None
