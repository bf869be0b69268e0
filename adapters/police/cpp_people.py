"""People in a Common Platform message: children and adults by their age on the day of the latest offence.

Somebody whose age can't be told is a child where the message marks a youth or names a parent or guardian; else an
adult, and flagged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters import codes, natives
from adapters.json_restriction import is_redacted
from adapters.json_taking import JsonTaking
from adapters.natives import ABSENT, Native
from adapters.police import cpp_age
from adapters.police.cpp_parties import GUARDIAN, ORGANISATION_NAMES, Named, Party
from adapters.strict_json import Json
from schemas.identifiers import Identifier, IdentifierKind
from schemas.persons import Address, Contact, Name, NameUse, Person

_GIVEN = (
    ("firstName", "forename", "forename1", "witnessFirstName"),
    ("givenName2", "forename2", "middleName"),
    ("givenName3", "forename3"),
)
_FAMILY = ("lastName", "surname", "witnessLastName")
_SEX = ("gender", "sex", "defendantSex")
_ETHNICITY = ("ethnicity", "selfDefinedEthnicity", "observedEthnicity")
_LANGUAGE = ("interpreterLanguageNeeds", "interpreterLanguageDialect")
_MOST_ALIASES = 50
_ALIASES = ("individualAliases", "aliases")
_ADDRESSES = ("address", "defendantAddress")
_LINES = ("address1", "address2", "address3", "address4", "address5", "line1", "line2", "line3", "line4", "line5")
_POSTCODES = ("postcode", "pcode")
_PHONES = (
    "home",
    "mobile",
    "work",
    "homeTelephoneNumber",
    "mobileTelephoneNumber",
    "workTelephoneNumber",
    "telephoneNumberBusiness",
    "phone",
)
_EMAILS = ("primaryEmail", "secondaryEmail", "emailAddress1", "emailAddress2", "email")
_IDENTIFIERS: Mapping[str, IdentifierKind] = {
    "asn": IdentifierKind.ASN,
    "arrestSummonsNumber": IdentifierKind.ASN,
    "pncIdentifier": IdentifierKind.PNC,
    "pncId": IdentifierKind.PNC,
    "pnc": IdentifierKind.PNC,
    "croNumber": IdentifierKind.CRO,
    "cro": IdentifierKind.CRO,
    "crn": IdentifierKind.CRN,
    "nationalInsuranceNumber": IdentifierKind.LOCAL,
    "driverNumber": IdentifierKind.LOCAL,
    "prosecutorDefendantReference": IdentifierKind.LOCAL,
    "prosecutorDefendantId": IdentifierKind.LOCAL,
    "cpsDefendantId": IdentifierKind.LOCAL,
    "masterDefendantId": IdentifierKind.LOCAL,
    "cprUUID": IdentifierKind.LOCAL,
}
"""Keys of identifiers; the issuer of a local one is its key, which says whose number it is."""

_NOTES = (
    ("occupation", "occupation: "),
    ("nationality", "nationality: "),
    ("languageRequirement", "language in court: "),
    ("specificRequirements", "requirements in court: "),
    ("bailConditions", "bail conditions: "),
    ("prosecutionWitnessRequiringAssistanceSpecialMeasuresDetails", "special measures: "),
)
_CUSTODY = {
    "B": "on conditional bail",
    "C": "in custody",
    "L": "remanded into the care of a local authority",
    "P": "on conditional bail with conditions before release",
    "S": "remanded to youth detention accommodation",
    "U": "on unconditional bail",
}
"""Bail status of the Common Platform; A means that it does not apply."""


@dataclass(frozen=True, kw_only=True)
class _Case:
    """What is known of all parties while one of them is read.

    ``harmful`` has the pointers of the accused of harm, each with that of the offence; ``refs`` the names of people in
    the notification and ``homes`` the organisations that are somebody's parent or guardian, both by the party's id().
    """

    taking: JsonTaking
    harmful: Mapping[str, str]
    refs: Mapping[int, str]
    homes: Mapping[int, Sequence[Party]]


def people(
    taking: JsonTaking, found: Named, harmful: Mapping[str, str]
) -> tuple[tuple[Person, ...], tuple[Person, ...]]:
    """Children, then adults. ``harmful`` has the pointer of each party accused of harm, with that of the offence."""
    guarded = {id(party.of) for party in found.parties if party.role == GUARDIAN and party.of is not None}
    kept = [party for party in found.parties if not party.is_organisation and _speaks(taking, party)]
    young = [party for party in kept if cpp_age.is_child(taking, party, found.day, guarded=id(party) in guarded)]
    small = {id(party) for party in young}
    refs = {id(party): f"child-{place}" for place, party in enumerate(young, start=1)}
    grown = [party for party in kept if id(party) not in small]
    refs |= {id(party): f"adult-{place}" for place, party in enumerate(grown, start=1)}
    homes: dict[int, list[Party]] = {}
    for party in found.parties:
        if party.role == GUARDIAN and party.is_organisation and party.of is not None:
            homes.setdefault(id(party.of), []).append(party)
    case = _Case(taking=taking, harmful=harmful, refs=refs, homes=homes)
    children = tuple(_person(case, party, f"children[{place}]") for place, party in enumerate(young))
    adults = tuple(_person(case, party, f"adults[{place}]") for place, party in enumerate(grown))
    return children, adults


def _speaks(taking: JsonTaking, party: Party) -> bool:
    """Whether the message says who it is: a name, a birth date or an identifier."""
    keys = (*_FAMILY, *_GIVEN[0], *cpp_age.BIRTH, *_IDENTIFIERS, "defendantName")
    return bool(party.first(taking, keys).text)


def _person(case: _Case, party: Party, field: str) -> Person:
    taking = case.taking
    recorder = taking.recorder.within(field)
    told: dict[str, Any] = {"names": _names(taking, party, field)}
    born = told["birth_date"] = _birth(taking, party, field)
    told["sex"] = natives.read(recorder, "sex", party.first(taking, _SEX), codes.sex)
    told["ethnicity"] = natives.carry(recorder, "ethnicity", party.first(taking, _ETHNICITY))
    told["language"] = natives.carry_unless_no(recorder, "language", party.first(taking, _LANGUAGE))
    told["interpreter"] = natives.answer(recorder, "interpreter", party.first(taking, ("interpreterRequired",)))
    told["identifiers"] = _identifiers(taking, party, field)
    told["addresses"] = _addresses(taking, party, field)
    told["contacts"] = _contacts(taking, party, field)
    if party.pointer in case.harmful:
        taking.mark(f"{field}.alleged_perpetrator", case.harmful[party.pointer])
        told["alleged_perpetrator"] = True
    told["relation"], told["notes"] = _notes(case, party, field)
    if born is None and not cpp_age.is_told(taking, party):
        taking.recorder.flag("age.unknown", field)
    return Person(ref=case.refs[id(party)], **told)


def _birth(taking: JsonTaking, party: Party, field: str) -> str | None:
    """The birth date, else the year of birth that an officer took somebody for."""
    recorder = taking.recorder.within(field)
    born = natives.partial_date(recorder, "birth_date", party.first(taking, cpp_age.BIRTH))
    if born is not None:
        return born
    perceived = natives.partial_date(recorder, "birth_date", party.first(taking, ("perceivedBirthYear",)))
    if perceived is not None:
        recorder.flag("birth_date.perceived", "birth_date")
    return perceived


def _names(taking: JsonTaking, party: Party, field: str) -> tuple[Name, ...]:
    found: list[Name] = []
    for pointer, home in party.homes:
        if not found and _has_name(taking, pointer):
            found.append(_name(taking, pointer, home, f"{field}.names[0]", NameUse.OFFICIAL))
    if not found:
        whole = party.first(taking, ("defendantName",))
        if whole.text:
            taking.recorder.flag("name.undivided", f"{field}.names[0]")
            found.append(Name(family=natives.carry(taking.recorder, f"{field}.names[0].family", whole)))
    official = len(found)
    for at, alias in _aliases(party):
        if len(found) - official == _MOST_ALIASES:
            taking.recorder.flag("name.too_many", f"{field}.names")
            break
        if _has_name(taking, at):
            found.append(_name(taking, at, alias, f"{field}.names[{len(found)}]", NameUse.ALIAS))
    return tuple(found)


def _aliases(party: Party) -> Iterator[tuple[str, Mapping[str, Json]]]:
    for pointer, home in party.homes:
        for key in _ALIASES:
            given = home.get(key)
            for index, alias in enumerate(given if isinstance(given, list) else ()):
                if isinstance(alias, dict):
                    yield f"{pointer}/{key}/{index}", alias


def _has_name(taking: JsonTaking, pointer: str) -> bool:
    texts = (taking.native(f"{pointer}/{key}").text for key in (*_FAMILY, *(key for keys in _GIVEN for key in keys)))
    return any(text and not is_redacted(text) for text in texts)


def _name(taking: JsonTaking, pointer: str, home: Mapping[str, Json], field: str, use: NameUse) -> Name:
    def one(keys: tuple[str, ...]) -> Native:
        sent = (taking.native(f"{pointer}/{key}") for key in keys if key in home)
        return next((each for each in sent if each.text and not is_redacted(each.text)), ABSENT)

    return Name(
        use=use,
        title=natives.carry(taking.recorder, f"{field}.title", one(("title",))),
        given=natives.carry_each(taking.recorder, f"{field}.given", [one(keys) for keys in _GIVEN]),
        family=natives.carry(taking.recorder, f"{field}.family", one(_FAMILY)),
    )


def _identifiers(taking: JsonTaking, party: Party, field: str) -> tuple[Identifier, ...]:
    made: list[Identifier] = []
    for key, native in party.each(taking, tuple(_IDENTIFIERS)):
        kind = _IDENTIFIERS[key]
        issuer = key if kind is IdentifierKind.LOCAL else ""
        place = f"{field}.identifiers[{len(made)}]"
        each = taking.recorder.identify(place, native.pointer, kind, native.text, issuer=issuer)
        if not any((each.kind, each.value, each.issuer) == (other.kind, other.value, other.issuer) for other in made):
            made.append(each)
    return tuple(made)


def _addresses(taking: JsonTaking, party: Party, field: str) -> tuple[Address, ...]:
    made: list[Address] = []
    seen: set[tuple[str, ...]] = set()
    for pointer, home in party.homes:
        places = [f"{pointer}/{key}" for key in _ADDRESSES if isinstance(home.get(key), dict)]
        for at in [*places, *([pointer] if "address1" in home else [])]:
            lines = [native for key in _LINES if (native := taking.native(f"{at}/{key}")).text]
            code = next((each for key in _POSTCODES if (each := taking.native(f"{at}/{key}")).text), ABSENT)
            said = tuple(native.text for native in (*lines, code))
            if not any(said) or said in seen:
                continue
            seen.add(said)
            place = f"{field}.addresses[{len(made)}]"
            made.append(
                Address(
                    lines=natives.carry_each(taking.recorder, f"{place}.lines", lines),
                    postcode=natives.carry(taking.recorder, f"{place}.postcode", code),
                )
            )
    return tuple(made)


def _contacts(taking: JsonTaking, party: Party, field: str) -> tuple[Contact, ...]:
    made: dict[tuple[str, str], Contact] = {}
    for key, native in party.each(taking, (*_PHONES, *_EMAILS)):
        system = "email" if key in _EMAILS else "phone"
        if (system, native.text) not in made:
            value = natives.carry(taking.recorder, f"{field}.contacts[{len(made)}].value", native)
            made[system, native.text] = Contact(system=system, value=value)
    return tuple(made.values())


def _notes(case: _Case, party: Party, field: str) -> tuple[str, tuple[str, ...]]:
    """What somebody is to the first child, and what no other field holds."""
    taking = case.taking
    relation = ""
    notes: list[str] = []

    def note(pointer: str, text: str) -> None:
        taking.recorder.take(f"{field}.notes[{len(notes)}]", pointer)
        notes.append(text)

    if party.role == GUARDIAN:
        said = party.first(taking, ("relationshipToDefendant",))
        of = case.refs.get(id(party.of), "")
        if of == "child-1":
            relation = said.text.lower() or GUARDIAN
            taking.recorder.take(f"{field}.relation", said.pointer or party.pointer)
            if said.text != said.text.lower():
                taking.recorder.leave(said.pointer, said.text)
        elif said.text:
            note(said.pointer, f"{said.text} of {of or 'a defendant'}")
        else:
            note(party.pointer, f"{GUARDIAN} of {of or 'a defendant'}")
    else:
        note(party.pointer, party.role)
    for key, label in _NOTES:
        native = party.first(taking, (key,))
        if native.text and not codes.says_no(native.text):
            note(native.pointer, label + native.text)
    custody = party.first(taking, ("custodyStatus",))
    if custody.text in _CUSTODY:
        taking.recorder.leave(custody.pointer, custody.text)
        note(custody.pointer, _CUSTODY[custody.text])
    for home in case.homes.get(id(party), ()):
        name = home.first(taking, ORGANISATION_NAMES)
        if name.text:
            note(name.pointer, f"{GUARDIAN}: {name.text}")
    return relation, tuple(notes)
