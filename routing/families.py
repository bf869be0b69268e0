"""Families as research sees them, by what was told of them: who was named with whom, and who lives with whose children.

Nobody tells the hub what a family is. One that moves, whose children are told of one by one, or that has a new baby, is
held together by the adults who were named as living with its children.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from routing.traces import Trace

STEPS = 2
"""How often a family is widened."""


@dataclass(frozen=True, kw_only=True)
class Family:
    """A family by what was told of it: its children, and the adults who were named as living with any of them."""

    children: frozenset[str]
    residents: frozenset[str]

    @property
    def people(self) -> frozenset[str]:
        """Everybody."""
        return self.children | self.residents


def of_concern(latest: Trace) -> Family:
    """The family of a concern, as far as the concern itself tells it."""
    return Family(children=latest.children, residents=latest.residents)


def widened(family: Family, traces: Sequence[Trace]) -> Family:
    """The family with those whom ``traces`` put beside it: adults with its children, children with its adults.

    It is widened ``STEPS`` times, no more: the next leads through every father of two families into half a borough.
    """
    residents = [one.residents for one in traces if one.children & family.children]
    children = [one.children for one in traces if one.residents & family.residents]
    return Family(children=family.children.union(*children), residents=family.residents.union(*residents))


def families(traces: Sequence[Trace], *, apart_from: str = "") -> list[frozenset[str]]:
    """The children of these traces, grouped: together where a trace names both, or names the same adult with each.

    ``apart_from`` is the adult whom it is about: they make no two families one.
    """
    groups: list[set[str]] = []
    for trace in traces:
        named = (set(trace.children) | set(trace.adults)) - {apart_from}
        if not trace.children:
            continue
        joined = [group for group in groups if group & named]
        groups = [group for group in groups if not group & named] + [named.union(*joined)]
    children = frozenset(child for trace in traces for child in trace.children)
    return [frozenset(group & children) for group in groups]
