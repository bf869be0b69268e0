"""A police public protection notice (XML, ``urn:mash-gateway:police:ppn:1``)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from sandbox.people import Character

NAMESPACE = "urn:mash-gateway:police:ppn:1"
MEDIA_TYPE = "application/xml"


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What an officer writes after coming to notice of a child. ``occurred`` and ``reported`` are aware UTC."""

    reference: str
    officer: str
    supervisor: str
    occurred: datetime
    reported: datetime
    address: tuple[str, ...]
    postcode: str
    circumstances: str
    categories: tuple[str, ...]
    grade: str
    actions: tuple[str, ...]
    children: tuple[Character, ...]
    adults: tuple[tuple[str, Character], ...] = ()


def notice(report: Notice) -> bytes:
    """The notice as XML, UTF-8."""
    root = Element("ppn", {"xmlns": NAMESPACE, "version": "1.0", "purpose": "notice"})
    _report(SubElement(root, "report"), report)
    incident = SubElement(root, "incident")
    _text(incident, "occurredAt", report.occurred.isoformat())
    _address(incident, "location", report)
    _text(incident, "circumstances", report.circumstances)
    _text(incident, "childrenPresent", "true")
    concern = SubElement(root, "concern")
    for category in report.categories:
        _text(concern, "category", category)
    assessment = SubElement(root, "assessment")
    _text(assessment, "grade", report.grade)
    for action in report.actions:
        _text(assessment, "actionTaken", action)
    children = SubElement(root, "children")
    for number, child in enumerate(report.children, start=1):
        _person(SubElement(children, "child", {"id": f"c{number}", "present": "true"}), child, report)
    if report.adults:
        adults = SubElement(root, "adults")
        for number, (relation, adult) in enumerate(report.adults, start=1):
            held = {"id": f"a{number}", "relation": relation, "inHousehold": "true"}
            _person(SubElement(adults, "adult", held), adult, report)
    handling = SubElement(root, "handling")
    _text(handling, "marking", "OFFICIAL-SENSITIVE")
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def _report(place: Element, report: Notice) -> None:
    _text(place, "reference", report.reference)
    SubElement(place, "force", {"code": "99"}).text = "Northshire Police"
    _text(place, "unit", "Response Team B")
    _text(place, "reportedAt", report.reported.isoformat())
    for role, name in (("officer", report.officer), ("supervisor", report.supervisor)):
        _text(SubElement(place, role), "name", name)


def _person(place: Element, person: Character, report: Notice) -> None:
    name = SubElement(place, "name")
    _text(name, "given", person.given)
    _text(name, "family", person.family)
    if person.birth:
        _text(place, "dateOfBirth", person.birth)
    _text(place, "sex", person.sex)
    for kind, value in _identifiers(person):
        SubElement(place, "identifier", {"type": kind}).text = value
    _address(place, "address", report)


def _identifiers(person: Character) -> Iterable[tuple[str, str]]:
    return ((kind, value) for kind, value in (("pnc", person.pnc), ("nhs", person.nhs)) if value)


def _address(place: Element, tag: str, report: Notice) -> None:
    address = SubElement(place, tag)
    for line in report.address:
        _text(address, "line", line)
    _text(address, "postcode", report.postcode)


def _text(place: Element, tag: str, text: str) -> None:
    if text:
        SubElement(place, tag).text = text
