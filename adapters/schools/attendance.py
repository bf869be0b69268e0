"""Attendance: what each mark of the register counts as, and when a record of it is a concern. Rows with reasons.

A session is a morning or an afternoon; two make a school day. Shares are percent of the sessions that were possible.

Source: The School Attendance (Pupil Registration) (England) Regulations 2024, regulations 10 and 13; Department for
Education, Working together to improve school attendance (August 2024); Education Act 1996 s. 436A.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from adapters import codes
from adapters.kinds import Rule
from schemas.vocabulary import ItemKind


class Counts(StrEnum):
    """What a mark counts as. ``none`` is no possible attendance: a closed school, or nobody who must attend."""

    PRESENT = "present"
    AUTHORISED = "authorised"
    UNAUTHORISED = "unauthorised"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One row of the national code set. ``retired`` marks were used until August 2024 and still stand in exports."""

    code: str
    counts: Counts
    means: str
    retired: bool = False


MARKS = (
    Mark(code="/", counts=Counts.PRESENT, means="present in the morning"),
    Mark(code="\\", counts=Counts.PRESENT, means="present in the afternoon"),
    Mark(code="L", counts=Counts.PRESENT, means="late, before the register closed"),
    Mark(code="K", counts=Counts.PRESENT, means="at education that the local authority arranged"),
    Mark(code="V", counts=Counts.PRESENT, means="on an educational visit or trip"),
    Mark(code="P", counts=Counts.PRESENT, means="at a sporting activity"),
    Mark(code="W", counts=Counts.PRESENT, means="at work experience"),
    Mark(code="B", counts=Counts.PRESENT, means="at any other approved educational activity"),
    Mark(code="D", counts=Counts.NONE, means="expected at another school where the pupil is registered too"),
    Mark(code="C", counts=Counts.AUTHORISED, means="leave in exceptional circumstances"),
    Mark(code="C1", counts=Counts.AUTHORISED, means="leave for a regulated performance or employment abroad"),
    Mark(code="C2", counts=Counts.AUTHORISED, means="leave under a part-time timetable"),
    Mark(code="E", counts=Counts.AUTHORISED, means="suspended or excluded, without other provision"),
    Mark(code="I", counts=Counts.AUTHORISED, means="ill"),
    Mark(code="J1", counts=Counts.AUTHORISED, means="at an interview for employment or a place"),
    Mark(code="M", counts=Counts.AUTHORISED, means="at a medical or dental appointment"),
    Mark(code="R", counts=Counts.AUTHORISED, means="religious observance"),
    Mark(code="S", counts=Counts.AUTHORISED, means="leave to study for an examination"),
    Mark(code="T", counts=Counts.AUTHORISED, means="a mobile child, travelling with a parent's work"),
    Mark(code="G", counts=Counts.UNAUTHORISED, means="a holiday that was not granted"),
    Mark(code="N", counts=Counts.UNAUTHORISED, means="for a reason not yet established"),
    Mark(code="O", counts=Counts.UNAUTHORISED, means="in other or unknown circumstances"),
    Mark(code="U", counts=Counts.UNAUTHORISED, means="late, after the register closed"),
    Mark(code="Q", counts=Counts.NONE, means="unable to attend: no arrangement to get there"),
    Mark(code="X", counts=Counts.NONE, means="not of compulsory school age, and not required to attend"),
    Mark(code="Y1", counts=Counts.NONE, means="unable to attend: the usual transport was not there"),
    Mark(code="Y2", counts=Counts.NONE, means="unable to attend: travel was widely disrupted"),
    Mark(code="Y3", counts=Counts.NONE, means="unable to attend: part of the school was closed"),
    Mark(code="Y4", counts=Counts.NONE, means="unable to attend: the school was closed without warning"),
    Mark(code="Y5", counts=Counts.NONE, means="unable to attend: in criminal justice detention"),
    Mark(code="Y6", counts=Counts.NONE, means="unable to attend: public health law or guidance"),
    Mark(code="Y7", counts=Counts.NONE, means="unable to attend: another cause that could not be avoided"),
    Mark(code="Z", counts=Counts.NONE, means="not yet on the admission register"),
    Mark(code="#", counts=Counts.NONE, means="a planned closure of the whole school"),
    Mark(code="F", counts=Counts.AUTHORISED, means="an extended family holiday that was agreed", retired=True),
    Mark(code="H", counts=Counts.AUTHORISED, means="a family holiday that was agreed", retired=True),
    Mark(code="J", counts=Counts.AUTHORISED, means="at an interview", retired=True),
    Mark(code="Y", counts=Counts.NONE, means="unable to attend in exceptional circumstances", retired=True),
)
"""The national codes of August 2024, and those that they replaced."""

