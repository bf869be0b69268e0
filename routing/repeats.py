"""Repeats: low-level concerns that add up (core component 5). Every alert shows the messages that it rests on.

By default the third notification in twelve months must be looked at, or a reason recorded why not; the fifth in a
lifetime gets a cumulative-harm review; and three that their senders graded green, within three months, escalate: one
by one each looked small. The rule has numbers that a hub may set, and no switch.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from schemas.hub import RepeatRule
from schemas.notification import Notification
from schemas.vocabulary import ItemKind, Rating


@dataclass(frozen=True, kw_only=True)
class PastNotification:
    """One notification about a person, the one just received included. ``at`` is its receipt (aware).

    ``green``: its sender graded it green. Whether an older one was need only be told when a green one comes.
    """

    at: datetime
    agency: str
    kind: ItemKind
    message_id: str
    referral_id: str | None = None
    green: bool = False


Pattern = Literal["repeat", "cumulative", "greens"]


@dataclass(frozen=True, kw_only=True)
class Alert:
    """Something to be looked at: its pattern, as a row below names it; oldest evidence first."""

    kind: Pattern
    count: int
    because: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Row:
    """A pattern: which notifications count, back to how many months before (None: all), and from how many on.

    ``because`` ends the alert's reason; ``{months}`` and ``{least}`` are the hub's numbers.
    """

    kind: Pattern
    counts: Callable[[PastNotification], bool]
    months: Callable[[RepeatRule], int | None]
    least: Callable[[RepeatRule], int]
    because: str


ROWS: tuple[Row, ...] = (
    Row(
        kind="repeat",
        counts=lambda _: True,
        months=lambda rule: rule.window_months,
        least=lambda rule: rule.count,
        because="in {months} months: from {least} on it must be looked at",
    ),
    Row(
        kind="cumulative",
        counts=lambda _: True,
        months=lambda _: None,
        least=lambda rule: rule.lifetime,
        because="in a lifetime: from {least} on cumulative harm is reviewed",
    ),
    Row(
        kind="greens",
        counts=lambda past: past.green,
        months=lambda rule: rule.greens_months,
        least=lambda rule: rule.greens,
        because="in {months} months, each graded green by its sender: from {least} on escalation is suggested",
    ),
)


def assess(history: Sequence[PastNotification], now: datetime, rule: RepeatRule) -> tuple[Alert, ...]:
    """The alerts that ``history`` up to ``now`` gives. Concerns count, each message once."""
    concerns = [past for past in history if past.kind is ItemKind.CONCERN and past.at <= now]
    alerts: list[Alert] = []
    for row in ROWS:
        months, least = row.months(rule), row.least(rule)
        since = months_before(now, months) if months is not None else None
        counted = _each_message_once([past for past in concerns if row.counts(past)])
        found = [past for past in counted if since is None or past.at >= since]
        if len(found) >= least:
            because = f"{_counted(found)} {row.because.format(months=months, least=least)}"
            alerts.append(Alert(kind=row.kind, count=len(found), because=because, evidence=_evidence(found)))
    return tuple(alerts)


def graded_green(notification: Notification) -> bool:
    """Whether its sender graded it green, in so many words."""
    concern = notification.concern
    return concern is not None and concern.source_grade.strip().casefold() == Rating.GREEN


def months_before(moment: datetime, months: int) -> datetime:
    """The same time of day ``months`` calendar months earlier, on the last day of a month that is too short."""
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    day = min(moment.day, monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def _each_message_once(history: Sequence[PastNotification]) -> list[PastNotification]:
    first: dict[str, PastNotification] = {}
    for past in sorted(history, key=lambda past: (past.at, past.message_id)):
        first.setdefault(past.message_id, past)
    return list(first.values())


def _counted(history: Sequence[PastNotification]) -> str:
    agencies = len({past.agency for past in history})
    return f"{len(history)} notifications from {agencies} {'agency' if agencies == 1 else 'agencies'}"


def _evidence(history: Sequence[PastNotification]) -> tuple[str, ...]:
    return tuple(past.message_id for past in history)
