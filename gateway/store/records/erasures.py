"""Legal holds, what is due to be erased, and erasures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class HoldRecord:
    """Why nothing of a referral or message may be erased: a code, and by whom."""

    subject: str
    reason: str
    placed_by: str
    placed_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ErasureRecord:
    """An erasure, from its proposal on: of a referral, or of a message that belongs to none.

    ``number`` is its line of the ledger, once it is done; ``bulk`` the list that it was proposed in, if it was.
    """

    subject: str
    reason: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None = None
    approved_at: datetime | None = None
    number: int | None = None
    done_at: datetime | None = None
    bulk: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DueRecord:
    """Something whose retention period is over, by which class, and when that was found."""

    subject: str
    retention_class: str
    found_at: datetime
