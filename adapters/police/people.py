"""People in a police notice: children, unborn ones included, and adults."""

from __future__ import annotations

from collections.abc import Mapping

from adapters import codes, natives
from adapters.provenance import Recorder
from adapters.xml import Node
from schemas.identifiers import Identifier, IdentifierKind
from schemas.persons import Address, Contact, Name, NameUse, Organisation, Person

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
_ORGANISATION_IDS: Mapping[str, IdentifierKind] = {
    "urn": IdentifierKind.URN,
    "laestab": IdentifierKind.LAESTAB,
    "ods": IdentifierKind.ODS,
}


def references(children: list[Node], adults: list[Node]) -> dict[str, str]:
    """The sender's own ids of people, each with the name that the person has in the notification."""
    named = [(f"child-{place}", node) for place, node in enumerate(children, start=1)]
    named += [(f"adult-{place}", node) for place, node in enumerate(adults, start=1)]
    return {node.attribute("id").text: ref for ref, node in named if node.attribute("id").text}


def child(node: Node, recorder: Recorder, *, ref: str, known: Mapping[str, str]) -> Person:
    """A child. One with an expected date and no birth date is unborn, unless the sender says otherwise."""
    person = adult(node, recorder, ref=ref, known=known)
    said = natives.answer(recorder, "unborn", node.attribute("unborn"))
    expected = natives.full_date(recorder, "expected_date", node.value("expectedDate"))
    if said and person.birth_date is not None:
        recorder.flag("unborn.has_birth_date", "birth_date")
    unborn = person.birth_date is None and (said or (said is None and expected is not None))
    return person.model_copy(update={"unborn": unborn, "expected_date": expected})


def adult(node: Node, recorder: Recorder, *, ref: str, known: Mapping[str, str]) -> Person:
    """An adult, with what they are to the first child and whether they are alleged to have done harm."""
    return Person(
        ref=ref,
        names=tuple(_name(each, recorder.within(f"names[{n}]")) for n, each in enumerate(node.all("name"))),
        birth_date=natives.partial_date(recorder, "birth_date", node.value("dateOfBirth")),
        death_date=natives.partial_date(recorder, "death_date", node.value("dateOfDeath")),
        mother=_mother(node, recorder, known),
        sex=natives.read(recorder, "sex", node.value("sex"), codes.sex),
        ethnicity=natives.carry(recorder, "ethnicity", node.value("ethnicity")),
        language=natives.carry(recorder, "language", node.value("language")),
        interpreter=natives.answer(recorder, "interpreter", node.value("interpreter")),
        disability=natives.carry(recorder, "disability", node.value("disability")),
        identifiers=_identifiers(node, recorder),
        addresses=tuple(
            _address(each, recorder.within(f"addresses[{n}]")) for n, each in enumerate(node.all("address"))
        ),
        contacts=contacts(node, recorder, "contacts"),
        school=_organisation(node.first("school"), recorder.within("school")),
        gp=_organisation(node.first("gp"), recorder.within("gp")),
        legal_status=natives.carry(recorder, "legal_status", node.value("legalStatus")),
        parental_responsibility=_responsible(node, recorder, known),
        relation=natives.lower(recorder, "relation", node.attribute("relation")),
        in_household=natives.answer(recorder, "in_household", node.attribute("inHousehold")),
        alleged_perpetrator=natives.answer(recorder, "alleged_perpetrator", node.attribute("allegedPerpetrator")),
        risk=natives.carry(recorder, "risk", node.value("risk")),
        notes=_notes(node, recorder),
    )


def contacts(node: Node, recorder: Recorder, field: str) -> tuple[Contact, ...]:
    """Telephone numbers, then e-mail addresses."""
    found = [(system, each.native) for system in ("phone", "email") for each in node.all(system) if each.text]
    return tuple(
        Contact(system=system, value=natives.carry(recorder, f"{field}[{place}].value", native))
        for place, (system, native) in enumerate(found)
    )


def _name(node: Node, recorder: Recorder) -> Name:
    return Name(
        use=natives.read(recorder, "use", node.attribute("use"), _name_use) or NameUse.OFFICIAL,
        title=natives.carry(recorder, "title", node.value("title")),
        given=natives.carry_each(recorder, "given", [each.native for each in node.all("given")]),
        family=natives.carry(recorder, "family", node.value("family")),
    )


def _name_use(text: str) -> NameUse | None:
    return next((use for use in NameUse if use.value == text.lower()), None)


def _address(node: Node, recorder: Recorder) -> Address:
    return Address(
        lines=natives.carry_each(recorder, "lines", [each.native for each in node.all("line")]),
        postcode=natives.carry(recorder, "postcode", node.value("postcode")),
        uprn=natives.carry(recorder, "uprn", node.value("uprn")),
        use=natives.carry(recorder, "use", node.attribute("use")) or "home",
        confidential=natives.caution(recorder, "confidential", node.attribute("confidential")),
    )


def _organisation(node: Node | None, recorder: Recorder) -> Organisation | None:
    if node is None:
        return None
    given = [(kind, node.attribute(name)) for name, kind in _ORGANISATION_IDS.items() if node.attribute(name).text]
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
        if not each.text:
            continue
        field = f"identifiers[{len(made)}]"
        issuer = natives.carry(recorder, f"{field}.issuer", each.attribute("issuer"))
        kind = _IDENTIFIERS[each.attribute("type").text]
        recorder.translate(f"{field}.kind", each.attribute("type").pointer, each.attribute("type").text)
        made.append(recorder.identify(field, each.pointer, kind, each.text, issuer=issuer))
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
    for each in node.all("parentalResponsibility"):
        if each.text in known:
            recorder.translate(f"parental_responsibility[{len(held)}]", each.pointer, each.text)
            held.append(known[each.text])
        elif each.text:
            held.append(natives.carry(recorder, f"parental_responsibility[{len(held)}]", each.native))
    return tuple(held)


def _notes(node: Node, recorder: Recorder) -> tuple[str, ...]:
    """The sender's notes, then what a notice says of a person and no other field holds."""
    notes = list(natives.carry_each(recorder, "notes", [each.native for each in node.all("note")]))
    for attribute, words in (("victim", "a victim of the incident"), ("present", "present at the incident")):
        native = node.attribute(attribute)
        if codes.answer(native.text):
            recorder.translate(f"notes[{len(notes)}]", native.pointer, native.text)
            notes.append(words)
    return tuple(notes)
