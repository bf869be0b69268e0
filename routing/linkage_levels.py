"""How alike two people are in each field: one level of a fixed list, with what it means in words. Pure and symmetric.

Where somebody has several names or addresses the two that are most alike count. What is unknown of either says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import jellyfish

from routing.linkage_nicknames import same_name
from routing.linkage_spelling import district, sector
from routing.linkage_traits import LOCAL, NameTraits, Place, Traits

UNKNOWN = "unknown"
CLOSE, SIMILAR = 0.92, 0.80
"""Jaro-Winkler similarity from which two spellings are a slip of one another, or resemble each other."""
TWO_SLIPS = 7
"""Letters that a given name has where two slips are no other name: ``Hassan`` and ``Hussain`` are twins."""
LONG_NUMBER = 6
"""Characters from which on a number that differs by one is a slip: short ones are given out one after the other."""
GENERATION = 14
"""Years from which on two people of one name at one address are a parent and a child."""
_ENDEARED = re.compile(r"(?:ie|ey|y|i|s|z|o)$")


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field of comparison: its levels with their meaning, the most alike first, and which one two people are at."""

    name: str
    levels: tuple[tuple[str, str], ...]
    compare: Callable[[Traits, Traits], str]

    def meaning(self, level: str) -> str:
        """What ``level`` says, in words."""
        return next((words for name, words in self.levels if name == level), "not known of both")


def _given(one: Traits, other: Traits) -> str:
    return _best(_GIVEN, (_given_of(a, b) for a in one.names for b in other.names))


def _given_of(one: NameTraits, other: NameTraits) -> str:
    if not one.given or not other.given:
        return UNKNOWN
    ours, theirs = one.given[0], other.given[0]
    if ours == theirs:
        return "same"
    if len(ours) == 1 or len(theirs) == 1:
        return "initial" if ours[0] == theirs[0] else "different"
    if _crossed(one, other):
        return "swapped"
    if same_name(ours, theirs):
        return "nickname"
    if len(one.given_skeleton) > 2 and one.given_skeleton == other.given_skeleton:
        return "variant"
    if _likeness(ours, theirs) >= CLOSE or _one_slip(ours, theirs):
        return "close"
    return _loosely(one, other)


def _loosely(one: NameTraits, other: NameTraits) -> str:
    """The level of two given names that no slip explains."""
    ours, theirs = one.given[0], other.given[0]
    if _short(ours, theirs):
        return "short"
    if min(len(ours), len(theirs)) >= TWO_SLIPS and jellyfish.damerau_levenshtein_distance(ours, theirs) == 2:
        return "two_slips"
    if ours in other.given[1:] or theirs in one.given[1:]:
        return "another"
    if ours == other.family or theirs == one.family:
        return "crossed"
    return "similar" if _likeness(ours, theirs) >= SIMILAR else "different"


def _short(one: str, other: str) -> bool:
    """Whether one is the beginning of the other, as a form of endearment is, without its ending."""
    short, full = sorted((one, other), key=lambda name: (len(name), name))
    stem = _ENDEARED.sub("", short)
    return len(stem) >= 3 and len(full) > len(stem) and full.startswith(stem)


def _crossed(one: NameTraits, other: NameTraits) -> bool:
    """Whether given and family name stand in each other's place, a slip allowed."""
    if not one.family or not other.family:
        return False
    return _alike(one.given[0], other.family) and _alike(other.given[0], one.family)


def _alike(one: str, other: str) -> bool:
    return one == other or _likeness(one, other) >= CLOSE


def _family(one: Traits, other: Traits) -> str:
    return _best(_FAMILY, (_family_of(a, b) for a in one.names for b in other.names))


def _family_of(one: NameTraits, other: NameTraits) -> str:
    ours, theirs = one.family, other.family
    if not ours or not theirs:
        return UNKNOWN
    if ours == theirs:
        return "same"
    if one.given and other.given and _crossed(one, other):
        return UNKNOWN  # told once, with the given name
    if len(one.family_skeleton) > 2 and one.family_skeleton == other.family_skeleton:
        return "variant"
    if len(one.family_parts) + len(other.family_parts) > 2 and set(one.family_parts) & set(other.family_parts):
        return "part"
    if _likeness(ours, theirs) >= CLOSE or _one_slip(ours, theirs):
        return "close"
    return "similar" if _likeness(ours, theirs) >= SIMILAR else "different"


def _born(one: Traits, other: Traits) -> str:
    ours, theirs = one.born, other.born
    if not ours or not theirs:
        return UNKNOWN
    if len(ours) < 8 or len(theirs) < 8:
        shared = min(len(ours), len(theirs))
        if ours[:shared] != theirs[:shared]:
            return _apart(ours, theirs)
        return "same_month" if shared == 6 else "same_year"
    if ours == theirs:
        return "same"
    if ours[:4] == theirs[:4] and (ours[4:6], ours[6:]) == (theirs[6:], theirs[4:6]):
        return "swapped"
    if _one_slip(ours, theirs):
        return "one_off"
    if ours[:6] == theirs[:6]:
        return "same_month"
    if sum(a != b for a, b in zip(ours, theirs, strict=True)) == 2:
        return "two_off"
    return "same_year" if ours[:4] == theirs[:4] else _apart(ours, theirs)


