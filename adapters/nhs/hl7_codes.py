"""The codes that the HL7 v2 adapter reads, as tables. A feed's options add to those of concern.

Source: HL7 tables 0001, 0063, 0190, 0200, 0201; NHS Data Dictionary (PERSON STATED GENDER CODE); LOINC (estimated
date of delivery); SNOMED CT UK edition; ICD-10 chapters XIX to XXI.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from schemas.persons import NameUse, Sex
from schemas.vocabulary import Concern

SEX: Mapping[str, Sex] = {
    "M": Sex.MALE,
    "1": Sex.MALE,
    "F": Sex.FEMALE,
    "2": Sex.FEMALE,
    "9": Sex.INDETERMINATE,
    "A": Sex.INDETERMINATE,
    "O": Sex.INDETERMINATE,
    "0": Sex.UNKNOWN,
    "N": Sex.UNKNOWN,
    "U": Sex.UNKNOWN,
}
"""PID-8. A value that is not here is left as it is and flagged."""

NAME_USE: Mapping[str, NameUse] = {
    "": NameUse.OFFICIAL,
    "L": NameUse.OFFICIAL,
    "C": NameUse.OFFICIAL,
    "D": NameUse.PREFERRED,
    "P": NameUse.PREFERRED,
    "N": NameUse.ALIAS,
    "A": NameUse.ALIAS,
    "B": NameUse.FORMER,
    "M": NameUse.FORMER,
}
"""XPN-7; any other type is an alias."""

ADDRESS_USE: Mapping[str, str] = {"H": "home", "L": "home", "C": "temporary", "TMP": "temporary", "M": "mailing"}
ADDRESS_USE_OTHER = "other"

RELATIONS: Mapping[str, str] = {
    "MTH": "mother",
    "FTH": "father",
    "PAR": "parent",
    "GRD": "guardian",
    "GRP": "grandparent",
    "FCH": "foster child",
    "SCH": "stepchild",
    "CHD": "child",
    "NCH": "natural child",
    "GCH": "grandchild",
    "SIB": "sibling",
    "BRO": "brother",
    "SIS": "sister",
    "SPO": "spouse",
    "DOM": "life partner",
    "PTN": "partner",
    "CGV": "care giver",
    "EXF": "extended family",
    "FND": "friend",
    "EMC": "emergency contact",
    "SEL": "self",
    "UNK": "unknown",
    "OTH": "other",
}
"""NK1-3 where the sender gives a code without words."""

MOTHER = ("MTH", "MOTHER", "BIRTH MOTHER", "NATURAL MOTHER")
SELF = ("SEL", "SELF")
CHILDREN = ("CHD", "NCH", "SCH", "FCH", "GCH", "SON", "DAU", "CHILD", "DAUGHTER", "STEPCHILD")
SIBLINGS = ("SIB", "BRO", "SIS", "SIBLING", "BROTHER", "SISTER", "HALF BROTHER", "HALF SISTER")

NHS_AUTHORITIES = ("NHS", "NHSNBR", "NHSNMBR", "2.16.840.1.113883.2.1.4.1")
"""PID-3.4 of an NHS number. ``NHS`` alone means that it was traced."""
NHS_TYPES = ("NH", "NHS", "NNNHS")
TRACED = ("NSTS01", "01")

DUE_DATES = ("11778-8", "11779-6", "11780-4", "161714006")
"""OBX-3 of an estimated date of delivery: LOINC (delivery date estimated, three ways) and SNOMED CT."""
UNBORN = ("878111000000109",)
"""SNOMED CT: unborn child is cause for safeguarding concern."""

CONCERNS: Mapping[str, tuple[Concern, ...]] = {
    "878111000000109": (Concern.UNBORN_CHILD,),
    "766561000000109": (),  # adult safeguarding concern: no category of ours, and still a concern
    "919461000000108": (Concern.CHILD_SEXUAL_EXPLOITATION,),  # at risk of sexual exploitation
    "1188261000000103": (Concern.CRIMINAL_EXPLOITATION,),  # at risk of criminal exploitation
}
"""SNOMED CT codes, in OBX-3, OBX-5, DG1-3 or RF1-10, that make a message a concern."""

CONCERN_FAMILIES: Mapping[str, tuple[tuple[re.Pattern[str], tuple[Concern, ...]], ...]] = {
    "T": (
        (re.compile(r"T74\.?0"), (Concern.NEGLECT,)),
        (re.compile(r"T74\.?1"), (Concern.PHYSICAL,)),
        (re.compile(r"T74\.?2"), (Concern.SEXUAL,)),
        (re.compile(r"T74\.?3"), (Concern.EMOTIONAL,)),
        (re.compile(r"T74(\.?[89])?"), ()),
    ),
    "X": ((re.compile(r"X[67]\d(\.?\d+)?|X8[0-4](\.?\d+)?"), (Concern.SELF_HARM,)),),
    "Y": ((re.compile(r"Y0[67](\.?\d+)?"), ()),),  # neglect and maltreatment, by whom
    "Z": ((re.compile(r"Z61\.?[456]"), (Concern.SEXUAL,)),),
}
"""The same for ICD-10, by family under its first letter; the first that fits counts."""


class Words(NamedTuple):
    """Words that speak of a concern. A text with none of ``stems``, in lower case, can't fit ``pattern``."""

    stems: tuple[str, ...]
    pattern: re.Pattern[str]
    categories: tuple[Concern, ...]


