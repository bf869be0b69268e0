"""Traces of concerns for the tests of patterns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from routing.families import STEPS, of_concern, widened
from routing.patterns import Neighbourhood
from routing.severity import Severity
from routing.traces import Trace
from tests.unit.routing.builders import NOW


def trace(
    name: str,
    children: str,
    residents: str = "",
    *,
    days: float = 0,
    agency: str = "police",
    severity: Severity = Severity.LOW,
    others: str = "",
    alleged: str = "",
    homes: str = "",
    areas: str = "",
    message: str = "",
) -> Trace:
    """A concern so many ``days`` ago; ids are separated by spaces."""
    return Trace(
        item_id=f"item-{name}",
        message_id=message or f"msg-{name}",
        referral_id=f"ref-{name}",
        at=NOW - timedelta(days=days),
        agency=agency,
        severity=severity,
        children=frozenset(children.split()),
        residents=frozenset(residents.split()),
        others=frozenset(others.split()),
        alleged=frozenset(alleged.split()),
        homes=frozenset(homes.split()),
        areas=frozenset(areas.split()),
    )


def beside(latest: Trace, seen: Sequence[Trace]) -> Neighbourhood:
    """Everything around ``latest`` in what was seen."""
    family = of_concern(latest)
    near: list[Trace] = []
    for step in range(STEPS + 1):
        near = [one for one in seen if one.children & family.children or one.residents & family.residents]
        family = widened(family, near) if step < STEPS else family
    return Neighbourhood(
        family=near,
        by_child={one: [other for other in seen if one in other.children] for one in latest.children},
        by_adult={one: [other for other in seen if one in other.adults] for one in latest.adults},
        by_place={one: [other for other in seen if one in other.places] for one in latest.places},
    )
