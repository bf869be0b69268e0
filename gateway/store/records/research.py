"""What research keeps: traces of concerns by opaque ids and keyed hashes, and who asked to know whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, kw_only=True, slots=True)
class TraceRecord:
    """What a concern leaves behind: the people it names by their part, and its severity, 1 to 3."""

    item_id: str
    severity: int
    children: tuple[str, ...]
    residents: tuple[str, ...]
    others: tuple[str, ...]
    alleged: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TraceRead:
    """A trace with what its item and message tell: which referral, from whom and when."""

    trace: TraceRecord
    message_id: str
    referral_id: str
    agency: str
    at: datetime


class PlaceKind(StrEnum):
    """What a place is to a concern; ``area`` is a home's postcode."""

    HOME = "home"
    SCENE = "scene"
    AREA = "area"


@dataclass(frozen=True, kw_only=True, slots=True)
class TracePlace:
    """A place of a concern, by its keyed hash."""

    hash: str
    item_id: str
    kind: PlaceKind


@dataclass(frozen=True, kw_only=True, slots=True)
class ReidentificationRecord:
    """An analyst's question whom an alert is about, with its sealed reason, and a manager's approval until a time."""

    id: str
    alert_id: str
    asked_by: str
    asked_at: datetime
    sealed: bytes
    approved_by: str | None = None
    approved_at: datetime | None = None
    until: datetime | None = None
