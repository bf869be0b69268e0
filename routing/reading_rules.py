"""Who may read what, row by row. ``need_to_know`` applies these rows; nothing else reads them.

A row speaks of one kind of reader: a role, in a relation to the referral, for a purpose. It allows categories of
information, up to what the owner has released to the row's audience, and it says why.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from crypto.canonical import dumps
from schemas.disclosure import Audience
from schemas.envelope import EnvelopeKind
from schemas.hub import Withhold
from schemas.vocabulary import DataCategory, Datum, HandlingMark, Rating, Role, Sector


class Relation(StrEnum):
    """What a reader has to do with this referral. The shell establishes it; nobody claims it.

    ``desk``: the referral passes the desk that the reader works at. ``uncarried``: it has no manager yet, and the
    reader may become that manager.
    """

    NONE = "none"
    ASSIGNED = "assigned"
    ASKED = "asked"
    RECEIVING = "receiving"
    SUBMITTED = "submitted"
    READ = "read"
    DESK = "desk"
    UNCARRIED = "uncarried"
    RECALLED = "recalled"


class Purpose(StrEnum):
    """What somebody reads for. ``triage``: to keep the process moving, until and beside the manager's decision."""

    DECIDE = "decide"
    ANSWER = "answer"
    ACT = "act"
    HEAR_OUTCOME = "hear_outcome"
    CORRECT = "correct"
    TRIAGE = "triage"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Who reads, for whom, for what, and as what to the referral. ``recipient`` is empty for a person signed in.

    ``rating`` is the referral's, None while nobody has rated it.
    """

    role: Role
    agency: str
    sector: Sector | None = None
    recipient: str = ""
    purpose: Purpose
    relation: Relation
    rating: Rating | None = None


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What stands beside the rows, and narrows them: the hub's own rows."""

    withholds: tuple[Withhold, ...] = ()

    def withholds_from(
        self, reader: Reader, what: Datum | DataCategory, marks: Collection[HandlingMark]
    ) -> Withhold | None:
        """The hub's row that keeps this from ``reader``, or None. ``marks`` are those of what is to be read."""
        return next((row for row in self.withholds if _narrows(row, reader, what, marks)), None)


CORE = Policy()
"""The rows alone."""


def _narrows(row: Withhold, reader: Reader, what: Datum | DataCategory, marks: Collection[HandlingMark]) -> bool:
    return (
        row.role == reader.role
        and what in row.data
        and row.agency in {"", reader.agency}
        and (not row.ratings or reader.rating in row.ratings)
        and (row.handling is None or row.handling in marks)
    )


