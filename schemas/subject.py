"""What a data subject is told of what the hub holds on them: one document, as JSON or printed."""

from __future__ import annotations

from datetime import date
from typing import Literal

from schemas.base import Frozen, Instant
from schemas.envelope import Withheld
from schemas.identifiers import Identifier
from schemas.persons import Address, Name, PartialDate
from schemas.vocabulary import Concern, DataCategory, Marking, Outcome

_EXEMPT = (
    "Something may have been left out where the law allows it: what is about other people (Data Protection Act 2018, "
    "schedule 2, paragraph 16), what would prejudice the prevention or detection of crime (schedule 2, paragraph 2), "
    "and what would be likely to cause serious harm, or is child abuse data that it is not in the child's best "
    "interests to give (schedule 3, parts 2 to 5). This stands in every such document, whether anything was left out."
)
_OWNED = "What another agency owns is shown where that agency released it to you. You may ask each agency itself."
EXEMPTIONS = (_EXEMPT, _OWNED)
"""The same in every document: whether there was anything to leave out is not told."""
_RIGHTS = (
    "You may ask for what is wrong to be corrected, and have a statement of disagreement kept beside what stays "
    "(UK GDPR, articles 16 and 18), and you may complain to the Information Commissioner."
)


class Identity(Frozen):
    """Who the hub takes somebody for."""

    names: tuple[Name, ...]
    birth_date: PartialDate | None
    expected_date: date | None
    sex: str | None
    identifiers: tuple[Identifier, ...]
    addresses: tuple[Address, ...]


class Report(Frozen):
    """A notification about the person: who sent it and when, and what for. Its words are its sender's."""

    agency: str
    received_at: Instant
    concerns: tuple[Concern, ...]


class ItemTold(Frozen):
    """One piece of information, others' names taken out."""

    text: str
    on: date | None


class GroupTold(Frozen):
    """What an agency disclosed about the person and released to them."""

    agency: str
    category: DataCategory
    items: tuple[ItemTold, ...]


class CaseTold(Frozen):
    """A referral. Of one that is about somebody else nothing is told but what was released to this person.

    ``sent_to`` are the agencies that a product went to; ``ask`` whom to ask for more that is held.
    """

    received_at: Instant | None
    closed: bool | None
    reports: tuple[Report, ...]
    outcomes: tuple[Outcome, ...]
    disclosed: tuple[GroupTold, ...]
    sent_to: tuple[str, ...]
    ask: tuple[Withheld, ...]


class AnnotationTold(Frozen):
    """What the person had put beside what is held: a correction, or that they disagree."""

    kind: str
    field: str
    at: Instant
    text: str


class AccessDocument(Frozen):
    """The whole. ``identity`` is None where the hub holds nothing that may be told."""

    format: Literal["mash-subject-access"] = "mash-subject-access"
    v: Literal[1] = 1
    marking: Marking = Marking.OFFICIAL_SENSITIVE
    hub: str
    made_at: Instant
    identity: Identity | None
    cases: tuple[CaseTold, ...]
    annotations: tuple[AnnotationTold, ...]
    exemptions: tuple[str, ...] = EXEMPTIONS
    rights: str = _RIGHTS
