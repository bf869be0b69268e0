"""The people of a criminal case: defendants, their parents or guardians, victims and witnesses.

Who was under 18 when it happened is a child of the notification; where the age is not told, the person stands among the
adults and is flagged. Organisations are no people and stay unmapped.

Source: Libra Standard Prosecutor Interface 0.6g, CP20 2020-03 and Libra court lists, as public samples and schemas
show them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from adapters import codes, dates, natives
from adapters.natives import ABSENT, Native
from adapters.provenance import Recorder
from adapters.xml_node import Node
from schemas.identifiers import Identifier, IdentifierKind
from schemas.persons import Address, Contact, Name, NameUse, Person

_INDIVIDUAL = ("PoliceIndividualDefendant", "CourtIndividualDefendant")
_CORPORATE = ("PoliceCorporateDefendant", "CourtCorporateDefendant")
_BASE = ("PersonDefendant/BasePersonDetails", "BasePersonDetails", "PersonDetails")
_NAMES = ("PersonName", "def_name_elements")
_GIVEN = (
    *(f"PersonGivenName{number}" for number in range(1, 6)),
    *(f"forename{number}" for number in range(1, 4)),
    "Forenames",
)
_LINES = (
    "SAON",
    "PAON",
    "StreetDescription",
    "Locality",
    "Town",
    "PostTown",
    "AdministrativeArea",
    *(f"AddressLine{number}" for number in range(1, 6)),
    *(f"line{number}" for number in range(1, 6)),
)
_NUMBERS: tuple[tuple[IdentifierKind, tuple[str, ...], str], ...] = (
    (IdentifierKind.ASN, ("ProsecutorReference", "ASN"), ""),
    (IdentifierKind.PNC, ("PNCidentifier", "pnc_id"), ""),
    (IdentifierKind.CRO, ("CROnumber", "cro_number"), ""),
    (IdentifierKind.LOCAL, ("CMSDefendantID",), "CMS"),
)
_NOTES = (
    ("Custody status", "CustodyStatus"),
    ("Bail status", "BailStatus"),
    ("Reason for bail conditions or custody", "ReasonForBailConditionsOrCustody"),
    ("Special needs", "SpecialNeeds"),
)
_ADULT_AT = 18


@dataclass(frozen=True, kw_only=True)
class Role:
    """A part that somebody has in a case, as a note says it."""

    words: str
    relation: str = ""
    accused: bool = False


DEFENDANT = Role(words="a defendant in the case", accused=True)
GUARDIAN = Role(words="the parent or guardian of a defendant", relation="parent or guardian")
VICTIM = Role(words="a victim of the offence")
WITNESS = Role(words="a witness in the case")


@dataclass(frozen=True, kw_only=True)
class Named:
    """Somebody whom a case names: where, in which role, and on which day it is asked whether they were a child."""

    node: Node
    role: Role
    on: date | None
    guards: bool = False


def defendants(case: Node) -> list[Node]:
    """The defendants who are people."""
    if case.name.lower() == "case" and case.first("def_name", "def_name_elements") is not None:
        return [case] if case.value("def_type").text.upper() in {"", "P"} else []
    return [
        node
        for node in case.all("Defendant", "Defendants/Defendant")
        if not node.all(*_CORPORATE) and (node.all(*_INDIVIDUAL) or node.value("Forenames", "DOB").text)
    ]


def named(case: Node, day_of: Callable[[Node], date | None]) -> Iterator[Named]:
    """Everybody a case names, defendants first; ``day_of`` tells the day of what a defendant is accused of."""
    for node in defendants(case):
        on = day_of(node)
        yield Named(node=node, role=DEFENDANT, on=on)
        for guardian in node.all(*(f"{inner}/ParentGuardianDetails" for inner in _INDIVIDUAL)):
            yield Named(node=guardian, role=GUARDIAN, on=on, guards=True)
    whole = day_of(case)
    for role, element in ((VICTIM, "OtherPartyVictim"), (WITNESS, "OtherPartyWitness")):
        for node in case.all(f"Defendant/Offence/{element}", element):
            yield Named(node=node, role=role, on=whole)


def is_child(one: Named) -> bool | None:
    """Whether they were under 18 on that day, as far as the birth date goes; None where it or the day is not told.

    Of a birth date that goes to the year or the month alone, the latest day counts: doubt means child.
    """
    if one.guards:
        return False
    born = dates.partial_date(_birth(one.node).text)
    if born is None or one.on is None:
        return None
    latest = born + {4: "-12-31", 7: "-31", 10: ""}[len(born)]
    year, month, day = (int(part) for part in latest.split("-"))
    return (one.on.year - year, one.on.month, one.on.day) < (_ADULT_AT, month, day)


def person(one: Named, recorder: Recorder, *, ref: str) -> Person:
    """The person, with their numbers, and with their role as a note."""
    node, role = one.node, one.role
    base = _base(node)
    inner = node.first(*_INDIVIDUAL) or node
    recorder.take("notes[0]", node.pointer)
    if role.accused:
        recorder.take("alleged_perpetrator", node.pointer)
    if role.relation:
        recorder.take("relation", node.pointer)
    if not one.guards and not _birth(node).text:
        recorder.flag("age.unknown", "birth_date")
    return Person(
        ref=ref,
        names=_names(node, base, inner, recorder),
        birth_date=natives.partial_date(recorder, "birth_date", _birth(node)),
        sex=natives.read(recorder, "sex", _either(base, node, "Gender", "def_sex"), codes.sex),
        ethnicity=natives.carry(recorder, "ethnicity", _ethnicity(inner)),
        language=natives.carry(recorder, "language", inner.value("LanguageNeeds")),
        identifiers=_identifiers(node, inner, recorder),
        addresses=_addresses(inner, recorder),
        contacts=contacts(base, recorder),
        relation=role.relation,
        alleged_perpetrator=True if role.accused else None,
        notes=(role.words, *_notes(inner, recorder)),
    )


def contacts(node: Node, recorder: Recorder, field: str = "contacts") -> tuple[Contact, ...]:
    """Telephone numbers, then e-mail addresses."""
    found = [
        (system, inner.native)
        for system, group in (("phone", "TelephoneDetails"), ("email", "EmailDetails"))
        for holder in node.all(group)
        for inner in holder.children
        if inner.text
    ]
    return tuple(
        Contact(system=system, value=natives.carry(recorder, f"{field}[{place}].value", native))
        for place, (system, native) in enumerate(found)
    )


def given_name(node: Node) -> list[Native]:
    """The parts of a name before the family's, in their order."""
    return [native for native in node.each(*_GIVEN) if native.text]


