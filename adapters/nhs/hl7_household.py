"""Who of an HL7 v2 message is a child and who an adult, and the unborn child whom a mother's message is about.

Convention for the unborn (docs/formats/nhs-hl7v2.md): an OBX with an estimated date of delivery, or a code that says
that the concern is about an unborn child. The patient (PID) is then the mother; or, where the patient has neither
birth date nor sex and an NK1 names the mother, the patient is the unborn child.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from adapters.dates import full_date, partial_date
from adapters.nhs import hl7_codes as codes
from adapters.nhs import hl7_people as people
from adapters.nhs.hl7_message import Leaf, Message, Segment
from adapters.nhs.hl7_taking import Taking
from schemas.persons import NameUse, Person

AGE_UNKNOWN = "age.unknown"
MERGED = "person.merged"


@dataclass(frozen=True, kw_only=True)
class Place:
    """A person's place in the notification. ``segment`` is None for an unborn child who has none of its own."""

    ref: str
    prefix: str
    child: bool
    segment: Segment | None
    sure: bool = True


@dataclass(frozen=True, kw_only=True)
class Household:
    """Everybody named."""

    children: tuple[Person, ...]
    adults: tuple[Person, ...]


@dataclass(frozen=True, kw_only=True)
class Around:
    """What everybody in the message shares: its day where known, what hides locations, notes, the feed's options."""

    message: Message
    when: date | None
    hidden: Leaf | None
    notes: tuple[Leaf, ...]
    options: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Unborn:
    """That an unborn child is meant: the code that says so, and whether the patient is that child itself."""

    leaf: Leaf
    is_patient: bool


def household(taking: Taking, around: Around) -> Household:
    """Place everybody, then take what the message says of each."""
    unborn = _unborn(around.message)
    places = _places(around, unborn)
    mother = _mother(places, unborn) if unborn is not None else None
    persons = [_person(taking.within(place.prefix), around, place, unborn, mother) for place in places]
    return Household(
        children=tuple(person for person, place in zip(persons, places, strict=True) if place.child),
        adults=tuple(person for person, place in zip(persons, places, strict=True) if not place.child),
    )


def _unborn(message: Message) -> Unborn | None:
    """By a code in OBX-3, OBX-5 or DG1-3; a date of delivery first."""
    patient = message.all("PID")[0]
    bare = not patient.text(7) and patient.text(8).upper() in ("", "U", "N", "0")
    is_patient = bare and any(people.related(segment, codes.MOTHER) for segment in message.all("NK1"))
    for wanted in (codes.DUE_DATES, codes.UNBORN):
        for segment in message.segments:
            for field in {"OBX": (3, 5), "DG1": (3,)}.get(segment.name, ()):
                for component in (1, 4):
                    leaf = segment.leaf(field, component)
                    if leaf is not None and leaf.text.strip() in wanted:
                        return Unborn(leaf=leaf, is_patient=is_patient)
    return None


def _places(around: Around, unborn: Unborn | None) -> list[Place]:
    """The unborn child first, then patients, then kin. A patient of unknown age is a child, unless the mother."""
    message, when = around.message, around.when
    found: list[tuple[bool, bool, Segment | None]] = []  # child, sure, segment
    if unborn is not None and not unborn.is_patient:
        found.append((True, True, None))
    for segment in message.all("PID"):
        young = people.is_child(segment, people.PATIENT, when)
        first = segment.number == 1 and unborn is not None
        is_mother = first and unborn is not None and not unborn.is_patient
        found.append((not is_mother if young is None else young, young is not None or first, segment))
    patient_is_child = unborn.is_patient if unborn is not None else found[0][0]
    for segment in message.all("NK1"):
        if not any(segment.text(2, component) for component in (1, 2, 3)) or people.related(segment, codes.SELF):
            continue
        young = people.is_child(segment, people.KIN, when)
        likely = people.related(segment, codes.SIBLINGS if patient_is_child else codes.CHILDREN)
        found.append((likely if young is None else young, young is not None or not likely, segment))
    places: list[Place] = []
    for child, sure, each in found:
        index = sum(1 for place in places if place.child is child)
        group, ref = ("children", "child") if child else ("adults", "adult")
        places.append(Place(ref=f"{ref}-{index + 1}", prefix=f"{group}[{index}]", child=child, segment=each, sure=sure))
    return places