@dataclass(frozen=True, kw_only=True)
class Part:
    """What a row judges beyond reader and category: whose group it is, and whether the product was to hold it."""

    owner: str
    category: DataCategory
    in_product: bool


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A row. ``audience`` is the owner's release that it needs; ``None`` where the owner itself reads.

    ``under`` are the marks of handling in spite of which it holds.
    """

    name: str
    role: Role
    relation: Relation
    purpose: Purpose
    categories: frozenset[DataCategory]
    audience: Audience | None
    when: Callable[[Reader, Part], bool]
    because: str
    under: frozenset[HandlingMark] = frozenset()

    def applies(self, reader: Reader) -> bool:
        """Whether this row speaks of such a reader at all."""
        return (self.role, self.relation, self.purpose) == (reader.role, reader.relation, reader.purpose)


_C = DataCategory
_ALL = frozenset(DataCategory)
_INFORMATION = _ALL - {_C.REPLY_REASONS}
_WHO = frozenset({_C.IDENTITY, _C.HOUSEHOLD})
_M = HandlingMark
ANY_MARK = frozenset(HandlingMark)
TELLS_WHERE = frozenset({_C.IDENTITY, _C.HOUSEHOLD, _C.HOUSING})
"""Categories that would tell where a family lives: on the referral of a family in hiding they are marked so."""
OWN_FIELD: Mapping[Sector, frozenset[DataCategory]] = {
    Sector.POLICE: frozenset({_C.POLICE_INTELLIGENCE, _C.POLICE_CONVICTIONS, _C.POLICE_INCIDENTS}),
    Sector.HEALTH: frozenset({_C.HEALTH_HISTORY, _C.HEALTH_MENTAL, _C.MATERNITY}),
    Sector.EDUCATION: frozenset({_C.EDUCATION_ATTENDANCE, _C.EDUCATION_WELFARE}),
    Sector.PROBATION: frozenset({_C.PROBATION_RISK, _C.PROBATION_SUPERVISION}),
    Sector.LOCAL_AUTHORITY: frozenset({_C.SOCIAL_CARE_HISTORY}),
    Sector.HOUSING: frozenset({_C.HOUSING}),
    Sector.YOUTH_JUSTICE: frozenset({_C.PROBATION_RISK, _C.PROBATION_SUPERVISION}),
}
"""The categories of each sector's own profession, beyond which a lead has no need of another agency's words."""


def _always(_reader: Reader, _part: Part) -> bool:
    return True


def _own(reader: Reader, part: Part) -> bool:
    return part.owner == reader.agency


def _of_own_field(reader: Reader, part: Part) -> bool:
    return reader.sector is not None and part.category in OWN_FIELD.get(reader.sector, frozenset())


def _in_product(_reader: Reader, part: Part) -> bool:
    return part.in_product


RULES: tuple[Rule, ...] = (
    Rule(
        name="the manager of the case",
        role=Role.SOCIAL_WORK_MANAGER,
        relation=Relation.ASSIGNED,
        purpose=Purpose.DECIDE,
        categories=_ALL,
        audience=Audience.SOCIAL_WORK_MANAGER,
        when=_always,
        because="the manager of the case decides on the fullest picture",
        under=ANY_MARK,
    ),
    Rule(
        name="the owner",
        role=Role.PROFESSIONAL_LEAD,
        relation=Relation.ASKED,
        purpose=Purpose.ANSWER,
        categories=_INFORMATION,
        audience=None,
        when=_own,
        because="an agency may read what it disclosed itself",
        under=ANY_MARK,
    ),
    Rule(
        name="another lead who was asked: who it is about",
        role=Role.PROFESSIONAL_LEAD,
        relation=Relation.ASKED,
        purpose=Purpose.ANSWER,
        categories=_WHO,
        audience=Audience.PROFESSIONAL_LEADS,
        when=_always,
        because="whoever is asked must find the right people",
    ),
    Rule(
        name="another lead who was asked: the same profession",
        role=Role.PROFESSIONAL_LEAD,
        relation=Relation.ASKED,
        purpose=Purpose.ANSWER,
        categories=_INFORMATION - _WHO,
        audience=Audience.PROFESSIONAL_LEADS,
        when=_of_own_field,
        because="a lead may read what a colleague of the same profession released",
    ),
    Rule(
        name="the receiving team",
        role=Role.RECEIVING_TEAM,
        relation=Relation.RECEIVING,
        purpose=Purpose.ACT,
        categories=_INFORMATION,
        audience=Audience.RECEIVING_TEAM,
        when=_in_product,
        because="the team acts on what the manager chose and its owner released",
        under=frozenset({_M.HIDDEN_LOCATION, _M.RESTRICTED}),
    ),
)

_RECEIVES: Mapping[EnvelopeKind, tuple[frozenset[Role], Relation, Purpose]] = {
    EnvelopeKind.REQUEST: (frozenset({Role.PROFESSIONAL_LEAD}), Relation.ASKED, Purpose.ANSWER),
    EnvelopeKind.DISCLOSURE: (frozenset({Role.SOCIAL_WORK_MANAGER}), Relation.ASSIGNED, Purpose.DECIDE),
    EnvelopeKind.PRODUCT: (frozenset({Role.RECEIVING_TEAM}), Relation.RECEIVING, Purpose.ACT),
    EnvelopeKind.FEEDBACK: (frozenset({Role.REFERRER}), Relation.SUBMITTED, Purpose.HEAR_OUTCOME),
    # Whoever was sent what is wrong, or owns it, is told so; feedback has nothing that could be.
    EnvelopeKind.CORRECTION: (
        frozenset({Role.PROFESSIONAL_LEAD, Role.SOCIAL_WORK_MANAGER, Role.RECEIVING_TEAM}),
        Relation.READ,
        Purpose.CORRECT,
    ),
}


def may_receive(reader: Reader, kind: EnvelopeKind) -> bool:
    """Whether an envelope of this kind may go to ``reader`` at all, whatever is in it."""
    if kind is EnvelopeKind.RECALL:
        # Whoever may be sent anything may be told that it was wrong; nothing can be read as this reader.
        told = {role for roles, _, _ in _RECEIVES.values() for role in roles}
        return reader.role in told and (reader.relation, reader.purpose) == (Relation.RECALLED, Purpose.WITHDRAW)
    roles, relation, purpose = _RECEIVES[kind]
    return reader.role in roles and (relation, purpose) == (reader.relation, reader.purpose)


def explain() -> tuple[str, ...]:
    """The rows in words, one line each, for people and for ``VERSION``."""
    rows = [
        f"{rule.name}: {rule.role}, {rule.relation}, to {rule.purpose}, released to {rule.audience or 'its owner'}, "
        f"{rule.when.__name__.strip('_').replace('_', ' ')}, {in_spite_of(rule.under)}: {_listed(rule.categories)}: "
        f"{rule.because}"
        for rule in RULES
    ]
    fields = [f"the field of {sector}: {_listed(categories)}" for sector, categories in OWN_FIELD.items()]
    return (*rows, *fields, f"would tell where a family lives: {_listed(TELLS_WHERE)}")


def in_spite_of(under: frozenset[HandlingMark]) -> str:
    """The marks of handling that a row stands in spite of, in words."""
    return f"in spite of {', '.join(sorted(under))}" if under else "where no handling limits it"


def _listed(categories: frozenset[DataCategory]) -> str:
    return ", ".join(sorted(categories))


VERSION = f"need-to-know/{hashlib.sha256(dumps(explain())).hexdigest()[:16]}"
"""Which rows these are. It follows from their text, so that it can't be forgotten when they change."""
