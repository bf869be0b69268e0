"""What the hub answers of links: why somebody is who they are taken for, and what was called back."""

from __future__ import annotations

from schemas.base import Frozen, Instant


class ReasonShown(Frozen):
    """What one field said of a link: its level, its weight in bits, and the words."""

    field: str
    level: str
    weight: float
    because: str


class LinkShown(Frozen):
    """A link and what it rests on. Where it was weighed, the reasons' weights and ``prior`` add up to ``weight``."""

    item: str
    ref: str
    how: str
    at: Instant
    because: str
    weight: float | None
    prior: float
    reasons: tuple[ReasonShown, ...]
    doubts: tuple[str, ...]


class MergeShown(Frozen):
    """A merge that a person is a part of."""

    id: str
    state: str
    because: str
    at: Instant
    surviving: str | None
    prior: str | None


class RecallShown(Frozen):
    """Two people apart again: what was revoked, what had been opened (with the notice of each), and who had looked."""

    id: str
    wrong: str
    kept: str
    restored: str
    since: Instant
    at: Instant
    by: str
    referrals: tuple[str, ...]
    revoked: tuple[str, ...]
    opened: tuple[str, ...]
    notices: tuple[str, ...]
    looked: tuple[str, ...]


class LinksShown(Frozen):
    """Why the hub takes somebody for who they are."""

    person: str
    links: tuple[LinkShown, ...]
    merges: tuple[MergeShown, ...]
    recalls: tuple[RecallShown, ...]
