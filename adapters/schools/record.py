"""One row of a school's CSV as the parts of a notification."""

from __future__ import annotations

import re
from datetime import datetime

from adapters import codes, dates, natives
from adapters.natives import Native
from adapters.provenance import Recorder
from adapters.schools.columns import PARENT_FIELDS
from adapters.schools.table import Row
from schemas.identifiers import Identifier, IdentifierKind
from schemas.notification import ConcernDetail, Consent, Handling, Incident, Referrer
from schemas.persons import Address, Contact, Name, NameUse, Organisation, Person
from schemas.vocabulary import Concern

_PARENTS = range(1, 10)
_TITLE = re.compile(r"(mr|mrs|ms|miss|mx|dr|prof|rev)\.?", re.IGNORECASE)
_LEVELS = {f"{prefix}{number}": number for number in range(1, 5) for prefix in ("", "level ", "tier ")}
# Schools mark an unknown school, and a child who is taught at home, with numbers that are no school's.
_NO_SCHOOL = {"888888": "school.unknown", "999999": "school.at_home"}
_ADDRESS_LINES = ("address_1", "address_2", "address_3", "town", "county")
_NUMBERS = (
    ("nhs_number", IdentifierKind.NHS),
    ("upn", IdentifierKind.UPN),
    ("local_id", IdentifierKind.LOCAL),
)


_NOBODY = Person(ref="child-1")
_NO_CONCERN = ConcernDetail(categories=())
_NO_INCIDENT = Incident()
_PARENT_COLUMNS = {number: tuple(f"parent_{number}_{field}" for field in PARENT_FIELDS) for number in _PARENTS}


def identified(row: Row) -> bool:
    """Whether the row says which child it is about: by a number, or by name and birth date."""
    named = row.get("full_name").text or (row.get("given").text and row.get("family").text)
    return bool(row.get("nhs_number").text or row.get("upn").text or (named and row.get("birth_date").text))


def children(row: Row, recorder: Recorder) -> tuple[Person, ...]:
    """The child of the row, or none where the row says nothing of one."""
    at = recorder.within("children[0]")
    child = Person(
        ref="child-1",
        names=_names(row, at),
        birth_date=_partial_date(row, "birth_date", at, "birth_date"),
        sex=natives.read(at, "sex", row.get("sex"), codes.sex),
        ethnicity=natives.carry(at, "ethnicity", row.get("ethnicity")),
        language=natives.carry(at, "language", row.get("language")),
        disability=natives.carry(at, "disability", row.get("disability")),
        identifiers=_identifiers(row, at),
        addresses=_addresses(row, at),
        contacts=_contacts(row, at, ""),
        gp=_surgery(row, at.within("gp")),
        legal_status=natives.carry(at, "legal_status", row.get("legal_status")),
    )
    if child == _NOBODY:
        return ()
    school = _school(row, at.within("school"))
    return (child if school is None else child.model_copy(update={"school": school}),)


def adults(row: Row, recorder: Recorder) -> tuple[Person, ...]:
    """Parents and carers, in the order of their numbers."""
    found: list[Person] = []
    for number in _PARENTS:
        if not row.has(*_PARENT_COLUMNS[number]):
            continue
        prefix = f"parent_{number}_"
        at = recorder.within(f"adults[{len(found)}]")
        found.append(
            Person(
                ref=f"adult-{len(found) + 1}",
                names=_whole_name(row.get(f"{prefix}name"), at, "names[0]"),
                relation=natives.lower(at, "relation", row.get(f"{prefix}relationship")),
                contacts=_contacts(row, at, prefix),
            ),
        )
    return tuple(found)


def event_at(row: Row, recorder: Recorder) -> datetime | None:
    """When it happened, where the row gives a time of day."""
    at = _moment(row)
    if at is not None:
        for native in (row.get("occurred"), row.get("occurred_time")):
            if native.text:
                recorder.take("event_at", native.pointer)
    return at


def incident(row: Row, recorder: Recorder) -> Incident | None:
    """What happened."""
    at = _moment(row)
    day = row.get("occurred")
    if at is not None:
        for native in (day, row.get("occurred_time")):
            if native.text:
                recorder.translate("occurred_at", native.pointer, native.text)
    elif row.get("occurred_time").text:
        recorder.flag("date.unread", "occurred_at")
    made = Incident(
        occurred_at=at,
        occurred_on=_partial_date(row, "occurred", recorder, "occurred_on") if at is None else None,
        reported_at=_reported(row, recorder),
        place=natives.carry(recorder, "place", row.get("location")),
        narrative=natives.carry(recorder, "narrative", row.get("narrative")),
        injuries=natives.carry(recorder, "injuries", row.get("injuries")),
        reference=natives.carry(recorder, "reference", row.get("incident_id")),
    )
    return made if made != _NO_INCIDENT else None


