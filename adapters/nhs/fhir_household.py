"""Who of a FHIR case is a child and who an adult, and the unborn child whom a mother's message is about.

The unborn (docs/formats/nhs-fhir.md): a code or a plan that speaks of an unborn child, or an Observation with an
estimated date of delivery. The patient is then the mother; or, where the patient has neither birth date nor sex and a
related person is the mother, the patient is the unborn child.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from adapters import codes as words
from adapters import natives
from adapters.dates import full_date, partial_date
from adapters.nhs import fhir_codes as codes
from adapters.nhs import fhir_people as people
from adapters.nhs.fhir_people import Around, Told
from adapters.nhs.fhir_plans import Plans
from adapters.nhs.fhir_signals import Signal
from adapters.nhs.fhir_subjects import key_of, told_by
from adapters.nhs.fhir_taking import codes_in, concept
from adapters.nhs.fhir_tree import Element
from adapters.nhs.hl7_people import is_child
from adapters.provenance import Recorder
from schemas.persons import Organisation, Person

AGE_UNKNOWN = "age.unknown"


class Place(NamedTuple):
    """A person's place in the notification. ``source`` is None for an unborn child who has none of its own."""

    ref: str
    prefix: str
    source: Element | None
    sure: bool


class Household(NamedTuple):
    """Everybody named."""

    children: tuple[Person, ...]
    adults: tuple[Person, ...]


class Unborn(NamedTuple):
    """That an unborn child is meant: what says so, whose patient it is about, whether that patient is the child."""

    leaf: Element
    patient: Element | None
    is_patient: bool
    expected: Element | None


class Looked(NamedTuple):
    """What the household is made from: the case's resources with those that they contain, its signals, its day.

    ``patients`` are whom it is about, as :func:`adapters.nhs.fhir_subjects.subjects` finds them.
    """

    resources: list[Element]
    signals: list[Signal]
    day: date | None
    patients: list[Element]
    plans: Plans


def household(case: Looked, around: Around) -> Household:
    """Place everybody, then take what the message says of each."""
    unborn = _unborn(case, around)
    places = _places(case, unborn)
    named = {place.source.pointer: place.ref for place in places if place.source is not None}
    mother = _mother(case, unborn, named)
    made = {
        place.prefix: _person(place, around.taking.recorder.within(place.prefix), case, around, unborn, mother)
        for place in places
    }
    children = [made[place.prefix] for place in places if place.prefix.startswith("children")]
    adults = [made[place.prefix] for place in places if place.prefix.startswith("adults")]
    held = [(place.ref, told) for place in places if (told := _responsible(place.source)) is not None]
    if children and held:
        for number, (_, told) in enumerate(held):
            around.taking.recorder.take(f"children[0].parental_responsibility[{number}]", told.pointer)
        children[0] = children[0].model_copy(update={"parental_responsibility": tuple(ref for ref, _ in held)})
    return Household(tuple(children), tuple(adults))


def _responsible(source: Element | None) -> Element | None:
    """What says that a related person has parental responsibility."""
    if source is None:
        return None
    said = [told for each in source.all("relationship") if (told := concept(each)) is not None]
    return next((told for told in said if codes.RESPONSIBLE in told.text.lower()), None)


def _kin(case: Looked) -> list[Element]:
    """Related persons, and the contacts of patients who are named and are not the patient."""
    related = [each for each in case.resources if each.resource == "RelatedPerson"]
    contacts = [each for patient in case.patients for each in patient.all("contact")]
    return [each for each in (*related, *contacts) if each.first("name") is not None and not people.is_self(each)]


def _is_kin(source: Element) -> bool:
    return source.resource == "RelatedPerson" or source.name == "contact"


