"""Who is compared with whom: the keys by which people who may be the same are found without their names in clear.

Each pass is a row. Two people meet where they share a key of any pass. A pass has a coarse key and, where the coarse
one may be shared by too many, a finer one: an oversize block is not searched, its finer block is. So what is compared
stays bounded however many people are known. The shell keeps keyed hashes of the keys, never the keys.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import jellyfish

from routing.linkage_nicknames import root
from routing.linkage_traits import NameTraits, Traits

LARGEST_BLOCK = 20
"""People that share one key and are considered. A block with more is passed over for its finer one."""
MOST_COMPARED = 8
"""People that are opened and compared with one: those first who share the most passes, and the rarest keys."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """A key of a pass. ``finer`` tells that it stands in for the pass's coarse key where that is oversize."""

    row: str
    value: str
    finer: bool = False

    @property
    def kind(self) -> str:
        """The pass and its grain, as the keyed hash takes them."""
        return f"block:{self.row}{'+' if self.finer else ''}"


@dataclass(frozen=True, kw_only=True)
class Pass:
    """``keys`` gives (coarse, finer) for a person; ``finer`` is empty where the coarse key is fine enough."""

    name: str
    keys: Callable[[Traits], Iterator[tuple[str, str]]]
    because: str


def _family_year(one: Traits) -> Iterator[tuple[str, str]]:
    year = one.born[:4]
    if year:
        for name in one.names:
            for part in {*name.family_parts, name.family}:
                sound = jellyfish.metaphone(part)
                if sound:
                    yield f"{sound}/{year}", f"{sound}/{year}/{_initial(name)}" if name.given else ""


def _given_postcode(one: Traits) -> Iterator[tuple[str, str]]:
    for name in one.names:
        if name.given:
            for place in one.places:
                if place.postcode:
                    yield f"{_root_sound(name)}/{place.postcode}", ""


def _family_postcode(one: Traits) -> Iterator[tuple[str, str]]:
    for name in one.names:
        for part in {*name.family_parts, name.family}:
            sound = jellyfish.metaphone(part)
            for place in one.places:
                if sound and place.postcode:
                    yield f"{sound}/{place.postcode}", ""


def _born(one: Traits) -> Iterator[tuple[str, str]]:
    if len(one.born) == 8:
        # Day and month in one order, so that a date with both in each other's place has the same key.
        day = f"{one.born[:4]}{''.join(sorted((one.born[4:6], one.born[6:])))}"
        for name in one.names or (NameTraits(),):
            yield f"{day}/{one.sex}" if one.sex else f"{day}/", f"{day}/{_initial(name)}" if name.given else ""


def _both_names(one: Traits) -> Iterator[tuple[str, str]]:
    for name in one.names:
        if name.given and name.family:
            # In one order, so that names in each other's place have the same key.
            pair = "/".join(sorted((_root_sound(name), jellyfish.metaphone(name.family))))
            yield pair, f"{pair}/{one.born[:4]}" if one.born else ""


def _door_year(one: Traits) -> Iterator[tuple[str, str]]:
    if one.born:
        for place in one.places:
            if place.postcode:
                yield f"{place.postcode}/{one.born[:4]}", ""


def _given_door(one: Traits) -> Iterator[tuple[str, str]]:
    for name in one.names:
        if name.given:
            for place in one.places:
                if place.number and place.street:
                    yield f"{_root_sound(name)}/{place.number}/{place.street}", ""


def _number(one: Traits) -> Iterator[tuple[str, str]]:
    for kind, value in one.doubtful:
        yield f"{kind}/{value}", ""


PASSES: tuple[Pass, ...] = (
    Pass(name="family_year", keys=_family_year, because="the sound of a family name, and the year of birth"),
    Pass(name="given_postcode", keys=_given_postcode, because="a moved surname keeps its given name and its door"),
    Pass(name="family_postcode", keys=_family_postcode, because="a family at its door, whatever the birth date"),
    Pass(name="born", keys=_born, because="the day of birth and the sex, whatever the names"),
    Pass(name="both_names", keys=_both_names, because="both names in either order, whatever the birth date"),
    Pass(name="door_year", keys=_door_year, because="who lives there and is of that age, whatever the names"),
    Pass(name="given_door", keys=_given_door, because="a garbled postcode, or none: the given name and the front door"),
    Pass(name="number", keys=_number, because="a number that does not hold, or a local one"),
)


def blocks(one: Traits) -> tuple[Block, ...]:
    """Every key of every pass, each once."""
    found: dict[Block, None] = {}
    for each in PASSES:
        for coarse, finer in each.keys(one):
            found[Block(row=each.name, value=coarse)] = None
            if finer:
                found[Block(row=each.name, value=finer, finer=True)] = None
    return tuple(found)


def chosen(found: Mapping[Block, Sequence[str]]) -> tuple[str, ...]:
    """Whom to open and compare, of the people in each block, the likeliest first.

    A block holds up to one more than ``LARGEST_BLOCK``. Those come first who share the most passes, then the rarest
    keys; at most ``MOST_COMPARED``.
    """
    rare: dict[str, dict[str, float]] = defaultdict(dict)
    for block, people in found.items():
        if len(people) > LARGEST_BLOCK:
            continue
        for person in people:
            passes = rare[person]
            passes[block.row] = max(passes.get(block.row, 0.0), 1 / len(people))
    ranked = sorted(rare, key=lambda person: (-len(rare[person]), -sum(rare[person].values()), person))
    return tuple(ranked[:MOST_COMPARED])


def _initial(name: NameTraits) -> str:
    return root(name.given[0])[0]


def _root_sound(name: NameTraits) -> str:
    full = root(name.given[0])
    return jellyfish.metaphone(full) or full
