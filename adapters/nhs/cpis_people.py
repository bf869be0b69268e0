"""People in the messages of CP-IS and of the Spine Mini Service.

Source: COCT_TP145100 (unborn child), COCT_TP145101 (child), REPC_MT000005 (inactive NHS number); getPatientDetails
responses of the Spine Mini Service; HL7 v3 data types II, PN, AD, TEL.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from adapters import codes, natives
from adapters.dates import full_date, partial_date
from adapters.natives import ABSENT, Native
from adapters.nhs.cpis_message import NHS_NUMBER, below, held, inside, walk
from adapters.nhs.hl7_people import is_child
from adapters.provenance import Recorder
from adapters.xml_node import Node
from schemas.identifiers import Identifier, IdentifierKind
from schemas.persons import Address, Contact, Name, NameUse, Organisation, Person

Told = dict[str, Any]
"""Fields of ``schemas.persons.Person``."""

AGE_UNKNOWN = "age.unknown"
_NAME_USE = {"L": NameUse.OFFICIAL, "A": NameUse.ALIAS, "P": NameUse.ALIAS, "PREFERRED": NameUse.PREFERRED}
_ADDRESS_USE = {"H": "home", "HP": "home", "TMP": "temporary", "WP": "work", "BAD": "former", "PST": "mailing"}
_SCHEME = re.compile(r"(?:tel|fax|mailto|textphone):", re.IGNORECASE)


class Crew:
    """Children and adults as they are placed, each with a view of the recorder at its own place."""

    def __init__(self, recorder: Recorder, day: date | None, hiding: Native) -> None:
        self.recorder = recorder
        self.day = day
        self.hiding = hiding
        self.children: list[Person] = []
        self.adults: list[Person] = []

    def place(self, *, child: bool) -> tuple[Recorder, str]:
        """The view and the ``ref`` of the next child or adult, who is then to be added."""
        group, word = ("children", "child") if child else ("adults", "adult")
        count = len(self.children if child else self.adults)
        return self.recorder.within(f"{group}[{count}]"), f"{word}-{count + 1}"

    def add(self, person: Person, *, child: bool) -> None:
        """Put the person into that place."""
        (self.children if child else self.adults).append(person)

    def child(self, node: Node, status: str, origins: list[Native]) -> None:
        """A child of CP-IS: numbers, name, birth date."""
        at, ref = self.place(child=True)
        person = inside(node, "childperson")
        told = self.named(person[0], at) if person else {}
        told["identifiers"] = tuple(identifiers(inside(node, "id"), at))
        _rest_on(at, origins)
        self.add(Person(ref=ref, legal_status=status, **told), child=True)

    def unborn(self, node: Node, status: str, origins: list[Native]) -> None:
        """An unborn child, who is known by the mother: her number, name and birth date; both are placed."""
        at, ref = self.place(child=True)
        at.take("unborn", node.pointer)
        _rest_on(at, origins)
        mother, young = below(node, "motherperson"), None
        # The published schema has no expected date; some systems give one as the child's own time of birth.
        expected = held(next(iter(inside(node, "birthtime", "expecteddate", "expecteddeliverydate")), None))
        told: Told = {"unborn": True, "legal_status": status}
        told["expected_date"] = natives.read(at, "expected_date", expected, full_date, unread="date.unread")
        if mother is not None:
            young = is_child(partial_date(held(below(mother, "birthtime")).text), self.day)
            of = len(self.children) + 2 if young else len(self.adults) + 1
            told["mother"] = f"child-{of}" if young else f"adult-{of}"
            at.take("mother", mother.pointer)
        self.add(Person(ref=ref, **told), child=True)
        if mother is not None:
            beside, name = self.place(child=bool(young))
            played = [each for role in inside(mother, "mother") for each in inside(role, "id")]
            beside.take("relation", mother.pointer)
            self.add(
                Person(
                    ref=name,
                    relation="mother",
                    identifiers=tuple(identifiers(played or inside(mother, "id"), beside)),
                    **self.named(mother, beside),
                ),
                child=bool(young),
            )

    def number(self, *numbers: Native) -> None:
        """Somebody of whom the message tells the NHS number alone: a child, flagged, since nothing says otherwise."""
        known = [each for each in numbers if each.text]
        if not known:
            return
        at, ref = self.place(child=True)
        at.flag(AGE_UNKNOWN)
        made = [
            at.identify(f"identifiers[{place}]", each.pointer, IdentifierKind.NHS, each.text)
            for place, each in enumerate(known)
        ]
        self.add(Person(ref=ref, identifiers=tuple(made)), child=True)

    def patient(self, node: Node) -> None:
        """The patient of a Spine Mini Service response."""
        person = next(iter(inside(node, "patientperson")), node)
        birth = held(below(node, "birthtime"))
        young = is_child(partial_date(birth.text), self.day)
        child = young is not False
        at, ref = self.place(child=child)
        if young is None:
            at.flag(AGE_UNKNOWN)
        told = self.named(node, at, birth)
        told["identifiers"] = tuple(identifiers(inside(node, "id"), at))
        told["sex"] = natives.read(at, "sex", held(below(node, "gendercode"), "code"), codes.sex)
        told["addresses"] = tuple(
            self.address(each, at.within(f"addresses[{n}]")) for n, each in enumerate(inside(node, "addr"))
        )
        told["contacts"] = tuple(contacts(inside(node, "telecom"), at))
        died = held(next(iter(inside(person, "deceasedtime")), None))
        told["death_date"] = natives.partial_date(at, "death_date", died)
        told["gp"] = _surgery(below(person, "locationorganization"), at.within("gp"))
        self.add(Person(ref=ref, **told), child=child)

    def named(self, node: Node, recorder: Recorder, birth: Native | None = None) -> Told:
        """Names and birth date; a birth date that lies ahead is left and flagged."""
        born = birth if birth is not None else held(next(iter(inside(node, "birthtime")), None))
        told: Told = {"names": tuple(names(inside(node, "name"), recorder))}
        read = partial_date(born.text) if born.text else None
        if read is not None and self.day is not None and read > self.day.isoformat():
            recorder.flag("date.in_the_future", "birth_date")
        else:
            told["birth_date"] = natives.partial_date(recorder, "birth_date", born)
        return told

    def address(self, node: Node, recorder: Recorder) -> Address:
        """An address; confidential where the message hides its people."""
        if self.hiding.text:
            recorder.take("confidential", self.hiding.pointer)
        lines = node.each("streetAddressLine", "houseNumber", "streetName", "additionalLocator", "city", "county")
        use = natives.read(recorder, "use", node.attribute("use"), lambda text: _ADDRESS_USE.get(text.upper(), "other"))
        return Address(
            lines=natives.carry_each(recorder, "lines", lines or [node.native]),
            postcode=natives.carry(recorder, "postcode", node.value("postalCode")),
            use=use or "home",
            confidential=bool(self.hiding.text),
        )


def _rest_on(recorder: Recorder, origins: list[Native]) -> None:
    """Record what a legal status rests on; a date is kept as it was sent, once for all whom it is about."""
    seen = recorder.pointers
    for origin in origins:
        recorder.take("legal_status", origin.pointer)
        if origin.pointer not in seen:
            recorder.leave(origin.pointer, origin.text)


def names(nodes: list[Node], recorder: Recorder) -> list[Name]:
    """Every name with a part; one that is only a text stays whole, as the family name."""
    found: list[Name] = []
    for node in nodes:
        family, given = node.value("family"), node.each("given")
        at = recorder.within(f"names[{len(found)}]")
        if not family.text and not any(each.text for each in given):
            family = node.native
            if not family.text:
                continue
            at.flag("name.unstructured", "family")
        use = natives.read(at, "use", node.attribute("use"), lambda text: _NAME_USE.get(text.upper()))
        found.append(
            Name(
                use=use or NameUse.OFFICIAL,
                title=natives.join(at, "title", node.each("prefix"), " "),
                given=natives.carry_each(at, "given", given),
                family=natives.carry(at, "family", family),
            )
        )
    return found


def identifiers(nodes: list[Node], recorder: Recorder) -> list[Identifier]:
    """NHS numbers by their root; others are local ones with the root as issuer."""
    found: list[Identifier] = []
    for node in nodes:
        number, root = node.attribute("extension"), node.attribute("root")
        if not number.text:
            continue
        field = f"identifiers[{len(found)}]"
        if root.text == NHS_NUMBER:
            found.append(recorder.identify(field, number.pointer, IdentifierKind.NHS, number.text))
        else:
            issuer = natives.carry(recorder, f"{field}.issuer", root)
            found.append(recorder.identify(field, number.pointer, IdentifierKind.LOCAL, number.text, issuer=issuer))
    return found


def contacts(nodes: list[Node], recorder: Recorder, field: str = "contacts") -> list[Contact]:
    """Telephone numbers and e-mail addresses, without the scheme that v3 puts before them."""
    found: list[Contact] = []
    for native in (node.attribute("value") for node in nodes):
        if not native.text:
            continue
        at = f"{field}[{len(found)}]"
        value = natives.read(recorder, f"{at}.value", native, lambda text: _SCHEME.sub("", text) or None)
        online = native.text.lower().startswith("mailto:") or "@" in native.text
        found.append(Contact(system="email" if online else "phone", value=value or native.text))
    return found


def _surgery(node: Node | None, recorder: Recorder) -> Organisation | None:
    if node is None:
        return None
    code = next(
        (each.attribute("extension") for each in inside(node, "id") if each.attribute("extension").text), ABSENT
    )
    name = node.value("name")
    if not (code.text or name.text):
        return None
    known = (recorder.identify("identifiers[0]", code.pointer, IdentifierKind.ODS, code.text),) if code.text else ()
    return Organisation(name=natives.carry(recorder, "name", name), identifiers=known)


def asked_about(body: Node) -> Native:
    """The NHS number that a query is about."""
    parameters = below(body, "querybyparameter")
    return (
        next((each.attribute("extension") for each in walk(parameters) if each.attribute("extension").text), ABSENT)
        if parameters is not None
        else ABSENT
    )
