"""Making an information request: lawful, necessary, and no more than the agency needs to find the people.

Without purpose, legal ground and necessity there is no request (core component 2). Each agency is given the
identifiers that it would know first and no others, under pseudonyms that mean nothing to another agency.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from schemas.errors import Refused, Rejected
from schemas.hub import AgencySection
from schemas.identifiers import Identifier, IdentifierKind, Validity
from schemas.persons import Person
from schemas.request import InformationRequest, PersonAsked
from schemas.vocabulary import DataCategory, LegalGround, Sector

_K = IdentifierKind

KNOWN_FIRST: Mapping[Sector, tuple[IdentifierKind, ...]] = {
    Sector.POLICE: (_K.PNC, _K.CRO),
    Sector.HEALTH: (_K.NHS,),
    Sector.EDUCATION: (_K.UPN,),
    Sector.PROBATION: (_K.CRN, _K.NOMS),
    Sector.LOCAL_AUTHORITY: (_K.LOCAL, _K.UPN, _K.NHS),
    Sector.HOUSING: (_K.LOCAL,),
    Sector.YOUTH_JUSTICE: (_K.PNC, _K.UPN),
    Sector.VOLUNTARY: (),
}
"""The identifiers that each sector files people under, best first. A local number goes to its own issuer alone."""


@dataclass(frozen=True, kw_only=True)
class Justification:
    """Why it is lawful to ask: to what end, on what legal ground, and why no less would do."""

    purpose: str
    legal_ground: LegalGround | None
    necessity: str


@dataclass(frozen=True, kw_only=True)
class AskedAbout:
    """Somebody to be asked about. ``ref`` is the person's pseudonym for this agency; ``mother`` is an unborn child's.

    Both are as the lead who is asked may see them (``routing.notified``): without an address, where that is hidden.
    """

    person: Person
    ref: str
    mother: Person | None = None


def compose(
    *,
    hub: str,
    agency: AgencySection,
    jti: str,
    issued: datetime,
    reference: str,
    why: Justification,
    persons: Sequence[AskedAbout],
    categories: Sequence[DataCategory],
    questions: Sequence[str] = (),
    due_at: datetime,
) -> InformationRequest:
    """The request as it will be signed: ``iss`` is ``hub``, ``aud`` the agency's id, ``jti`` the request's name.

    ``issued`` and ``due_at`` are aware; ``reference`` is the referral's pseudonym for this agency.

    Raises:
        Refused: no purpose, no legal ground or no necessity (``request.no_ground``).
        Rejected: nobody is asked about, nothing is asked for, or two people share a pseudonym.
    """
    # (1) Lawful and necessary, or not at all.
    if not why.purpose.strip():
        raise _no_ground("purpose")
    if why.legal_ground is None:
        raise _no_ground("legal_ground")
    if not why.necessity.strip():
        raise _no_ground("necessity")
    # (2) About somebody, for something.
    if not persons:
        raise Rejected("request.no_person", "name at least one person", at="persons")
    if not categories:
        raise Rejected("request.no_category", "name at least one category of information", at="categories")
    if len({asked.ref for asked in persons}) != len(persons):
        raise Rejected("request.same_ref", "each person has a pseudonym of their own", at="persons")
    # (3) No more than this agency needs to find them.
    return InformationRequest(
        iss=hub,
        aud=agency.id,
        jti=jti,
        iat=int(issued.timestamp()),
        reference=reference,
        purpose=why.purpose,
        legal_ground=why.legal_ground,
        necessity=why.necessity,
        persons=tuple(_cut(asked, agency) for asked in persons),
        categories=tuple(dict.fromkeys(categories)),
        questions=tuple(question for question in questions if question.strip()),
        due_at=due_at,
    )


def known_to(agency: AgencySection, person: Person) -> tuple[Identifier, ...]:
    """The identifiers of ``person`` that ``agency`` would know: best kind first, and those whose check holds."""
    order = KNOWN_FIRST[agency.sector]
    known = [
        held
        for held in person.identifiers
        if held.kind in order
        and held.validity is not Validity.MALFORMED
        and (held.kind is not IdentifierKind.LOCAL or held.issuer == agency.id)
    ]
    return tuple(sorted(known, key=lambda held: (order.index(held.kind), not held.sure, held.value)))


def _no_ground(field: str) -> Refused:
    detail = "core component 2: nothing is asked without a purpose, a legal ground and a necessity"
    return Refused("request.no_ground", detail, at=field)


def _cut(asked: AskedAbout, agency: AgencySection) -> PersonAsked:
    person = asked.person
    # An unborn child is found through the mother.
    found_by = asked.mother if person.unborn and asked.mother is not None else person
    return PersonAsked(
        ref=asked.ref,
        relation=person.relation or ("unborn child" if person.unborn else ""),
        names=person.names,
        birth_date=person.birth_date,
        unborn=person.unborn,
        expected_date=person.expected_date if person.unborn else None,
        identifiers=known_to(agency, found_by),
        postcode=_postcode(found_by),
    )


def _postcode(person: Person) -> str:
    """The first postcode that is not confidential, a home's before others."""
    open_addresses = [address for address in person.addresses if address.postcode and not address.confidential]
    homes = [address for address in open_addresses if address.use == "home"]
    return next((address.postcode for address in homes + open_addresses), "")