def _apart(one: str, other: str) -> str:
    return "generation" if abs(int(one[:4]) - int(other[:4])) >= GENERATION else "different"


def _sex(one: Traits, other: Traits) -> str:
    if not one.sex or not other.sex:
        return UNKNOWN
    return "same" if one.sex == other.sex else "different"


def _place(one: Traits, other: Traits) -> str:
    return _best(_PLACE, (_place_of(a, b) for a in one.places for b in other.places))


def _place_of(one: Place, other: Place) -> str:
    if one.uprn and one.uprn == other.uprn:
        return "same"
    streets = bool(one.street and other.street)
    street = streets and (one.street == other.street or _likeness(one.street, other.street) >= CLOSE)
    number = bool(one.number) and one.number == other.number
    codes = bool(one.postcode and other.postcode)
    if codes and one.postcode == other.postcode:
        return "same" if number and (street or not streets) else "same_postcode"
    if street and number:
        return "same_door"
    if not codes:
        return "same_street" if street else UNKNOWN if not streets else "elsewhere"
    if _one_slip(one.postcode, other.postcode):
        return "near_postcode"
    if street:
        return "same_street"
    if sector(one.postcode) and sector(one.postcode) == sector(other.postcode):
        return "same_sector"
    if district(one.postcode) and district(one.postcode) == district(other.postcode):
        return "same_district"
    return "elsewhere"


def _number(one: Traits, other: Traits) -> str:
    """The numbers that both hold of one kind: what agrees outweighs what does not."""
    ours, theirs = one.numbers | one.doubtful, other.numbers | other.doubtful
    if ours & theirs:
        return "same"
    pairs = [(kind, value, rival) for kind, value in ours for other_kind, rival in theirs if kind == other_kind]
    if any(_one_slip(value, rival) for _, value, rival in pairs if len(value) >= LONG_NUMBER):
        return "one_off"
    if not pairs:
        return UNKNOWN
    return "other_record" if all(kind.startswith(LOCAL) for kind, _, _ in pairs) else "different"


_GIVEN = (
    ("same", "the given name is the same"),
    ("nickname", "one given name is short for the other"),
    ("variant", "the given names are one name, written differently"),
    ("close", "the given names differ by a slip"),
    ("swapped", "given and family name have changed places"),
    ("short", "one given name begins the other"),
    ("two_slips", "the given names, which are long, differ by two slips"),
    ("another", "the given name of one is a further name of the other"),
    ("initial", "the given name of one is an initial of the other's"),
    ("crossed", "the given name of one is the family name of the other"),
    ("similar", "the given names resemble each other"),
    ("different", "the given names differ"),
)
_FAMILY = (
    ("same", "the family name is the same"),
    ("variant", "the family names are one name, written differently"),
    ("part", "the family names share one part of a double name"),
    ("close", "the family names differ by a slip"),
    ("similar", "the family names resemble each other"),
    ("different", "the family names differ"),
)
_BORN = (
    ("same", "born on the same day"),
    ("swapped", "born on the same day, with day and month in each other's place"),
    ("one_off", "the birth dates differ by one digit, or by two that changed places"),
    ("same_month", "born in the same month"),
    ("two_off", "the birth dates differ by two digits"),
    ("same_year", "born in the same year"),
    ("different", "the birth dates differ"),
    ("generation", "born a generation apart"),
)
_SEX = (("same", "the same sex is recorded"), ("different", "different sexes are recorded"))
_PLACE = (
    ("same", "the same address"),
    ("same_door", "the same house and street, under another postcode"),
    ("same_postcode", "the same postcode"),
    ("near_postcode", "the postcodes differ by one letter"),
    ("same_street", "the same street"),
    ("same_sector", "the same postcode sector"),
    ("same_district", "the same postcode district"),
    ("elsewhere", "addresses apart from each other"),
)
_NUMBER = (
    ("same", "a number of theirs is the same"),
    ("one_off", "a number of theirs differs by one digit"),
    ("other_record", "their numbers in one system differ"),
    ("different", "their numbers of the same kind differ"),
)

FIELDS: tuple[Field, ...] = (
    Field(name="given", levels=_GIVEN, compare=_given),
    Field(name="family", levels=_FAMILY, compare=_family),
    Field(name="born", levels=_BORN, compare=_born),
    Field(name="sex", levels=_SEX, compare=_sex),
    Field(name="place", levels=_PLACE, compare=_place),
    Field(name="number", levels=_NUMBER, compare=_number),
)
"""In the order in which they are explained."""


def _best(levels: Sequence[tuple[str, str]], found: object) -> str:
    ranks = {name: rank for rank, (name, _) in enumerate(levels)}
    return min(found, key=lambda level: ranks.get(level, len(ranks)), default=UNKNOWN)  # type: ignore[call-overload,no-any-return]


def _likeness(one: str, other: str) -> float:
    # In one order: the measure itself is not always the same both ways round.
    return jellyfish.jaro_winkler_similarity(min(one, other), max(one, other))


def _one_slip(one: str, other: str) -> bool:
    """Whether one character was changed, left out or added, or two neighbours changed places, of four or more."""
    if abs(len(one) - len(other)) > 1 or max(len(one), len(other)) < 4:
        return False
    return jellyfish.damerau_levenshtein_distance(one, other) == 1
