"""What research answers: alerts and graphs under pseudonyms, and who stands behind one once a manager approved."""

from __future__ import annotations

from schemas.base import Frozen, Instant


class ResearchReason(Frozen):
    """One pattern of an alert; ``person`` and ``evidence`` are pseudonyms, ``alert`` is what a question names."""

    alert: str
    kind: str
    count: int
    person: str
    because: str
    evidence: tuple[str, ...]


class ResearchAlertShown(Frozen):
    """All that one notification raised."""

    at: Instant
    referral: str
    reasons: tuple[ResearchReason, ...]


class ResearchAlerts(Frozen):
    """Alerts, the newest first. ``erased`` more were of referrals that nobody can read any more."""

    alerts: tuple[ResearchAlertShown, ...]
    erased: int


class NodeShown(Frozen):
    """A child, an adult or a place under its pseudonym, and how many concerns name it."""

    id: str
    kind: str
    concerns: int


class EdgeShown(Frozen):
    """Two nodes that concerns name together."""

    first: str
    second: str
    kind: str
    concerns: int
    since: Instant
    until: Instant


class GraphShown(Frozen):
    """The household and the adults and places around an alert."""

    nodes: tuple[NodeShown, ...]
    edges: tuple[EdgeShown, ...]


class ReidentificationShown(Frozen):
    """A question whom an alert is about, and its approval once there is one."""

    id: str
    alert: str
    asked_by: str
    asked_at: Instant
    reason: str | None = None
    approved_by: str | None = None
    until: Instant | None = None


class Reidentifications(Frozen):
    """What waits for a manager, oldest first."""

    reidentifications: tuple[ReidentificationShown, ...]


class ReidentifiedPerson(Frozen):
    """Who stands behind a pseudonym."""

    pseudonym: str
    person: str
    name: str
    birth_date: str


class Reidentified(Frozen):
    """Whom an alert is about, and until when that may be seen."""

    alert: str
    referral: str
    until: Instant
    people: tuple[ReidentifiedPerson, ...]
