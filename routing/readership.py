"""Everybody who may come to read at a hub, by its configuration: whom a preview or a simulation asks about."""

from __future__ import annotations

from collections.abc import Iterator

from routing.reading_rules import Purpose, Reader, Relation
from schemas.hub import Hub
from schemas.vocabulary import Role

_DESK = (Role.COORDINATOR, Role.SCREENING_OFFICER, Role.SOCIAL_WORK_MANAGER)


def of_disclosures(hub: Hub) -> tuple[Reader, ...]:
    """The manager of a case, every lead as one who is asked, every receiving team."""
    return (_manager(Relation.ASSIGNED), *_recipients(hub))


def of_notifications(hub: Hub) -> tuple[Reader, ...]:
    """Those, a manager while nobody carries the case, and the desk, whichever agency sends its people there."""
    desk = tuple(
        Reader(role=role, agency=agency, relation=Relation.DESK, purpose=Purpose.TRIAGE)
        for role in _DESK
        for agency in ("", *(one.id for one in hub.agencies))
    )
    return (*of_disclosures(hub), _manager(Relation.UNCARRIED), *desk)


def named(reader: Reader) -> str:
    """The reader in words, such as ``professional lead of police (asked)``."""
    of = f" of {reader.agency}" if reader.agency else ""
    by = f".{reader.recipient}" if reader.recipient else ""
    return f"{reader.role.replace('_', ' ')}{of}{by} ({reader.relation})"


def purpose_of(relation: Relation) -> Purpose:
    """What somebody in this relation reads for."""
    return _PURPOSES[relation]


_PURPOSES = {
    Relation.NONE: Purpose.DECIDE,
    Relation.ASSIGNED: Purpose.DECIDE,
    Relation.ASKED: Purpose.ANSWER,
    Relation.RECEIVING: Purpose.ACT,
    Relation.SUBMITTED: Purpose.HEAR_OUTCOME,
    Relation.DESK: Purpose.TRIAGE,
    Relation.UNCARRIED: Purpose.TRIAGE,
}


def _manager(relation: Relation) -> Reader:
    return Reader(role=Role.SOCIAL_WORK_MANAGER, agency="", relation=relation, purpose=purpose_of(relation))


def _recipients(hub: Hub) -> Iterator[Reader]:
    stands = {Role.PROFESSIONAL_LEAD: Relation.ASKED, Role.RECEIVING_TEAM: Relation.RECEIVING}
    for agency in hub.agencies:
        for recipient in agency.recipients:
            if recipient.role in stands:
                relation = stands[recipient.role]
                yield Reader(
                    role=recipient.role,
                    agency=agency.id,
                    sector=agency.sector,
                    recipient=recipient.name,
                    relation=relation,
                    purpose=purpose_of(relation),
                )
