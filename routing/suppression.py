"""Small counts leave no export: what counts fewer than five is left out, and what would give it away with it.

Primary: a count, a base or the rest of a base under five. Secondary: where the groups of a metric add up to its total,
one left-out group is the total less the others; so the smallest other goes with it, until what was left out comes to
five or more, and its rests do; where no group is left to go, the total goes. A share goes with either of its
counts, a time with its base.
Source: the ONS and NHS Digital guidance on disclosure control for tables (small numbers, secondary suppression).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from routing.metrics import ALL, Figure

LEAST = 5


def suppressed(figures: Iterable[Figure]) -> tuple[Figure, ...]:
    """The figures as they may leave the hub, in their order."""
    found: list[Figure] = []
    for _, of_metric in groupby(figures, key=lambda one: one.metric):
        found += _metric(list(of_metric))
    return tuple(found)


def _metric(figures: Sequence[Figure]) -> list[Figure]:
    bases = _hidden(figures, lambda one: one.of or 0, lambda one: (one.of or 0) < LEAST)
    if all(one.count is None for one in figures):
        return [_shown(one, base=one.group not in bases, count=one.group not in bases) for one in figures]
    counts = _hidden(figures, lambda one: one.count or 0, lambda one: one.group in bases or _tells(one))
    # The rest of a base adds up to the total's rest just as the counts do.
    counts |= _hidden(figures, lambda one: (one.of or 0) - (one.count or 0), lambda one: one.group in counts)
    return [_shown(one, base=one.group not in bases, count=one.group not in counts) for one in figures]


def _tells(one: Figure) -> bool:
    """Whether its count or the rest of its base is small."""
    return one.count is not None and (one.count < LEAST or (one.of or 0) - one.count < LEAST)


def _hidden(figures: Sequence[Figure], value: Callable[[Figure], int], small: Callable[[Figure], bool]) -> set[str]:
    """The groups whose number is left out of this column, those included that only protect others."""
    hidden = {one.group for one in figures if small(one)}
    parts = [one for one in figures if one.group != ALL]
    if not parts or ALL in hidden:
        return hidden
    while out := [one for one in parts if one.group in hidden]:
        # One alone is small here or in the column of the rest, and takes another with it there.
        if sum(map(value, out)) >= LEAST:
            break
        left = [one for one in parts if one.group not in hidden]
        if not left:
            hidden.add(ALL)
            break
        hidden.add(min(left, key=lambda one: (value(one), one.group)).group)
    return hidden


def _shown(one: Figure, *, base: bool, count: bool) -> Figure:
    if base and count:
        return one
    return replace(one, count=None, of=one.of if base else None, value=None, suppressed=True)