def _mother(places: list[Place], unborn: Unborn) -> str | None:
    """Her ``ref``: the patient's, or the NK1's where the patient is the unborn child."""
    for place in places:
        segment = place.segment
        if segment is None:
            continue
        if segment.name == "PID" and not unborn.is_patient:
            return place.ref
        if segment.name == "NK1" and unborn.is_patient and people.related(segment, codes.MOTHER):
            return place.ref
    return None


def _person(taking: Taking, around: Around, place: Place, unborn: Unborn | None, mother: str | None) -> Person:
    segment = place.segment
    said: dict[str, Any] = {}
    if not place.sure:
        taking.flag(AGE_UNKNOWN)
    if segment is None and unborn is not None:
        said = _expected(taking, around.message, unborn, mother)
    elif segment is not None and segment.name == "NK1":
        said = people.details(taking, segment, people.KIN, when=around.when, hidden=around.hidden)
        said["identifiers"] = people.identifiers(taking, ((segment, 33),), None, around.options)
        told = people.relation(taking, segment)
        # What kin are to the patient is what they are to the mother, where she is the patient and not the child.
        of_mother = told and unborn is not None and not unborn.is_patient
        said["relation"] = f"{told} of {mother}" if of_mother else told
    elif segment is not None:
        said = _patient(taking, around, segment)
        if unborn is not None and segment.number == 1 and unborn.is_patient:
            said |= _expected(taking, around.message, unborn, mother)
        elif unborn is not None and place.ref == mother:
            taking.recorder.take("relation", unborn.leaf.pointer)
            said["relation"] = "mother"
    return Person(ref=place.ref, **said)


def _patient(taking: Taking, around: Around, segment: Segment) -> dict[str, Any]:
    """PID, with the MRG that goes with it; PD1 and notes go with the first."""
    message = around.message
    said = people.details(taking, segment, people.PATIENT, when=around.when, hidden=around.hidden)
    said["names"] += people.names(taking, segment, 9, start=len(said["names"]), use=NameUse.ALIAS)
    merged = message.all("MRG")[segment.number - 1 : segment.number]
    if merged:
        taking.flag(MERGED, "identifiers")
    numbers = (*((segment, field) for field in (3, 2, 4)), *((each, 1) for each in merged))
    said["identifiers"] = people.identifiers(taking, numbers, segment.leaf(32), around.options)
    death = segment.leaf(29)
    if death is not None:
        said["death_date"] = partial_date(death.text)
        if said["death_date"] is None:
            taking.flag("date.unread", "death_date")
        else:
            taking.translate("death_date", death)
    if segment.number == 1:
        said["gp"] = people.practice(taking, message.first("PD1"))
        said["notes"] = taking.carry_each("notes", around.notes)
    return said


def _expected(taking: Taking, message: Message, unborn: Unborn, mother: str | None) -> dict[str, Any]:
    """What is known of an unborn child: that it is one, when it is expected, whose it is."""
    taking.recorder.take("unborn", unborn.leaf.pointer)
    if mother is not None:
        taking.recorder.take("mother", unborn.leaf.pointer)
    expected = None
    for segment in message.all("OBX"):
        leaf = segment.leaf(5)
        if leaf is None or not {segment.text(3), segment.text(3, 4)} & set(codes.DUE_DATES):
            continue
        expected = full_date(leaf.text)
        if expected is not None:
            taking.translate("expected_date", leaf)
            break
        taking.flag("date.unread", "expected_date")
    return {"unborn": True, "expected_date": expected, "mother": mother}
