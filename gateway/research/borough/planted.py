"""Patterns of emerging harm, as serious case reviews tell of them: planted among families of the borough.

Each draws its number, its spread and its noise from wider ranges than any rule asks for, so that some are faint: a run
that rises has one step out of order, an adult is not always named, what is far apart lies at the edge of any window.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from gateway.research.borough.background import SECOND, adults_of
from gateway.research.borough.happening import Happening
from gateway.research.borough.households import Borough, Child, Family, new_home
from routing.severity import Severity
from schemas.vocabulary import Concern

_YEAR = 365
_SMALL = (Concern.SCHOOL_ATTENDANCE, Concern.NEGLECT, Concern.OTHER, Concern.EMOTIONAL)
_AGENCIES = (*SECOND, "housing")


@dataclass(frozen=True, kw_only=True)
class Planted:
    """One pattern: of which kind, and what happened in it, oldest first."""

    number: int
    kind: str
    happenings: tuple[Happening, ...]


def plant(random: Random, borough: Borough, begins: datetime, count: int) -> list[Planted]:
    """So many patterns of every kind in turn, in the year from ``begins`` (aware)."""
    kinds = tuple(KINDS.items())
    found = []
    for number in range(count):
        kind, make = kinds[number % len(kinds)]
        happenings = sorted(make(random, borough, begins), key=lambda one: one.at)
        told = tuple(replace(one, planted=number) for one in happenings)
        found.append(Planted(number=number, kind=kind, happenings=told))
    return found


def _masked(random: Random, borough: Borough, begins: datetime) -> Iterator[Happening]:
    """Small things about one sibling each, from several sides: no agency sees more than one or two of them."""
    family = _with_children(random, borough, least=2)
    agencies = random.sample(_AGENCIES, random.randint(2, 5))
    for place, at in enumerate(_moments(random, begins, random.randint(4, 8), (60, 170))):
        child = random.choice(family.children).id
        agency = agencies[place % len(agencies)]
        yield _small(random, family, at, agency, [child])


def _dripping(random: Random, borough: Borough, begins: datetime) -> Iterator[Happening]:
    """Neglect of one child over most of a year, mostly seen by its school."""
    family = _with_children(random, borough)
    child = [random.choice(family.children).id]
    agencies = ["school", random.choice(_AGENCIES)]
    for at in _moments(random, begins, random.randint(6, 11), (170, 340)):
        yield _small(random, family, at, random.choice(agencies), child)


def _rising(random: Random, borough: Borough, begins: datetime) -> Iterator[Happening]:
    """Every concern graver than the last, in one family; now and then one step is out of order."""
    family = _with_children(random, borough)
    count = random.randint(3, 6)
    steps = sorted(random.choices((Severity.LOW, Severity.MODERATE), k=count - 1))
    steps.append(Severity.HIGH if random.random() < 0.85 else Severity.MODERATE)
    steps[0] = Severity.LOW
    if random.random() < 0.15:
        place = random.randrange(count - 1)
        steps[place], steps[place + 1] = steps[place + 1], steps[place]
    agencies = random.sample(_AGENCIES, 2)
    for step, at in zip(steps, _moments(random, begins, count, (60, 330)), strict=True):
        happening = _small(random, family, at, random.choice(agencies), [random.choice(family.children).id])
        yield replace(happening, severity=step, concern=random.choice((Concern.PHYSICAL, Concern.NEGLECT)))


def _around_an_adult(random: Random, borough: Borough, begins: datetime) -> Iterator[Happening]:
    """One adult moves between the children of families that know nothing of each other."""
    adult = f"stranger-{random.randrange(10**9)}"
    families = random.sample(borough.families, random.randint(3, 6))
    for family, at in zip(families, _moments(random, begins, len(families), (60, 340)), strict=True):
        child = random.choice(family.children).id
        named = [(family.parent, True)] + ([(adult, False)] if random.random() < 0.93 else [])
        alleged = [adult] if len(named) > 1 and random.random() < 0.6 else []
        severity = random.choice((Severity.LOW, Severity.MODERATE, Severity.MODERATE))
        concern = random.choice((Concern.SEXUAL, Concern.CHILD_SEXUAL_EXPLOITATION, Concern.OTHER))
        yield _told(
            family,
            at,
            random.choice(_AGENCIES),
            [child],
            concern=concern,
            severity=severity,
            adults=named,
            alleged=alleged,
        )


def _new_partner(random: Random, borough: Borough, begins: datetime) -> Iterator[Happening]:
    """Somebody who hurt the children of one family lives with another now."""
    first, second = random.sample(borough.families, 2)
    adult = f"partner-of-two-{random.randrange(10**9)}"
    moments = _moments(random, begins, random.randint(3, 5), (90, 340))
    for place, at in enumerate(moments):
        family = first if place < max(1, len(moments) // 2) else second
        alleged = [adult] if random.random() < 0.85 else []
        concern = random.choice((Concern.DOMESTIC_ABUSE, Concern.PHYSICAL))
        children = [one.id for one in family.children]
        severity = random.choice((Severity.LOW, Severity.MODERATE, Severity.HIGH))
        named = [(family.parent, True), (adult, True)]
        yield _told(
            family,
            at,
            random.choice(("police", "health")),
            children,
            concern=concern,
            severity=severity,
            adults=named,
            alleged=alleged,
        )


def _one_place(random: Random, borough: Borough, begins: datetime) -> Iterator[Happening]:
    """A flat that was taken over: teenagers of different families are met there."""
    home = new_home(random)
    count = random.randint(3, 7)
    for at in _moments(random, begins, count, (20, 160)):
        family = random.choice(borough.families)
        concern = random.choice((Concern.MISSING, Concern.CRIMINAL_EXPLOITATION, Concern.DRUGS))
        agency = random.choices(("police", "council", "charity"), (0.7, 0.15, 0.15))[0]
        child = [random.choice(family.children).id]
        named = adults_of(random, family)
        scene = f"{home.line}, {home.postcode}" if random.random() < 0.95 else ""
        severity = random.choice((Severity.LOW, Severity.MODERATE))
        yield replace(_told(family, at, agency, child, concern=concern, severity=severity, adults=named), scene=scene)


def _many_voices(random: Random, borough: Borough, begins: datetime) -> Iterator[Happening]:
    """Within weeks several agencies begin to worry about one child, each for the first time."""
    family = _with_children(random, borough)
    child = [random.choice(family.children).id]
    agencies = random.sample(_AGENCIES, random.randint(3, 5))
    for agency, at in zip(agencies, _moments(random, begins, len(agencies), (12, 80)), strict=True):
        yield _small(random, family, at, agency, child)


def _moving(random: Random, borough: Borough, begins: datetime) -> Iterator[Happening]:
    """A family is told of at every address where it lived, under its baby's name there: only the mother is the same."""
    family = _with_children(random, borough)
    homes = [new_home(random) for _ in range(random.randint(2, 3))]
    count = random.randint(4, 7)
    baby = Child(id=f"baby-{random.randrange(10**9)}", age=0)
    for place, at in enumerate(_moments(random, begins, count, (80, 250))):
        child = baby.id if place * 2 >= count else random.choice(family.children).id
        happening = _small(random, family, at, random.choice(_AGENCIES), [child])
        severity = Severity.MODERATE if random.random() < 0.4 else Severity.LOW
        yield replace(happening, home=homes[place * len(homes) // count], severity=severity)


KINDS: dict[str, Callable[[Random, Borough, datetime], Iterator[Happening]]] = {
    "masked": _masked,
    "dripping": _dripping,
    "rising": _rising,
    "around an adult": _around_an_adult,
    "new partner": _new_partner,
    "one place": _one_place,
    "many voices": _many_voices,
    "moving": _moving,
}
"""Every kind of pattern that is planted."""


def _with_children(random: Random, borough: Borough, *, least: int = 1) -> Family:
    while True:
        family = random.choice(borough.families)
        if len(family.children) >= least:
            return family


def _moments(random: Random, begins: datetime, count: int, days: tuple[int, int]) -> list[datetime]:
    """So many moments within a stretch of so many days, which lies wholly in the year."""
    stretch = random.uniform(*days)
    start = random.uniform(0, _YEAR - stretch)
    inner = sorted(random.uniform(0, stretch) for _ in range(count))
    return [begins + timedelta(days=start + one) for one in inner]


def _small(random: Random, family: Family, at: datetime, agency: str, children: Sequence[str]) -> Happening:
    concern = random.choice(_SMALL)
    return _told(family, at, agency, children, concern=concern, severity=Severity.LOW, adults=adults_of(random, family))


def _told(
    family: Family,
    at: datetime,
    agency: str,
    children: Sequence[str],
    *,
    concern: Concern,
    severity: Severity,
    adults: Sequence[tuple[str, bool]],
    alleged: Sequence[str] = (),
) -> Happening:
    return Happening(
        at=at,
        agency=agency,
        family=family,
        home=family.home,
        children=children,
        adults=adults,
        alleged=alleged,
        concern=concern,
        severity=severity,
    )
