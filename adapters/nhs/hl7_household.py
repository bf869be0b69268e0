"""Who of an HL7 v2 message is a child and who an adult, and the unborn child whom a mother's message is about.

Convention for the unborn (docs/formats/nhs-hl7v2.md): an OBX with an estimated date of delivery, or a code that says
that the concern is about an unborn child. The patient (PID) is then the mother; or, where the patient has neither
birth date nor sex and an NK1 names the mother, the patient is the unborn child.
"""

from __future__ import annotations

from typing import NamedTuple

from adapters.dates import full_date, partial_date
from adapters.nhs import hl7_codes as codes
from adapters.nhs import hl7_people as people
from adapters.nhs.hl7_merge import merges
from adapters.nhs.hl7_message import Leaf, Message, Segment
from adapters.nhs.hl7_people import Around
from adapters.nhs.hl7_taking import Said, Taking
from schemas.persons import NameUse

AGE_UNKNOWN = "age.unknown"


class Place(NamedTuple):
    """A person's place in the notification. ``segment`` is None for an unborn child who has none of its own."""

    ref: str
    prefix: str
    child: bool
    segment: Segment | None
    birth: str | None
    sure: bool


class Household(NamedTuple):
    """Everybody named, as the fields of ``schemas.persons.Person``."""

    children: tuple[Said, ...]
    adults: tuple[Said, ...]
    merges: tuple[Said, ...] = ()


class Unborn(NamedTuple):
    """That an unborn child is meant: the code that says so, and whether the patient is that child itself."""

    leaf: Leaf
    is_patient: bool


def household(taking: Taking, around: Around) -> Household:
    """Place everybody, then take what the message says of each."""
    unborn = _unborn(around.message)
    places = _places(around, unborn)
    mother = _mother(places, unborn) if unborn is not None else None
    children: list[Said] = []
    adults: list[Said] = []
    for place in places:
        person = _person(taking.within(place.prefix), around, place, unborn, mother)
        (children if place.child else adults).append(person)
    merged: tuple[Said, ...] = ()
    if around.message.first("MRG") is not None:
        refs = {one.segment.number: one.ref for one in places if one.segment is not None and one.segment.name == "PID"}
        merged = merges(taking, around.message, refs, around.options)
    return Household(tuple(children), tuple(adults), merged)


def _unborn(message: Message) -> Unborn | None:
    """By a code in OBX-3, OBX-5 or DG1-3; a date of delivery first."""
    patient = message.all("PID")[0]
    bare = not patient.text(7) and patient.text(8).upper() in ("", "U", "N", "0")
    is_patient = bare and any(people.related(segment, codes.MOTHER) for segment in message.all("NK1"))
    speaking = message.any_of(("OBX", "DG1"))
    for wanted in (codes.DUE_DATES, codes.UNBORN):
        for segment in speaking:
            for field in (3, 5) if segment.name == "OBX" else (3,):
                for component in (1, 4):
                    leaf = segment.leaf(field, component)
                    if leaf is not None and leaf["value"].strip() in wanted:
                        return Unborn(leaf=leaf, is_patient=is_patient)
    return None


def _places(around: Around, unborn: Unborn | None) -> list[Place]:
    """The unborn child first, then patients, then kin. A patient of unknown age is a child, unless the mother."""
    message, when = around.message, around.when
    found: list[tuple[bool, bool, Segment | None, str | None]] = []  # child, sure, segment, birth
    if unborn is not None and not unborn.is_patient:
        found.append((True, True, None, None))
    for segment in message.all("PID"):
        birth = people.born(segment, people.PATIENT)
        young = people.is_child(birth, when)
        first = segment.number == 1 and unborn is not None
        is_mother = first and unborn is not None and not unborn.is_patient
        found.append((not is_mother if young is None else young, young is not None or first, segment, birth))
    patient_is_child = unborn.is_patient if unborn is not None else found[0][0]
    for segment in message.all("NK1"):
        if not any(segment.text(2, component) for component in (1, 2, 3)) or people.related(segment, codes.SELF):
            continue
        birth = people.born(segment, people.KIN)
        young = people.is_child(birth, when)
        likely = people.related(segment, codes.SIBLINGS if patient_is_child else codes.CHILDREN)
        found.append((likely if young is None else young, young is not None or not likely, segment, birth))
    places: list[Place] = []
    count = {True: 0, False: 0}
    for child, sure, each, known in found:
        index = count[child]
        count[child] += 1
        group, ref = ("children", "child") if child else ("adults", "adult")
        places.append(Place(f"{ref}-{index + 1}", f"{group}[{index}]", child, each, known, sure))
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


def _person(taking: Taking, around: Around, place: Place, unborn: Unborn | None, mother: str | None) -> Said:
    segment = place.segment
    said: Said = {}
    if not place.sure:
        taking.flag(AGE_UNKNOWN)
    if segment is None and unborn is not None:
        said = _expected(taking, around.message, unborn, mother)
    elif segment is not None and segment.name == "NK1":
        said = people.details(taking, segment, people.KIN, place.birth, around)
        said["identifiers"] = tuple(people.identifiers(taking, ((segment, 33),), None, around.options))
        told = people.relation(taking, segment)
        # What kin are to the patient is what they are to the mother, where she is the patient and not the child.
        of_mother = told and unborn is not None and not unborn.is_patient
        said["relation"] = f"{told} of {mother}" if of_mother else told
    elif segment is not None:
        said = _patient(taking, around, segment, place.birth)
        if unborn is not None and segment.number == 1 and unborn.is_patient:
            said |= _expected(taking, around.message, unborn, mother)
        elif unborn is not None and place.ref == mother:
            taking.take("relation", unborn.leaf["pointer"])
            said["relation"] = "mother"
    said["ref"] = place.ref
    return said


def _patient(taking: Taking, around: Around, segment: Segment, birth: str | None) -> Said:
    """PID; PD1 and notes go with the first."""
    message = around.message
    said = people.details(taking, segment, people.PATIENT, birth, around)
    said["names"] += tuple(people.names(taking, segment, 9, start=len(said["names"]), use=NameUse.ALIAS))
    numbers = ((segment, 3), (segment, 2), (segment, 4))
    said["identifiers"] = tuple(people.identifiers(taking, numbers, segment.leaf(32), around.options))
    death = segment.leaf(29)
    if death is not None:
        said["death_date"] = partial_date(death["value"])
        if said["death_date"] is None:
            taking.flag("date.unread", "death_date")
        else:
            taking.reword("death_date", death)
    if segment.number == 1:
        said["gp"] = people.practice(taking, message.first("PD1"))
        said["notes"] = taking.carry_each("notes", around.notes)
    return said


def _expected(taking: Taking, message: Message, unborn: Unborn, mother: str | None) -> Said:
    """What is known of an unborn child: that it is one, when it is expected, whose it is."""
    taking.take("unborn", unborn.leaf["pointer"])
    if mother is not None:
        taking.take("mother", unborn.leaf["pointer"])
    expected = None
    for segment in message.all("OBX"):
        leaf = segment.leaf(5)
        if leaf is None or not {segment.text(3), segment.text(3, 4)} & set(codes.DUE_DATES):
            continue
        expected = full_date(leaf["value"])
        if expected is not None:
            taking.reword("expected_date", leaf)
            break
        taking.flag("date.unread", "expected_date")
    return {"unborn": True, "expected_date": expected, "mother": mother}
