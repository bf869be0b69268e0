"""What a change of a hub's configuration does, in words: to the clocks, to whom is asked, to who reads, and the rest.

A configuration is told as sentences, each under a key of its own; what differs between two of them is the effect.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel

from routing import hub_asking
from routing.asking import lead_of
from schemas.asking import AskingRow
from schemas.hub import AgencySection, Hub
from schemas.timing import ClockKind, WorkingHours

Key = tuple[str, ...]
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TOLD = {"ratings", "working_hours", "steps", "chase", "escalation", "clocks", "asking", "break_glass", "bulk_openings"}
"""Tables that have sentences of their own; agencies have for some of their keys."""
_TOLD_OF_AGENCIES = {"recipients", "escalation", "out_of_hours", "reply_hours", "reply_clock", "working_hours", "ask"}


class Area(StrEnum):
    """What a sentence is about; the text is the heading."""

    CLOCKS = "clocks"
    ASKED = "who is asked"
    READS = "who reads"
    REST = "the rest"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One sentence that was true before, or is from now on, or both in other words."""

    area: Area
    before: str | None
    after: str | None

    def __str__(self) -> str:
        if self.before is None:
            return f"new: {self.after}"
        if self.after is None:
            return f"gone: {self.before}"
        return f"{self.after}\n    was: {self.before}"


def effect(before: Hub, after: Hub) -> tuple[Change, ...]:
    """Every sentence that differs, area by area; empty where the two mean the same."""
    changes: list[Change] = []
    for area, tell in _AREAS.items():
        old, new = dict(tell(before)), dict(tell(after))
        differ = (key for key in dict.fromkeys([*old, *new]) if old.get(key) != new.get(key))
        changes += [Change(area=area, before=old.get(key), after=new.get(key)) for key in differ]
    return tuple(changes)


def _clocks(hub: Hub) -> Iterator[tuple[Key, str]]:
    for rule in hub.ratings:
        yield (
            ("rating", rule.rating),
            f"{rule.rating} is decided in {rule.hours:g} h, answered in {rule.reply_hours:g} h, {_nights(rule.clock)}",
        )
    yield from _hours(("hours",), "the hub", hub.working_hours)
    for agency in hub.agencies:
        if agency.working_hours is not None:
            yield from _hours(("hours", agency.id), agency.id, agency.working_hours)
        for rating, hours in agency.reply_hours.items():
            yield ("reply", agency.id, rating), f"{agency.id} answers {rating} in {hours:g} h"
        if agency.reply_clock is not None:
            yield ("reply", agency.id), f"{agency.id}'s time to answer {_nights(agency.reply_clock)}"
        yield from _chain(agency.id, agency.escalation, agency.out_of_hours)
    for row in hub.steps:
        which = f"what is rated {row.rating}" if row.rating else "everything"
        yield ("step", row.step, str(row.rating)), f"{row.step}: {row.hours:g} h for {which}, {_nights(row.clock)}"
    parts = " and ".join(f"{part:.0%}" for part in sorted(hub.chase.at))
    yield ("chase",), f"agencies are reminded at {parts} of their time" if parts else "agencies are not reminded"
    yield from _chain("the hub", hub.escalation.chain, hub.escalation.out_of_hours)
    section, clocks = hub.escalation, hub.clocks
    yield (
        ("turn",),
        f"posts are turned to {section.after_minutes} minutes after an alarm, then every {section.every_minutes}",
    )
    yield ("unrated",), f"an alarm stands over what is unrated after {clocks.unrated_alarm_minutes} minutes"
    yield ("unaccepted",), f"an alarm stands over what is unaccepted after {clocks.unaccepted_alarm_minutes} minutes"
    yield ("feedback",), f"the referrer is told by the end of working day {clocks.feedback_working_days} after receipt"
    yield (
        ("watch",),
        f"the watch looks every {clocks.watch_seconds:g} s; others' clocks may be off by {clocks.skew_seconds} s",
    )


