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
    """How far a merge has come: made, waiting for a person, or taken back."""

    MADE = "made"
    WAITING = "waiting"
    UNDONE = "undone"


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


class How(StrEnum):
    """What a link rests on. ``new``: nobody whom the hub knew."""

    NEW = "new"
    IDENTIFIERS = "identifiers"
    PREGNANCY = "pregnancy"
    WEIGHTS = "weights"
    PERSON = "person"
    SEPARATED = "separated"


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkRecord:
    """Who somebody of an item is: ``ref`` names them inside the item's notification.

    ``weight`` is in hundredths of a bit, None where no weights were asked; ``doubts`` are those who may be the same and
    whom a person looks at, until ``decided_by`` did. ``sealed`` is the explanation, ``before_sealed`` the person's
    record as it was before this refreshed it, both under the person's scope.
    """

    item_id: str
    ref: str
    person_id: str
    how: str
    weight: int | None
    at: datetime
    doubts: tuple[str, ...] = ()
    decided_by: str | None = None
    sealed: bytes | None = None
    before_sealed: bytes | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RecallRecord:
    """Two people who had been taken for one, apart again, and what left the hub in between.

    ``subject`` is the merge, or the item and ref of the link, that was wrong ``since`` then. Of the envelopes on
    ``referrals`` those not opened yet were ``revoked``; those in ``opened`` have a recall notice each, in the same
    order (an empty name: no reader is enrolled any more). ``looked`` are the log's entries of who looked at
    them. The reason is sealed under the kept person's scope.
    """

    id: str
    subject: str
    kept_id: str
    restored_id: str
    since: datetime
    at: datetime
    by: str
    referrals: tuple[str, ...]
    revoked: tuple[str, ...]
    opened: tuple[str, ...]
    notices: tuple[str, ...]
    looked: tuple[str, ...]
    sealed: bytes
