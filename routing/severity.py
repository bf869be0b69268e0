"""How grave a concern is by what its sender said: three steps, each row with its reason.

It serves the search for patterns alone. A rating is a social work manager's: see ``decisions``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from schemas.notification import Notification
from schemas.vocabulary import Concern, Rating

_GRAVE = frozenset({Concern.SEXUAL, Concern.FGM, Concern.FORCED_MARRIAGE, Concern.TRAFFICKING})
_HARM = frozenset({Concern.PHYSICAL, Concern.SEXUAL, Concern.NEGLECT, Concern.DOMESTIC_ABUSE})
_EXPLOITED = frozenset({Concern.CHILD_SEXUAL_EXPLOITATION, Concern.CRIMINAL_EXPLOITATION, Concern.GANGS})


class Severity(IntEnum):
    """From what one agency alone would not act on to what nobody would leave."""

    LOW = 1
    MODERATE = 2
    HIGH = 3


@dataclass(frozen=True, kw_only=True)
class Row:
    """What speaks for a step."""

    severity: Severity
    when: Callable[[Notification], bool]
    because: str


def _grade(item: Notification) -> str:
    return item.concern.source_grade.strip().casefold() if item.concern else ""


def _level(item: Notification) -> int:
    return (item.concern.level_of_need if item.concern else None) or 0


def _about(item: Notification, categories: frozenset[Concern]) -> bool:
    return item.concern is not None and bool(categories & frozenset(item.concern.categories))


def _injured(item: Notification) -> bool:
    return bool(item.incident and item.incident.injuries.strip()) and _about(item, _HARM)


# fmt: off
ROWS: tuple[Row, ...] = (
    Row(severity=Severity.HIGH, when=lambda item: bool(item.immediate_danger.strip()),
        because="immediate danger is reported"),
    Row(severity=Severity.HIGH, when=_injured, because="injuries are reported with abuse"),
    Row(severity=Severity.HIGH, when=lambda item: _grade(item) == Rating.RED, because="its sender graded it red"),
    Row(severity=Severity.HIGH, when=lambda item: _level(item) >= 4, because="its sender sees need at level 4"),
    # What its sender says of this one concern goes before what its category says of many.
    Row(severity=Severity.MODERATE, when=lambda item: _grade(item) == Rating.AMBER,
        because="its sender graded it amber"),
    Row(severity=Severity.MODERATE, when=lambda item: _level(item) == 3, because="its sender sees need at level 3"),
    Row(severity=Severity.LOW, when=lambda item: _grade(item) in {Rating.GREEN, Rating.BLUE},
        because="its sender graded it low"),
    Row(severity=Severity.LOW, when=lambda item: _level(item) in {1, 2}, because="its sender sees need below level 3"),
    Row(severity=Severity.HIGH, when=lambda item: _about(item, _GRAVE), because="this kind of harm is grave"),
    Row(severity=Severity.MODERATE, when=lambda item: _about(item, _HARM | _EXPLOITED),
        because="this kind of harm is serious"),
)
# fmt: on


def severity(item: Notification) -> Severity:
    """The step of the first row that speaks; low where none does."""
    return next((row.severity for row in ROWS if row.when(item)), Severity.LOW)