def _unborn(case: Looked, around: Around) -> Unborn | None:
    expected = saying = about = None
    for resource in case.resources:
        if resource.resource == "Observation" and not (
            {code.text.strip() for each in resource.all("code") for code in codes_in(each)}.isdisjoint(codes.DUE_DATES)
        ):
            expected = expected or resource.leaf("valueDateTime", "valueString", "valueDate")
            saying = saying or expected
            about = resource
    for signal in case.signals:
        meant = signal.leaf.text.strip() in codes.UNBORN or (signal.plan is not None and signal.plan.unborn)
        if meant and not signal.over:
            saying, about = signal.leaf, signal.resource
            break
    if saying is None or about is None:
        return None
    subject = around.references.resolve(about.first("subject", "patient"), about)
    known = case.patients
    patient = subject if subject is not None and subject in known else next(iter(known), None)
    bare = (
        patient is not None
        and patient.leaf("birthDate") is None
        and patient.said("gender") in ("", "unknown")
        and any(people.relation(each)[1] in codes.MOTHERS for each in _kin(case))
    )
    return Unborn(saying, patient, bare, expected)


def _places(case: Looked, unborn: Unborn | None) -> list[Place]:
    """The unborn child first, then patients, then kin. A patient of unknown age is a child, unless the mother."""
    found: list[tuple[bool, bool, Element | None]] = []  # child, sure, source
    if unborn is not None and not unborn.is_patient:
        found.append((True, True, None))
    for source in case.patients:
        young = is_child(_born(source), case.day)
        mother = unborn is not None and source is unborn.patient and not unborn.is_patient
        child_itself = unborn is not None and source is unborn.patient and unborn.is_patient
        found.append((not mother if young is None else young, young is not None or mother or child_itself, source))
    first_is_child = bool(found) and found[0][0]
    for source in _kin(case):
        young = is_child(_born(source), case.day)
        likely = people.relation(source)[1] in (codes.SIBLINGS if first_is_child else codes.CHILDREN)
        found.append((likely if young is None else young, young is not None or not likely, source))
    places: list[Place] = []
    count = {True: 0, False: 0}
    for child, sure, each in found:
        index = count[child]
        count[child] += 1
        group, ref = ("children", "child") if child else ("adults", "adult")
        places.append(Place(f"{ref}-{index + 1}", f"{group}[{index}]", each, sure))
    return places


def _born(source: Element) -> str | None:
    text = source.said("birthDate")
    return partial_date(text) if text else None


def _mother(case: Looked, unborn: Unborn | None, named: Mapping[str, str]) -> str | None:
    """Her ``ref``: the patient's, or the related person's where the patient is the unborn child."""
    if unborn is None:
        return None
    if not unborn.is_patient:
        return named.get(unborn.patient.pointer) if unborn.patient is not None else None
    return next((named[each.pointer] for each in _kin(case) if people.relation(each)[1] in codes.MOTHERS), None)


def _person(  # noqa: PLR0917 - what a person is made from
    place: Place, recorder: Recorder, case: Looked, around: Around, unborn: Unborn | None, mother: str | None
) -> Person:
    source = place.source
    told: Told = {}
    if not place.sure:
        recorder.flag(AGE_UNKNOWN)
    if source is None and unborn is not None:
        told = _expected(recorder, around, unborn, mother)
        told |= _status(recorder, case.plans, around, unborn.patient, unborn=True)
    elif source is not None and not _is_kin(source):
        told = _patient(source, recorder, case, around) if source.resource else told_by(source, recorder, around.taking)
        told |= _status(recorder, case.plans, around, source, unborn=unborn is not None and unborn.is_patient)
        if unborn is not None and source is unborn.patient and unborn.is_patient:
            told |= _expected(recorder, around, unborn, mother)
        elif unborn is not None and place.ref == mother:
            recorder.take("relation", unborn.leaf.pointer)
            told["relation"] = "mother"
    elif source is not None:
        told = _related(source, recorder, case, around)
        if mother is not None and unborn is not None and not unborn.is_patient and told.get("relation"):
            told["relation"] = f"{told['relation']} of {mother}"
    return Person(ref=place.ref, **told)