def _asked(hub: Hub) -> Iterator[tuple[Key, str]]:
    for rule in hub_asking.rules(hub.asking):
        own = next((row for row in hub.asking if row.asks is rule.asks and row.because == rule.because), None)
        narrowed = f" about {own.about.replace('_', ' ')}{_where(own)}" if own is not None else ""
        categories = ", ".join(rule.categories)
        yield ("rule", rule.asks, rule.because), f"{rule.asks} is asked{narrowed} for {categories}: {rule.because}"
    for agency in hub.agencies:
        lead = lead_of(agency)
        yield ("lead", agency.id), f"{agency.id} is asked through {lead}" if lead else f"{agency.id} can't be asked"


def _where(row: AskingRow) -> str:
    """What narrows a row; all of it must hold."""
    only = [f"the concern is {' or '.join(row.concerns)}"] if row.concerns else []
    only += [f"it is rated {' or '.join(row.ratings)}"] if row.ratings else []
    only += ["a child is expected"] if row.unborn else []
    return f" where {' and '.join(only)}" if only else ""


def _reads(hub: Hub) -> Iterator[tuple[Key, str]]:
    for agency in hub.agencies:
        for one in agency.recipients:
            formats = f", its products also as {', '.join(one.formats)}" if one.formats else ""
            yield (
                ("recipient", agency.id, one.name),
                f"{agency.id}.{one.name} reads as {one.role} over {one.channel}{formats}",
            )
        yield ("ask", agency.id), f"who may not see what {agency.id} holds is told to ask {agency.ask or agency.name}"
    for claim, role in hub.people.roles.items():
        yield ("role", claim), f"who signs in with {hub.people.roles_claim} {claim} is {role}"
    yield ("glass",), f"a manager who breaks the glass looks for {hub.break_glass.minutes} minutes"
    for row in hub.bulk_openings:
        yield (
            ("bulk", row.who, str(row.minutes)),
            f"an alarm stands when a {row.who} opens {row.count} things in {row.minutes} minutes",
        )


def _rest(hub: Hub) -> Iterator[tuple[Key, str]]:
    for name in Hub.model_fields:
        if name not in _TOLD and name != "agencies":
            yield from _leaves((name,), getattr(hub, name), leave_out={"people.roles"})
    for agency in hub.agencies:
        for name in AgencySection.model_fields:
            if name not in _TOLD_OF_AGENCIES:
                yield from _leaves(("agencies", agency.id, name), getattr(agency, name), leave_out=set())


def _leaves(path: Key, value: object, *, leave_out: set[str]) -> Iterator[tuple[Key, str]]:
    """Every single setting as ``key = value``; lists of tables by the id or name of each."""
    if ".".join(path) in leave_out:
        return
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _leaves((*path, name), getattr(value, name), leave_out=leave_out)
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves((*path, str(name)), inner, leave_out=leave_out)
    elif isinstance(value, tuple) and any(isinstance(one, BaseModel) for one in value):
        for position, one in enumerate(value):
            named = str(getattr(one, "id", None) or getattr(one, "name", None) or position)
            yield from _leaves((*path, named), one, leave_out=leave_out)
    else:
        text = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        yield path, f"{'.'.join(path)} = {text}"


def _hours(key: Key, who: str, hours: WorkingHours) -> Iterator[tuple[Key, str]]:
    days = ", ".join(_DAYS[day] for day in sorted(hours.days) if day < len(_DAYS))
    yield key, f"{who} works {hours.opens:%H:%M} to {hours.closes:%H:%M} on {days}"
    for day in hours.bank_holidays:
        yield (*key, day.isoformat()), f"{who} is closed on {day.isoformat()}"


def _chain(who: str, chain: tuple[str, ...], on_duty: str) -> Iterator[tuple[Key, str]]:
    if chain:
        yield ("chain", who), f"{who}: late things go to {', then '.join(chain)}"
    if on_duty:
        yield ("duty", who), f"{who}: out of hours {on_duty} is turned to"


def _nights(clock: ClockKind) -> str:
    return "stops while closed" if clock == "working" else "runs through nights"


_AREAS = {Area.CLOCKS: _clocks, Area.ASKED: _asked, Area.READS: _reads, Area.REST: _rest}
