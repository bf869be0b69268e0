"""Pupils and attendance as Wonde's API gives them: one item a pupil, or one a mark of the register.

A record is what the API calls a student, with whatever was included: contacts, contact_details, education_details,
extended_details, attendance, attendance_summary, school. Includes may be wrapped in ``data`` or stand bare.

Source: Wonde API v1 (students, session attendance); docs/formats/schools-json.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from adapters import codes, dates, natives
from adapters.json_taking import JsonTaking
from adapters.kinds import Rule, judge
from adapters.provenance import Recorder
from adapters.schools import attendance, attendance_json, flags, json_people, worry
from adapters.schools.attendance import Mark
from adapters.schools.columns import speaks_of_safeguarding
from adapters.schools.json_part import Part
from adapters.schools.json_people import Around
from adapters.schools.register import Register
from adapters.strict_json import Json, Number, leaves
from schemas.notification import Normalised, Notification, Order, Referrer
from schemas.persons import Person
from schemas.vocabulary import ItemKind

CODE = "schools.json"
FORMAT = f"{CODE}/wonde-1"
STUDENT = frozenset({"surname", "forename", "legal_surname", "legal_forename", "date_of_birth", "upi", "upn"})
MARK = frozenset({"attendance_code", "student"})


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the rows below look at, beside those for attendance."""

    flagged: bool
    unread_worry: bool
    identified: bool


RULES = (
    Rule[Facts](
        kind=ItemKind.CONCERN,
        when=lambda facts: facts.flagged,
        because="the pupil's record bears a safeguarding flag",
    ),
    Rule[Facts](
        kind=ItemKind.CONCERN,
        when=lambda facts: facts.unread_worry,
        because="a member that nobody mapped holds free text or speaks of safeguarding",
    ),
    Rule[Facts](
        kind=ItemKind.UPDATE,
        when=lambda facts: facts.identified,
        because="a pupil's record refreshes what is known of the pupil",
    ),
    Rule[Facts](
        kind=ItemKind.CONTEXT,
        when=lambda facts: not facts.identified,
        because="the record does not say which child it is about",
    ),
)


def is_record(value: Json) -> bool:
    """Whether a value is a student or a mark of the register."""
    return isinstance(value, dict) and (not STUDENT.isdisjoint(value) or set(value) >= MARK)


def items(records: Sequence[tuple[str, Json]], around: dict[str, str], digest: str) -> tuple[Normalised, ...]:
    """One item a record (pointer and value). What stands ``around`` them is listed with the first."""
    takings = [
        JsonTaking(leaves(value, pointer) | (around if not place else {}))
        for place, (pointer, value) in enumerate(records)
    ]
    parts = [Part(value, pointer, taking) for (pointer, value), taking in zip(records, takings, strict=True)]
    tenth = _tenth_days(parts)
    return tuple(
        _item(part, f"{digest}#student-{place}", told=place in tenth) for place, part in enumerate(parts, start=1)
    )


def _tenth_days(parts: Sequence[Part]) -> frozenset[int]:
    """The places, from 1, of the marks that complete ten school days in a row without authority."""
    register = Register()
    noted: list[tuple[int, str, date]] = []
    for place, part in enumerate(parts, start=1):
        mark, day = _mark(part), dates.full_date(part.get("date/date", "date").text)
        pupil = part.get("student/id", "student").text
        if mark is not None and day is not None and pupil:
            register.note(pupil, day, mark)
            noted.append((place, pupil, day))
    runs = register.runs()
    first: dict[tuple[str, date], int] = {}
    for place, pupil, day in noted:
        if runs[pupil].get(day) == attendance.TEN_DAYS:
            first.setdefault((pupil, day), place)
    return frozenset(first.values())


def _mark(part: Part) -> Mark | None:
    text = part.get("attendance_code/code", "attendance_code").text
    return attendance.mark(text) if text else None


def _item(record: Part, native_id: str, *, told: bool) -> Normalised:
    taking = record.taking
    recorder = taking.recorder
    student = record.within("student") if record.has("attendance_code") else record
    student = student if student is not None and isinstance(student.value, dict) else record
    raised = flags.raised_by(_flags(record))
    contacts = [
        (part, f"adult-{place}") for place, part in enumerate(student.few("contacts", json_people.MOST), start=1)
    ]
    child = _child(record, student, contacts, raised, recorder)
    adults = tuple(
        json_people.adult(part, recorder.within(f"adults[{place}]"), ref) for place, (part, ref) in enumerate(contacts)
    )
    orders = _orders(contacts, recorder)
    attendance_json.flag(record, recorder)
    kind, because, attending = _judge(record, student, raised, recorder, told=told)
    concern = flags.concern(raised, recorder.within("concern"))
    if concern is None and attending and kind is ItemKind.CONCERN:
        concern = attendance_json.concern(record, recorder.within("concern"))
    event_at = _event_at(record, recorder)
    agency = record.get("school/name")
    notification = Notification(
        native_id=native_id,
        format=FORMAT,
        kind=kind,
        kind_reason=because,
        event_at=event_at,
        children=(child,),
        adults=adults,
        concern=concern,
        orders=orders,
        referrer=Referrer(agency=natives.carry(recorder, "referrer.agency", agency)) if agency.text else None,
        quality=recorder.quality,
    )
    taking.leave_rest()
    return Normalised(notification=notification, provenance=recorder.provenance, unmapped=recorder.unmapped)


