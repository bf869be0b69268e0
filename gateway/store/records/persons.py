"""Whom the hub knows of, under opaque ids."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonRecord:
    """One person: a sealed record, found again by keyed hashes alone."""

    id: str
    scope: str
    sealed: bytes
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class PastNotification:
    """One item that named a known person, at whatever level."""

    person_id: str
    message_id: str
    item_id: str
    kind: str
    agency: str
    received_at: datetime
    referral_id: str | None
