"""A record in the shape of the Children in Need census, for a council's case system: what the hub knows and no more.

It is the start of a case and not the yearly return: assessments, plans, section 47 enquiries, conferences and closure
are the council's own to begin, so they are absent, whatever the manager decided that should follow. What the census
requires and the hub does not know has the census's own code for unknown.
Source: Department for Education, CIN census XML, 2022 to 2023 (docs/formats/local-authority.md lists every element).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from lxml import etree

from adapters.local_authority import cin_codes
from adapters.local_authority.cin_codes import Referred
from schemas.errors import Rejected
from schemas.identifiers import Identifier, IdentifierKind, Validity
from schemas.product import ProductDocument, ProductPerson

MEDIA_TYPE = "application/xml"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_WRITABLE = re.compile(r"[!-~][ -~]{0,79}")
_HELD = frozenset({Validity.VALID, Validity.TEMPORARY})
_NO_UPN_YET = "UN1"


def render(document: ProductDocument, told: Referred, *, referred_on: date, la_code: str = "") -> bytes:
    """The record of every child that is a subject of the product, as UTF-8 XML. The same input gives the same bytes.

    ``referred_on`` is the day of the first receipt where the hub is; ``la_code`` the council's three digits, if known.

    Raises:
        Rejected: no child is identified (``product.cin.no_child``): the census knows no message without one.
    """
    children = [person for person in document.persons if person.part == "subject"]
    if not children:
        raise Rejected("product.cin.no_child", "a record needs a child that is identified", at="persons")
    message = etree.Element("Message")
    header = etree.SubElement(message, "Header")
    _say(etree.SubElement(header, "CollectionDetails"), "Collection", "CIN")
    if la_code:
        source = etree.SubElement(header, "Source")
        _say(source, "SourceLevel", "L")
        _say(source, "LEA", la_code)
    all_of_them = etree.SubElement(message, "Children")
    for child in children:
        one = etree.SubElement(all_of_them, "Child")
        _identifiers(etree.SubElement(one, "ChildIdentifiers"), child)
        _characteristics(etree.SubElement(one, "ChildCharacteristics"), child)
        details = etree.SubElement(one, "CINdetails")
        _say(details, "CINreferralDate", referred_on.isoformat())
        _say(details, "ReferralSource", cin_codes.source(told))
        _say(details, "PrimaryNeedCode", cin_codes.need(told.concerns))
        _say(details, "ReferralNFA", "true" if cin_codes.no_further_action(document.outcomes) else "false")
    etree.indent(message)
    return etree.tostring(message, encoding="UTF-8", xml_declaration=True) + b"\n"


def _identifiers(parent: etree._Element, child: ProductPerson) -> None:
    _say(parent, "LAchildID", _own_number(child.identifiers) or child.ref)
    upn = next((one.value for one in child.identifiers if one.kind is IdentifierKind.UPN and one.validity in _HELD), "")
    if upn:
        _say(parent, "UPN", upn)
    elif child.unborn:
        # Not of school age, and no number assigned. For anybody else the hub does not know why there is none.
        _say(parent, "UPNunknown", _NO_UPN_YET)
    if child.birth_date is not None and _DAY.fullmatch(child.birth_date):
        _say(parent, "PersonBirthDate", child.birth_date)
    elif child.unborn and child.expected_date is not None:
        _say(parent, "ExpectedPersonBirthDate", child.expected_date.isoformat())
    _say(parent, "GenderCurrent", "0" if child.unborn else cin_codes.SEXES[child.sex])
    if child.death_date is not None and _DAY.fullmatch(child.death_date):
        _say(parent, "PersonDeathDate", child.death_date)


def _characteristics(parent: etree._Element, child: ProductPerson) -> None:
    _say(parent, "Ethnicity", cin_codes.ethnicity(child.ethnicity))
    code = cin_codes.disability(child.disability)
    if code is not None:
        _say(etree.SubElement(parent, "Disabilities"), "Disability", code)


def _own_number(identifiers: Sequence[Identifier]) -> str:
    """The council's own number for the child. The product holds local numbers of the recipient's agency alone."""
    numbers = [one.value for one in identifiers if one.kind is IdentifierKind.LOCAL and _WRITABLE.fullmatch(one.value)]
    return numbers[0] if numbers else ""


def _say(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, name).text = text
