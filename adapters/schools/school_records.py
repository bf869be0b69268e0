"""Records of our own JSON for schools as items: concerns, attendance, and children missing education.

Source: docs/formats/schools-json.md; adapters/schools/school_document.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from adapters import codes, dates, natives
from adapters.json_taking import JsonTaking
from adapters.kinds import judge
from adapters.natives import Native
from adapters.provenance import Recorder
from adapters.schools import attendance, attendance_json, json_people
from adapters.schools.json_part import Part
from adapters.schools.json_people import Around
from adapters.schools.school_document import FORMAT, RECORDS
from adapters.strict_json import Json, leaves
from schemas.errors import Rejected
from schemas.notification import ConcernDetail, Consent, Handling, Incident, Normalised, Notification, Referrer
from schemas.persons import Contact
from schemas.vocabulary import Concern, ItemKind

CODE = "schools.json"
_CONCERN = "a school's safeguarding record is a concern"
_SCHOOL = ("name", "urn", "laestab", "la_code", "establishment_number")
_FAULTS = {
    "missing": "give the member that this object must have",
    "string_too_short": "give a text that is not empty",
}


def items(document: Mapping[str, Json], options: Mapping[str, object]) -> tuple[Normalised, ...]:
    """One item a record. The document's own school stands for each; what else is around them, with the first.

    Raises:
        Rejected: ``schools.json.records`` or ``.shape``; ``at`` is a JSON pointer.
    """
    records = document.get("records")
    if not isinstance(records, list) or not records:
        raise Rejected(f"{CODE}.records", "send at least one record in the list that is called records", at="/records")
    shared, first = _around(document)
    for place, record in enumerate(records):
        _check(record, f"/records/{place}")
    common = leaves(shared)
    made = []
    for place, record in enumerate(records):
        pointer = f"/records/{place}"
        taking = JsonTaking(leaves(record, pointer) | common | (first if place == 0 else {}))
        whole = Part(shared, "", taking)
        made.append(_item(Part(record, pointer, taking), whole, options))
    return tuple(made)


def _around(document: Mapping[str, Json]) -> tuple[dict[str, Json], dict[str, str]]:
    """What stands for every record, which is little; and the values of the rest, listed with the first."""
    school = document.get("school")
    if school is None:
        return {}, leaves({key: value for key, value in document.items() if key != "records"})
    if not isinstance(school, dict):
        raise Rejected(f"{CODE}.shape", "give this member the type that the schema names", at="/school")
    known: dict[str, Json] = {
        key: value for key, value in school.items() if key in _SCHOOL and not isinstance(value, dict | list)
    }
    rest: dict[str, Json] = {key: value for key, value in document.items() if key != "records"}
    rest["school"] = {key: value for key, value in school.items() if key not in known}
    return {"school": known}, leaves(rest)


def _check(record: Json, at: str) -> None:
    kind = record.get("record") if isinstance(record, dict) else None
    model = RECORDS.get(kind) if isinstance(kind, str) else None
    if model is None:
        known = ", ".join(RECORDS)
        raise Rejected(f"{CODE}.shape", f"say in the member record which kind it is: {known}", at=f"{at}/record")
    try:
        model.model_validate(record)
    except ValidationError as error:
        fault = error.errors(include_input=False, include_url=False, include_context=False)[0]
        # What the loc names are members of ours and places in lists: the models allow every other member as it is.
        place = "/".join(str(step) for step in fault["loc"] if isinstance(step, int) or str(step).islower())
        detail = _FAULTS.get(fault["type"], "give this member the type that the schema names")
        raise Rejected(f"{CODE}.shape", detail, at=f"{at}/{place}") from error


def _item(record: Part, whole: Part, options: Mapping[str, object]) -> Normalised:
    taking = record.taking
    recorder = taking.recorder
    concerning = record.get("record").text == "concern"
    people, adults = _people(record, whole)
    concern: ConcernDetail | None = None
    if concerning:
        kind, because = ItemKind.CONCERN, _CONCERN
        concern = _concern(record, recorder.within("concern"), options.get("categories"))
    else:
        pupil = record.within("pupil")
        facts = attendance_json.facts(record, identified=pupil is not None and json_people.identified(pupil))
        kind, because = judge(attendance.RULES, facts)
        attendance_json.flag(record, recorder)
        if kind is ItemKind.CONCERN:
            concern = attendance_json.concern(record, recorder.within("concern"))
    children = tuple(
        json_people.pupil(part, recorder.within(f"children[{place}]"), f"child-{place + 1}", around)
        for place, (part, around) in enumerate(people)
    )
    incident = _incident(record, recorder.within("incident"))
    notification = Notification(
        native_id=natives.carry(recorder, "native_id", record.get("id")),
        format=f"{CODE}/{FORMAT.replace('/', '-')}",
        kind=kind,
        kind_reason=because,
        event_at=incident.occurred_at if incident is not None else None,
        children=children,
        adults=tuple(
            json_people.adult(part, recorder.within(f"adults[{place}]"), ref)
            for place, (part, ref) in enumerate(adults)
        ),
        concern=concern,
        incident=incident,
        immediate_danger=natives.carry_unless_no(recorder, "immediate_danger", record.get("immediate_danger")),
        actions_taken=_actions(record, recorder),
        referrer=_referrer(record, whole, recorder.within("referrer")),
        consent=_consent(record, recorder.within("consent")),
        handling=_handling(record, recorder.within("handling")),
        supersedes=natives.carry(recorder, "supersedes", record.get("supersedes")),
        quality=recorder.quality,
    )
    if notification.event_at is not None:
        recorder.take("event_at", record.get("occurred_at").pointer)
    taking.leave_rest()
    return Normalised(notification=notification, provenance=recorder.provenance, unmapped=recorder.unmapped)


def _people(record: Part, whole: Part) -> tuple[list[tuple[Part, Around]], list[tuple[Part, str]]]:
    """Every child with what stands around it, and every adult with its name; parental responsibility is the first's."""
    adults = [(part, f"adult-{place}") for place, part in enumerate(record.few("adults", json_people.MOST), start=1)]
    pupils = [part for key in ("pupil", "pupils", "linked_pupils") for part in record.few(key, json_people.MOST)]
    school = whole.within("school")
    return [
        (part, Around(contacts=adults if place == 0 else (), school=part.within("school") or school))
        for place, part in enumerate(pupils)
    ], adults


