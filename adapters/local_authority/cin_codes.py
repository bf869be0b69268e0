"""The census's codes for what the hub knows, as rows. What no row knows gets the census's own word for unknown.

Source: Department for Education, Children in Need census, technical specification and guide, 2022 to 2023.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from schemas.persons import Sex
from schemas.vocabulary import Concern, Outcome, Sector

SEXES: Mapping[Sex | None, str] = {
    Sex.MALE: "1",
    Sex.FEMALE: "2",
    Sex.INDETERMINATE: "9",
    Sex.UNKNOWN: "0",
    None: "0",
}
"""0 is the census's code for not recorded, and for an unborn child."""

ETHNICITY_UNKNOWN = "NOBT"
"""Information not yet obtained. The source's own words stay in the product."""

_ETHNICITIES: Mapping[str, tuple[str, ...]] = {
    # The census's code: its words; the NHS's letter (16+1); the police's self-defined code (16+1).
    "WBRI": ("white british", "british", "a", "w1"),
    "WIRI": ("white irish", "irish", "b", "w2"),
    "WIRT": ("traveller of irish heritage",),
    "WROM": ("gypsy/roma", "gypsy roma"),
    "WOTH": ("any other white background", "c", "w9"),
    "MWBC": ("white and black caribbean", "d", "m1"),
    "MWBA": ("white and black african", "e", "m2"),
    "MWAS": ("white and asian", "f", "m3"),
    "MOTH": ("any other mixed background", "g", "m9"),
    "AIND": ("indian", "h", "a1"),
    "APKN": ("pakistani", "j", "a2"),
    "ABAN": ("bangladeshi", "k", "a3"),
    "AOTH": ("any other asian background", "l", "a9"),
    "BCRB": ("caribbean", "black caribbean", "m", "b1"),
    "BAFR": ("african", "black african", "n", "b2"),
    "BOTH": ("any other black background", "p", "b9"),
    "CHNE": ("chinese", "r", "o1"),
    "OOTH": ("any other ethnic group", "s", "o9"),
    "REFU": ("refused",),
    "NOBT": ("information not yet obtained", "not known", "unknown", "99"),
}

_DISABILITIES: Mapping[str, tuple[str, ...]] = {
    "NONE": ("no disability", "no"),
    "MOB": ("mobility",),
    "HAND": ("hand function",),
    "PC": ("personal care",),
    "INC": ("incontinence",),
    "COMM": ("communication",),
    "LD": ("learning", "learning disability"),
    "HEAR": ("hearing", "hearing impairment", "deaf"),
    "VIS": ("vision", "visual impairment", "blind"),
    "BEH": ("behaviour",),
    "CON": ("consciousness",),
    "AUT": ("autism", "autistic"),
}


@dataclass(frozen=True, kw_only=True)
class Referred:
    """How the first notification reached the hub, and what it was about.

    ``format`` is the native format's name, such as ``schools.ctf/…``; ``role`` the referrer's, in the source's words.
    """

    sector: Sector | None
    format: str = ""
    role: str = ""
    concerns: tuple[Concern, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SourceRule:
    """One row of the referral source."""

    code: str
    when: Callable[[Referred], bool]
    because: str


def _health(*words: str) -> Callable[[Referred], bool]:
    return lambda told: told.sector is Sector.HEALTH and _plain(told.role) in words


def _sector(sector: Sector) -> Callable[[Referred], bool]:
    return lambda told: told.sector is sector


SOURCE_UNKNOWN = "10"
SOURCES: tuple[SourceRule, ...] = (
    SourceRule(code="6", when=_sector(Sector.POLICE), because="police"),
    SourceRule(code="3A", when=_health("gp", "general practitioner"), because="the referrer is a GP"),
    SourceRule(code="3B", when=_health("health visitor"), because="the referrer is a health visitor"),
    SourceRule(code="3C", when=_health("school nurse"), because="the referrer is a school nurse"),
    SourceRule(
        code="3E",
        when=_health("a&e", "accident and emergency", "emergency department"),
        because="the referrer is an emergency department",
    ),
    SourceRule(
        code="2A",
        when=lambda told: told.sector is Sector.EDUCATION and told.format.startswith("schools."),
        because="a school's own system sent it",
    ),
    SourceRule(code="7", when=_sector(Sector.PROBATION), because="the code names probation"),
    SourceRule(code="4", when=_sector(Sector.HOUSING), because="housing"),
    SourceRule(code="5B", when=_sector(Sector.YOUTH_JUSTICE), because="the code names youth offending"),
    SourceRule(code="8", when=_sector(Sector.VOLUNTARY), because="the code names voluntary organisations"),
)
"""The first row that fits. Health services and education services that say no more have no code of their own."""

_ABUSE = frozenset({Concern.PHYSICAL, Concern.EMOTIONAL, Concern.SEXUAL, Concern.NEGLECT})
NEED_ABUSE, NEED_NOT_STATED = "N1", "N0"


def source(told: Referred) -> str:
    """The referral source: the first row that fits, or the census's code for unknown."""
    return next((rule.code for rule in SOURCES if rule.when(told)), SOURCE_UNKNOWN)


def need(concerns: Collection[Concern]) -> str:
    """The primary need: abuse or neglect where that is all that was notified, else not stated.

    Any other need is for the assessment to find, and not for a notification's categories.
    """
    return NEED_ABUSE if concerns and set(concerns) <= _ABUSE else NEED_NOT_STATED


def no_further_action(outcomes: Collection[Outcome]) -> bool:
    """Whether the referral ended in no further action and in nothing else."""
    return set(outcomes) == {Outcome.NO_FURTHER_ACTION}


def ethnicity(words: str) -> str:
    """The census's code for an ethnicity as the source has it: its code, its words, or the NHS's or police's code."""
    return _read(_ETHNICITY_OF, words) or ETHNICITY_UNKNOWN


def disability(words: str) -> str | None:
    """The census's code for a disability as the source has it, or None: then the record has none."""
    return _read(_DISABILITY_OF, words)


def _plain(text: str) -> str:
    return re.sub(r"[\s\-–,]+", " ", text).strip().casefold()  # noqa: RUF001 - sources write that dash


def _read(table: Mapping[str, str], words: str) -> str | None:
    return table.get(_plain(words))


def _turned(table: Mapping[str, tuple[str, ...]]) -> Mapping[str, str]:
    return {word: code for code, words in table.items() for word in (code.casefold(), *words)}


_ETHNICITY_OF = _turned(_ETHNICITIES)
_DISABILITY_OF = _turned(_DISABILITIES)
