"""The walk of each of our adapters: every value with its pointer, as the adapter writes pointers.

The walks by syntax are the kit's, and share no code with the adapters' readers; one that no other format needs may
stand here.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator

from lxml import etree

Walk = Callable[[bytes], Iterator[tuple[str, str]]]
"""Yields pointer and value; the pointer is empty where a format's pointers are not compared."""


def hl7(payload: bytes) -> Iterator[tuple[str, str]]:
    """Every value of a single message or a batch, with the segments counted per message."""
    try:
        text = payload.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = payload.decode("cp1252", errors="replace")
    lines: list[str] = []
    for line in re.split(r"\r\n|\r|\n", text.strip("\x0b\x1c\ufeff\r\n\t ")):
        if not line.strip():
            continue
        if re.match(r"[A-Z][A-Z0-9]{2}([^A-Za-z0-9 ]|$)", line) or not lines:
            lines.append(line)
        else:
            lines[-1] += "\n" + line
    counts: dict[str, int] = {}
    separator, marks = "|", "^~\\&"
    for line in lines:
        name = line[:3]
        if name in ("MSH", "FHS", "BHS"):
            separator, marks = line[3], line[4:].split(line[3], 1)[0]
        if name == "MSH":
            counts = {key: count for key, count in counts.items() if key in ("FHS", "BHS", "BTS", "FTS")}
        counts[name] = counts.get(name, 0) + 1
        start = name if counts[name] == 1 else f"{name}[{counts[name]}]"
        fields = line.split(separator)[1:]
        for number, field in enumerate(fields, start=2 if name in ("MSH", "FHS", "BHS") else 1):
            if name in ("MSH", "FHS", "BHS") and number == 2:
                yield f"{start}-2", field
                continue
            yield from _hl7_field(f"{start}-{number}", field, marks, separator)


def _hl7_field(pointer: str, field: str, marks: str, separator: str) -> Iterator[tuple[str, str]]:
    component, repetition, escape, sub = marks[0], marks[1], marks[2], marks[3]
    for place, repeated in enumerate(field.split(repetition), start=1):
        at = pointer if place == 1 else f"{pointer}[{place}]"
        components = repeated.split(component)
        for inner, each in enumerate(components, start=1):
            subs = each.split(sub)
            for deepest, value in enumerate(subs, start=1):
                whole = at
                if len(components) > 1 or len(subs) > 1:
                    whole += f".{inner}"
                if len(subs) > 1:
                    whole += f".{deepest}"
                if value.strip():
                    yield whole, _plain(value, escape, (separator, component, sub, repetition))


def _plain(value: str, escape: str, marks: tuple[str, str, str, str]) -> str:
    names = dict(zip("FSTR", marks, strict=True)) | {"E": escape, ".br": "\n"}
    wanted = "|".join(re.escape(name) for name in names)
    return re.sub(f"{re.escape(escape)}({wanted}){re.escape(escape)}", lambda found: names[found.group(1)], value)


def json_values(payload: bytes) -> Iterator[tuple[str, str]]:
    """Every string, number and boolean; text in ``Message`` that is JSON itself is walked through."""

    def walk(value: object, pointer: str) -> Iterator[tuple[str, str]]:
        if isinstance(value, dict):
            for key, each in value.items():
                if pointer == "" and key == "Message" and isinstance(each, str):
                    yield from walk(json.loads(each, parse_float=str, parse_int=str), "/Message")
                else:
                    yield from walk(each, f"{pointer}/{key}")
        elif isinstance(value, list):
            for index, each in enumerate(value):
                yield from walk(each, f"{pointer}/{index}")
        elif isinstance(value, bool):
            yield pointer, str(value).lower()
        elif value:
            yield pointer, str(value)

    yield from walk(json.loads(payload, parse_float=str, parse_int=str), "")


def xml_values(payload: bytes) -> Iterator[tuple[str, str]]:
    """Every attribute and every piece of text, without pointers."""
    for element in etree.fromstring(payload).iter(etree.Element):
        for value in element.attrib.values():
            yield "", str(value)
        pieces = [element.text, *(child.tail for child in element)]
        for piece in pieces:
            if piece and piece.strip():
                yield "", piece.strip()


def xml_values_within(payload: bytes) -> Iterator[tuple[str, str]]:
    """The same, and text that is a document itself is walked through."""
    for _, value in xml_values(payload):
        if value.startswith("<"):
            yield from xml_values_within(re.sub(r"^<\?xml.*?\?>", "", value).encode())
        else:
            yield "", value


def csv_values(payload: bytes) -> Iterator[tuple[str, str]]:
    """Every cell below the header, which is the first row that fills as many cells as any other; no pointers."""
    for codec in ("utf-16", "utf-8-sig", "cp1252"):
        if codec == "utf-16" and not payload.startswith((b"\xff\xfe", b"\xfe\xff")):
            continue
        try:
            text = payload.decode(codec)
            break
        except UnicodeDecodeError:
            continue
    else:
        text = payload.decode("latin-1")
    first = max(text.splitlines()[:10], key=len, default="")
    delimiter = max(",;\t|", key=first.count)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    filled = [sum(1 for cell in row if cell.strip()) for row in rows]
    header = filled.index(max(filled)) if filled else 0
    for index, row in enumerate(rows):
        if index != header:
            yield from (("", cell.strip()) for cell in row if cell.strip())
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


WALKS: dict[str, Walk] = {
    "nhs.fhir": fhir_values,
    "nhs.hl7v2": hl7,
    "police.cpp": json_values,
    "police.ppn": xml_values,
    "police.spi": xml_values_within,
    "probation.alert": json_values,
    "probation.event": json_values,
    "probation.oasys": json_values,
    "schools.csv": csv_values,
    "schools.ctf": xml_values,
}
