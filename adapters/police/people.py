"""People in a police notice: children, unborn ones included, and adults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from adapters import codes, natives
from adapters.natives import Native
from adapters.provenance import Recorder
from adapters.xml_node import Node
from schemas.identifiers import Identifier, IdentifierKind
from schemas.persons import Address, Contact, Name, NameUse, Organisation, Person, Sex

_IDENTIFIERS: Mapping[str, IdentifierKind] = {
    "nhs": IdentifierKind.NHS,
    "upn": IdentifierKind.UPN,
    "pnc": IdentifierKind.PNC,
    "cro": IdentifierKind.CRO,
    "asn": IdentifierKind.ASN,
    "crn": IdentifierKind.CRN,
    "noms": IdentifierKind.NOMS,
    "local": IdentifierKind.LOCAL,
}
_NAME_USES: Mapping[str, NameUse] = {use.value: use for use in NameUse}
_ORGANISATION_IDS: Mapping[str, IdentifierKind] = {
    "urn": IdentifierKind.URN,
    "laestab": IdentifierKind.LAESTAB,
    "ods": IdentifierKind.ODS,
}

_Row = tuple[str, str, Callable[[Recorder, str, Native], object]]
"""A field of a person, the element or attribute that fills it, and how that is read."""


def _sex(recorder: Recorder, field: str, native: Native) -> Sex | None:
    return natives.read(recorder, field, native, codes.sex)


_DATES: tuple[_Row, ...] = (
    ("birth_date", "dateOfBirth", natives.partial_date),
    ("death_date", "dateOfDeath", natives.partial_date),
)
_DETAILS: tuple[_Row, ...] = (
    ("sex", "sex", _sex),
    ("ethnicity", "ethnicity", natives.carry),
    ("language", "language", natives.carry),
    ("interpreter", "interpreter", natives.answer),
    ("disability", "disability", natives.carry),
)
_STATUS: tuple[_Row, ...] = (("legal_status", "legalStatus", natives.carry),)
_RISK: tuple[_Row, ...] = (("risk", "risk", natives.carry),)
_RELATIONS: tuple[_Row, ...] = (
    ("relation", "relation", natives.lower),
    ("in_household", "inHousehold", natives.answer),
    ("alleged_perpetrator", "allegedPerpetrator", natives.answer),
)


_PARTS = (
    ("victim", "a victim of the incident"),
    ("witness", "a witness of the incident"),
    ("present", "present at the incident"),
)


def references(children: list[Node], adults: list[Node]) -> dict[str, str]:
    """The sender's own ids of people, each with the name that the person has in the notification."""
    named = [(f"child-{place}", node) for place, node in enumerate(children, start=1)]
    named += [(f"adult-{place}", node) for place, node in enumerate(adults, start=1)]
    return {text: ref for ref, node in named if (text := node.attribute("id").text)}


def child(node: Node, recorder: Recorder, *, ref: str, known: Mapping[str, str]) -> Person:
    """A child. One with an expected date and no birth date is unborn, unless the sender says otherwise."""
    told = _told(node, recorder, known)
    said = natives.answer(recorder, "unborn", node.attribute("unborn"))
    expected = natives.full_date(recorder, "expected_date", node.value("expectedDate"))
    born = told.get("birth_date") is not None
    if said and born:
        recorder.flag("unborn.has_birth_date", "birth_date")
    unborn = not born and (said or (said is None and expected is not None))
    return Person(ref=ref, unborn=unborn, expected_date=expected, **told)


def adult(node: Node, recorder: Recorder, *, ref: str, known: Mapping[str, str]) -> Person:
    """An adult, with what they are to the first child and whether they are alleged to have done harm."""
    return Person(ref=ref, **_told(node, recorder, known))


def _told(node: Node, recorder: Recorder, known: Mapping[str, str]) -> dict[str, Any]:
    """The fields of :class:`Person` that the notice fills; what it does not tell is left to the model."""
    told: dict[str, Any] = {}
    if named := node.all("name"):
        told["names"] = tuple([_name(each, recorder.within(f"names[{n}]")) for n, each in enumerate(named)])
    _read(told, node, recorder, _DATES)
    told["mother"] = _mother(node, recorder, known)
    _read(told, node, recorder, _DETAILS)
    told["identifiers"] = _identifiers(node, recorder)
    if lived := node.all("address"):
        told["addresses"] = tuple([_address(each, recorder.within(f"addresses[{n}]")) for n, each in enumerate(lived)])
    told["contacts"] = contacts(node, recorder, "contacts")
    for field in ("school", "gp"):
        if (organisation := node.first(field)) is not None:
            told[field] = _organisation(organisation, recorder.within(field))
    _read(told, node, recorder, _STATUS)
    told["parental_responsibility"] = _responsible(node, recorder, known)
    for field, attribute, reader in _RELATIONS:
        native = node.attribute(attribute)
        if native.text:
            told[field] = reader(recorder, field, native)
    _read(told, node, recorder, _RISK)
    told["notes"] = _notes(node, recorder)
    return told


