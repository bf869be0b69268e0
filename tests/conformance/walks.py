"""The walk of each of our adapters: every value with its pointer, as the adapter writes pointers.

The walks by syntax are the kit's, and share no code with the adapters' readers; what one format needs stands here.
"""

from __future__ import annotations

import email
import email.header
import hashlib
import json
import re
from collections.abc import Iterator

import lxml.html
from lxml import etree

from adapters.kit.walks import WALKS as BY_SYNTAX
from adapters.kit.walks import Walk

hl7, json_values, xml_values, csv_values = (BY_SYNTAX[syntax] for syntax in ("hl7", "json", "xml", "csv"))


def fhir_values(payload: bytes) -> Iterator[tuple[str, str]]:
    """Every value of a FHIR resource with its FHIRPath, whether it is JSON or XML."""
    if payload.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \r\n\t").startswith(b"<"):
        root = etree.fromstring(payload)
        yield from _fhir_xml(root, etree.QName(root).localname)
    else:
        whole = json.loads(payload, parse_float=str, parse_int=str)
        yield from _fhir_json(whole, whole["resourceType"])


def _fhir_json(value: object, at: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, each in value.items():
            path = f"{at}.{key.removeprefix('_')}"
            several = isinstance(each, list) and len(each) > 1
            for index, one in enumerate(each if isinstance(each, list) else [each]):
                yield from _fhir_json(one, f"{path}[{index}]" if several else path)
    elif isinstance(value, bool):
        yield at, str(value).lower()
    elif value:
        yield at, str(value)


def _fhir_xml(element: etree._Element, at: str) -> Iterator[tuple[str, str]]:
    for name, value in element.attrib.items():
        yield at if name == "value" else f"{at}.{name!s}", str(value)
    for piece in (element.text, *(child.tail for child in element)):
        if piece and piece.strip():
            yield "", piece.strip()
    for aside in element.iterchildren(etree.Comment):
        yield "", str(aside.text).strip()
    for child in element.iterchildren("*"):
        name = etree.QName(child).localname
        if etree.QName(child).namespace != "http://hl7.org/fhir":
            yield "", etree.tostring(child, encoding="unicode", with_tail=False)
        elif name[0].isupper():  # a whole resource, in the place of the element that holds it
            yield from _fhir_xml(child, at)
        else:
            alike = element.findall(str(child.tag))
            yield from _fhir_xml(child, f"{at}.{name}[{alike.index(child)}]" if len(alike) > 1 else f"{at}.{name}")


_FORM_LINE = re.compile(r"[A-Za-z][A-Za-z0-9 '/()\-]{0,59}:\s*(\S.*)")


def mail_values(payload: bytes) -> Iterator[tuple[str, str]]:
    """Every header, every line of text, every cell of a table, every value of XML, and the digest of anything else.

    The label of a line or of a row with two cells is structure, as an element's name is.
    """
    for part in email.message_from_bytes(payload).walk():
        for name, text in part.raw_items():
            encoded = "=?" in str(text)
            yield "", " ".join(str(text).split()) if not encoded else ""
            if encoded and name == "Subject":
                yield "", str(email.header.make_header(email.header.decode_header(str(text))))
        if part.is_multipart():
            continue
        content = part.get_payload(decode=True)
        held = content if isinstance(content, bytes) else b""
        text = held.decode(part.get_content_charset() or "utf-8", errors="replace")
        if part.get_content_type() == "application/xml":
            yield from xml_values(held)
        elif part.get_content_type() == "text/plain":
            for line in text.splitlines():
                labelled = _FORM_LINE.fullmatch(line.strip())
                yield "", labelled[1].strip() if labelled else line.strip()
        elif part.get_content_type() == "text/html":
            yield from _html_values(text)
        elif held:
            yield "", f"sha256:{hashlib.sha256(held).hexdigest()}"


def _html_values(text: str) -> Iterator[tuple[str, str]]:
    root = lxml.html.document_fromstring(text)
    for row in root.iter("tr"):
        if len(row) == 2:
            row.remove(row[0])
    for element in root.iter():
        for piece in (element.text, element.tail, element.get("href")):
            if piece and piece.strip():
                yield "", " ".join(piece.split())


WALKS: dict[str, Walk] = {
    "nhs.cpis": xml_values,
    "nhs.fhir": fhir_values,
    "nhs.hl7v2": hl7,
    "police.cpp": json_values,
    "police.email": mail_values,
    "police.ppn": xml_values,
    "police.spi": xml_values,
    "hub.form": json_values,
    "probation.alert": json_values,
    "probation.event": json_values,
    "probation.oasys": json_values,
    "schools.csv": csv_values,
    "schools.ctf": xml_values,
    "schools.json": json_values,
}
