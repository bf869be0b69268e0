"""A pupil of a Common Transfer File: the child, and the contacts."""

from __future__ import annotations

from collections.abc import Iterator

from adapters import codes, natives
from adapters.natives import Native
from adapters.provenance import Recorder
from adapters.schools import flags
from adapters.xml import Node
from schemas.identifiers import Identifier, IdentifierKind
from schemas.persons import Address, Contact, Name, NameUse, Person


def _either(*names: str) -> tuple[str, ...]:
    """Each name as it stands right under the pupil, and under BasicDetails."""
    return tuple(path for name in names for path in (name, f"BasicDetails/{name}"))


FAMILY = _either("LegalSurname", "Surname")
GIVEN = _either("LegalForename", "Forename")
BORN = _either("DOB", "DateOfBirth", "BirthDate")
_LINES = frozenset(
    {
        "address1",
        "address2",
        "address3",
        "address4",
        "addressline",
        "administrativearea",
        "apartment",
        "county",
        "district",
        "housename",
        "housenumber",
        "line",
        "locality",
        "paon",
        "posttown",
        "saon",
        "street",
        "town",
        *(f"{word}{number}" for word in ("addressline", "line") for number in range(1, 10)),
    },
)
_NUMBERS = (
    ("UPN", IdentifierKind.UPN, ""),
    ("FormerUPN", IdentifierKind.UPN, ""),
    ("NHSNumber", IdentifierKind.NHS, ""),
    ("UniqueLearnerNumber", IdentifierKind.LOCAL, "ULN"),
    ("ULN", IdentifierKind.LOCAL, "ULN"),
    ("UCI", IdentifierKind.LOCAL, "UCI"),
)


def read(pupil: Node, recorder: Recorder, raised: tuple[flags.Flag, ...]) -> tuple[Person, tuple[Person, ...]]:
    """The child and the contacts, who are adults."""
    at = recorder.within("children[0]")
    contacts = [*pupil.all("Contacts/Contact"), *pupil.all("ParentsCarers/ParentCarer")]
    adults = tuple(
        _contact(node, recorder.within(f"adults[{place}]"), f"adult-{place + 1}") for place, node in enumerate(contacts)
    )
    child = Person(
        ref="child-1",
        names=_names(pupil, at),
        birth_date=natives.partial_date(at, "birth_date", pupil.value(*BORN)),
        sex=natives.read(at, "sex", pupil.value(*_either("Sex", "Gender")), codes.sex),
        ethnicity=natives.carry(at, "ethnicity", pupil.value(*_either("Ethnicity"))),
        language=natives.carry(
            at,
            "language",
            pupil.value(*_either("FirstLanguage", "Language", "Languages/Type/Language", "Languages/Language")),
        ),
        disability=natives.join(
            at,
            "disability",
            [each.native for path in _either("Disability", "Disabilities/Disability") for each in pupil.all(path)],
        ),
        identifiers=_identifiers(pupil, at),
        addresses=_addresses(pupil, at),
        contacts=_reached(pupil, at),
        legal_status=flags.legal_status(raised, at),
        parental_responsibility=_responsible(contacts, at),
    )
    return child, adults


def _names(node: Node, recorder: Recorder) -> tuple[Name, ...]:
    """The legal name, the preferred one and the former one, as far as each is given."""
    rows = (
        (NameUse.OFFICIAL, (GIVEN, _either("MiddleNames", "MiddleName")), FAMILY),
        (NameUse.PREFERRED, (_either("PreferredForename"),), _either("PreferredSurname")),
        (NameUse.FORMER, (_either("FormerForename"),), _either("FormerSurname")),
    )
    names: list[Name] = []
    for use, givens, family in rows:
        field = f"names[{len(names)}]"
        name = Name(
            use=use,
            title=natives.carry(recorder, f"{field}.title", node.value("Title")) if use is NameUse.OFFICIAL else "",
            given=natives.carry_each(recorder, f"{field}.given", [node.value(*paths) for paths in givens]),
            family=natives.carry(recorder, f"{field}.family", node.value(*family)),
        )
        if name != Name(use=use):
            names.append(name)
    return tuple(names)


def _identifiers(node: Node, recorder: Recorder) -> tuple[Identifier, ...]:
    made: list[Identifier] = []
    for name, kind, issuer in _NUMBERS:
        native = node.value(*_either(name))
        if native.text:
            field = f"identifiers[{len(made)}]"
            made.append(recorder.identify(field, native.pointer, kind, native.text, issuer=issuer))
    return tuple(made)


def _addresses(node: Node, recorder: Recorder) -> tuple[Address, ...]:
    found = [
        each
        for path in ("Address", "Addresses/Address", "PupilAddress", "AddressLines")
        for each in node.all(path)
        if each.children
    ]
    return tuple(_address(each, recorder.within(f"addresses[{place}]")) for place, each in enumerate(found))


def _address(node: Node, recorder: Recorder) -> Address:
    leaves = [leaf for leaf in _leaves(node) if leaf.text]
    by_name = {leaf.name.lower(): leaf.native for leaf in reversed(leaves)}
    absent = Native("", node.pointer)
    return Address(
        lines=natives.carry_each(recorder, "lines", [leaf.native for leaf in leaves if leaf.name.lower() in _LINES]),
        postcode=natives.carry(recorder, "postcode", by_name.get("postcode", absent)),
        uprn=natives.carry(
            recorder,
            "uprn",
            by_name.get("uniquepropertyreferencenumber", by_name.get("uprn", absent)),
        ),
    )


def _leaves(node: Node) -> Iterator[Node]:
    for child in node.children:
        yield from _leaves(child) if child.children else (child,)


def _reached(node: Node, recorder: Recorder) -> tuple[Contact, ...]:
    phones = ("Phones/Phone/PhoneNo", "Phones/Phone/PhoneNumber", "Phone", "Telephone", "PhoneNo")
    emails = ("Email", "EmailAddress", "Emails/Email")
    rows = [("phone", each.native) for path in phones for each in node.all(path) if each.text]
    rows += [("email", each.native) for path in emails for each in node.all(path) if each.text]
    return tuple(
        Contact(system=system, value=natives.carry(recorder, f"contacts[{place}].value", native))
        for place, (system, native) in enumerate(rows)
    )


def _contact(node: Node, recorder: Recorder, ref: str) -> Person:
    return Person(
        ref=ref,
        names=_names(node, recorder),
        sex=natives.read(recorder, "sex", node.value("Sex", "Gender"), codes.sex),
        addresses=_addresses(node, recorder),
        contacts=_reached(node, recorder),
        relation=natives.lower(recorder, "relation", node.value("Relationship", "Relation")),
    )


def _responsible(contacts: list[Node], recorder: Recorder) -> tuple[str, ...]:
    """The contacts who are said to have parental responsibility."""
    held: list[str] = []
    for place, node in enumerate(contacts, start=1):
        native = node.value("Responsibility", "ParentalResponsibility")
        if codes.answer(native.text):
            recorder.translate(f"parental_responsibility[{len(held)}]", native.pointer, native.text)
            held.append(f"adult-{place}")
    return tuple(held)
