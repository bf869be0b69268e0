"""A provisional suggestion of a rating, with its reasons. Software suggests; a social work manager rates.

A suggestion is a value to be shown and recorded as what it is. Nothing takes it for a rating: see ``decisions``,
which takes a person's rating alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from routing.repeats import Alert
from schemas.notification import Notification
from schemas.vocabulary import Concern, Rating

_WORST_FIRST = (Rating.RED, Rating.AMBER, Rating.GREEN)
_GRAVE = frozenset({Concern.SEXUAL, Concern.FGM, Concern.FORCED_MARRIAGE, Concern.TRAFFICKING})
_SERIOUS = frozenset(Concern) - _GRAVE - {Concern.SCHOOL_ATTENDANCE, Concern.OTHER}
_HARM_DONE = frozenset({Concern.PHYSICAL, Concern.SEXUAL, Concern.NEGLECT, Concern.DOMESTIC_ABUSE})


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """What the software thinks, and why. It stays provisional whatever it says."""

    rating: Rating
    reasons: tuple[str, ...]
    suggested_by: str = field(default="software", init=False)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A row: what speaks for a rating."""

    suggests: Rating
    when: Callable[[Notification, Sequence[Alert]], bool]
    because: str


def _categories(item: Notification) -> frozenset[Concern]:
    return frozenset(item.concern.categories) if item.concern else frozenset()


def _graded(item: Notification, grade: Rating) -> bool:
    return item.concern is not None and item.concern.source_grade.strip().casefold() == grade


def _level(item: Notification) -> int:
    return (item.concern.level_of_need if item.concern else None) or 0


def _injured(item: Notification) -> bool:
    return bool(item.incident and item.incident.injuries.strip() and _categories(item) & _HARM_DONE)


def _little_known(item: Notification) -> bool:
    return not (item.incident and item.incident.narrative.strip()) and not _level(item)


RULES: tuple[Rule, ...] = (
    Rule(
        suggests=Rating.RED,
        when=lambda item, _: bool(item.immediate_danger.strip()),
        because="immediate danger is reported",
    ),
    Rule(suggests=Rating.RED, when=lambda item, _: _injured(item), because="injuries are reported with abuse"),
    Rule(
        suggests=Rating.RED,
        when=lambda item, _: bool(_categories(item) & _GRAVE),
        because="this kind of harm is grave and time may be short",
    ),
    Rule(suggests=Rating.RED, when=lambda item, _: _level(item) >= 4, because="the referrer sees need at level 4"),
    Rule(suggests=Rating.RED, when=lambda item, _: _graded(item, Rating.RED), because="the source graded it red"),
    Rule(
        suggests=Rating.AMBER,
        when=lambda item, _: bool(_categories(item) & _SERIOUS),
        because="this kind of harm is serious",
    ),
    Rule(
        suggests=Rating.AMBER,
        when=lambda item, _: any(child.unborn for child in item.children),
        because="an unborn child has a date that will not wait",
    ),
    Rule(suggests=Rating.AMBER, when=lambda item, _: not item.children, because="the child is still to be identified"),
    Rule(suggests=Rating.AMBER, when=lambda item, _: _level(item) == 3, because="the referrer sees need at level 3"),
    Rule(suggests=Rating.AMBER, when=lambda item, _: _graded(item, Rating.AMBER), because="the source graded it amber"),
    Rule(
        suggests=Rating.AMBER,
        when=lambda _, alerts: any(alert.kind != "greens" for alert in alerts),
        because="repeat notifications add up",
    ),
    Rule(
        suggests=Rating.AMBER,
        when=lambda _, alerts: any(alert.kind == "greens" for alert in alerts),
        because="several that were graded green in a short time escalate: one by one each looked small",
    ),
    Rule(
        suggests=Rating.AMBER,
        when=lambda item, _: item.handling.hidden_location,
        because="the family's location is hidden for its safety",
    ),
    Rule(suggests=Rating.AMBER, when=lambda item, _: _little_known(item), because="too little is known to rate it low"),
)


def suggest(notification: Notification, alerts: Sequence[Alert] = ()) -> Suggestion:
    """The worst rating that any row speaks for, with every reason for it; green where none does."""
    for rating in _WORST_FIRST:
        reasons = tuple(rule.because for rule in RULES if rule.suggests is rating and rule.when(notification, alerts))
        if reasons:
            return Suggestion(rating=rating, reasons=reasons)
    return Suggestion(rating=Rating.GREEN, reasons=("nothing in it asks for more urgency",))
