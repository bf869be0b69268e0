"""What people and software wrote into a case: screenings, suggestions, ratings, decisions, feedback, alerts, alarms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ScreeningRecord:
    """A screening officer's look at history and consent; what was found is sealed."""

    id: str
    referral_id: str
    at: datetime
    by: str
    sealed: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class SuggestionRecord:
    """A rating that software suggested. ``rules`` names the version of the rules; the reasons are sealed."""

    id: str
    referral_id: str
    at: datetime
    rating: str
    rules: str
    sealed: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class RatingRecord:
    """A manager's rating and the due time that it led to. ``relaxed``: the due time moved later, with its reason."""

    id: str
    referral_id: str
    at: datetime
    rating: str
    previous: str | None
    threshold: int
    by: str
    due_at: datetime
    relaxed: bool
    sealed: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class DecisionRecord:
    """A manager's decision. ``evidence`` names disclosures, ``missing`` requests still open; outcomes are sealed."""

    id: str
    referral_id: str
    at: datetime
    by: str
    evidence: tuple[str, ...]
    missing: tuple[str, ...]
    sealed: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedbackRecord:
    """What one referrer was told about one of its messages."""

    id: str
    referral_id: str
    message_id: str
    recipient: str
    at: datetime
    by: str
    envelope_id: str | None
    sealed: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class ReasonRecord:
    """Why somebody took a case over, closed it, or called an envelope back: ``subject`` is what the act was done to."""

    id: str
    referral_id: str
    at: datetime
    by: str
    act: str
    subject: str
    sealed: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertRecord:
    """A repeat or cumulative pattern around one person; ``evidence`` names the messages that make it up."""

    id: str
    referral_id: str
    person_id: str
    kind: str
    raised_at: datetime
    count: int
    evidence: tuple[str, ...]
    sealed: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class AlarmRecord:
    """Something late that somebody must act on. It stands until ``cleared_at``; one of a kind stands per subject."""

    id: str
    kind: str
    referral_id: str | None
    subject: str
    raised_at: datetime
    cleared_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BreakGlassRecord:
    """A manager's look into a case that is not theirs: from ``at`` to ``until``, or to its review by somebody else.

    The reason and what the review found are sealed; ``finding`` is the review's code.
    """

    id: str
    referral_id: str
    at: datetime
    by: str
    until: datetime
    sealed: bytes
    reviewed_at: datetime | None = None
    reviewed_by: str | None = None
    finding: str | None = None
    review_sealed: bytes | None = None
