"""ERR of an acknowledgement: where the problem is, what it is by table 0357, how bad, and our own code.

Source: HL7 v2.8 chapter 2.15.4 (ERR); tables 0357, 0516.
"""

from __future__ import annotations

import re

from adapters.nhs.hl7_escape import Delimiters, escape
from adapters.port import Fate, Problem

CONDITIONS = (
    # HL7 table 0357, by the end of our error's code
    ("unsupported", ("200", "Unsupported message type")),
    ("version", ("203", "Unsupported version id")),
    ("message_type", ("101", "Required field missing")),
    ("no_patient", ("100", "Segment sequence error")),
    ("header", ("100", "Segment sequence error")),
    ("empty_batch", ("100", "Segment sequence error")),
    ("delimiters", ("102", "Data type error")),
    ("charset", ("102", "Data type error")),
    ("segment", ("102", "Data type error")),
)
_BY_FATE = {Fate.CONFLICT: ("205", "Duplicate key identifier")}
_OTHERWISE = ("207", "Application internal error")
_AT = re.compile(
    r"(?:MSG\[(?P<message>\d+)\]/)?(?P<segment>[A-Z][A-Z0-9]{2})(?:\[(?P<number>\d+)\])?"
    r"(?:-(?P<field>\d+)(?:\[(?P<repetition>\d+)\])?(?:\.(?P<component>\d+)(?:\.(?P<sub>\d+))?)?)?"
)


def error(
    fate: Fate, problem: Problem | None, told: str, marks: Delimiters, *, number: int, old: bool
) -> dict[int, str]:
    """The fields of ERR for the message of this ``number`` in its batch, from 0; ``told`` is a sentence for people.

    ``old``: before version 2.5 the place and the condition stand in ERR-1.
    """
    problem = problem or Problem(code=f"message.{fate}")
    code, words = _condition(fate, problem.code)
    place = _AT.fullmatch(problem.at)
    parts = place.groupdict() if place is not None and int(place["message"] or number + 1) == number + 1 else {}
    fields = {
        2: _location(parts, marks, default="1"),
        3: marks.component.join((code, words, "HL70357")),
        4: "E",
        5: marks.component.join((escape(problem.code, marks), "", "MASH")),
        8: escape(told, marks)[:250],
    }
    if old:
        named = [parts.get(name) or "" for name in ("segment", "number", "field")]
        fields[1] = marks.component.join((*named, marks.sub.join((code, words, "HL70357"))))
    return fields


def _condition(fate: Fate, code: str) -> tuple[str, str]:
    if fate in _BY_FATE:
        return _BY_FATE[fate]
    return next((condition for end, condition in CONDITIONS if code.endswith(f".{end}")), _OTHERWISE)


def _location(parts: dict[str, str | None], marks: Delimiters, *, default: str) -> str:
    """An ERL: segment, its number, field, repetition, component, subcomponent; as far as they are known."""
    if not parts:
        return ""
    told = [parts["segment"], parts["number"] or default]
    if parts["field"]:
        told += [parts["field"], parts["repetition"] or default]
    if parts["field"] and parts["component"]:
        told.append(parts["component"])
    if parts["field"] and parts["component"] and parts["sub"]:
        told.append(parts["sub"])
    return marks.component.join(each or "" for each in told)
