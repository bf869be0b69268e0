"""What the hub did because time passed, and what it must know to do it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ChaseRecord:
    """An agency was reminded of a request for the ``number``-th time that its hub gives, from 1."""

    request_id: str
    number: int
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class EscalationRecord:
    """A ``post`` was turned to over an alarm; ``level`` 1 is the nearest, 0 the one on duty, at once."""

    alarm_id: str
    level: int
    post: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingRequest:
    """An open request that its agency has yet to answer; ``reached`` is the number of its last reminder, or 0."""

    id: str
    referral_id: str
    agency: str
    rating: str | None
    created_at: datetime
    due_at: datetime
    reached: int


@dataclass(frozen=True, kw_only=True, slots=True)
class StandingAlarm:
    """An alarm that stands; ``agency`` whose reply is late, where one is; ``reached`` the last level, 0 for none."""

    id: str
    kind: str
    referral_id: str | None
    subject: str
    raised_at: datetime
    rating: str | None
    agency: str | None
    reached: int


@dataclass(frozen=True, kw_only=True, slots=True)
class StepFacts:
    """When an open referral, or a product of it, took the steps that may have clocks; None: not yet.

    ``begun_at`` is its receipt, or the last reopening: what happened before that counts no more.
    """

    referral_id: str
    state: str
    rating: str | None
    begun_at: datetime
    screened_at: datetime | None
    rated_at: datetime | None
    asked_at: datetime | None
    decided_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class AcceptedProduct:
    """A product that somebody accepted and nobody has acted on."""

    id: str
    referral_id: str
    rating: str | None
    accepted_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ConfigurationRecord:
    """A configuration that the hub had: the file's ``text`` and its ``digest`` (SHA-256, hex).

    ``origin`` is ``file`` (a process started with it), ``applied`` or ``rolled_back``. The highest version is in force.
    """

    version: int
    digest: str
    origin: str
    by: str
    at: datetime
    text: str
