"""A referral and the persons on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ReferralRecord:
    """One referral. It is open while ``closed_at`` is None; ``received_at`` never moves once it is written.

    ``version`` is the optimistic lock: start at 1, ``save`` counts it up.
    """

    id: str
    state: str
    rating: str | None
    received_at: datetime
    due_at: datetime | None
    feedback_due_at: datetime
    scope: str
    child_unidentified: bool
    version: int = 1
    assigned_to: str | None = None
    closed_at: datetime | None = None
    reopened_at: datetime | None = None
    linked_to: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ReferralPerson:
    """A person's part in a referral: ``subject``, ``household`` or ``adult``. ``ref`` names the person within it."""

    referral_id: str
    person_id: str
    part: str
    ref: str
    added_at: datetime
    added_by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonReferral:
    """A referral as seen from one of its persons."""

    person_id: str
    part: str
    referral: ReferralRecord