def _read(told: dict[str, Any], node: Node, recorder: Recorder, rows: tuple[_Row, ...]) -> None:
    for field, element, reader in rows:
        native = node.value(element)
        if native.text:
            told[field] = reader(recorder, field, native)


def contacts(node: Node, recorder: Recorder, field: str) -> tuple[Contact, ...]:
    """Telephone numbers, then e-mail addresses."""
    found = [(system, each) for system in ("phone", "email") for each in node.each(system) if each.text]
    return tuple(
        Contact(system=system, value=natives.carry(recorder, f"{field}[{place}].value", native))
        for place, (system, native) in enumerate(found)
    )


def _name(node: Node, recorder: Recorder) -> Name:
    return Name(
        use=natives.read(recorder, "use", node.attribute("use"), _name_use) or NameUse.OFFICIAL,
        title=natives.carry(recorder, "title", node.value("title")),
        given=natives.carry_each(recorder, "given", node.each("given")),
        family=natives.carry(recorder, "family", node.value("family")),
    )


def _name_use(text: str) -> NameUse | None:
    return _NAME_USES.get(text.lower())


def _address(node: Node, recorder: Recorder) -> Address:
    return Address(
        lines=natives.carry_each(recorder, "lines", node.each("line")),
        postcode=natives.carry(recorder, "postcode", node.value("postcode")),
        uprn=natives.carry(recorder, "uprn", node.value("uprn")),
        use=natives.carry(recorder, "use", node.attribute("use")) or "home",
        confidential=natives.caution(recorder, "confidential", node.attribute("confidential")),
    )


def _organisation(node: Node, recorder: Recorder) -> Organisation:
    given = [(kind, native) for name, kind in _ORGANISATION_IDS.items() if (native := node.attribute(name)).text]
    return Organisation(
        name=natives.carry(recorder, "name", node.native),
        identifiers=tuple(
            recorder.identify(f"identifiers[{place}]", native.pointer, kind, native.text)
            for place, (kind, native) in enumerate(given)
        ),
    )


def _identifiers(node: Node, recorder: Recorder) -> tuple[Identifier, ...]:
    made: list[Identifier] = []
    for each in node.all("identifier"):
        number = each.native
        if not number.text:
            continue
        field = f"identifiers[{len(made)}]"
        issuer = natives.carry(recorder, f"{field}.issuer", each.attribute("issuer"))
        kind = each.attribute("type")
        recorder.translate(f"{field}.kind", kind.pointer, kind.text)
        made.append(recorder.identify(field, number.pointer, _IDENTIFIERS[kind.text], number.text, issuer=issuer))
    return tuple(made)


def _mother(node: Node, recorder: Recorder, known: Mapping[str, str]) -> str | None:
    found = node.all("mother")
    native = found[0].attribute("ref") if found else None
    if native is None:
        return None
    ref = known.get(native.text)
    if ref is None:
        recorder.leave(native.pointer, native.text)
        recorder.flag("mother.unknown", "mother")
        return None
    recorder.translate("mother", native.pointer, native.text)
    return ref


def _responsible(node: Node, recorder: Recorder, known: Mapping[str, str]) -> tuple[str, ...]:
    """Who has parental responsibility: a person of this notice where the sender gives an id, else its own words."""
    held: list[str] = []
    for each in node.each("parentalResponsibility"):
        if each.text in known:
            recorder.translate(f"parental_responsibility[{len(held)}]", each.pointer, each.text)
            held.append(known[each.text])
        elif each.text:
            held.append(natives.carry(recorder, f"parental_responsibility[{len(held)}]", each))
    return tuple(held)


def _notes(node: Node, recorder: Recorder) -> tuple[str, ...]:
    """The sender's notes, then what a notice says of a person and no other field holds."""
    notes = list(natives.carry_each(recorder, "notes", node.each("note")))
    for attribute, words in _PARTS:
        native = node.attribute(attribute)
        if native.text and codes.answer(native.text):
            recorder.translate(f"notes[{len(notes)}]", native.pointer, native.text)
            notes.append(words)
    return tuple(notes)
