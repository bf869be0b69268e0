"""A borough that nobody lives in: persons in households, drawn from a seed, and what notifications say of them later.

Households share an address and mostly a name; children are near each other in age; some are twins; some sons have their
father's name. NHS numbers are of the 999 range. The same seed gives the same borough.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from gateway.linkage import names
from gateway.linkage.names import Community
from schemas.persons import Sex

TODAY = date(2026, 3, 1)
"""The day on which the borough is drawn: a constant, so that a seed says all."""
TWIN_SHARE, NAMESAKE_SHARE = 0.016, 0.01
SERIALS, STEP = 1_000_000, 617_839
"""Numbers of the 999 range; the step has no divisor in common with how many there are, so that each comes once."""
_STREETS = (
    "Acacia Albert Alma Bridge Cedar Chapel Church Elm Field Garden Green Grove High Hill Holly Lime London Maple Mill"
)
_MORE = (
    "New Oak Orchard Park Queen Richmond River School Spring Station Sycamore Union Victoria Vine Well West Willow York"
)
_KINDS = ("Road", "Street", "Avenue", "Close", "Lane", "Drive", "Gardens", "Court")


@dataclass(frozen=True, kw_only=True, slots=True)
class Resident:
    """One person as they truly are; ``record`` is their number in a system of one agency."""

    id: int
    household: int
    given: str
    middle: str
    family: str
    born: date
    sex: Sex
    line: str
    postcode: str
    nhs: str
    record: str
    twin: bool = False
    community: Community = field(repr=False, compare=False)


class Borough:
    """Draws residents until there are ``size`` of them."""

    def __init__(self, *, size: int, seed: int) -> None:
        self._random = Random(seed)
        self._size = size
        self._doors = self._places()
        self.residents: tuple[Resident, ...] = tuple(self._draw())

    def _draw(self) -> Iterator[Resident]:
        numbers, made, household = _numbers(self._random), 0, 0
        while made < self._size:
            for one in self._household(household, made):
                if made < self._size:
                    yield replace(one, id=made, nhs=next(numbers), record=f"{self._random.randrange(10**8):08d}")
                    made += 1
            household += 1

    def _household(self, household: int, first: int) -> Iterator[Resident]:
        random = self._random
        community = names.community(random)
        line, postcode = self._doors[random.randrange(len(self._doors))]
        family = names.family_name(random, community)
        kind = random.choices(("family", "lone", "couple", "single"), (45, 15, 20, 20))[0]
        parents_born = TODAY - timedelta(days=random.randint(22 * 365, 55 * 365))
        if kind in {"couple", "single"}:
            parents_born = TODAY - timedelta(days=random.randint(20 * 365, 92 * 365))

        def someone(
            born: date, sex: Sex, *, name: str | None = None, surname: str | None = None, twin: bool = False
        ) -> Resident:
            pool = community.girls if sex is Sex.FEMALE else community.boys
            return Resident(
                id=first,
                household=household,
                given=name or names.rank_drawn(random, pool),
                middle=names.rank_drawn(random, pool) if random.random() < 0.6 else "",
                family=surname or family,
                born=born,
                sex=sex,
                line=line,
                postcode=postcode,
                nhs="",
                record="",
                twin=twin,
                community=community,
            )

        father = someone(parents_born, Sex.MALE)
        if kind in {"family", "couple"} or (kind == "single" and random.random() < 0.5):
            yield father
        if kind in {"family", "couple", "lone"} or kind == "single":
            other = names.family_name(random, community) if random.random() < 0.35 else None
            years = timedelta(days=random.randint(-5 * 365, 5 * 365))
            if kind != "single" or random.random() < 0.5:
                yield someone(parents_born + years, Sex.FEMALE, surname=other)
        if kind not in {"family", "lone"}:
            return
        youngest = min((TODAY - parents_born).days - 19 * 365, 20 * 365)
        age, used = random.randint(20, max(youngest, 400)), set[str]()
        for _ in range(random.choices((1, 2, 3, 4, 5), (38, 37, 16, 6, 3))[0]):
            born = TODAY - timedelta(days=max(age, 1))
            twins = random.random() < TWIN_SHARE
            for _ in range(2 if twins else 1):
                sex = random.choice((Sex.MALE, Sex.FEMALE))
                pool = community.girls if sex is Sex.FEMALE else community.boys
                name = next(one for one in iter(lambda: names.rank_drawn(random, pool), None) if one not in used)  # noqa: B023
                if (
                    sex is Sex.MALE
                    and kind == "family"
                    and random.random() < NAMESAKE_SHARE
                    and father.given not in used
                ):
                    name = father.given
                used.add(name)
                yield someone(born, sex, name=name, twin=twins)
            age -= random.randint(330, 1500)
            if age < 1:
                return

    def _places(self) -> Sequence[tuple[str, str]]:
        """Front doors: fifteen or so to a postcode, each postcode on one street."""
        random, doors = self._random, list[tuple[str, str]]()
        streets = [f"{name} {kind}" for name in f"{_STREETS} {_MORE}".split() for kind in _KINDS]
        letters = "ABDEFGHJLNPQRSTUWXYZ"
        while len(doors) * 2.4 < self._size or len(doors) < 60:
            district, sector = random.randint(1, 9), random.randint(1, 6)
            code = f"EN{district} {sector}{random.choice(letters)}{random.choice(letters)}"
            street, start = random.choice(streets), random.randint(1, 120)
            for number in range(start, start + random.randint(8, 24)):
                flat = f"Flat {random.randint(1, 12)}, " if random.random() < 0.15 else ""
                doors.append((f"{flat}{number} {street}", code))
        return doors


def _numbers(random: Random) -> Iterator[str]:
    """Valid numbers of the 999 range, each once while it lasts (nine in ten of a million)."""
    start = random.randrange(SERIALS)
    for place in range(SERIALS):
        stem = f"999{(start + place * STEP) % SERIALS:06d}"
        check = 11 - sum(int(digit) * weight for digit, weight in zip(stem, range(10, 1, -1), strict=True)) % 11
        if check != 10:
            yield stem + str(check % 11)
