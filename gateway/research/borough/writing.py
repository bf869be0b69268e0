"""How an agency puts what happened into a notification: what it grades, leaves out and gets wrong."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from gateway.research.borough.happening import Happening
from gateway.research.borough.households import Home
from routing.severity import Severity
from schemas.notification import ConcernDetail, Incident, Notification
from schemas.persons import Address, Name, Person
from schemas.vocabulary import Concern, ItemKind, Rating

NOT_LINKED = 0.02
"""How often somebody is taken for a stranger: what linkage misses."""
NO_FLAT, NO_ADDRESS, NO_ADULTS, UNSAID = 0.06, 0.08, 0.1, 0.25
_GRADES = {Severity.LOW: Rating.GREEN, Severity.MODERATE: Rating.AMBER, Severity.HIGH: Rating.RED}
_LEVELS = {Severity.LOW: (1, 2, 2), Severity.MODERATE: (3,), Severity.HIGH: (4,)}


@dataclass(frozen=True, kw_only=True)
class Written:
    """A notification, with who each of its people is to the hub."""

    notification: Notification
    known: dict[str, str]


def write(random: Random, happening: Happening, name: str) -> Written:
    """The notification of what happened; ``name`` is its native id."""
    known: dict[str, str] = {}
    address = _address(random, happening.home)
    children = tuple(
        _person(random, f"child-{place}", one, address, known) for place, one in enumerate(happening.children, start=1)
    )
    adults: list[Person] = []
    # Whoever is said to have done it is named; others may be left out.
    silent = random.random() < NO_ADULTS
    for place, (one, resident) in enumerate(happening.adults, start=1):
        if silent and one not in happening.alleged and not one.startswith("stranger"):
            continue
        told = _person(random, f"adult-{place}", one, address if resident else (), known)
        lives = resident if random.random() > UNSAID else None
        adults.append(
            told.model_copy(
                update={"in_household": lives, "alleged_perpetrator": True if one in happening.alleged else None}
            )
        )
    graded = happening.agency == "police" and random.random() < 0.9
    levelled = not graded and random.random() > UNSAID
    concern = ConcernDetail(
        categories=(_category(happening, said=graded or levelled),),
        source_grade=str(_GRADES[happening.severity]) if graded else "",
        level_of_need=random.choice(_LEVELS[happening.severity]) if levelled else None,
    )
    notification = Notification(
        native_id=name,
        format="generated",
        kind=ItemKind.CONCERN,
        kind_reason="generated",
        children=children,
        adults=tuple(adults),
        concern=concern,
        incident=Incident(place=happening.scene) if happening.scene else None,
    )
    return Written(notification=notification, known=known)


def _category(happening: Happening, *, said: bool) -> Concern:
    """Where nothing else says that it is small, its category does, as an agency that grades nothing would choose it."""
    return happening.concern if said or happening.severity is not Severity.LOW else Concern.OTHER


def _person(random: Random, ref: str, one: str, address: tuple[Address, ...], known: dict[str, str]) -> Person:
    known[ref] = one if random.random() > NOT_LINKED else f"{one}-unlinked-{random.randrange(10**9)}"
    return Person(ref=ref, names=(Name(given=("Synthetic",), family="Person"),), addresses=address)


def _address(random: Random, home: Home) -> tuple[Address, ...]:
    if random.random() < NO_ADDRESS:
        return ()
    line = home.block if random.random() < NO_FLAT else home.line
    return (Address(lines=(line, "Testborough"), postcode=home.postcode),)
