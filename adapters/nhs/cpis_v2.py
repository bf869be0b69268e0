"""The patient of an HL7 v2 query answer in XML (RSP_K21, RSP_K22), which the same ITK services give.

Source: HL7 v2.4 in v2.xml; ITK Spine Mini Service and ADT events 2010-05.
"""

from __future__ import annotations

from typing import Any

from adapters import codes, natives
from adapters.dates import partial_date
from adapters.nhs.cpis_message import walk
from adapters.nhs.cpis_people import AGE_UNKNOWN, Crew
from adapters.nhs.hl7_people import is_child
from adapters.provenance import Recorder
from adapters.xml_node import Node
from schemas.identifiers import Identifier, IdentifierKind
from schemas.persons import Address, Contact, Name, Organisation, Person

_NHS = ("NHS", "NHSNBR", "NHSNMBR")


def patient(body: Node, crew: Crew) -> None:
    """Every PID with the PD1 beside it. A patient of unknown age is a child, flagged."""
    for group in [each for each in walk(body) if any(inner.name == "PID" for inner in each.children)]:
        surgeries = [inner for inner in group.children if inner.name == "PD1"]
        for segment in [inner for inner in group.children if inner.name == "PID"]:
            born = segment.value("PID.7/TS.1", "PID.7")
            young = is_child(partial_date(born.text), crew.day)
            child = young is not False
            at, ref = crew.place(child=child)
            if young is None:
                at.flag(AGE_UNKNOWN)
            told: dict[str, Any] = {
                "names": tuple(_names(segment, at)),
                "birth_date": natives.partial_date(at, "birth_date", born),
                "sex": natives.read(at, "sex", segment.value("PID.8"), codes.sex),
                "identifiers": tuple(_numbers(segment, at)),
                "addresses": tuple(_addresses(segment, at)),
                "contacts": tuple(_contacts(segment, at)),
            }
            if surgeries:
                told["gp"] = _surgery(surgeries[0], at.within("gp"))
            crew.add(Person(ref=ref, **told), child=child)


def _names(segment: Node, recorder: Recorder) -> list[Name]:
    return [
        Name(
            title=natives.carry(recorder, f"names[{place}].title", node.value("XPN.5")),
            given=natives.carry_each(recorder, f"names[{place}].given", node.each("XPN.2", "XPN.3")),
            family=natives.carry(recorder, f"names[{place}].family", node.value("XPN.1/FN.1", "XPN.1")),
        )
        for place, node in enumerate(each for each in segment.all("PID.5") if each.first("XPN.1", "XPN.2") is not None)
    ]


def _numbers(segment: Node, recorder: Recorder) -> list[Identifier]:
    found: list[Identifier] = []
    for node in segment.all("PID.3"):
        number, issuer = node.value("CX.1"), node.value("CX.4/HD.1", "CX.4")
        field = f"identifiers[{len(found)}]"
        if not number.text:
            continue
        if issuer.text.upper() in _NHS:
            found.append(recorder.identify(field, number.pointer, IdentifierKind.NHS, number.text))
        else:
            named = natives.carry(recorder, f"{field}.issuer", issuer)
            found.append(recorder.identify(field, number.pointer, IdentifierKind.LOCAL, number.text, issuer=named))
    return found


def _addresses(segment: Node, recorder: Recorder) -> list[Address]:
    return [
        Address(
            lines=natives.carry_each(
                recorder, f"addresses[{place}].lines", node.each("XAD.1/SAD.1", "XAD.1", "XAD.2", "XAD.3", "XAD.4")
            ),
            postcode=natives.carry(recorder, f"addresses[{place}].postcode", node.value("XAD.5")),
        )
        for place, node in enumerate(segment.all("PID.11"))
    ]


def _contacts(segment: Node, recorder: Recorder) -> list[Contact]:
    numbers = [each for each in segment.each("PID.13/XTN.1", "PID.14/XTN.1") if each.text]
    return [
        Contact(system="phone", value=natives.carry(recorder, f"contacts[{place}].value", native))
        for place, native in enumerate(numbers)
    ]


def _surgery(segment: Node, recorder: Recorder) -> Organisation | None:
    name, code = segment.value("PD1.3/XON.1"), segment.value("PD1.3/XON.3")
    if not (name.text or code.text):
        return None
    known = (recorder.identify("identifiers[0]", code.pointer, IdentifierKind.ODS, code.text),) if code.text else ()
    return Organisation(name=natives.carry(recorder, "name", name), identifiers=known)
