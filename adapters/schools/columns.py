"""The columns of a school's CSV: which header means which field, by synonyms and by the feed's own column map.

Headers are compared by their letters and digits alone: ``CHILD_FIRST_NAME``, ``Child first name`` and
``child-first-name`` are one. Source: docs/formats/schools-csv.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

from adapters.schools.day_forms import DAY_FIRST, FORMS, MONTH_FIRST, DayForm, DayForms
from adapters.schools.day_forms import form as form_of
from schemas.errors import Rejected

SYNONYMS: Mapping[str, tuple[str, ...]] = {
    # Whose record it is, and when.
    "incident_id": ("incident id", "incident number", "incident no", "incident ref", "concern id", "record id"),
    "export_id": ("export id", "export reference", "batch id"),
    "occurred": ("incident date", "date of incident", "incident date time", "date", "date time", "concern date"),
    "occurred_time": ("incident time", "time of incident", "time"),
    "reported": ("date reported", "reported", "date logged", "logged", "date recorded", "created", "date added"),
    # The child.
    "given": ("first name", "forename", "given name", "legal forename", "legal first name", "person forename"),
    "middle": ("middle name", "middle names"),
    "family": ("last name", "surname", "family name", "legal surname", "legal last name", "person surname"),
    "full_name": ("name", "full name", "pupil", "student", "child"),
    "preferred_given": ("preferred first name", "preferred given name", "preferred forename", "known as"),
    "preferred_family": ("preferred last name", "preferred surname", "preferred family name"),
    "former_family": ("former surname", "former last name", "previous surname"),
    "birth_date": ("date of birth", "dob", "birth date", "person dob"),
    "sex": ("sex", "gender", "gender code", "person gender code"),
    "ethnicity": ("ethnicity", "ethnic group"),
    "language": ("language", "first language", "home language"),
    "disability": ("disability", "disabilities"),
    "upn": ("upn", "unique pupil number"),
    "nhs_number": ("nhs number", "nhs no"),
    "local_id": ("admission number", "pupil id", "student id", "local patient id", "mis id"),
    "legal_status": ("legal status", "social care status", "safeguarding status", "cp status"),
    "address_1": ("address line 1", "address 1", "address"),
    "address_2": ("address line 2", "address 2"),
    "address_3": ("address line 3", "address 3"),
    "town": ("town", "city"),
    "county": ("county",),
    "postcode": ("postcode", "post code", "person postcode"),
    "phone": ("phone", "telephone"),
    "email": ("email", "email address"),
    "school_name": ("school name", "school", "establishment"),
    "school_urn": ("school urn", "urn"),
    "school_laestab": ("laestab", "dfe number", "school dfe number"),
    "gp_code": ("gp code", "gp practice code"),
    # What worries the school.
    "category": ("category", "categories", "concern", "concern type", "concern category", "incident category"),
    "factors": ("linked categories", "indicators", "risk factors", "factors"),
    "level_of_need": ("level of need", "threshold level", "level"),
    "grade": ("severity", "rag", "risk level", "priority"),
    "narrative": ("incident", "narrative", "details", "incident details", "description", "concern details", "notes"),
    "injuries": ("injuries", "body map"),
    "location": ("location", "place", "where"),
    "action": ("action", "actions", "action taken", "actions taken", "response"),
    "immediate_danger": ("immediate danger", "immediate risk"),
    "childs_view": ("pupil voice", "childs view", "child s view", "childs voice", "voice of the child"),
    "parents_view": ("parents view", "parent s view", "parental view"),
    "staff_name": ("staff name", "reported by", "added by", "staff member", "recorded by", "dsl name"),
    "staff_role": ("staff role", "role", "job title", "reporter role"),
    "staff_email": ("staff email", "reporter email"),
    "staff_phone": ("staff phone", "reporter phone"),
    "consent_informed": ("parents informed", "family informed", "informed"),
    "consent_given": ("consent", "consent given", "parental consent"),
    "consent_why_not": ("why not", "reason no consent", "reason consent not sought"),
    "restricted": ("restricted", "confidential"),
    "hidden_location": ("confidential address", "address confidential", "hidden address", "address withheld"),
    # Attendance, and children missing education.
    "attendance_code": ("attendance code", "attendance mark", "session mark", "absence code", "register mark"),
    "attendance_marks": ("attendance marks", "session marks", "register marks", "attendance string"),
    "session_date": ("session date", "attendance date", "register date"),
    "attendance_percent": ("attendance", "attendance percent", "attendance percentage", "attendance rate"),
    "absence_percent": ("absence", "absence percent", "absence percentage", "absence rate", "overall absence"),
    "persistent_absence": ("persistent absence", "persistently absent", "persistent absentee", "pa"),
    "severe_absence": ("severe absence", "severely absent", "severe absentee"),
    "days_absent": ("consecutive days absent", "consecutive school days absent", "days absent in a row"),
    "last_attended": ("last attended", "last date attended", "date last attended", "last day attended"),
    "missing_education": ("child missing education", "missing education", "missing from education", "cme"),
    "removed_on": ("date removed from roll", "removed from roll", "off roll date", "date off roll", "leaving date"),
    "removal_reason": ("ground for removal", "grounds for removal", "reason for removal", "leaving reason"),
    "destination": ("destination", "destination school", "new school", "next school"),
    "enquiries": ("enquiries", "enquiries made", "reasonable enquiries", "steps taken to locate"),
}
"""Our own field for a column, and the headers that stand for it (a leading child, pupil, student or person may go)."""

SAFEGUARDING = frozenset(
    {"category", "factors", "level_of_need", "grade", "narrative", "injuries", "action", "immediate_danger"}
    | {"childs_view", "parents_view", "legal_status"},
)
"""The fields that tell of a concern where a row fills one in."""

ATTENDANCE = (
    *("missing_education", "removed_on", "removal_reason", "destination", "days_absent", "severe_absence"),
    *("persistent_absence", "attendance_percent", "absence_percent", "attendance_code", "attendance_marks"),
    *("session_date", "last_attended", "enquiries"),
)
"""The fields of an attendance record, those first that weigh most."""

DATES = frozenset({"birth_date", "occurred", "reported", "session_date", "last_attended", "removed_on"})
"""The fields that hold dates."""

_PARENT = re.compile(r"(?:parent|carer|guardian|contact)(?: carer)? ?([1-9]) (name|relationship|email|phone)")
PARENT_FIELDS = ("name", "relationship", "email", "phone")
_COMMENTS = re.compile(r"\b(comments?|notes?|remarks?|reasons?|information|info)\b")
_SUBJECTS = ("child ", "pupil ", "student ", "person ")
_SPEAKING = re.compile(r"safeguard|concern|incident|abuse|neglect|harm|disclos|protection|welfare|worr(y|ied)|risk")


def plain(header: str) -> str:
    """The letters and digits of a header, in lower case, with one space between words."""
    return " ".join(re.findall(r"[a-z0-9]+", header.lower()))


def _close(header: str) -> str:
    """The letters and digits alone: ``GivenName`` and ``Given name`` are one."""
    return plain(header).replace(" ", "")


_FIELDS = {synonym: field for field, synonyms in SYNONYMS.items() for synonym in synonyms}
_CLOSE = {synonym.replace(" ", ""): field for synonym, field in _FIELDS.items()}


def field_of(header: str) -> str | None:
    """The field that a header stands for, or None."""
    words = plain(header)
    found = _FIELDS.get(words)
    if found is None:
        subject = next((subject for subject in _SUBJECTS if words.startswith(subject)), "")
        found = _FIELDS.get(words.removeprefix(subject)) if subject else None
    if found is None and (parent := _PARENT.fullmatch(words)) is not None:
        return f"parent_{parent[1]}_{parent[2]}"
    return found or _CLOSE.get(words.replace(" ", ""))


def is_field(name: str) -> bool:
    """Whether a column map may name this field."""
    return name in SYNONYMS or re.fullmatch(rf"parent_[1-9]_({'|'.join(PARENT_FIELDS)})", name) is not None


def holds_comments(header: str) -> bool:
    """Whether a header that nobody mapped is that of a column for what somebody wants to add."""
    return _COMMENTS.search(plain(header)) is not None


def speaks_of_safeguarding(header: str) -> bool:
    """Whether a header that nobody mapped sounds like a concern."""
    return _SPEAKING.search(plain(header)) is not None


def is_safeguarding_export(fields: Sequence[str | None]) -> bool:
    """Whether the columns are those of an export about safeguarding: a class list may have one of them, as "notes"."""
    return "category" in fields or "incident_id" in fields or sum(field in SAFEGUARDING for field in fields) > 1


def column_map(options: Mapping[str, object]) -> dict[str, str]:
    """The feed's own map, header to field. A field is named as we do, or by any of the headers that we know for it.

    Raises:
        Rejected: ``schools.csv.options``: the map is none, or names a field that there is not.
    """
    return {_close(header): field for header, field, _ in _entries(options)}


def day_forms(options: Mapping[str, object]) -> DayForms:
    """How the feed's dates are written: as a whole, and in the columns whose entry in the map says otherwise.

    Raises:
        Rejected: ``schools.csv.options``: a form that there is not, or one for a column without dates.
    """
    years_from = _first_year(options.get("two_digit_years_from"))
    feed = options.get("dates", DAY_FIRST)
    if feed not in (DAY_FIRST, MONTH_FIRST):
        raise _wrong("dates", f'write dates = "{DAY_FIRST}" or dates = "{MONTH_FIRST}"')
    columns: dict[str, DayForm] = {}
    for header, field, form in _entries(options):
        if form is None:
            continue
        if form not in FORMS:
            known = ", ".join(f'"{each}"' for each in FORMS)
            raise _wrong(f"columns.{header}", f"say how this column writes dates by one of {known}")
        if field not in DATES:
            raise _wrong(f"columns.{header}", f'leave "dates" out: "{field}" holds no dates')
        columns[field] = form_of(form, years_from)
    return DayForms(feed=form_of(str(feed), years_from), columns=columns)


def _entries(options: Mapping[str, object]) -> Iterator[tuple[str, str, str | None]]:
    """Each entry of the map: header, field, and the form of its dates where the entry gives one."""
    given = options.get("columns", {})
    if not isinstance(given, Mapping):
        raise _wrong("columns", 'write the column map as columns = { "Your heading" = "field" }')
    for header, entry in given.items():
        wanted, form = (entry.get("field"), entry.get("dates")) if isinstance(entry, Mapping) else (entry, None)
        if isinstance(entry, Mapping) and not entry.keys() <= {"field", "dates"}:
            raise _wrong(f"columns.{header}", 'write { field = "birth_date", dates = "excel" } and nothing else in it')
        field = str(wanted) if is_field(str(wanted)) else field_of(str(wanted))
        if not isinstance(wanted, str) or field is None:
            raise _wrong(f"columns.{header}", _no_such_field(str(wanted)))
        yield str(header), field, None if form is None else str(form)


def _no_such_field(wanted: str) -> str:
    near = get_close_matches(plain(wanted), _NAMES, n=1)
    meant = f' - did you mean "{_NAMES[near[0]]}"?' if near else ""
    return (
        f"the column map gives this heading a field that there is not{meant} "
        "The fields are listed in docs/formats/schools-csv.md"
    )


def _first_year(given: object) -> int | None:
    if given is None:
        return None
    text = str(given)
    if not (len(text) == 4 and text.isdecimal() and 1900 <= int(text) <= 2050):
        raise _wrong("two_digit_years_from", "write the first year that two digits may stand for, such as 1990")
    return int(text)


def _wrong(option: str, detail: str) -> Rejected:
    return Rejected("schools.csv.options", f"ask the hub to mend this feed's options: {detail}", at=f"options.{option}")


_NAMES = {name.replace("_", " "): name for name in SYNONYMS} | _FIELDS


def fields_of(headers: Sequence[str], own: Mapping[str, str]) -> tuple[str | None, ...]:
    """The field of each column; the first column that claims a field has it, and the others stay without."""
    met: set[str] = set()
    fields: list[str | None] = []
    for header in headers:
        field = own.get(_close(header)) or field_of(header)
        fields.append(None if field in met else field)
        if field is not None:
            met.add(field)
    return tuple(fields)
