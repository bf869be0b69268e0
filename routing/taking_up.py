"""What of a configuration a running gateway takes up, and what waits until it starts again."""

from __future__ import annotations

from dataclasses import dataclass

from routing import hub_rules
from schemas.hub import AgencySection, Hub
from schemas.section import Section

LIVE = (
    "working_hours",
    "ratings",
    "steps",
    "chase",
    "escalation",
    "asking",
    "repeats",
    "clocks",
    "break_glass",
    "bulk_openings",
    "withholds",
    "agencies",
)
"""The tables that count from one moment to the next; the others are read once, at the start."""

_FIXED_CLOCKS = ("watch_seconds", "skew_seconds")
"""Keys of ``clocks`` that are read at the start."""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """The configuration as it counts from now on, and the places of the file that need a restart."""

    hub: Hub
    restart: tuple[str, ...]


def take_up(started: Hub, wanted: Hub) -> Taken:
    """What a gateway that started with ``started`` makes of ``wanted``.

    Where the parts that can change make no whole with those that can't, nothing is taken up until a restart.
    """
    restart = [name for name in _different(started, wanted) if name not in LIVE]
    restart += [f"clocks.{name}" for name in _different(started.clocks, wanted.clocks) if name in _FIXED_CLOCKS]
    agencies, waiting = _agencies(started, wanted)
    restart += waiting
    fixed = {name: getattr(started.clocks, name) for name in _FIXED_CLOCKS}
    changed = {name: getattr(wanted, name) for name in LIVE}
    changed |= {"clocks": wanted.clocks.model_copy(update=fixed), "agencies": agencies}
    hub = started.model_copy(update=changed)
    if hub_rules.problems(hub):
        return Taken(hub=started, restart=(*restart, *_different(started, hub)))
    return Taken(hub=hub, restart=tuple(restart))


def _different(one: Section, other: Section) -> list[str]:
    return [name for name in type(one).model_fields if getattr(one, name) != getattr(other, name)]


def _agencies(started: Hub, wanted: Hub) -> tuple[tuple[AgencySection, ...], list[str]]:
    """The agencies that the gateway started with, as they are wanted now; those that come or go need a restart."""
    new = {agency.id: agency for agency in wanted.agencies}
    old = {agency.id for agency in started.agencies}
    waiting = [f"agencies.{name}" for name in sorted(new.keys() ^ old)]
    return tuple(new.get(agency.id, agency) for agency in started.agencies), waiting
