"""Whether somebody in a Common Platform message is a child: by age on the day of the latest offence, else by its marks.

Nobody's age is counted to today: a message read again years later says the same.
"""

from __future__ import annotations

import re
from datetime import date

from adapters import codes, dates
from adapters.json_taking import JsonTaking
from adapters.police.cpp_parties import GUARDIAN, Party

BIRTH = ("dateOfBirth", "birthDate", "defendantDob")
_YOUTH_MARKS = ("isYouth", "ageIfUnder18", "youthMarkerType")
_AGES = ("ageIfUnder18", "defendantAge")
_ADULT = 18
_BIRTH_PARTS = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?")


def is_child(taking: JsonTaking, party: Party, day: date | None, *, guarded: bool) -> bool:
    """Whether somebody is under 18 on ``day``, or on the last day of their own offences where they have one."""
    if party.role == GUARDIAN:
        return False
    when = max(party.days, default=day)
    age = _age(party.first(taking, BIRTH).text, when)
    if age is not None:
        return age < _ADULT
    for _, native in party.each(taking, _AGES):
        if native.text.isascii() and native.text.isdigit() and len(native.text) <= 3:
            return int(native.text) < _ADULT
    if any(not codes.says_no(native.text) for _, native in party.each(taking, _YOUTH_MARKS)):
        return True
    age = _age(party.first(taking, ("perceivedBirthYear",)).text, when)
    return age < _ADULT if age is not None else guarded


def is_told(taking: JsonTaking, party: Party) -> bool:
    """Whether the message says anything of the age beside a birth date, or somebody is a parent or guardian."""
    return party.role == GUARDIAN or bool(party.first(taking, (*_YOUTH_MARKS, *_AGES)).text)


def _age(text: str, day: date | None) -> int | None:
    """The age on ``day``; of a partial birth date, the youngest that it can mean. None where that says nothing."""
    said = _BIRTH_PARTS.fullmatch(dates.partial_date(text) or "") if text else None
    if said is None or day is None:
        return None
    year, month, of_month = int(said[1]), int(said[2] or 12), int(said[3] or 31)
    age = day.year - year - ((day.month, day.day) < (month, of_month))
    return age if age >= 0 else None
