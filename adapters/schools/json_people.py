"""Pupils and the adults around them in schools' JSON: Wonde's members and our own, by rows of names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from adapters import codes, natives
from adapters.natives import Native
from adapters.provenance import Recorder
from adapters.schools.json_part import Part
from schemas.identifiers import Identifier, IdentifierKind
from schemas.persons import Address, Contact, Name, NameUse, Organisation, Person

_NAMES = (
    (
        NameUse.OFFICIAL,
        (("legal_forename", "forename", "given"), ("middle_names", "middle_name", "middle")),
        ("legal_surname", "surname", "family"),
    ),
    (
        NameUse.PREFERRED,
        (("preferred_forename", "preferred_given", "forename"),),
        ("preferred_surname", "preferred_family", "surname"),
    ),
    (NameUse.FORMER, (("former_forename",),), ("former_surname", "former_family")),
)
_AUTHORITY, _ESTABLISHMENT = re.compile(r"[0-9]{3}"), re.compile(r"[0-9]{4}")
MOST = 500
"""So many people may one record name of a kind."""
LOCAL = IdentifierKind.LOCAL
_BORN = ("date_of_birth/date", "date_of_birth", "birth_date")
_SEX = ("legal_sex", "sex", "gender")
_LANGUAGE = ("extended_details/first_language", "extended_details/home_language", "language")
_NUMBERS = (
    (("education_details/upn", "upn"), IdentifierKind.UPN, ""),
    (("education_details/former_upn", "former_upn"), IdentifierKind.UPN, ""),
    (("extended_details/nhs_number", "medical_details/nhs_number", "nhs_number"), IdentifierKind.NHS, ""),
    (("education_details/uln", "uln"), IdentifierKind.LOCAL, "ULN"),
    (("education_details/admission_number", "admission_number"), IdentifierKind.LOCAL, "admission number"),
    (("mis_id",), IdentifierKind.LOCAL, "MIS"),
    (("upi",), IdentifierKind.LOCAL, "UPI"),
)
_LINES = ("apartment", "house_name", "house_number", "street", "district", "town", "county", "country")
_PLACES = ("home", "postal", "work")
_PHONES = ("phone", "primary", "mobile", "home", "work", "phone_number")
_EMAILS = ("email", "primary", "home", "work")
_HOUSEHOLD = ("relationship/lives_with_pupil", "lives_with_pupil", "in_household")
_RESPONSIBLE = ("relationship/parental_responsibility", "parental_responsibility")
_RELATION = ("relationship/relationship", "relationship", "relation")


@dataclass(frozen=True, kw_only=True)
class Around:
    """What stands around a pupil: the contacts with the names that they have here, and the pupil's school."""

    contacts: Sequence[tuple[Part, str]] = ()
    school: Part | None = None


def pupil(part: Part, recorder: Recorder, ref: str, around: Around) -> Person:
    """A pupil; ``recorder`` sees the pupil's own fields."""
    return Person(
        ref=ref,
        names=_names(part, recorder),
        birth_date=natives.partial_date(recorder, "birth_date", part.get(*_BORN)),
        sex=natives.read(recorder, "sex", part.get(*_SEX), codes.sex),
        ethnicity=natives.carry(recorder, "ethnicity", part.get("extended_details/ethnicity", "ethnicity")),
        language=natives.carry(recorder, "language", part.get(*_LANGUAGE)),
        interpreter=natives.answer(recorder, "interpreter", part.get("interpreter")),
        disability=natives.join(recorder, "disability", _said(part, "extended_details/disability", "disability")),
        identifiers=_identifiers(part, recorder),
        addresses=_addresses(part, recorder),
        contacts=_contacts(part, recorder),
        school=_school(around.school, recorder.within("school")),
        legal_status=natives.carry(recorder, "legal_status", part.get("legal_status")),
        parental_responsibility=_responsible(around.contacts, recorder),
        relation=natives.lower(recorder, "relation", part.get("link")),
        alleged_perpetrator=natives.answer(recorder, "alleged_perpetrator", part.get("alleged_perpetrator")),
    )


def adult(part: Part, recorder: Recorder, ref: str) -> Person:
    """A parent, a carer or another contact."""
    return Person(
        ref=ref,
        names=_names(part, recorder),
        birth_date=natives.partial_date(recorder, "birth_date", part.get(*_BORN)),
        sex=natives.read(recorder, "sex", part.get(*_SEX), codes.sex),
        addresses=_addresses(part, recorder),
        contacts=_contacts(part, recorder),
        relation=natives.lower(recorder, "relation", part.get(*_RELATION)),
        in_household=natives.answer(recorder, "in_household", part.get(*_HOUSEHOLD)),
        alleged_perpetrator=natives.answer(recorder, "alleged_perpetrator", part.get("alleged_perpetrator")),
    )


def identified(part: Part) -> bool:
    """Whether it says who it is: by a number, or by name and birth date."""
    if any(part.get(*paths).text for paths, kind, _ in _NUMBERS if kind is not IdentifierKind.LOCAL):
        return True
    given, family = part.get(*_NAMES[0][1][0]).text, part.get(*_NAMES[0][2]).text
    return bool(given and family and part.get(*_BORN).text)