def _words(stems: str, pattern: str, *categories: Concern) -> Words:
    return Words(tuple(stems.split("|")), re.compile(pattern, re.IGNORECASE), categories)


WORDS: tuple[Words, ...] = (
    _words("domestic", r"\bdomestic (abuse|violence)\b", Concern.DOMESTIC_ABUSE),
    _words("neglect", r"\bneglect", Concern.NEGLECT),
    _words("physical", r"\bphysical(ly)? abuse", Concern.PHYSICAL),
    _words("accidental", r"\bnon[- ]accidental", Concern.PHYSICAL),
    _words("sexual", r"\bsexual(ly)? (abuse|assault)", Concern.SEXUAL),
    _words("emotional|psychological", r"\b(emotional|psychological)(ly)? abuse", Concern.EMOTIONAL),
    _words("sexual", r"\bsexual(ly)? exploit", Concern.CHILD_SEXUAL_EXPLOITATION),
    _words("exploit|county lines", r"\bcriminal(ly)? exploit|\bcounty lines\b", Concern.CRIMINAL_EXPLOITATION),
    _words("harm", r"\bself[- ]harm", Concern.SELF_HARM),
    _words("fgm|mutilation", r"\bfgm\b|\bgenital mutilation\b", Concern.FGM),
    _words("forced marriage", r"\bforced marriage\b", Concern.FORCED_MARRIAGE),
    _words("traffick", r"\btraffick", Concern.TRAFFICKING),
    _words("radicali", r"\bradicali[sz]", Concern.RADICALISATION),
    _words("unborn", r"\bunborn\b", Concern.UNBORN_CHILD),
    _words(
        "safeguarding|protection|maltreatment|abus",
        r"\bsafeguarding\b|\bchild protection\b|\bmaltreatment\b|\babus(e|ed|ive)\b",
    ),
)
"""Words that raise a message to a concern where no code does. They never lower one, and only words that stand as
the name of a code or a category (not narrative) give the concern its category."""

_OTHER_CASES = re.compile("[\u0130\u0131\u017f\u212a]")
"""Letters beyond ASCII that a pattern without regard to case takes for i, s and k, and lower case does not."""
_STEMS = tuple((stem, place) for place, row in enumerate(WORDS) for stem in row.stems)


def spoken(text: str) -> list[Words]:
    """The rows of ``WORDS`` that ``text`` speaks of, in their order."""
    if _OTHER_CASES.search(text):
        return [row for row in WORDS if row.pattern.search(text)]
    lower = text.lower()
    places = [place for stem, place in _STEMS if stem in lower]
    return [WORDS[place] for place in dict.fromkeys(places) if WORDS[place].pattern.search(text)] if places else []
