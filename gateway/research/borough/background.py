"""An ordinary year: what is notified where nothing hides behind it.

Much of it repeats. The police come to the same homes again, one incident is told by two agencies, a few families have
most of the need. Half comes from the police, as in London's hubs.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from gateway.research.borough.happening import Happening
from gateway.research.borough.households import Borough, Family, new_home
from routing.severity import Severity
from schemas.vocabulary import Concern

TOLD_TWICE = 0.18
"""How often a second agency tells of the same, within three weeks."""
MOVES = 0.08
"""Families that move within a year."""
_YEAR = 365
_YOUNG = (
    ("police", Concern.DOMESTIC_ABUSE, 0.46),
    ("health", Concern.NEGLECT, 0.09),
    ("health", Concern.PHYSICAL, 0.07),
    ("school", Concern.NEGLECT, 0.12),
    ("school", Concern.PHYSICAL, 0.08),
    ("housing", Concern.OTHER, 0.06),
    ("council", Concern.EMOTIONAL, 0.06),
    ("probation", Concern.DOMESTIC_ABUSE, 0.03),
    ("charity", Concern.OTHER, 0.03),
)
_TEEN = (
    ("police", Concern.MISSING, 0.2),
    ("police", Concern.DOMESTIC_ABUSE, 0.2),
    ("police", Concern.CRIMINAL_EXPLOITATION, 0.08),
    ("police", Concern.DRUGS, 0.06),
    ("health", Concern.SELF_HARM, 0.1),
    ("health", Concern.MENTAL_HEALTH_CRISIS, 0.05),
    ("school", Concern.SCHOOL_ATTENDANCE, 0.14),
    ("school", Concern.ONLINE_HARM, 0.06),
    ("council", Concern.OTHER, 0.05),
    ("charity", Concern.CHILD_SEXUAL_EXPLOITATION, 0.06),
)
_WHOLE_FAMILY = frozenset({Concern.DOMESTIC_ABUSE, Concern.NEGLECT, Concern.OTHER})
SECOND = ("school", "health", "police", "council", "charity")


def year(random: Random, borough: Borough, begins: datetime, count: int) -> Iterator[Happening]:
    """About ``count`` happenings in the year from ``begins`` (aware), in no order."""
    first = count / (1 + TOLD_TWICE)
    mean = first / sum(family.need for family in borough.families)
    for family in borough.families:
        moved = begins + timedelta(days=random.uniform(0, _YEAR)) if random.random() < MOVES else None
        moments = sorted(
            begins + timedelta(days=random.uniform(0, _YEAR)) for _ in range(_poisson(random, mean * family.need))
        )
        for at in moments:
            if moved is not None and at > moved:
                family.home, moved = new_home(random), None
            happening = ordinary(random, borough, family, at)
            yield happening
            if random.random() < TOLD_TWICE:
                yield _told_again(random, happening)


def ordinary(random: Random, borough: Borough, family: Family, at: datetime) -> Happening:
    """One thing of the kind that happens in any family."""
    child = random.choice(family.children)
    rows = _TEEN if child.age >= 12 else _YOUNG
    agency, concern, _ = random.choices(rows, [row[2] for row in rows])[0]
    children = [child.id]
    if concern in _WHOLE_FAMILY and random.random() < 0.75:
        children = [one.id for one in family.children]
    alleged = []
    if concern in {Concern.DOMESTIC_ABUSE, Concern.PHYSICAL} and random.random() < 0.5:
        alleged = [family.partner] if family.partner else family.elsewhere[:1]
    return Happening(
        at=at,
        agency=agency,
        family=family,
        home=family.home,
        children=children,
        adults=adults_of(random, family),
        alleged=alleged,
        concern=concern,
        severity=severity_of(random, family.graveness),
        scene=random.choice(borough.scenes) if random.random() < 0.12 else "",
    )


def adults_of(random: Random, family: Family) -> list[tuple[str, bool]]:
    """Whom an agency would name: most name who lives there, some name who lives elsewhere."""
    named = [(family.parent, True)]
    if family.partner and random.random() < 0.7:
        named.append((family.partner, True))
    return named + [(one, False) for one in family.elsewhere if random.random() < 0.3]


def severity_of(random: Random, graveness: float) -> Severity:
    """What one concern comes to, about what the family's tend to."""
    drawn = random.gauss(graveness, 0.22)
    return Severity.HIGH if drawn > 0.72 else Severity.MODERATE if drawn > 0.42 else Severity.LOW


def _told_again(random: Random, happening: Happening) -> Happening:
    agency = random.choice([one for one in SECOND if one != happening.agency])
    return Happening(
        at=happening.at + timedelta(days=random.uniform(0.1, 21)),
        agency=agency,
        family=happening.family,
        home=happening.home,
        children=happening.children[:1] if agency in {"school", "health"} else happening.children,
        adults=happening.adults,
        alleged=happening.alleged,
        concern=happening.concern,
        severity=severity_of(random, happening.family.graveness),
    )


def _poisson(random: Random, mean: float) -> int:
    """How often something of this mean happens (by waiting times)."""
    count, waited = 0, random.expovariate(1.0)
    while waited < mean:
        count += 1
        waited += random.expovariate(1.0)
    return count