DETAINED = "Y5"
TEN_DAYS = 10
"""After so many school days in a row without authority, a school must tell the local authority."""
SEVERE = 50.0
MOST_MARKS = 2_000
_BY_CODE = {mark.code: mark for mark in MARKS}
_ONE = re.compile(r"[A-Z][0-9]?|[/\\#]|[^\s,;|]")
_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?)\s*%?")
_UNKNOWN = re.compile(r"(destination |whereabouts |address )?(is |are )?(unknown|not known|untraced|not traced|x{3,7})")


def mark(text: str) -> Mark | None:
    """The mark that ``text`` is, or None where no code set has it."""
    return _BY_CODE.get(text.strip().upper())


def marks(text: str) -> Iterator[Mark | None]:
    """The marks of a row of sessions, such as ``//OOOO``; None for each that no code set has. A ``-`` is no mark.

    No more than ``MOST_MARKS`` characters are read: five years of school. Whoever asks flags a longer text.
    """
    return (_BY_CODE.get(each) for each in _ONE.findall(text[:MOST_MARKS].upper()) if each != "-")


def percent(text: str) -> float | None:
    """A share of sessions, 0 to 100, or None."""
    found = _PERCENT.fullmatch(text.strip())
    return share if found is not None and (share := float(found[1])) <= 100 else None


def days(text: str) -> int | None:
    """A whole number of days such as ``12`` or ``12 days``, or None."""
    found = re.fullmatch(r"([0-9]{1,4})(?:\.0+)?(?: (?:school )?days?)?", text.strip().lower())
    return int(found[1]) if found is not None else None


def severe_share(attended: str, absent: str) -> bool:
    """Whether half of the sessions or more were missed, by either share."""
    came, missed = percent(attended), percent(absent)
    return (came is not None and 100 - came >= SEVERE) or (missed is not None and missed >= SEVERE)


def unknown(text: str) -> bool:
    """Whether a destination is none that anybody could follow: blank, or said not to be known."""
    plain = " ".join(re.findall(r"[a-z0-9]+", text.lower()))
    return not plain or codes.says_no(text) or _UNKNOWN.fullmatch(plain) is not None


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the rows below look at. ``days`` are school days in a row without authority."""

    missing: bool = False
    removed: bool = False
    destination_unknown: bool = False
    days: int = 0
    severe: bool = False
    persistent: bool = False
    detained: bool = False
    told: bool = False
    identified: bool = False


RULES = (
    Rule[Facts](
        kind=ItemKind.CONCERN,
        when=lambda facts: facts.missing,
        because="the child is notified as missing education",
    ),
    Rule[Facts](
        kind=ItemKind.CONCERN,
        when=lambda facts: facts.removed and facts.destination_unknown,
        because="the child was taken off the roll, and where the child went is not known",
    ),
    Rule[Facts](
        kind=ItemKind.CONCERN,
        when=lambda facts: facts.days >= TEN_DAYS,
        because="the child was absent without authority for ten school days in a row or more",
    ),
    Rule[Facts](
        kind=ItemKind.CONCERN,
        when=lambda facts: facts.severe,
        because="the child misses half of the sessions or more, which is severe absence",
    ),
    Rule[Facts](
        kind=ItemKind.CONCERN,
        when=lambda facts: facts.persistent,
        because="the school flags persistent absence",
    ),
    Rule[Facts](
        kind=ItemKind.CONCERN,
        when=lambda facts: facts.detained,
        because="the register says that the child is in criminal justice detention",
    ),
    Rule[Facts](
        kind=ItemKind.CONCERN,
        when=lambda facts: facts.told,
        because="somebody wrote a text to the attendance record that a person must read",
    ),
    Rule[Facts](
        kind=ItemKind.UPDATE,
        when=lambda facts: facts.identified,
        because="an attendance record refreshes what is known of a pupil",
    ),
    Rule[Facts](
        kind=ItemKind.CONTEXT,
        when=lambda facts: not facts.identified,
        because="the attendance record does not say which child it is about",
    ),
)
"""When attendance is a concern. Persistent absence counts where the school flags it, and not as a mere figure."""


def is_concern(facts: Facts) -> bool:
    """Whether one of the rows above makes it a concern."""
    return any(rule.when(facts) for rule in RULES if rule.kind is ItemKind.CONCERN)
