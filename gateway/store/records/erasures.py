"""Legal holds and erasures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class HoldRecord:
    """Why nothing of a referral may be erased: a code, and by whom."""

    referral_id: str
    reason: str
    placed_by: str
    placed_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ErasureRecord:
    """An erasure, from its proposal on. ``number`` is its line of the ledger, once it is done."""

    referral_id: str
    reason: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None = None
    approved_at: datetime | None = None
    number: int | None = None
    done_at: datetime | None = None
