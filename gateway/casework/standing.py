"""What a person at the hub is to a case: the reader that ``routing`` judges. The caller claims none of it."""

from __future__ import annotations

from gateway.casework.office import acting_role
from gateway.people import PersonCaller
from gateway.store.records import ReferralRecord
from routing.need_to_know import Purpose, Reader, Relation
from schemas.disclosure import ReceivedDisclosure
from schemas.vocabulary import Rating, Role


def carries(caller: PersonCaller, referral: ReferralRecord, *, looks_into: bool) -> bool:
    """Whether the caller sees the case as its manager does: it is theirs, or they broke the glass (``looks_into``)."""
    return Role.SOCIAL_WORK_MANAGER in caller.roles and (referral.assigned_to == caller.subject or looks_into)


def at_the_case(caller: PersonCaller, referral: ReferralRecord, *, looks_into: bool) -> Reader:
    """The reader of a referral: its manager, a manager while it has none, or somebody at the desk."""
    role, relation, purpose = acting_role(caller), Relation.DESK, Purpose.TRIAGE
    if carries(caller, referral, looks_into=looks_into):
        role, relation, purpose = Role.SOCIAL_WORK_MANAGER, Relation.ASSIGNED, Purpose.DECIDE
    elif role is Role.SOCIAL_WORK_MANAGER and referral.assigned_to is None:
        relation = Relation.UNCARRIED
    return Reader(role=role, agency=caller.agency, relation=relation, purpose=purpose, rating=_rating(referral))


def to_disclosure(
    caller: PersonCaller, referral: ReferralRecord, received: ReceivedDisclosure, *, looks_into: bool
) -> Reader:
    """The reader of a disclosure: the manager of the case, its owner's lead, or nobody."""
    if carries(caller, referral, looks_into=looks_into):
        role, relation, purpose = Role.SOCIAL_WORK_MANAGER, Relation.ASSIGNED, Purpose.DECIDE
    elif Role.PROFESSIONAL_LEAD in caller.roles and received.agency == caller.agency:
        role, relation, purpose = Role.PROFESSIONAL_LEAD, Relation.ASKED, Purpose.ANSWER
    else:
        role, relation, purpose = acting_role(caller), Relation.NONE, Purpose.DECIDE
    return Reader(role=role, agency=caller.agency, relation=relation, purpose=purpose, rating=_rating(referral))


def _rating(referral: ReferralRecord) -> Rating | None:
    return Rating(referral.rating) if referral.rating else None
