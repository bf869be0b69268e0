"""Who lives where, and with whom: the families of a generated borough, with all that makes two of them look like one.

Sources: ONS, Families and households in the UK (children per family; one family in four with one parent); DfE,
Characteristics of children in need (how unevenly need is spread); the rest is a practitioner's guess and says so here:
fathers with two families, grandparents who look after both daughters' children, foster carers, hostels, blocks whose
flats are written without their number.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

CHILDREN = ((1, 0.44), (2, 0.41), (3, 0.11), (4, 0.04))
NEED_SHAPE = 0.5
"""Of the gamma distribution of need: a few families have most of it."""
FLATS, HOSTELS, FOSTER_HOMES = 0.45, 20, 60
HOSTEL_FAMILIES = 25
_STREETS = ("Ash", "Beech", "Cedar", "Dock", "Elm", "Ferry", "Grove", "Hill", "Iron", "Jubilee", "Kiln", "Lark")
_KINDS = ("Street", "Road", "Lane", "Avenue", "Close", "Gardens")


@dataclass(frozen=True, kw_only=True)
class Home:
    """An address; ``block`` is how it is written where somebody leaves out the flat."""

    line: str
    block: str
    postcode: str


@dataclass(frozen=True, kw_only=True)
class Child:
    """A child by the hub's id, and its age in years."""

    id: str
    age: int


@dataclass(kw_only=True)
class Family:
    """Children with whoever brings them up. ``need`` is how often it is notified, against the mean of 1.

    ``graveness`` is what its concerns tend to, from 0 to 1. ``elsewhere`` are adults who live apart from it.
    """

    children: list[Child]
    parent: str
    partner: str | None
    elsewhere: list[str] = field(default_factory=list)
    home: Home
    need: float
    graveness: float


@dataclass(frozen=True, kw_only=True)
class Borough:
    """Every family, and the places where things happen to children of any."""

    families: list[Family]
    scenes: list[str]


def borough(random: Random, families: int) -> Borough:
    """A borough of so many families."""
    homes = _homes(random, families)
    made = [_family(random, number, homes[number]) for number in range(families)]
    for family in made:
        _kin(random, family, made)
    fostered = random.sample(range(families), min(families // 4, FOSTER_HOMES * 3))
    for number, index in enumerate(fostered):
        carer = number % max(1, min(FOSTER_HOMES, families // 20))
        home = Home(line=f"{carer + 1} Carers Way", block=f"{carer + 1} Carers Way", postcode=f"ZZ9 {carer % 9 + 1}AA")
        made[index].home, made[index].parent, made[index].partner = home, f"carer-{carer}", None
    scenes = [f"{number + 1} Market Place, ZZ8 {number % 9 + 1}AB" for number in range(12)]
    scenes += [f"Station Forecourt {letter}" for letter in "ABCDEFGH"]
    return Borough(families=made, scenes=scenes)


def drawn(random: Random, weighted: tuple[tuple[int, float], ...]) -> int:
    """One of these values by its weight."""
    values, weights = zip(*weighted, strict=True)
    return int(random.choices(values, weights)[0])


def new_home(random: Random) -> Home:
    """A house of its own, which nobody lived in before."""
    line = f"{random.randrange(1, 400)} {random.choice(_STREETS)} {random.choice(_KINDS)}"
    return Home(line=line, block=line, postcode=_postcode(random.randrange(40_000, 60_000)))


def _homes(random: Random, families: int) -> list[Home]:
    found: list[Home] = []
    for hostel in range(min(HOSTELS, families // 100)):
        line = f"{hostel + 1} Shelter Street"
        found += [Home(line=line, block=line, postcode=_postcode(70_000 + hostel))] * HOSTEL_FAMILIES
    while len(found) < families:
        number = len(found)
        street = f"{_STREETS[number % 12]} {_KINDS[number // 12 % 6]}"
        if random.random() < FLATS:
            house = f"{number % 150 + 1} {street}"
            flats = random.randrange(4, 40)
            for flat in range(flats):
                found.append(Home(line=f"Flat {flat + 1}, {house}", block=house, postcode=_postcode(number // 15)))
        else:
            line = f"{number % 150 + 1} {street}"
            found.append(Home(line=line, block=line, postcode=_postcode(number // 15)))
    random.shuffle(found)
    return found[:families]


def _postcode(number: int) -> str:
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    return f"ZZ{number // 4000 + 1} {number // 400 % 10}{letters[number // 20 % 20]}{letters[number % 20]}"


def _family(random: Random, number: int, home: Home) -> Family:
    eldest = random.randrange(18)
    children = [
        Child(id=f"child-{number}-{place}", age=max(0, eldest - 2 * place)) for place in range(drawn(random, CHILDREN))
    ]
    return Family(
        children=children,
        parent=f"parent-{number}",
        partner=f"partner-{number}" if random.random() < 0.72 else None,
        home=home,
        need=random.gammavariate(NEED_SHAPE, 1 / NEED_SHAPE),
        graveness=random.betavariate(1.2, 3.5),
    )


def _kin(random: Random, family: Family, others: list[Family]) -> None:
    """Adults of another family who belong to this one, too: a father apart, a grandmother, a new partner's former."""
    if random.random() < 0.12 and (other := random.choice(others)).partner:
        family.elsewhere.append(other.partner or "")
    if random.random() < 0.06:
        grandparent = f"grandparent-{random.randrange(max(1, len(others) // 20))}"
        family.elsewhere.append(grandparent)
