"""Taking apart two people who were one by mistake: what became known since goes to the one whom it fits. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from routing.linkage_matching import weigh
from routing.linkage_model import Model
from routing.linkage_traits import traits
from routing.refreshing import merge
from schemas.persons import Person


@dataclass(frozen=True, kw_only=True)
class Apart:
    """The two records, and for each thing that was told since whether it went to ``other``."""

    kept: Person
    other: Person
    to_other: tuple[bool, ...]


def part(kept: Person, other: Person, told: Sequence[Person], model: Model) -> Apart:
    """``kept`` and ``other`` as each was, refreshed by what was ``told`` since, in its order.

    What fits neither better stays with ``kept``, where it was: somebody looks at both records in any case.
    """
    found = []
    for one in told:
        ours, theirs = (weigh(traits(one), traits(who), model).total for who in (kept, other))
        found.append(theirs > ours)
        if theirs > ours:
            other = merge(other, one)
        else:
            kept = merge(kept, one)
    return Apart(kept=kept, other=other, to_other=tuple(found))