def concern(row: Row, recorder: Recorder, feed_map: object) -> ConcernDetail | None:
    """What worries the school: its categories verbatim, and ours as far as they are known."""
    native = row.get("category")
    said = codes.several(native.text)
    categories: list[Concern] = []
    for place, text in enumerate(said):
        recorder.take(f"source_categories[{place}]", native.pointer)
        for category in _categories(text, feed_map, recorder):
            if category not in categories:
                recorder.take(f"categories[{len(categories)}]", native.pointer)
                categories.append(category)
    if said != (native.text,):
        recorder.leave(native.pointer, native.text)
    factors = row.get("factors")
    parts = codes.several(factors.text)
    for place, _ in enumerate(parts):
        recorder.take(f"factors[{place}]", factors.pointer)
    if parts != (factors.text,):
        recorder.leave(factors.pointer, factors.text)
    made = ConcernDetail(
        categories=tuple(categories),
        source_categories=said,
        level_of_need=natives.read(recorder, "level_of_need", row.get("level_of_need"), _level),
        source_grade=natives.carry(recorder, "source_grade", row.get("grade")),
        factors=parts,
        childs_view=natives.carry(recorder, "childs_view", row.get("childs_view")),
        parents_view=natives.carry(recorder, "parents_view", row.get("parents_view")),
    )
    return made if made != _NO_CONCERN else None


def immediate_danger(row: Row, recorder: Recorder) -> str:
    """The danger as the school puts it; none where it says that there is none."""
    return natives.carry_unless_no(recorder, "immediate_danger", row.get("immediate_danger"))


def actions(row: Row, recorder: Recorder) -> tuple[str, ...]:
    """What the school did, as one text."""
    return natives.carry_each(recorder, "actions_taken", [row.get("action")])


def referrer(row: Row, recorder: Recorder) -> Referrer | None:
    """Who recorded it, and for which school."""
    if not row.has("school_name", "staff_role", "staff_name", "staff_phone", "staff_email"):
        return None
    return Referrer(
        agency=natives.carry(recorder, "agency", row.get("school_name")),
        role=natives.carry(recorder, "role", row.get("staff_role")),
        name=natives.carry(recorder, "name", row.get("staff_name")),
        contacts=_contacts(row, recorder, "staff_"),
    )


def consent(row: Row, recorder: Recorder) -> Consent | None:
    """Whether the family knows and agrees."""
    if not row.has("consent_informed", "consent_given", "consent_why_not"):
        return None
    made = Consent(
        informed=natives.answer(recorder, "informed", row.get("consent_informed")),
        given=natives.answer(recorder, "given", row.get("consent_given")),
        why_not=natives.carry(recorder, "why_not", row.get("consent_why_not")),
    )
    return made if made != Consent() else None


def handling(row: Row, recorder: Recorder) -> Handling:
    """Whether the school restricts who may read it, and whether nobody may know where the child lives."""
    return Handling(
        restricted=natives.caution(recorder, "restricted", row.get("restricted")),
        hidden_location=natives.caution(recorder, "hidden_location", row.get("hidden_location")),
    )


def _moment(row: Row) -> datetime | None:
    """The moment of the incident, from one column or from a day and a time in two."""
    form = row.dates("occurred")
    day, time = form.iso(row.get("occurred").text), row.get("occurred_time").text
    whole = dates.moment(day) if day else None
    if whole is None and day and time:
        return dates.moment(f"{day} {time}")
    return whole


def _partial_date(row: Row, column: str, recorder: Recorder, field: str) -> str | None:
    """The date of a column, written as the feed's options say."""
    return natives.read(recorder, field, row.get(column), row.dates(column).partial, unread="date.unread")


def _reported(row: Row, recorder: Recorder) -> datetime | None:
    """When it was recorded. A day without a time is kept as it was sent: it names no moment, and is no fault."""
    native, form = row.get("reported"), row.dates("reported")
    if native.text and form.moment(native.text) is None and form.partial(native.text) is not None:
        recorder.leave(native.pointer, native.text)
        return None
    return natives.read(recorder, "reported_at", native, form.moment, unread="date.unread")


