"""Whom a FHIR case is about: its patients; where none came along, whoever its resources name as their subject.

A reference that leads outside the message may still say who is meant: by an identifier, by words, or by the NHS number
that the Personal Demographics Service has in its addresses. Nothing is fetched.

Source: FHIR R4 (4.0.1) Reference (identifier, display); Personal Demographics Service FHIR API.
"""

from __future__ import annotations

import re

from adapters import natives
from adapters.nhs import fhir_people as people
from adapters.nhs.fhir_message import NAMING, References
from adapters.nhs.fhir_people import Told
from adapters.nhs.fhir_taking import FhirTaking
from adapters.nhs.fhir_tree import Element
from adapters.provenance import Recorder
from schemas.identifiers import IdentifierKind
from schemas.persons import Name

PATIENTS = ("Patient", "Person")
_DEMOGRAPHICS = re.compile(r"personal-demographics/.*\bPatient/([0-9]{10})$")


def subjects(resources: list[Element], references: References) -> list[Element]:
    """The patients; else each reference to one that is not here and says who it is, once for each."""
    found = [each for each in resources if each.resource in PATIENTS]
    if found:
        return found
    named: dict[str, Element] = {}
    for resource in resources:
        for path in NAMING:
            for reference in resource.all(path):
                telling = reference.leaf("identifier.value", "display") or number_in(reference)
                if telling is not None and references.resolve(reference, resource) is None:
                    named.setdefault(key_of(reference, resource, references), reference)
    return list(named.values())


def key_of(reference: Element, within: Element, references: References) -> str:
    """One text for whoever is meant: where the patient stands in the message, else what the reference says."""
    target = references.resolve(reference, within)
    if target is not None:
        return target.pointer
    return reference.said("identifier.value") or reference.said("reference") or reference.said("display")


def number_in(reference: Element) -> str | None:
    """The NHS number in an address of the Personal Demographics Service."""
    found = _DEMOGRAPHICS.search(reference.said("reference"))
    return found[1] if found is not None else None


def told_by(reference: Element, recorder: Recorder, taking: FhirTaking) -> Told:
    """What the reference says of the person: identifiers, and a name that stays whole."""
    known = people.identifiers(reference, recorder, taking)
    number, address = number_in(reference), reference.leaf("reference")
    if number is not None and address is not None and number not in {each.value for each in known}:
        known.append(recorder.identify(f"identifiers[{len(known)}]", address.pointer, IdentifierKind.NHS, number))
    display = reference.leaf("display")
    told: Told = {"identifiers": tuple(known)}
    if display is not None:
        recorder.flag("name.unstructured", "names[0].family")
        told["names"] = (Name(family=natives.carry(recorder, "names[0].family", taking.of(display))),)
    return told
