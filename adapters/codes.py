"""Native codes and words as canonical ones: sex, yes or no, categories of concern, legal grounds, markings.

Each reader gives None for what it does not know; the caller keeps the native text and flags it. Nothing is guessed.

Source: NHS Data Dictionary (PERSON STATED GENDER CODE); CJS data standards (sex); Children in Need census (abuse
codes); the lists of the domain.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

from schemas.persons import Sex
from schemas.vocabulary import Concern, LegalGround, Marking

Code = TypeVar("Code")

_SEXES = {
    Sex.MALE: ("1", "m", "male", "boy", "man"),
    Sex.FEMALE: ("2", "f", "female", "girl", "woman"),
    Sex.INDETERMINATE: ("9", "i", "indeterminate", "not specified"),
    Sex.UNKNOWN: ("0", "u", "unknown", "not known"),
}
_ANSWERS = {
    True: ("true", "yes", "y", "1"),
    False: ("false", "no", "n", "0"),
}
_CONCERNS = {
    Concern.PHYSICAL: ("physical", "physical abuse", "phy", "non accidental injury", "physical harm", "assault"),
    Concern.EMOTIONAL: ("emotional", "emotional abuse", "emo", "emotional harm", "psychological abuse"),
    Concern.SEXUAL: ("sexual", "sexual abuse", "sab", "sexual harm", "harmful sexual behaviour"),
    Concern.NEGLECT: ("neglect", "neg", "home conditions", "hygiene", "lack of supervision"),
    Concern.DOMESTIC_ABUSE: ("domestic abuse", "domestic violence", "da", "dv", "dva", "domestic incident"),
    Concern.MISSING: ("missing", "missing child", "missing from home", "missing from care", "missing person"),
    Concern.CHILD_SEXUAL_EXPLOITATION: ("child sexual exploitation", "cse", "sexual exploitation"),
    Concern.CRIMINAL_EXPLOITATION: (
        "criminal exploitation",
        "child criminal exploitation",
        "cce",
        "county lines",
    ),
    Concern.GANGS: ("gangs", "gang", "gang involvement", "serious youth violence"),
    Concern.DRUGS: ("drugs", "drug misuse", "substance misuse", "substances", "drugs and alcohol", "drugs warrant"),
    Concern.FORCED_MARRIAGE: ("forced marriage", "fm"),
    Concern.FGM: ("fgm", "female genital mutilation"),
    Concern.MENTAL_HEALTH_CRISIS: ("mental health crisis", "mental health", "section 136", "suicidal thoughts"),
    Concern.SELF_HARM: ("self harm", "self injury", "suicide attempt"),
    Concern.SCHOOL_ATTENDANCE: (
        "school attendance",
        "attendance",
        "poor attendance",
        "children missing education",
        "child missing education",
        "cme",
    ),
    Concern.RADICALISATION: ("radicalisation", "prevent", "extremism", "radicalization"),
    Concern.TRAFFICKING: ("trafficking", "human trafficking", "modern slavery"),
    Concern.ONLINE_HARM: ("online harm", "online safety", "e safety", "online abuse", "online grooming"),
    Concern.UNBORN_CHILD: ("unborn child", "unborn", "unborn baby", "pre birth"),
    Concern.OTHER: ("other",),
}
_GROUNDS = {
    LegalGround.LEGAL_OBLIGATION: ("legal obligation",),
    LegalGround.PUBLIC_TASK: ("public task",),
    LegalGround.CHILDREN_ACT_1989_S17: ("section 17", "s17", "children act 1989 section 17"),
    LegalGround.CHILDREN_ACT_1989_S47: ("section 47", "s47", "children act 1989 section 47"),
    LegalGround.CHILDREN_ACT_2004_S10: ("children act 2004 section 10",),
    LegalGround.CHILDREN_ACT_2004_S11: ("children act 2004 section 11",),
    LegalGround.CHILDREN_ACT_2004_S16LA: ("section 16la", "s16la", "children act 2004 section 16la"),
    LegalGround.CRIME_AND_DISORDER_ACT_1998_S115: ("section 115", "s115", "crime and disorder act 1998 section 115"),
    LegalGround.CONSENT: ("consent",),
    LegalGround.PUBLIC_INTEREST: ("public interest override", "public interest"),
}
_NOTHING = frozenset({"none", "nil", "n a", "not applicable", "none known"})
_WORDS = re.compile(r"[a-z0-9]+")
_BETWEEN = re.compile(r"[;|\n]")


def _plain(text: str) -> str:
    """Lower case, one space for whatever is neither letter nor digit."""
    if text.isascii() and text.isalnum():
        return text.lower()
    return " ".join(_WORDS.findall(text.lower()))


def _index(rows: Mapping[Code, tuple[str, ...]]) -> dict[str, Code]:
    return {word: code for code, words in rows.items() for word in words}


_SEX_WORDS = _index(_SEXES)
_ANSWER_WORDS = _index(_ANSWERS)
_CONCERN_WORDS = _index(_CONCERNS) | {_plain(concern.value): concern for concern in Concern}
_GROUND_WORDS = _index(_GROUNDS) | {_plain(ground.value): ground for ground in LegalGround}
_MARKING_WORDS = {_plain(marking.value): marking for marking in Marking}


def sex(text: str) -> Sex | None:
    """The sex that a code or a word stands for: NHS and CJS 0, 1, 2, 9; others M, F, U; words."""
    return _SEX_WORDS.get(_plain(text))


def answer(text: str) -> bool | None:
    """Whether ``text`` says yes or no."""
    return _ANSWER_WORDS.get(_plain(text))


def says_no(text: str) -> bool:
    """Whether ``text`` says no, none or nothing, and nothing else."""
    return answer(text) is False or _plain(text) in _NOTHING


def legal_ground(text: str) -> LegalGround | None:
    """The legal ground that ``text`` names in full, by section, or by our own word for it."""
    return _GROUND_WORDS.get(_plain(text))


def marking(text: str) -> Marking | None:
    """The security classification that ``text`` names."""
    return _MARKING_WORDS.get(_plain(text))


def concern(text: str, feed_map: object = None) -> Concern | None:
    """The category of concern that ``text`` names.

    ``feed_map`` is what a feed's option ``categories`` holds, native words to ours; it goes before our own words.
    """
    wanted = _plain(text)
    if isinstance(feed_map, Mapping):
        for native, ours in feed_map.items():
            if _plain(str(native)) == wanted:
                return _CONCERN_WORDS.get(_plain(str(ours)))
    return _CONCERN_WORDS.get(wanted)


def several(text: str) -> tuple[str, ...]:
    """The parts of a value that holds several, between semicolons, bars or line ends; commas belong to the text."""
    return tuple(said for part in _BETWEEN.split(text) if (said := part.strip()))
