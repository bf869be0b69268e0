"""Whom the hub knows of, under opaque ids."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonRecord:
    """One person: a sealed record, found again by keyed hashes alone.

    One whose record gave way to another's names it in ``merged_into``, and no hash leads to it.
    """

    id: str
    scope: str
    sealed: bytes
    created_at: datetime
    updated_at: datetime
    merged_into: str | None = None


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


class MergeState(StrEnum):
    """How far a merge has come: made by the hub, or waiting for a person."""

    MADE = "made"
    WAITING = "waiting"


@dataclass(frozen=True, kw_only=True, slots=True)
class MergeRecord:
    """A source's word that two of its records are one person's, and what the hub made of it.

    It stands in the item at ``position`` of the message, at ``place`` among its merges. ``because`` is the code of the
    rule. ``moved`` are the referrals that the prior person stood on and the surviving one did not, ``shared`` those
    that named both already; ``before_sealed`` is the surviving person's record as it was, under its own scope.
    """

    id: str
    message_id: str
    position: int
    place: int
    kind: str
    state: MergeState
    because: str
    at: datetime
    surviving_id: str | None
    prior_id: str | None
    moved: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    before_sealed: bytes | None = None
