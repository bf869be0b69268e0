"""An attendance record in JSON, ours or Wonde's: what the rules look at, and what a concern then carries of it."""

from __future__ import annotations

from collections.abc import Iterator

from adapters import codes, dates, natives
from adapters.natives import Native
from adapters.provenance import Recorder
from adapters.schools import attendance, attendance_row, worry
from adapters.schools.attendance import Facts, Mark
from adapters.schools.json_part import Part
from adapters.schools.register import Register, longest
from schemas.notification import ConcernDetail
from schemas.vocabulary import Concern

MOST_SESSIONS = 5_000
SESSIONS = ("attendance", "sessions")
_CODE = ("attendance_code/code", "attendance_code", "code")
_DATE = ("date/date", "date")
_SUMMARY = "attendance_summary"
_POSSIBLE = ("possible_marks", "possible")
_ABSENT = (
    ("authorised_absence_marks", "authorised_absences", "authorised"),
    ("unauthorised_absence_marks", "unauthorised_absences", "unauthorised"),
)
_TOLD = (
    *("removed_on", "removal_reason", "destination", "days_absent", "severe_absence", "persistent_absence"),
    *("attendance_percent", "absence_percent", "marks", "last_attended"),
)
_LABELS = {name: name.replace("_", " ").capitalize() for name in _TOLD}


def facts(record: Part, *, identified: bool) -> Facts:
    """What the rules look at. A missing-education record is one unless it clearly says no."""
    sessions = _sessions(record)
    marks = list(attendance.marks(record.get("marks").text))
    listed = [attendance.mark(each.get(*_CODE).text) for each in sessions]
    reason, destination = record.get("removal_reason").text, record.get("destination").text
    removed = bool(record.get("removed_on").text or reason)
    return Facts(
        missing=_missing(record),
        removed=removed,
        destination_unknown=(_asks_where(record) and attendance.unknown(destination))
        or (not destination and attendance_row.lost(reason)),
        days=max(attendance.days(record.get("days_absent").text) or 0, longest(marks), _run(sessions)),
        severe=_yes(record, "severe_absence")
        or attendance.severe_share(record.get("attendance_percent").text, record.get("absence_percent").text)
        or _half_missed(record.within(_SUMMARY)),
        persistent=_yes(record, "persistent_absence"),
        detained=attendance.DETAINED in {each.code for each in (*marks, *listed) if each is not None},
        told=any(worry.tells(native.text) for native in _comments(record, sessions)),
        identified=identified,
    )


def flag(record: Part, recorder: Recorder) -> None:
    """Flag marks that no code set has or that were retired, and counts and shares that cannot be read."""
    marks = list(_all_marks(record))
    if None in marks:
        recorder.flag("attendance.code_unknown")
    if any(mark is not None and mark.retired for mark in marks):
        recorder.flag("attendance.code_retired")
    if len(record.get("marks").text) > attendance.MOST_MARKS:
        recorder.flag("attendance.unread")
    for name, reader in (
        ("days_absent", attendance.days),
        ("attendance_percent", attendance.percent),
        ("absence_percent", attendance.percent),
    ):
        text = record.get(name).text
        if text and reader(text) is None:
            recorder.flag("attendance.unread")


def concern(record: Part, recorder: Recorder) -> ConcernDetail:
    """The record's members as factors, each after its name, then the sessions that were missed and what was written."""
    rows: list[tuple[str, Native]] = [(f"{_LABELS[name]}: ", record.get(name)) for name in _TOLD]
    summary = record.within(_SUMMARY)
    if summary is not None:
        rows += [(f"{names[0].replace('_', ' ')}: ", summary.get(*names)) for names in (_POSSIBLE, *_ABSENT)]
    factors: list[str] = []
    for label, native in rows:
        if native.text:
            recorder.take(f"factors[{len(factors)}]", native.pointer)
            factors.append(f"{label}{native.text}")
    for each in _sessions(record):
        parts = [each.get(*_DATE), each.get("session"), each.get(*_CODE), each.get("comment")]
        if any(native.text for native in parts):
            factors.append(natives.join(recorder, f"factors[{len(factors)}]", parts, between=" "))
    kind = record.get("record")
    if kind.text:
        recorder.translate("categories[0]", kind.pointer, kind.text)
    else:
        for path in (*SESSIONS, _SUMMARY, *_CODE):
            found = record.within(path)
            if found is not None:
                recorder.take("categories[0]", found.pointer)
                break
    return ConcernDetail(categories=(Concern.SCHOOL_ATTENDANCE,), factors=tuple(factors))


def _all_marks(record: Part) -> Iterator[Mark | None]:
    yield from attendance.marks(record.get("marks").text)
    for each in _sessions(record):
        text = each.get(*_CODE).text
        if text and text != "-":
            yield attendance.mark(text)


def _sessions(record: Part) -> list[Part]:
    """The sessions that the record lists; a mark of the register is one by itself."""
    if record.has("attendance_code"):
        return [record]
    return [each for path in SESSIONS for each in record.few(path, MOST_SESSIONS)]


def _missing(record: Part) -> bool:
    if record.get("record").text == "missing_education":
        return not codes.says_no(record.get("missing_education").text)
    return _yes(record, "missing_education")


def _asks_where(record: Part) -> bool:
    """Whether the record has a place for the destination: ours for missing education always has."""
    return record.get("record").text == "missing_education" or record.has("destination")


def _yes(record: Part, name: str) -> bool:
    text = record.get(name).text
    return bool(text) and not codes.says_no(text)


def _run(sessions: list[Part]) -> int:
    register = Register()
    for each in sessions:
        mark, day = attendance.mark(each.get(*_CODE).text), dates.full_date(each.get(*_DATE).text)
        if mark is not None and day is not None:
            register.note("pupil", day, mark)
    return max((length for days in register.runs().values() for length in days.values()), default=0)


def _half_missed(summary: Part | None) -> bool:
    if summary is None:
        return False
    possible = _count(summary.get(*_POSSIBLE).text)
    absent = sum(_count(summary.get(*names).text) or 0 for names in _ABSENT)
    return bool(possible) and possible is not None and 2 * absent >= possible


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 6 else None


def _comments(record: Part, sessions: list[Part]) -> list[Native]:
    return [record.get("narrative", "comment"), *(each.get("comment") for each in sessions)]
