"""Which entries of the log one agency may be handed: what it took part in, named by rows; all else stays here.

Denied by default. An entry is shown whole or not at all, because its commitment is over the whole of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

PUBLISHED = frozenset({"signing", "sealing", "checkpoint"})
"""Purposes of keys whose public halves the hub publishes: everybody may follow their life."""
_SHOWN_ACTORS = frozenset({"hub", "operator"})


class Relation(StrEnum):
    """What the subject of an entry is to the agency."""

    SENT = "sent"
    ASKED = "asked"
    OWNED = "owned"
    RECEIVED = "received"
    ITSELF = "itself"
    KEY = "key"


@dataclass(frozen=True, kw_only=True)
class Row:
    """Events that an agency may see of subjects in this relation to it. ``staff``: whoever acted is named."""

    relation: Relation
    events: frozenset[str]
    because: str
    staff: bool = False


ROWS = (
    Row(
        relation=Relation.SENT,
        events=frozenset(
            {
                "message.accepted",
                "message.duplicate",
                "message.conflict",
                "message.quarantined",
                "message.replayed",
                "message.completed",
                "message.detail_parked",
            }
        ),
        because="it is its own notification, and it may ask what became of it",
    ),
    Row(
        relation=Relation.ASKED,
        events=frozenset({"request.sent", "request.withdrawn", "request.escalated"}),
        because="it was sent the request, which names whoever authorised it",
        staff=True,
    ),
    Row(
        relation=Relation.ASKED,
        events=frozenset({"disclosure.refused"}),
        because="it was its own answer that was refused",
    ),
    Row(
        relation=Relation.OWNED,
        events=frozenset({"disclosure.received", "disclosure.released"}),
        because="it is its own disclosure; who read it is the hub's to answer for, and not told here",
    ),
    Row(
        relation=Relation.RECEIVED,
        events=frozenset({"envelope.delivered", "envelope.opened", "envelope.expired"}),
        because="it was sent the envelope; refusals of openings stay here, because their reasons are not told",
    ),
    Row(
        relation=Relation.ITSELF,
        events=frozenset({"agency.enrolled", "agency.suspended"}),
        because="it is its own standing",
    ),
    Row(
        relation=Relation.KEY,
        events=frozenset({"key.created", "key.promoted", "key.retired", "key.revoked"}),
        because="the hub's published keys are everybody's to verify with",
    ),
)


def may_see(agency: str, relations: Mapping[str, Relation], *, event: str, actor: str, subject: str | None) -> bool:
    """Tell whether this agency may be handed this entry. ``relations``: what each subject that it knows is to it."""
    relation = relations.get(subject or "")
    own = actor in _SHOWN_ACTORS or actor.partition(".")[0] == agency
    return any(row.relation is relation and event in row.events and (own or row.staff) for row in ROWS)


def relations(
    *,
    agency: str,
    sent: Sequence[str],
    asked: Sequence[str],
    owned: Sequence[str],
    received: Sequence[str],
    keys: Sequence[str],
) -> dict[str, Relation]:
    """What each of these subjects, which are this agency's, is to it."""
    pairs = (
        (Relation.SENT, sent),
        (Relation.ASKED, asked),
        (Relation.OWNED, owned),
        (Relation.RECEIVED, received),
        (Relation.KEY, keys),
        (Relation.ITSELF, [agency]),
    )
    return {name: relation for relation, names in pairs for name in names}
