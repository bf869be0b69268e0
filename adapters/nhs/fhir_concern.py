"""What worries the sender of a FHIR case, who speaks, on what ground, and how it must be handled.

Source: FHIR R4 (4.0.1): MessageHeader, ServiceRequest, Communication, Observation, Consent, meta.security; BaRS.
"""

from __future__ import annotations

from collections.abc import Iterator

from adapters import natives
from adapters.dates import moment
from adapters.nhs import fhir_codes as codes
from adapters.nhs import fhir_people as people
from adapters.nhs.fhir_people import Around
from adapters.nhs.fhir_signals import Label, Signal, codes_of, narratives
from adapters.nhs.fhir_taking import concept
from adapters.nhs.fhir_tree import Element
from schemas.notification import ConcernDetail, Consent, Handling, Incident, Referrer
from schemas.persons import Contact
from schemas.vocabulary import Concern

_REASONS = ("reasonCode", "reason")
_REPORTED = ("authoredOn", "sent", "recordedDate", "created")
_NUMBERED = ("ServiceRequest", "Communication", "CommunicationRequest", "Task", "Encounter", "Flag")
_SPEAKING = ("requester", "sender", "author", "recorder", "asserter", "managingOrganization", "performer")
_NO_INCIDENT = Incident()


def concern(resources: list[Element], signals: list[Signal], around: Around) -> ConcernDetail:
    """Categories by codes and the words of codes; the sender's own, word for word; the referral's priority."""
    taking, recorder = around.taking, around.taking.recorder
    categories: list[Concern] = []
    named: dict[str, Element] = {}
    for signal in signals:
        if signal.over:
            continue
        unborn = signal.plan is not None and signal.plan.unborn
        for category in (*signal.categories, *((Concern.UNBORN_CHILD,) if unborn else ())):
            if category not in categories:
                recorder.take(f"concern.categories[{len(categories)}]", signal.leaf.pointer)
                categories.append(category)
        told = concept(signal.concept)
        if told is not None:
            named[told.pointer] = told
    for resource in resources:
        if resource.resource in codes.ASKING:
            for each in (each for path in _REASONS for each in resource.all(path)):
                told = concept(each)
                if told is not None:
                    named[told.pointer] = told
    grade = next((leaf for each in resources if each.resource in codes.ASKING if (leaf := each.leaf("priority"))), None)
    return ConcernDetail(
        categories=tuple(categories),
        source_categories=natives.carry_each(recorder, "concern.source_categories", taking.each(named.values())),
        source_grade=natives.carry(recorder, "concern.source_grade", taking.of(grade)),
    )


def incident(resources: list[Element], around: Around) -> Incident | None:
    """Free text as narrative, observations as a line each; the referral's number and when it was made."""
    taking, recorder = around.taking, around.taking.recorder
    at = recorder.within("incident")
    lines: list[str] = []
    for resource in resources:
        if resource.resource in codes.PEOPLE:
            continue
        if resource.resource == "Observation":
            lines += _observation(resource, around)
        for text in narratives(resource):
            if text.name != "div" and not _is_value(resource, text):
                lines.append(natives.carry(at, "narrative", taking.of(text)))
    numbered = [each for each in resources if each.resource in _NUMBERED]
    number = next((leaf for each in numbered if (leaf := each.leaf("identifier.value"))), None)
    reported = next(
        (leaf for each in numbered for path in _REPORTED if (leaf := each.leaf(path)) and moment(leaf.text)), None
    )
    made = Incident(
        narrative="\n".join(line for line in lines if line),
        reference=natives.carry(at, "reference", taking.of(number)),
        reported_at=natives.moment(at, "reported_at", taking.of(reported)),
    )
    return made if made != _NO_INCIDENT else None


def _is_value(resource: Element, leaf: Element) -> bool:
    return resource.resource == "Observation" and leaf.name == "valueString"


def _observation(resource: Element, around: Around) -> Iterator[str]:
    """``label: value unit``; nothing for a date of delivery, which is the unborn child's."""
    taking = around.taking
    at = taking.recorder.within("incident")
    if any(code.text.strip() in codes.DUE_DATES for each in resource.all("code") for code in codes_of(each)):
        return
    label = concept(resource.first("code"))
    value = concept(resource.first("valueCodeableConcept")) or resource.leaf(
        "valueString", "valueQuantity.value", "valueInteger", "valueBoolean", "valueDateTime"
    )
    parts = [label, value, resource.leaf("valueQuantity.unit", "valueQuantity.code")]
    said = [natives.carry(at, "narrative", taking.of(part)) for part in parts if part is not None]
    if value is None:
        yield from said[:1]
    elif label is None:
        yield " ".join(said)
    else:
        yield f"{said[0]}: {' '.join(said[1:])}"


