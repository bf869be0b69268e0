"""Repeats: low-level concerns that add up (core component 5). Every alert shows the messages that it rests on.

By default the third notification in twelve months must be looked at, or a reason recorded why not, and the fifth in
a lifetime gets a cumulative-harm review. The rule has numbers that a hub may set, and no switch.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from schemas.hub import RepeatRule
from schemas.vocabulary import ItemKind


@dataclass(frozen=True, kw_only=True)
class PastNotification:
    """One notification about a person, the one just received included. ``at`` is its receipt (aware)."""

    at: datetime
    agency: str
    kind: ItemKind
    message_id: str
    referral_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Alert:
    """Something to be looked at: ``repeat`` in the window, ``cumulative`` over a lifetime; oldest evidence first."""

    kind: Literal["repeat", "cumulative"]
    count: int
    because: str
    evidence: tuple[str, ...]


def assess(history: Sequence[PastNotification], now: datetime, rule: RepeatRule) -> tuple[Alert, ...]:
    """The alerts that ``history`` up to ``now`` gives. Concerns count, each message once."""
    concerns = _each_message_once([past for past in history if past.kind is ItemKind.CONCERN and past.at <= now])
    since = months_before(now, rule.window_months)
    recent = [past for past in concerns if past.at >= since]
    alerts: list[Alert] = []
    if len(recent) >= rule.count:
        because = f"{_counted(recent)} in {rule.window_months} months: from {rule.count} on it must be looked at"
        alerts.append(Alert(kind="repeat", count=len(recent), because=because, evidence=_evidence(recent)))
    if len(concerns) >= rule.lifetime:
        because = f"{_counted(concerns)} in a lifetime: from {rule.lifetime} on cumulative harm is reviewed"
        alerts.append(Alert(kind="cumulative", count=len(concerns), because=because, evidence=_evidence(concerns)))
    return tuple(alerts)


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
