"""What FHIR says of a person: Patient, RelatedPerson and Patient.contact have the same parts.

Source: FHIR R4 (4.0.1) HumanName, Address, ContactPoint, Identifier; UK Core Patient and its extensions.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from adapters import codes as words
from adapters import natives
from adapters.nhs import fhir_codes as codes
from adapters.nhs.fhir_message import References
from adapters.nhs.fhir_taking import FhirTaking, codes_in, concept
from adapters.nhs.fhir_tree import Element
from adapters.provenance import Recorder
from schemas.identifiers import Identifier, IdentifierKind
from schemas.persons import Address, Contact, Name, NameUse, Organisation, Sex

Told = dict[str, Any]
"""Fields of ``schemas.persons.Person``."""


class Around(NamedTuple):
    """What everybody in the case shares. ``hiding`` is what says that locations must not be told."""

    taking: FhirTaking
    references: References
    hiding: Element | None


def details(source: Element, recorder: Recorder, around: Around) -> Told:
    """What all three say alike: names, birth, sex, addresses, contacts."""
    taking = around.taking
    told: Told = {
        "names": tuple(names(source, recorder, taking)),
        "sex": natives.read(recorder, "sex", taking.of(source.leaf("gender")), sex),
        "addresses": tuple(
            address(each, recorder.within(f"addresses[{place}]"), around)
            for place, each in enumerate(source.all("address"))
            if each.leaves()
        ),
        "contacts": tuple(contacts(source.all("telecom"), recorder, taking)),
    }
    return told


def sex(text: str) -> Sex | None:
    """AdministrativeGender, and the codes that others put in its place."""
    return codes.SEX.get(text.lower()) or words.sex(text)


def names(source: Element, recorder: Recorder, taking: FhirTaking) -> list[Name]:
    """Every name with a family or a given name; one that is only a text stays whole, as the family name."""
    found: list[Name] = []
    for each in source.all("name"):
        at = recorder.within(f"names[{len(found)}]")
        given, family = each.all("given"), each.leaf("family")
        if family is None and not any(one.text.strip() for one in given):
            family = each.leaf("text")
            if family is None:
                continue
            at.flag("name.unstructured", "family")
        use = natives.read(at, "use", taking.of(each.leaf("use")), _name_use)
        found.append(
            Name(
                use=use or NameUse.OFFICIAL,
                title=natives.join(at, "title", taking.each(each.all("prefix")), " "),
                given=natives.carry_each(at, "given", taking.each(given)),
                family=natives.carry(at, "family", taking.of(family)),
            )
        )
    # A name in use is the official one where a system gives no other.
    if found and all(name.use is NameUse.PREFERRED for name in found):
        found[0] = found[0].model_copy(update={"use": NameUse.OFFICIAL})
    return found


def _name_use(text: str) -> NameUse | None:
    return codes.NAME_USE.get(text.lower())


def address(source: Element, recorder: Recorder, around: Around) -> Address:
    """An address; confidential where the case hides locations, or the address itself says so."""
    taking = around.taking
    parts = [part for name in ("line", "city", "district", "state") for part in source.all(name)]
    if not any(part.text.strip() for part in parts):
        parts = source.all("text")
    hiding = restricted_by(source) or around.hiding
    if hiding is not None:
        recorder.take("confidential", hiding.pointer)
    use = source.leaf("use")
    return Address(
        lines=natives.carry_each(recorder, "lines", taking.each(parts)),
        postcode=natives.carry(recorder, "postcode", taking.of(source.leaf("postalCode"))),
        uprn=natives.carry(recorder, "uprn", taking.of(_uprn(source))),
        use=(natives.read(recorder, "use", taking.of(use), _address_use) or "home") if use is not None else "home",
        confidential=hiding is not None,
    )


def _address_use(text: str) -> str:
    return codes.ADDRESS_USE.get(text.lower(), codes.ADDRESS_USE_OTHER)


def _uprn(source: Element) -> Element | None:
    """The value of an address key of type UPRN (UK Core), or of an extension named after it (BaRS)."""
    for each in source.all("extension"):
        if each.said("url").upper() == "UPRN":
            return each.leaf("valueString", "valueInteger")
        said = {code.text.strip().upper() for inner in each.all("extension") for code in inner.all("valueCoding.code")}
        said |= {code.text.strip().upper() for code in each.all("extension.valueCodeableConcept.coding.code")}
        if "UPRN" in said:
            return each.leaf("extension.valueString")
    return None


def restricted_by(source: Element) -> Element | None:
    """The value of an extension right in ``source`` that says that it must not be told; anything but a no counts."""
    for each in source.all("extension"):
        named = each.said("url").rstrip("/").rpartition("/")[2].lower()
        if codes.RESTRICTING.search(named) is None:
            continue
        said = [leaf for leaf in each.walk() if leaf.text.strip() and leaf.name != "url"]
        if not said:
            return each.leaf("url")
        for leaf in said:
            if words.answer(leaf.text) is not False:
                return leaf
    return None


def contacts(sources: list[Element], recorder: Recorder, taking: FhirTaking, field: str = "contacts") -> list[Contact]:
    """Every telecom with a value."""
    found: list[Contact] = []
    for each in sources:
        value = each.leaf("value")
        if value is None:
            continue
        at = f"{field}[{len(found)}]"
        system = natives.read(recorder, f"{at}.system", taking.of(each.leaf("system")), _contact_system)
        found.append(Contact(system=system or "other", value=natives.carry(recorder, f"{at}.value", taking.of(value))))
    return found


def _contact_system(text: str) -> str:
    return codes.CONTACT_SYSTEM.get(text.lower(), "other")


def identifiers(source: Element, recorder: Recorder, taking: FhirTaking) -> list[Identifier]:
    """NHS numbers by their system, other numbers as local ones with the system as issuer."""
    found: list[Identifier] = []
    for each in source.all("identifier"):
        number, system = each.leaf("value"), each.leaf("system")
        if number is None:
            continue
        field = recorder.path(f"identifiers[{len(found)}]")
        place = system.text.strip().lower().rstrip("/") if system is not None else ""
        if place.endswith(codes.NHS_SYSTEMS):
            verified = _verified(each)
            if verified is not None:
                taking.recorder.take(field, verified.pointer)
            made = taking.identify(field, number.pointer, IdentifierKind.NHS)
            found.append(made.model_copy(update={"verified": verified is not None}))
        else:
            issuer = system.pointer if system is not None else ""
            found.append(taking.identify(field, number.pointer, IdentifierKind.LOCAL, issuer))
    return found


def _verified(identifier: Element) -> Element | None:
    """The code that says that an NHS number was traced."""
    for each in identifier.all("extension"):
        if re.search(r"verificationstatus$", each.said("url").lower()):
            for value in each.all("valueCodeableConcept"):
                return next((code for code in codes_in(value) if code.text.strip().lower() in codes.VERIFIED), None)
    return None


def extension(source: Element, *ends: str) -> Element | None:
    """The first extension right in ``source`` whose url ends so, in lower case."""
    return next((each for each in source.all("extension") if each.said("url").lower().endswith(ends)), None)


def organisation(source: Element, recorder: Recorder, taking: FhirTaking) -> Organisation | None:
    """An Organization's name and its ODS code."""
    code = next(
        (
            each.leaf("value")
            for each in source.all("identifier")
            if each.said("system").lower().rstrip("/").endswith(codes.ODS_SYSTEMS) and each.leaf("value") is not None
        ),
        None,
    )
    name = source.leaf("name")
    if name is None and code is None:
        return None
    known = (
        (taking.identify(recorder.path("identifiers[0]"), code.pointer, IdentifierKind.ODS),)
        if code is not None
        else ()
    )
    return Organisation(name=natives.carry(recorder, "name", taking.of(name)), identifiers=known)


def relation(source: Element) -> tuple[Element | None, str]:
    """What a person is to the patient, in lower case, and the value that says it: words first, else a known code."""
    said = [told for each in source.all("relationship") if (told := concept(each)) is not None]
    if not said:
        return None, ""
    told = next((each for each in said if _is_kinship(each)), said[0])
    text = told.text.strip()
    return told, codes.RELATIONS.get(text.upper(), text.lower()) if told.name == "code" else text.lower()


def _is_kinship(told: Element) -> bool:
    """Whether it says more than whom to call first."""
    text = told.text.strip().upper()
    return text not in ("C", "EP", "ECON", "N", "NOK") and "CONTACT" not in text and "NEXT OF KIN" not in text


def is_self(source: Element) -> bool:
    """Whether a contact of a patient is the patient."""
    said = {code.text.strip().upper() for each in source.all("relationship") for code in codes_in(each)}
    return bool(said & set(codes.SELF)) or relation(source)[1] == "self"