def handling(resources: list[Element], labels: list[Label], around: Around) -> Handling:
    """Restricted by any label; the location is hidden where one stands on a person, a place or the whole message."""
    recorder = around.taking.recorder
    for label in labels:
        recorder.take("handling.restricted", label.leaf.pointer)
        if label.personal:
            recorder.take("handling.hidden_location", label.leaf.pointer)
    restricting = {label.leaf.pointer for label in labels}
    displays = [
        each.leaf("display")
        for resource in resources
        for each in resource.all("meta.security")
        if (code := each.leaf("code", "display")) is not None and code.pointer in restricting
    ]
    told = {leaf.text.strip(): leaf for leaf in displays if leaf is not None}
    return Handling(
        restricted=bool(labels),
        hidden_location=any(label.personal for label in labels),
        caveat=natives.join(recorder, "handling.caveat", around.taking.each(told.values()), "\n"),
    )


def consent(resources: list[Element], around: Around) -> Consent | None:
    """Whether it was given, from an active Consent that permits or denies; an implied one was not given by anybody."""
    taking, recorder = around.taking, around.taking.recorder
    for resource in resources:
        if resource.resource != "Consent" or resource.said("status") != "active":
            continue
        leaf = resource.leaf("provision.type") or resource.leaf("policyRule.coding.code")
        if leaf is not None and leaf.text.strip().upper() in _ANSWERS:
            given = natives.read(recorder, "consent.given", taking.of(leaf), lambda text: _ANSWERS.get(text.upper()))
            return Consent(given=given)
    return None


_ANSWERS = {"PERMIT": True, "DENY": False, "OPTIN": True, "OPTOUT": False}


def referrer(resources: list[Element], header: Element | None, around: Around) -> Referrer | None:
    """The message's sender; else whoever the referral, the flag or the plan names; else the team of the plan."""
    taking, recorder = around.taking, around.taking.recorder
    speakers = list(_speakers(resources, header, around))
    agency = next((name for each in speakers if each.resource == "Organization" and (name := each.leaf("name"))), None)
    if agency is None and header is not None:
        agency = header.leaf("source.name")
    teams = [each for each in resources if each.resource == "CareTeam"]
    team = next((each for each in teams if each.leaf("name")), None)
    if agency is None and team is not None:
        agency = team.leaf("name")
    person = next((each for each in speakers if each.resource == "Practitioner"), None)
    role = next((each for each in speakers if each.resource == "PractitionerRole"), None)
    reached = next((each for each in (role, person) if each is not None and each.first("telecom")), None)
    if reached is None:
        reached = next((each for each in speakers if each.first("telecom")), team)
    telecoms = reached.all("telecom") if reached is not None else []
    if not telecoms and header is not None:
        telecoms = header.all("source.contact")
    contacts: list[Contact] = people.contacts(telecoms, recorder, taking, "referrer.contacts")
    made = Referrer(
        agency=natives.carry(recorder, "referrer.agency", taking.of(agency)),
        role=natives.carry(recorder, "referrer.role", taking.of(concept(role.first("code")) if role else None)),
        name=_name(person, around),
        contacts=tuple(contacts),
    )
    return made if made != Referrer() else None


def _name(person: Element | None, around: Around) -> str:
    if person is None:
        return ""
    each = person.first("name")
    parts = [part for path in ("prefix", "given", "family") for part in each.all(path)] if each is not None else []
    if not parts and each is not None:
        parts = each.all("text")
    return natives.join(around.taking.recorder, "referrer.name", around.taking.each(parts), " ")


def _speakers(resources: list[Element], header: Element | None, around: Around) -> Iterator[Element]:
    """Organizations, practitioners and roles who speak, the nearest first; a role's own ones after it."""
    seen: set[str] = set()
    waiting: list[tuple[Element, Element]] = []
    sources = [each for each in resources if each.resource not in codes.PEOPLE and each.resource != "MessageHeader"]
    for source, paths in (*((header, ("sender", "author", "responsible")),), *((each, _SPEAKING) for each in sources)):
        if source is not None:
            waiting += [(each, source) for path in paths for each in source.all(path)]
    for reference, source in waiting:
        target = around.references.resolve(reference, source)
        if target is None or target.pointer in seen:
            continue
        seen.add(target.pointer)
        yield target
        if target.resource == "PractitionerRole":
            for path in ("practitioner", "organization"):
                inner = around.references.resolve(target.first(path), target)
                if inner is not None and inner.pointer not in seen:
                    seen.add(inner.pointer)
                    yield inner