def _expected(recorder: Recorder, around: Around, unborn: Unborn, mother: str | None) -> Told:
    """What is known of an unborn child: that it is one, when it is expected, whose it is."""
    recorder.take("unborn", unborn.leaf.pointer)
    if mother is not None:
        recorder.take("mother", unborn.leaf.pointer)
    expected = natives.read(
        recorder, "expected_date", around.taking.of(unborn.expected), full_date, unread="date.unread"
    )
    return {"unborn": True, "expected_date": expected, "mother": mother}


def _status(recorder: Recorder, plans: Plans, around: Around, patient: Element | None, *, unborn: bool) -> Told:
    """The plans of this patient, or of the child that she expects."""
    key = ""
    if patient is not None:
        key = patient.pointer if patient.resource else key_of(patient, patient, around.references)
    told = plans.status(recorder, key, unborn=unborn)
    return {"legal_status": told} if told else {}


def _patient(source: Element, recorder: Recorder, case: Looked, around: Around) -> Told:
    taking = around.taking
    told = people.details(source, recorder, around)
    told["birth_date"] = _birth_date(source, recorder, case, around)
    told["identifiers"] = tuple(people.identifiers(source, recorder, taking))
    told["death_date"] = natives.partial_date(recorder, "death_date", taking.of(source.leaf("deceasedDateTime")))
    own = [telecom for each in source.all("contact") if people.is_self(each) for telecom in each.all("telecom")]
    if own:
        told["contacts"] = tuple(people.contacts([*source.all("telecom"), *own], recorder, taking))
    ethnicity = people.extension(source, "ethniccategory", "ethniccategory-1")
    if ethnicity is not None:
        leaf = concept(ethnicity.first("valueCodeableConcept", "valueCoding"))
        told["ethnicity"] = natives.carry(recorder, "ethnicity", taking.of(leaf))
    spoken = source.all("communication")
    first = next((each for each in spoken if each.said("preferred") == "true"), next(iter(spoken), None))
    if first is not None:
        told["language"] = natives.carry(recorder, "language", taking.of(concept(first.first("language"))))
    interpreter = _interpreter(source)
    if interpreter is not None:
        told["interpreter"] = natives.read(recorder, "interpreter", taking.of(interpreter), words.answer)
    told["gp"] = _surgery(source, recorder.within("gp"), around)
    deceased = source.leaf("deceasedBoolean")
    if deceased is not None and words.answer(deceased.text):
        recorder.take("notes[0]", deceased.pointer)
        told["notes"] = ("recorded as deceased",)
    return told


def _birth_date(source: Element, recorder: Recorder, case: Looked, around: Around) -> str | None:
    """The birth date as far as it is known; one that lies ahead is left and flagged."""
    leaf = source.leaf("birthDate")
    born = _born(source)
    if born is not None and case.day is not None and born > case.day.isoformat():
        recorder.flag("date.in_the_future", "birth_date")
        return None
    return natives.partial_date(recorder, "birth_date", around.taking.of(leaf))


def _interpreter(source: Element) -> Element | None:
    for place in (source, *source.all("extension")):
        found = people.extension(place, "interpreterrequired")
        if found is not None:
            return found.leaf("valueBoolean", "valueCodeableConcept.coding.code")
    return None


def _surgery(source: Element, recorder: Recorder, around: Around) -> Organisation | None:
    """The general practice: an Organization, or that of the practitioner's role."""
    for reference in source.all("generalPractitioner"):
        target = around.references.resolve(reference, source)
        if target is not None and target.resource == "PractitionerRole":
            target = around.references.resolve(target.first("organization"), target)
        if target is not None and target.resource == "Organization":
            return people.organisation(target, recorder, around.taking)
    return None


def _related(source: Element, recorder: Recorder, case: Looked, around: Around) -> Told:
    told = people.details(source, recorder, around)
    told["birth_date"] = _birth_date(source, recorder, case, around)
    told["identifiers"] = tuple(people.identifiers(source, recorder, around.taking))
    leaf, said = people.relation(source)
    if leaf is not None and said:
        recorder.take("relation", leaf.pointer)
        told["relation"] = said
    return told
