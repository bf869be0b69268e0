"""What a transfer file says of where a pupil went, and of the pupil's attendance, as the attendance rules look at it.

A school that does not know the next school addresses the file to authority XXX, school XXXX: the file then waits for
whoever finds the child. MMM and MMMM mean a school outside the maintained sector, LLLL the local authority itself.

Source: Department for Education, common transfer file specification, versions 17 to 25: file names, header, grounds for
removal, attendance, and the appendix on children missing education.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from adapters import codes
from adapters.natives import Native
from adapters.provenance import Recorder
from adapters.schools import attendance, attendance_row
from adapters.schools.attendance import Facts
from adapters.schools.register import longest
from adapters.xml_node import Node
from schemas.notification import ConcernDetail
from schemas.vocabulary import Concern

_NOBODY_KNOWS = re.compile(r"X{3,7}", re.IGNORECASE)
_DESTINATION = (
    *("Header/DestSchool/LEA", "Header/DestSchool/LA", "Header/DestSchool/Estab"),
    *("Header/DestSchoolLEA", "Header/DestSchoolEstab", "Header/DestSchool"),
)
_DOCUMENT = ("Header/DocumentName", "Header/DataDescriptor")
_MISSING = re.compile(r"child(ren)? missing (from )?education|\bCME\b", re.IGNORECASE)
_REASONS = tuple(
    f"{inside}{name}"
    for inside in ("", "BasicDetails/", "SchoolHistory/School/", "Leaving/")
    for name in ("LeavingReason", "GroundsForRemoval", "GroundForRemoval", "ReasonForRemoval", "RemovalGrounds")
)
_YEARS = ("Attendance", "Attendance/YearData", "Attendance/AttendanceYear", "Attendance/Year", "AttendanceHistory/Year")
_POSSIBLE = ("SessionsPossible", "PossibleSessions")
_ABSENT = (
    ("SessionsAuthorised", "AuthorisedAbsences", "AuthorisedSessions"),
    ("SessionsUnauthorised", "UnauthorisedAbsences", "UnauthorisedSessions"),
)
_MARKS = ("AttendanceMarks", "Marks", "SessionMarks")

_WITHHELD = tuple(
    f"{inside}{name}"
    for inside in ("", "BasicDetails/", "Address/", "Addresses/Address/", "PupilAddress/", "Contacts/Contact/")
    for name in (
        *("Confidential", "ConfidentialAddress", "AddressConfidential", "RestrictedAddress", "AddressRestricted"),
        *("HiddenAddress", "WithheldAddress", "DoNotDisclose", "NotToBeDisclosed", "Restricted"),
    )
)


@dataclass(frozen=True, kw_only=True)
class Whereabouts:
    """What the rules look at, and the values that it rests on, each after the words that go before it."""

    facts: Facts
    evidence: tuple[tuple[str, Native], ...]


def read(pupil: Node, root: Node) -> Whereabouts:
    """What the header of the file and the pupil's own record say."""
    nobody_knows = [native for native in root.each(*_DESTINATION) if _NOBODY_KNOWS.fullmatch(native.text)]
    announced = [native for native in root.each(*_DOCUMENT) if _MISSING.search(native.text)]
    lost = [native for native in pupil.each(*_REASONS) if attendance_row.lost(native.text)]
    severe: list[tuple[str, Native]] = []
    days = 0
    rows: list[tuple[str, Native]] = []
    detained = False
    for year in pupil.all(*_YEARS):
        possible, absent = year.value(*_POSSIBLE), [year.value(*names) for names in _ABSENT]
        if _half(possible, absent):
            severe += [
                ("sessions possible: ", possible),
                *(("sessions missed: ", each) for each in absent if each.text),
            ]
        for native in year.each(*_MARKS):
            marks = list(attendance.marks(native.text))
            run = longest(marks)
            held = any(mark is not None and mark.code == attendance.DETAINED for mark in marks)
            if run >= attendance.TEN_DAYS or held:
                rows.append(("marks: ", native))
            days, detained = max(days, run), detained or held
    return Whereabouts(
        facts=Facts(
            missing=bool(announced),
            removed=bool(nobody_knows or lost),
            destination_unknown=bool(nobody_knows or lost),
            days=days,
            severe=bool(severe),
            detained=detained,
        ),
        evidence=(
            *(("document: ", native) for native in announced),
            *(("destination: ", native) for native in nobody_knows),
            *(("left: ", native) for native in lost),
            *severe,
            *rows,
        ),
    )


def concern(found: Whereabouts, given: ConcernDetail | None, recorder: Recorder) -> ConcernDetail | None:
    """``given`` with the evidence as factors, and school attendance among the categories."""
    if not found.evidence:
        return given
    detail = given or ConcernDetail(categories=())
    factors = list(detail.factors)
    for words, native in found.evidence:
        recorder.take(f"factors[{len(factors)}]", native.pointer)
        factors.append(f"{words}{native.text}")
    categories = detail.categories
    if Concern.SCHOOL_ATTENDANCE not in categories:
        recorder.take(f"categories[{len(categories)}]", found.evidence[0][1].pointer)
        categories = (*categories, Concern.SCHOOL_ATTENDANCE)
    return detail.model_copy(update={"categories": categories, "factors": tuple(factors)})


def withheld(pupil: Node) -> list[Native]:
    """Markers that an address or a record must not be told: anything in them but a clear no."""
    return [native for native in pupil.each(*_WITHHELD) if native.text and codes.answer(native.text) is not False]


def _half(possible: Native, absent: list[Native]) -> bool:
    whole = _count(possible)
    return bool(whole) and 2 * sum(_count(each) for each in absent) >= whole


def _count(native: Native) -> int:
    text = native.text
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 6 else 0
