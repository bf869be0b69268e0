"""What a Common Platform message means to a hub: rows with reasons for offences, and for the message as a whole.

An offence is known by the letters of its statute in the CJS offence code, and by the words of its title and wording.

Source: CJS offence codes (two letters and two digits of the statute and its year, then a number); initiation messages
as docs/formats/police-cpp.md lists them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from adapters.kinds import Rule
from schemas.vocabulary import Concern, ItemKind


@dataclass(frozen=True, kw_only=True)
class Harm:
    """One row: an offence whose code starts so, or whose words say so, is of this category, ``because`` of this."""

    category: Concern
    codes: tuple[str, ...] = ()
    words: re.Pattern[str] | None = None
    because: str


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{pattern})", re.IGNORECASE)


HARMS: tuple[Harm, ...] = (
    Harm(
        category=Concern.SEXUAL,
        codes=("SX03", "SX56", "PK78"),
        words=_words(r"rape|sexual|indecen|groom|voyeur|expos(?:e|ing|ure) (?:of )?(?:the )?genital"),
        because="the Sexual Offences Acts and the Protection of Children Act: who is near the accused may be at risk",
    ),
    Harm(
        category=Concern.NEGLECT,
        codes=("CY33",),
        words=_words(r"neglect|cruelty|ill-?treat|abandon"),
        because="the Children and Young Persons Act 1933 and its words: a child was not cared for",
    ),
    Harm(
        category=Concern.PHYSICAL,
        codes=("OF61", "CJ88001"),
        words=_words(
            r"assault|wound|grievous|bodily harm|batter|strangl|suffocat|murder|manslaughter|kill|death|violen|robb"
        ),
        because="somebody was hurt or threatened with it",
    ),
    Harm(
        category=Concern.DOMESTIC_ABUSE,
        codes=("DA21",),
        words=_words(r"domestic|coercive|controlling behaviour|non-?molestation|restraining order|intimate"),
        because="harm between people who live or lived together, and children see it",
    ),
    Harm(
        category=Concern.CHILD_SEXUAL_EXPLOITATION,
        words=_words(r"sexual exploitation|child prostitut|paying for sexual services"),
        because="sexual exploitation",
    ),
    Harm(
        category=Concern.TRAFFICKING,
        codes=("MS15",),
        words=_words(r"slavery|servitude|forced labour|human traffick|trafficking (?:of |in )?(?:a |another )?person"),
        because="the Modern Slavery Act 2015",
    ),
    Harm(
        category=Concern.FGM,
        codes=("FG03",),
        words=_words(r"genital mutilation"),
        because="the Female Genital Mutilation Act 2003",
    ),
    Harm(category=Concern.FORCED_MARRIAGE, words=_words(r"forced marriage"), because="a forced marriage"),
    Harm(
        category=Concern.DRUGS,
        codes=("MD71", "PS16"),
        words=_words(r"controlled drug|cannabis|cocaine|heroin|class [abc] drug|psychoactive"),
        because="drugs in a household or a supply that children are drawn into",
    ),
    Harm(category=Concern.GANGS, words=_words(r"gangs?\b|county lines"), because="gangs draw children in"),
    Harm(
        category=Concern.RADICALISATION,
        codes=("TA00", "TA06"),
        words=_words(r"terroris"),
        because="the Terrorism Acts",
    ),
    Harm(
        category=Concern.OTHER,
        codes=("PH97", "CA84", "PC53", "FA68"),
        words=_words(
            r"stalk|harass|abduct|kidnap|false imprisonment|knife|knives|blade|firearm|offensive weapon|arson"
        ),
        because="stalking, abduction, fire or a weapon endangers whoever is near",
    ),
    Harm(
        category=Concern.OTHER,
        words=_words(
            r"child|baby|babies|infant|toddler|boys?\b|girls?\b|pupil|school|juvenile|teenage"
            r"|(?:under|below) (?:the age of )?1[0-8]\b|under (?:the age of )?(?:ten|twelve|thirteen|sixteen|eighteen)"
        ),
        because="its words speak of a child",
    ),
)
"""Every row that fits counts."""

EVERYDAY = ("CA03", "TH68", "RT88", "RR84", "VE94")
"""Statutes whose offences by themselves hurt nobody: television licences, theft, road traffic and vehicle tax."""


MOST_SEARCHED = 200_000
"""Characters of an offence's words that are looked at; one that has more is no everyday offence."""


def harms(code: str, words: str) -> tuple[Harm, ...]:
    """The rows that fit an offence."""
    upper, words = code.upper(), words[:MOST_SEARCHED]
    return tuple(
        row
        for row in HARMS
        if (row.codes and upper.startswith(row.codes)) or (row.words is not None and row.words.search(words))
    )


def is_everyday(code: str, words: str) -> bool:
    """Whether the code is of a statute whose offences by themselves hurt nobody, and its words could be looked at."""
    return code.upper().startswith(EVERYDAY) and len(words) <= MOST_SEARCHED


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the rules look at.

    ``children``, ``people`` and ``organisations`` count those named; ``harm`` says that an offence fits a row,
    ``everyday`` that all of them are everyday ones; ``marked`` that the prosecutor marks the case; ``exploited`` that
    the message asks whether a defendant was exploited and gets no clear no; ``turned_back`` that it only lists what
    was wrong with a submission.
    """

    children: int
    people: int
    organisations: int
    harm: bool
    everyday: bool
    marked: bool
    exploited: bool
    turned_back: bool


RULES: Sequence[Rule[Facts]] = (
    Rule(
        kind=ItemKind.CONCERN,
        when=lambda facts: facts.children > 0,
        because="somebody under 18 is accused, hurt or called as a witness",
    ),
    Rule(
        kind=ItemKind.CONCERN,
        when=lambda facts: facts.harm,
        because="an offence is one of harm to people, or its words speak of a child",
    ),
    Rule(
        kind=ItemKind.CONCERN,
        when=lambda facts: facts.marked,
        because="the prosecutor marks the case, which is done for abuse, hatred and vulnerable people",
    ),
    Rule(
        kind=ItemKind.CONCERN,
        when=lambda facts: facts.exploited,
        because="a defendant may be a victim of slavery or exploitation",
    ),
    Rule(
        kind=ItemKind.CONTEXT,
        when=lambda facts: facts.turned_back and not facts.people,
        because="it only says what was wrong with a submission, and names nobody",
    ),
    Rule(
        kind=ItemKind.CONTEXT,
        when=lambda facts: facts.organisations > 0 and not facts.people,
        because="only organisations are prosecuted, and no offence is one of harm to people",
    ),
    Rule(
        kind=ItemKind.CONTEXT,
        when=lambda facts: facts.everyday,
        because="every offence is of a statute whose offences by themselves hurt nobody, and all accused are adults",
    ),
)
"""Read from the top; a message that no row fits is a concern."""
