"""What data subjects asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class AccessRecord:
    """A person's request to see what is held on them; ``left_out`` are referrals that are not to be told of."""

    id: str
    person_id: str
    asked_by: str
    asked_at: datetime
    left_out: tuple[str, ...]
    approved_by: str | None = None
    approved_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AnnotationRecord:
    """A correction, or a statement of disagreement, beside a field of a person or a disclosed group (its digest)."""

    id: str
    person_id: str
    kind: str
    field: str
    disclosure_id: str | None
    at: datetime
    by: str
    sealed: bytes