def _names(row: Row, recorder: Recorder) -> tuple[Name, ...]:
    whole = _whole_name(row.get("full_name"), recorder, "names[0]")
    rows = (
        (NameUse.OFFICIAL, (row.get("given"), row.get("middle")), row.get("family")),
        (NameUse.PREFERRED, (row.get("preferred_given"),), row.get("preferred_family")),
        (NameUse.FORMER, (), row.get("former_family")),
    )
    names: list[Name] = list(whole)
    for use, given, family in rows:
        if not (family.text or any(each.text for each in given)):
            continue
        field = f"names[{len(names)}]"
        names.append(
            Name(
                use=use,
                given=natives.carry_each(recorder, f"{field}.given", given),
                family=natives.carry(recorder, f"{field}.family", family),
            )
        )
    return tuple(names)


def _whole_name(native: Native, recorder: Recorder, field: str) -> tuple[Name, ...]:
    """A name in one cell. Without a comma the last word is taken for the family name, and the reading is flagged."""
    if not native.text:
        return ()
    family, comma, rest = native.text.partition(",")
    words = rest.split() if comma else native.text.split()
    title = words.pop(0) if len(words) > 1 and _TITLE.fullmatch(words[0]) else ""
    if not comma:
        family = words.pop() if len(words) > 1 else ""
        recorder.flag("name.split", field)
    name = Name(title=title, given=tuple(words), family=family.strip())
    for part, present in (("title", name.title), ("family", name.family)):
        if present:
            recorder.take(f"{field}.{part}", native.pointer)
    for place, _ in enumerate(name.given):
        recorder.take(f"{field}.given[{place}]", native.pointer)
    recorder.leave(native.pointer, native.text)
    return (name,)


def _identifiers(row: Row, recorder: Recorder) -> tuple[Identifier, ...]:
    made: list[Identifier] = []
    for field, kind in _NUMBERS:
        native = row.get(field)
        if native.text:
            made.append(recorder.identify(f"identifiers[{len(made)}]", native.pointer, kind, native.text))
    return tuple(made)


def _addresses(row: Row, recorder: Recorder) -> tuple[Address, ...]:
    if not row.has(*_ADDRESS_LINES, "postcode"):
        return ()
    lines = [row.get(field) for field in _ADDRESS_LINES]
    hidden = row.get("hidden_location")
    confidential = bool(hidden.text) and codes.answer(hidden.text) is not False
    if confidential:
        recorder.take("addresses[0].confidential", hidden.pointer)
    address = Address(
        lines=natives.carry_each(recorder, "addresses[0].lines", lines),
        postcode=natives.carry(recorder, "addresses[0].postcode", row.get("postcode")),
        confidential=confidential,
    )
    return (address,)


def _contacts(row: Row, recorder: Recorder, prefix: str) -> tuple[Contact, ...]:
    found = [(system, row.get(f"{prefix}{system}")) for system in ("phone", "email")]
    return tuple(
        Contact(system=system, value=natives.carry(recorder, f"contacts[{place}].value", native))
        for place, (system, native) in enumerate((system, native) for system, native in found if native.text)
    )


def _school(row: Row, recorder: Recorder) -> Organisation | None:
    name, urn, laestab = row.get("school_name"), row.get("school_urn"), row.get("school_laestab")
    if urn.text in _NO_SCHOOL:
        recorder.leave(urn.pointer, urn.text)
        recorder.flag(_NO_SCHOOL[urn.text])
        urn = Native("", urn.pointer)
    identifiers: list[Identifier] = []
    for kind, native in ((IdentifierKind.URN, urn), (IdentifierKind.LAESTAB, laestab)):
        if native.text:
            field = f"identifiers[{len(identifiers)}]"
            identifiers.append(recorder.identify(field, native.pointer, kind, native.text))
    if not (name.text or identifiers):
        return None
    return Organisation(name=natives.carry(recorder, "name", name), identifiers=tuple(identifiers))


def _surgery(row: Row, recorder: Recorder) -> Organisation | None:
    native = row.get("gp_code")
    if not native.text:
        return None
    return Organisation(
        identifiers=(recorder.identify("identifiers[0]", native.pointer, IdentifierKind.ODS, native.text),),
    )


def _categories(text: str, feed_map: object, recorder: Recorder) -> tuple[Concern, ...]:
    """Ours for one category of theirs: as a whole, else by its parts between commas, else other, flagged."""
    whole = codes.concern(text, feed_map)
    if whole is not None:
        return (whole,)
    parts = [codes.concern(part, feed_map) for part in text.split(",")]
    known = tuple(part for part in parts if part is not None)
    if len(known) == len(parts):
        return known
    recorder.flag("category.unknown", "source_categories")
    return (*known, Concern.OTHER)


def _level(text: str) -> int | None:
    return _LEVELS.get(text.lower())