def _said(part: Part, *paths: str) -> list[Native]:
    return [native for path in paths for native in part.texts(path) if not codes.says_no(native.text)]


def _names(part: Part, recorder: Recorder) -> tuple[Name, ...]:
    """The official name, and the others as far as they say something else; the same text is one more origin."""
    names: list[Name] = []
    for use, given_at, family_at in _NAMES:
        given, family = [part.get(*paths) for paths in given_at], part.get(*family_at)
        title = part.get("title") if use is NameUse.OFFICIAL else Native("", "")
        if use is NameUse.PREFERRED and names and _adds_nothing(names[0], given[0], family, recorder):
            continue
        if not (title.text or family.text or any(each.text for each in given)):
            continue
        field = f"names[{len(names)}]"
        names.append(
            Name(
                use=use,
                title=natives.carry(recorder, f"{field}.title", title),
                given=natives.carry_each(recorder, f"{field}.given", given),
                family=natives.carry(recorder, f"{field}.family", family),
            )
        )
    return tuple(names)


def _adds_nothing(official: Name, given: Native, family: Native, recorder: Recorder) -> bool:
    first = official.given[0] if official.given else ""
    if given.text not in ("", first) or family.text not in ("", official.family):
        return False
    if given.text:
        recorder.take("names[0].given[0]", given.pointer)
    if family.text:
        recorder.take("names[0].family", family.pointer)
    return True


def _identifiers(part: Part, recorder: Recorder) -> tuple[Identifier, ...]:
    made: list[Identifier] = []
    for paths, kind, issuer in _NUMBERS:
        native = part.get(*paths)
        if native.text:
            field = f"identifiers[{len(made)}]"
            made.append(recorder.identify(field, native.pointer, kind, native.text, issuer=issuer))
    return tuple(made)


def _addresses(part: Part, recorder: Recorder) -> tuple[Address, ...]:
    """Wonde's home, postal and work addresses, or the list of our own form."""
    homes = part.within("contact_details/addresses") or part.within("addresses")
    if homes is None:
        return ()
    wonde = isinstance(homes.value, dict) and any(place in homes.value for place in _PLACES)
    found = [(homes.within(place), place) for place in _PLACES] if wonde else [(each, "") for each in homes.members()]
    made: list[Address] = []
    for home, use in found:
        if home is None or not isinstance(home.value, dict):
            continue
        at = recorder.within(f"addresses[{len(made)}]")
        lines = home.texts("lines") or [native for name in _LINES if (native := home.get(name)).text]
        address = Address(
            lines=natives.carry_each(at, "lines", lines),
            postcode=natives.carry(at, "postcode", home.get("postcode")),
            uprn=natives.carry(at, "uprn", home.get("uprn")),
            use=use or "home",
            confidential=natives.caution(at, "confidential", home.get("confidential")),
        )
        if address.lines or address.postcode or address.uprn:
            made.append(address)
    return tuple(made)


def _contacts(part: Part, recorder: Recorder) -> tuple[Contact, ...]:
    """Each number and address once; where one stands in several places, each is an origin of it."""
    rows = [("phone", part.get("phone")), ("email", part.get("email"))]
    for system, group, keys in (("phone", "phones", _PHONES), ("email", "emails", _EMAILS)):
        held = part.within(f"contact_details/{group}")
        rows += [(system, held.get(key)) for key in keys] if held is not None else []
    rows += [(each.get("system").text or "other", each.get("value")) for each in part.each("contacts")]
    places: dict[tuple[str, str], int] = {}
    for system, native in rows:
        if native.text:
            place = places.setdefault((system.lower(), native.text), len(places))
            recorder.take(f"contacts[{place}].value", native.pointer)
    return tuple(Contact(system=system, value=value) for system, value in places)


def _school(part: Part | None, recorder: Recorder) -> Organisation | None:
    if part is None or not isinstance(part.value, dict):
        return None
    made: list[Identifier] = []
    for kind, name in ((IdentifierKind.URN, "urn"), (IdentifierKind.LAESTAB, "laestab")):
        native = part.get(name)
        if native.text:
            field = f"identifiers[{len(made)}]"
            made.append(recorder.identify(field, native.pointer, kind, native.text))
    authority, establishment = part.get("la_code"), part.get("establishment_number")
    if _AUTHORITY.fullmatch(authority.text) is not None and _ESTABLISHMENT.fullmatch(establishment.text) is not None:
        field = f"identifiers[{len(made)}]"
        number = f"{authority.text}{establishment.text}"
        made.append(recorder.identify(field, authority.pointer, IdentifierKind.LAESTAB, number))
        recorder.take(field, establishment.pointer)
    name = natives.carry(recorder, "name", part.get("name"))
    return Organisation(name=name, identifiers=tuple(made)) if name or made else None


def _responsible(contacts: Sequence[tuple[Part, str]], recorder: Recorder) -> tuple[str, ...]:
    held: list[str] = []
    for part, ref in contacts:
        native = part.get(*_RESPONSIBLE)
        if codes.answer(native.text):
            recorder.translate(f"parental_responsibility[{len(held)}]", native.pointer, native.text)
            held.append(ref)
    return tuple(held)