def _concern(record: Part, recorder: Recorder, feed_map: object) -> ConcernDetail:
    said = record.texts("categories")
    categories: list[Concern] = []
    for native in said:
        category = codes.concern(native.text, feed_map)
        if category is None:
            recorder.flag("category.unknown", "source_categories")
            category = Concern.OTHER
        if category not in categories:
            recorder.take(f"categories[{len(categories)}]", native.pointer)
            categories.append(category)
    factors = list(natives.carry_each(recorder, "factors", record.texts("factors")))
    for each in record.each("conferences"):
        parts = [each.get(name) for name in ("kind", "date", "outcome")]
        if any(native.text for native in parts):
            factors.append(natives.join(recorder, f"factors[{len(factors)}]", parts))
    return ConcernDetail(
        categories=tuple(categories),
        source_categories=natives.carry_each(recorder, "source_categories", said),
        level_of_need=natives.read(recorder, "level_of_need", record.get("level_of_need"), _level),
        source_grade=natives.carry(recorder, "source_grade", record.get("grade")),
        factors=tuple(factors),
        childs_view=natives.carry(recorder, "childs_view", record.get("pupil_voice")),
        parents_view=natives.carry(recorder, "parents_view", record.get("parents_view")),
    )


def _incident(record: Part, recorder: Recorder) -> Incident | None:
    native = record.get("occurred_at")
    day_alone = dates.moment(native.text) is None and dates.partial_date(native.text) is not None
    at = None if day_alone else natives.moment(recorder, "occurred_at", native)
    made = Incident(
        occurred_at=at,
        occurred_on=natives.partial_date(recorder, "occurred_on", native) if day_alone else None,
        reported_at=natives.moment(recorder, "reported_at", record.get("reported_at")),
        place=natives.carry(recorder, "place", record.get("place")),
        narrative=natives.carry(recorder, "narrative", record.get("narrative")),
        injuries=natives.join(recorder, "injuries", [record.get("injuries"), *_body(record)], between="\n"),
    )
    if made == Incident():
        return None
    return made.model_copy(update={"reference": natives.carry(recorder, "reference", record.get("id"))})


def _body(record: Part) -> list[Native]:
    """What the body map shows, in words."""
    marks = [
        each.get(name) for each in record.each("body_map") for name in ("region", "description") if each.get(name).text
    ]
    return [*record.texts("body_map"), *marks]


def _actions(record: Part, recorder: Recorder) -> tuple[str, ...]:
    each_with_parts = [[each.get(name) for name in ("at", "by", "action")] for each in record.each("actions")]
    done = [parts for parts in each_with_parts if any(native.text for native in parts)]
    return tuple(
        natives.join(recorder, f"actions_taken[{place}]", parts, between=": ") for place, parts in enumerate(done)
    )


def _referrer(record: Part, whole: Part, recorder: Recorder) -> Referrer | None:
    made = Referrer(
        agency=natives.carry(recorder, "agency", whole.get("school/name")),
        role=natives.carry(recorder, "role", record.get("reporter/role")),
        name=natives.carry(recorder, "name", record.get("reporter/name")),
        contacts=_reached(
            [(system, native) for system in ("phone", "email") if (native := record.get(f"reporter/{system}")).text],
            recorder,
        ),
    )
    return made if made != Referrer() else None


def _reached(rows: Sequence[tuple[str, Native]], recorder: Recorder) -> tuple[Contact, ...]:
    return tuple(
        Contact(system=system, value=natives.carry(recorder, f"contacts[{place}].value", native))
        for place, (system, native) in enumerate(rows)
    )


def _consent(record: Part, recorder: Recorder) -> Consent | None:
    made = Consent(
        informed=natives.answer(recorder, "informed", record.get("consent/informed")),
        given=natives.answer(recorder, "given", record.get("consent/given")),
        why_not=natives.carry(recorder, "why_not", record.get("consent/why_not")),
        legal_ground=natives.read(recorder, "legal_ground", record.get("consent/legal_ground"), codes.legal_ground),
    )
    return made if made != Consent() else None


def _handling(record: Part, recorder: Recorder) -> Handling:
    return Handling(
        restricted=natives.caution(recorder, "restricted", record.get("handling/restricted")),
        hidden_location=natives.caution(recorder, "hidden_location", record.get("handling/hidden_location")),
        source_protection=natives.caution(recorder, "source_protection", record.get("handling/source_protection")),
        caveat=natives.carry(recorder, "caveat", record.get("handling/caveat")),
    )


def _level(text: str) -> int | None:
    return int(text) if text in ("1", "2", "3", "4") else None