def _base(node: Node) -> Node:
    paths = [f"{inner}/{base}" for inner in _INDIVIDUAL for base in _BASE]
    return node.first(*paths, *_BASE) or node


def _either(first: Node, second: Node, *paths: str) -> Native:
    found = first.value(*paths)
    return found if found.text else second.value(*paths)


def _birth(node: Node) -> Native:
    return _either(_base(node), node, "Birthdate", "BirthDate", "def_dob", "DOB")


def _names(node: Node, base: Node, inner: Node, recorder: Recorder) -> tuple[Name, ...]:
    official = base.first(*_NAMES) or (node if node.value("Surname", *_GIVEN).text else None)
    found: list[tuple[Node, NameUse]] = [(official, NameUse.OFFICIAL)] if official is not None else []
    found += [(each, NameUse.ALIAS) for each in inner.all("Alias", "PersonDefendant/Alias", "BasePersonDetails/Alias")]
    names = [
        _name(each.first(*_NAMES) or each, recorder.within(f"names[{n}]"), use) for n, (each, use) in enumerate(found)
    ]
    if not names and (whole := node.value("def_name")).text:
        names = [Name(family=natives.carry(recorder, "names[0].family", whole))]
    return tuple(names)


def _name(node: Node, recorder: Recorder, use: NameUse) -> Name:
    return Name(
        use=use,
        title=natives.carry(recorder, "title", node.value("PersonTitle", "title")),
        given=natives.carry_each(recorder, "given", given_name(node)),
        family=natives.carry(recorder, "family", node.value("PersonFamilyName", "surname")),
    )


def _ethnicity(inner: Node) -> Native:
    for paths in (("PersonEthnicity/SelfDefinedEthnicity", "SelfDefinedEthnicity"), ("ObservedEthnicity",)):
        if (native := inner.value(*paths)).text:
            return native
    return inner.value("PersonEthnicity/ObservedEthnicity")


def _identifiers(node: Node, inner: Node, recorder: Recorder) -> tuple[Identifier, ...]:
    made: list[Identifier] = []
    for kind, paths, issuer in _NUMBERS:
        number = next(
            (native for where in (node, inner) for native in where.each(*paths, *_within_person(paths)) if native.text),
            ABSENT,
        )
        if number.text:
            field = f"identifiers[{len(made)}]"
            made.append(recorder.identify(field, number.pointer, kind, number.text, issuer=issuer))
    return tuple(made)


def _within_person(paths: Sequence[str]) -> list[str]:
    return [f"PersonDefendant/{path}" for path in paths]


def _addresses(inner: Node, recorder: Recorder) -> tuple[Address, ...]:
    found = [node for node in inner.all("Address", "BasePersonDetails/Address", "def_addr") if node.speaks()]
    return tuple([_address(node, recorder.within(f"addresses[{n}]")) for n, node in enumerate(found)])


def _address(node: Node, recorder: Recorder) -> Address:
    parts = node.first("SimpleAddress", "StructuredAddress") or node
    return Address(
        lines=natives.carry_each(recorder, "lines", parts.each(*_LINES)),
        postcode=natives.carry(recorder, "postcode", parts.value("PostCode", "Postcode", "pcode")),
        uprn=natives.carry(recorder, "uprn", parts.value("UniquePropertyReferenceNumber", "UPRN")),
    )


def _notes(inner: Node, recorder: Recorder) -> list[str]:
    notes: list[str] = []
    for label, element in _NOTES:
        native = inner.value(element)
        if text := natives.carry(recorder, f"notes[{len(notes) + 1}]", native):
            notes.append(f"{label}: {text}")
    return notes