def _judge(
    record: Part, student: Part, raised: tuple[flags.Flag, ...], recorder: Recorder, *, told: bool
) -> tuple[ItemKind, str, bool]:
    """Kind, reason, and whether the rows for attendance said so: they go after a flag and before the rest."""
    identified = json_people.identified(student) or bool(record.get("student/id", "student").text)
    unread = False
    if not raised:
        seen = attendance_json.facts(record, identified=identified)
        if told:
            seen = attendance.Facts(days=attendance.TEN_DAYS, identified=identified)
        unread = _unread_worry(record, recorder)
        if attendance.is_concern(seen) or (record.has("attendance_code") and not unread):
            return *judge(attendance.RULES, seen), True
    facts = Facts(flagged=bool(raised), unread_worry=unread, identified=identified)
    return *judge(RULES, facts), False


def _child(
    record: Part,
    student: Part,
    contacts: Sequence[tuple[Part, str]],
    raised: tuple[flags.Flag, ...],
    recorder: Recorder,
) -> Person:
    at = recorder.within("children[0]")
    around = Around(contacts=contacts, school=student.within("school") or record.within("school"))
    child = json_people.pupil(student, at, "child-1", around)
    number = record.get("student") if student is record else student.get("id")
    number = number if number.text else student.get("id")
    if number.text:
        field = f"identifiers[{len(child.identifiers)}]"
        made = at.identify(field, number.pointer, json_people.LOCAL, number.text, issuer="Wonde")
        child = child.model_copy(update={"identifiers": (*child.identifiers, made)})
    if raised and (status := flags.legal_status(raised, at)):
        child = child.model_copy(update={"legal_status": status})
    return child


def _flags(record: Part) -> Iterator[tuple[str, str, str, str]]:
    """Values that stand at or below a member whose name is a flag's; the deepest such name is theirs."""
    for pointer, text in record.taking.values.items():
        if not pointer.startswith(f"{record.pointer}/") or not text.strip():
            continue
        steps = pointer[len(record.pointer) + 1 :].split("/")
        for deep in range(len(steps), 0, -1):
            if flags.meaning(steps[deep - 1]) is not None:
                record.taking.native(pointer)  # handed out: whoever raises a flag of it records it
                at = f"{record.pointer}/{'/'.join(steps[:deep])}"
                yield at, steps[deep - 1], pointer, text
                break


def _unread_worry(record: Part, recorder: Recorder) -> bool:
    known = recorder.pointers
    for pointer, text in record.taking.values.items():
        if pointer in known or isinstance(text, Number) or codes.answer(text) is False:
            continue
        name = pointer.rpartition("/")[2].replace("_", " ")
        if len(text.split()) >= worry.LONG or (text.strip() and speaks_of_safeguarding(name)):
            return True
    return False


def _orders(contacts: Sequence[tuple[Part, str]], recorder: Recorder) -> tuple[Order, ...]:
    """A court order that a contact's record tells of."""
    found: list[Order] = []
    for part, _ in contacts:
        native = part.get("relationship/court_order", "court_order")
        if native.text and not codes.says_no(native.text):
            field = f"orders[{len(found)}]"
            detail = "" if codes.answer(native.text) else native.text
            recorder.take(f"{field}.detail" if detail else field, native.pointer)
            if not detail:
                recorder.leave(native.pointer, native.text)
            found.append(Order(kind="court order", detail=detail))
    return tuple(found)


def _event_at(record: Part, recorder: Recorder) -> datetime | None:
    """When the record was last changed. Wonde's moments are in a zone that stands beside them."""
    native, zone = record.get("updated_at/date", "updated_at"), record.get("updated_at/timezone").text
    if not native.text or zone not in ("", "Europe/London", "UTC", "GMT"):
        return None
    suffix = "Z" if zone in ("UTC", "GMT") else ""
    return natives.read(recorder, "event_at", native, lambda text: dates.moment(text + suffix), unread="date.unread")
