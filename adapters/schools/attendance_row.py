"""A row of a school's CSV as an attendance record: what the rules look at, and what a concern then carries of it.

An export may hold one mark a row. So the runs of absence are counted over all rows of a pupil, and the row of the
tenth day is the one that tells.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from datetime import date

from adapters import codes, natives
from adapters.natives import Native
from adapters.provenance import Recorder
from adapters.schools import attendance
from adapters.schools.attendance import Facts
from adapters.schools.columns import ATTENDANCE
from adapters.schools.register import Register, longest
from adapters.schools.table import Row
from schemas.notification import ConcernDetail
from schemas.vocabulary import Concern

_LOST = re.compile(
    r"(destination|whereabouts|address)( is| are)? (unknown|not known)|untraced|not (be )?traced|went missing",
    re.IGNORECASE,
)
_KEYS = ("upn", "nhs_number", "local_id")
_NAMES = ("full_name", "given", "family", "birth_date")

Tenth = Mapping[int, int]
"""The number of a row, to the school days in a row without authority that it completes."""


def tells(row: Row) -> bool:
    """Whether the row says anything about attendance. A date alone says nothing."""
    return row.has(*(field for field in ATTENDANCE if field not in ("session_date", "last_attended")))


def tenth_days(rows: Sequence[Row]) -> Tenth:
    """The rows that complete ten school days in a row without authority, one for each such run."""
    register, noted = Register(), []
    for row in rows:
        mark, day = attendance.mark(row.get("attendance_code").text), _day(row)
        pupil = _pupil(row)
        if mark is not None and day is not None and pupil is not None:
            register.note(pupil, day, mark)
            noted.append((row, pupil, day))
    if not noted:
        return {}
    runs = register.runs()
    told: set[tuple[Hashable, date]] = set()
    found: dict[int, int] = {}
    for row, pupil, day in noted:
        if runs[pupil].get(day) == attendance.TEN_DAYS and (pupil, day) not in told:
            told.add((pupil, day))
            found[row.number] = attendance.TEN_DAYS
    return found


def facts(row: Row, columns: Sequence[str | None], tenth: Tenth, *, identified: bool) -> Facts:
    """What the rules look at. A clear no is a no; anything else that stands in a column about a worry is a yes."""
    text = {field: row.get(field).text for field in ATTENDANCE}
    marks = list(attendance.marks(text["attendance_marks"]))
    mark = attendance.mark(text["attendance_code"])
    destination = text["destination"]
    return Facts(
        missing=_yes(text["missing_education"]),
        removed=bool(text["removed_on"] or text["removal_reason"]),
        destination_unknown=("destination" in columns and attendance.unknown(destination))
        or (not destination and lost(text["removal_reason"])),
        days=max(attendance.days(text["days_absent"]) or 0, longest(marks), tenth.get(row.number, 0)),
        severe=_yes(text["severe_absence"])
        or attendance.severe_share(text["attendance_percent"], text["absence_percent"]),
        persistent=_yes(text["persistent_absence"]),
        detained=attendance.DETAINED in {each.code for each in (mark, *marks) if each is not None},
        identified=identified,
    )


def flag(row: Row, recorder: Recorder) -> None:
    """Flag marks that no code set has or that were retired, and counts and shares that cannot be read."""
    native = row.get("attendance_code").text
    marks = [*([attendance.mark(native)] if native else []), *attendance.marks(row.get("attendance_marks").text)]
    if None in marks:
        recorder.flag("attendance.code_unknown")
    if any(each is not None and each.retired for each in marks):
        recorder.flag("attendance.code_retired")
    if len(row.get("attendance_marks").text) > attendance.MOST_MARKS:
        recorder.flag("attendance.unread")
    for field, reader in (
        ("days_absent", attendance.days),
        ("attendance_percent", attendance.percent),
        ("absence_percent", attendance.percent),
    ):
        text = row.get(field).text
        if text and reader(text) is None:
            recorder.flag("attendance.unread")


def concern(
    row: Row, headers: Mapping[str, str], given: ConcernDetail | None, recorder: Recorder
) -> ConcernDetail | None:
    """``given`` with the record's cells as factors, each after its heading, and school attendance among the categories.

    ``headers`` are the headings by field.
    """
    cells = [(field, row.get(field)) for field in ATTENDANCE if row.get(field).text and field != "enquiries"]
    if not cells:
        return given
    detail = given or ConcernDetail(categories=())
    factors = list(detail.factors)
    for field, native in cells:
        recorder.take(f"factors[{len(factors)}]", native.pointer)
        factors.append(f"{headers[field]}: {native.text}")
    categories = detail.categories
    if Concern.SCHOOL_ATTENDANCE not in categories:
        telling = next((native for _, native in cells if not codes.says_no(native.text)), cells[0][1])
        recorder.take(f"categories[{len(categories)}]", telling.pointer)
        categories = (*categories, Concern.SCHOOL_ATTENDANCE)
    return detail.model_copy(update={"categories": categories, "factors": tuple(factors)})


def enquiries(row: Row, recorder: Recorder, taken: int) -> tuple[str, ...]:
    """What the school did to find the child, as the action after the ``taken`` first ones."""
    native: Native = row.get("enquiries")
    return (natives.carry(recorder, f"actions_taken[{taken}]", native),) if native.text else ()


def lost(reason: str) -> bool:
    """Whether a reason for taking a child off the roll says that nobody knows where the child is."""
    return _LOST.search(reason) is not None


def _yes(text: str) -> bool:
    return bool(text) and not codes.says_no(text)


def _day(row: Row) -> date | None:
    field = "session_date" if row.has("session_date") else "occurred"
    text = row.get(field).text
    return row.dates(field).day(text) if text else None


def _pupil(row: Row) -> Hashable:
    for key in _KEYS:
        if row.has(key):
            return key, row.get(key).text
    named = tuple(row.get(field).text.casefold() for field in _NAMES)
    return named if any(named) else None
