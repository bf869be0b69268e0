"""Who somebody is where no number tells: weighed by Fellegi and Sunter, with the reason of every field. Pure.

Automatic only where the weights say so, nothing bars it and nobody else comes near. Twins, and two numbers that each
name one person: a person looks, whatever the weights. A father and a son of one name are two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from routing.linkage_levels import FIELDS, UNKNOWN, Field
from routing.linkage_model import Model
from routing.linkage_traits import Traits

_APART = frozenset({"different", "similar", "another", "crossed", UNKNOWN})
"""Levels of the given name at which two people may be two: twins, or in families where one's further name is another's
given one."""

_AT_HOME = frozenset({"same", "same_door", "same_postcode"})


class Verdict(StrEnum):
    """What becomes of a comparison."""

    LINK = "link"
    LOOK = "look"
    NOT = "not"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """What one field says: its level, the bits that it is worth, and the words."""

    field: str
    level: str
    weight: float
    because: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Weighed:
    """Two people, compared. ``total`` is the sum of the reasons' weights and of the prior; ``bars`` forbid a link."""

    total: float
    prior: float
    reasons: tuple[Reason, ...]
    bars: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """The reasons in one sentence, the weightiest first, with the bits of each."""
        known = sorted((one for one in self.reasons if one.level != UNKNOWN), key=lambda one: -abs(one.weight))
        return "; ".join((*(f"{one.because} ({one.weight:+.1f})" for one in known), *self.bars))


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """One who may be the same, and how they compare."""

    person_id: str
    weighed: Weighed


@dataclass(frozen=True, kw_only=True)
class Match:
    """Who it is: the ``best`` where ``verdict`` is a link; where a person looks, everybody worth a look, best first."""

    verdict: Verdict
    found: tuple[Found, ...] = ()

    @property
    def best(self) -> Found | None:
        """The likeliest, where there is anybody."""
        return self.found[0] if self.found else None


def weigh(one: Traits, other: Traits, model: Model) -> Weighed:
    """How the two compare. The same both ways round."""
    reasons = tuple(_reason(row, one, other, model) for row in FIELDS)
    total = model.prior + sum(reason.weight for reason in reasons)
    return Weighed(total=total, prior=model.prior, reasons=reasons, bars=_bars(one, other, reasons))


def verdict(weighed: Weighed, model: Model) -> Verdict:
    """What becomes of two people who compare like this, were there nobody else."""
    level = {reason.field: reason.level for reason in weighed.reasons}
    namesakes = level["born"] == "generation" and level["number"] == UNKNOWN
    if weighed.total < model.look or namesakes:
        return Verdict.NOT
    return Verdict.LINK if weighed.total >= model.link and not weighed.bars else Verdict.LOOK


def match(one: Traits, candidates: Sequence[tuple[str, Traits]], model: Model) -> Match:
    """Who ``one`` is among these people (id, traits)."""
    found = [Found(person_id=name, weighed=weigh(one, traits, model)) for name, traits in candidates]
    found = [each for each in found if verdict(each.weighed, model) is not Verdict.NOT]
    if not found:
        return Match(verdict=Verdict.NOT)
    found.sort(key=lambda each: (-each.weighed.total, each.person_id))
    best = found[0]
    rivals = [each for each in found[1:] if best.weighed.total - each.weighed.total < model.margin]
    if verdict(best.weighed, model) is Verdict.LINK and not rivals:
        return Match(verdict=Verdict.LINK, found=(best,))
    return Match(verdict=Verdict.LOOK, found=(best, *rivals))


def _reason(row: Field, one: Traits, other: Traits, model: Model) -> Reason:
    level = row.compare(one, other)
    weight = model.weight(row.name, level, _common(row.name, one, other) if level == "same" else "")
    return Reason(field=row.name, level=level, weight=weight, because=row.meaning(level))


def _common(name: str, one: Traits, other: Traits) -> str:
    """The name that is the same of both: the rarest would need their frequencies, so the first in the alphabet."""
    if name == "given":
        ours, theirs = ({each.given[0] for each in who.names if each.given} for who in (one, other))
    elif name == "family":
        ours, theirs = ({each.family for each in who.names if each.family} for who in (one, other))
    else:
        return ""
    return min(ours & theirs, default="")


def _bars(one: Traits, other: Traits, reasons: Sequence[Reason]) -> tuple[str, ...]:
    """What forbids an automatic link, whatever the weights."""
    level = {reason.field: reason.level for reason in reasons}
    bars = []
    kinds = {kind for kind, _ in one.numbers} & {kind for kind, _ in other.numbers}
    if any(not {pair for pair in one.numbers & other.numbers if pair[0] == kind} for kind in kinds):
        bars.append("two valid numbers of one kind, each of which names one person")
    if level["number"] == "other_record" and level["place"] not in _AT_HOME:
        bars.append("one system knows them as two")
    # A number that holds, with a name: the birth date may be wrong. A local one is a claim that anybody can write.
    numbered = bool(one.numbers & other.numbers)
    if numbered and level["given"] not in _APART:
        return tuple(bars)
    if not numbered and level["given"] in _APART:
        twins = "they may be twins: born on one day, the given names apart"
        bars.append(twins if level["born"] == "same" else "the given names are apart, as those of a family are")
    if level["born"] in {"different", "generation"}:
        bars.append("the birth dates have nothing in common")
    if level["born"] == UNKNOWN and not numbered:
        bars.append("the birth date of one is not known")
    return tuple(bars)
