"""A pupil of a Common Transfer File: the child, and the contacts."""

from __future__ import annotations

from collections.abc import Iterator

from adapters import codes, natives
from adapters.natives import ABSENT
from adapters.provenance import Recorder
from adapters.schools import flags
from adapters.xml_node import Node
from schemas.identifiers import Identifier, IdentifierKind
from schemas.notification import Order
from schemas.persons import Address, Contact, Name, NameUse, Person


def _either(*names: str) -> tuple[str, ...]:
    """Each name as it stands right under the pupil, and under BasicDetails."""
    return tuple(path for name in names for path in (name, f"BasicDetails/{name}"))


FAMILY = _either("LegalSurname", "LegalFamilyName", "Surname", "FamilyName")
GIVEN = _either("LegalForename", "LegalGivenName", "Forename", "GivenName")
BORN = _either("DOB", "DateOfBirth", "BirthDate", "PersonBirthDate")
UPN = _either("UPN", "UniquePupilNumber")
_FORMER_UPN = _either("FormerUPN", "FormerUniquePupilNumber", "PreviousUPN")
_SEX = _either("LegalSex", "Sex", "Gender", "GenderCurrent")
_ETHNICITY = _either("Ethnicity")
_LANGUAGE = _either("FirstLanguage", "Language", "Languages/Type/Language", "Languages/Language")
_DISABILITY = _either("Disability", "Disabilities/Disability")
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
    (_either("NHSNumber"), IdentifierKind.NHS, ""),
    (_either("UniqueLearnerNumber"), IdentifierKind.LOCAL, "ULN"),
    (_either("ULN"), IdentifierKind.LOCAL, "ULN"),
    (_either("UCI"), IdentifierKind.LOCAL, "UCI"),
)
_NAMES = (
    (NameUse.OFFICIAL, (GIVEN, _either("MiddleNames", "MiddleName")), FAMILY),
    (
        NameUse.PREFERRED,
        (_either("PreferredForename", "PreferredGivenName"),),
        _either("PreferredSurname", "PreferredFamilyName"),
    ),
    (NameUse.FORMER, (_either("FormerForename", "FormerGivenName"),), _either("FormerSurname", "FormerFamilyName")),
)
_CONTACTS = ("Contacts/Contact", "ParentsCarers/ParentCarer")
_ORDERS = tuple(
    f"{inside}{name}" for inside in ("", "Contacts/Contact/") for name in ("CourtOrder", "CourtOrders/CourtOrder")
)
_HOMES = ("Address", "Addresses/Address", "PupilAddress", "AddressLines")
_PHONES = ("Phones/Phone/PhoneNo", "Phones/Phone/PhoneNumber", "Phone", "Telephone", "PhoneNo")
_EMAILS = ("Email", "EmailAddress", "Emails/Email")


def read(pupil: Node, recorder: Recorder, raised: tuple[flags.Flag, ...]) -> tuple[Person, tuple[Person, ...]]:
    """The child and the contacts, who are adults."""
    at = recorder.within("children[0]")
    contacts = pupil.all(*_CONTACTS)
    adults = tuple(
        _contact(node, recorder.within(f"adults[{place}]"), f"adult-{place + 1}") for place, node in enumerate(contacts)
    )
    child = Person(
        ref="child-1",
        names=_names(pupil, at),
        birth_date=natives.partial_date(at, "birth_date", pupil.value(*BORN)),
        sex=natives.read(at, "sex", pupil.value(*_SEX), codes.sex),
        ethnicity=natives.carry(at, "ethnicity", pupil.value(*_ETHNICITY)),
        language=natives.carry(at, "language", pupil.value(*_LANGUAGE)),
        disability=natives.join(at, "disability", pupil.each(*_DISABILITY)),
        identifiers=_identifiers(pupil, at),
        addresses=_addresses(pupil, at),
        contacts=_reached(pupil, at),
        legal_status=flags.legal_status(raised, at),
        parental_responsibility=_responsible(contacts, at),
    )
    return child, adults


def _names(node: Node, recorder: Recorder) -> tuple[Name, ...]:
    """The legal name, the preferred one and the former one, as far as each is given."""
    names: list[Name] = []
    for use, given_at, family_at in _NAMES:
        title = node.value("Title") if use is NameUse.OFFICIAL else ABSENT
        given, family = [node.value(*paths) for paths in given_at], node.value(*family_at)
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


def _identifiers(node: Node, recorder: Recorder) -> tuple[Identifier, ...]:
    """The pupil number, every former one, and the other numbers."""
    made: list[Identifier] = []
    former = [native for native in node.each(*_FORMER_UPN) if native.text]
    found = [(node.value(*UPN), IdentifierKind.UPN, ""), *((native, IdentifierKind.UPN, "") for native in former)]
    found += [(node.value(*paths), kind, issuer) for paths, kind, issuer in _NUMBERS]
    for native, kind, issuer in found:
        if native.text:
            field = f"identifiers[{len(made)}]"
            made.append(recorder.identify(field, native.pointer, kind, native.text, issuer=issuer))
    return tuple(made)


def _addresses(node: Node, recorder: Recorder) -> tuple[Address, ...]:
    found = [each for each in node.all(*_HOMES) if each.children or each.text]
    return tuple(_address(each, recorder.within(f"addresses[{place}]")) for place, each in enumerate(found))


def _address(node: Node, recorder: Recorder) -> Address:
    if not node.children:  # a whole address in one text
        return Address(lines=natives.carry_each(recorder, "lines", [node.native]))
    leaves = [leaf for leaf in _leaves(node) if leaf.text]
    by_name = {leaf.name.lower(): leaf.native for leaf in reversed(leaves)}
    return Address(
        lines=natives.carry_each(recorder, "lines", [leaf.native for leaf in leaves if leaf.name.lower() in _LINES]),
        postcode=natives.carry(recorder, "postcode", by_name.get("postcode", ABSENT)),
        uprn=natives.carry(
            recorder,
            "uprn",
            by_name.get("uniquepropertyreferencenumber", by_name.get("uprn", ABSENT)),
        ),
    )


def _leaves(node: Node) -> Iterator[Node]:
    for child in node.children:
        yield from _leaves(child) if child.children else (child,)


def _reached(node: Node, recorder: Recorder) -> tuple[Contact, ...]:
    rows = [("phone", each) for each in node.each(*_PHONES) if each.text]
    rows += [("email", each) for each in node.each(*_EMAILS) if each.text]
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
        in_household=natives.answer(recorder, "in_household", node.value("AddressAsPupil", "LivesWithPupil")),
    )


def orders(pupil: Node, recorder: Recorder) -> tuple[Order, ...]:
    """Court orders that the pupil's record or a contact's tells of: anything but a clear no."""
    told = [native for native in pupil.each(*_ORDERS) if native.text and codes.answer(native.text) is not False]
    made: list[Order] = []
    for native in told:
        field = f"orders[{len(made)}]"
        plain = codes.answer(native.text) is not None
        if plain:
            recorder.translate(field, native.pointer, native.text)
        made.append(
            Order(kind="court order", detail="" if plain else natives.carry(recorder, f"{field}.detail", native))
        )
    return tuple(made)


def _responsible(contacts: list[Node], recorder: Recorder) -> tuple[str, ...]:
    """The contacts who are said to have parental responsibility."""
    held: list[str] = []
    for place, node in enumerate(contacts, start=1):
        native = node.value("Responsibility", "ParentalResponsibility")
        if codes.answer(native.text):
            recorder.translate(f"parental_responsibility[{len(held)}]", native.pointer, native.text)
            held.append(f"adult-{place}")
    return tuple(held)
