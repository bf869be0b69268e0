"""Times as people say them, on the hub's own wall clock."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def moment(at: datetime, now: datetime, zone: tzinfo) -> str:
    """Such as "14:02", "yesterday 14:02", "Thu 26 Nov 14:02" or "26 Nov 2025 14:02"; both given are aware."""
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    days = (today - local.date()).days
    if days == 0:
        return f"{local:%H:%M}"
    if days in {1, -1}:
        return f"{'yesterday' if days == 1 else 'tomorrow'} {local:%H:%M}"
    if local.year == today.year:
        return f"{local:%a} {local.day} {local:%b %H:%M}"
    return f"{local.day} {local:%b %Y %H:%M}"


def length(span: timedelta) -> str:
    """Such as "18 minutes", "3 hours 20 minutes" or "2 days 4 hours": two steps at most, rounded down."""
    span = abs(span)
    if span < _MINUTE:
        return "less than a minute"
    if span < _HOUR:
        return _counted(span // _MINUTE, "minute")
    if span < _DAY:
        return _joined(_counted(span // _HOUR, "hour"), span % _HOUR // _MINUTE, "minute")
    return _joined(_counted(span // _DAY, "day"), span % _DAY // _HOUR, "hour")


def left(due: datetime, now: datetime) -> str:
    """What is left until ``due``, or by how much it is overdue."""
    return f"overdue by {length(now - due)}" if now >= due else f"{length(due - now)} left"


def day(value: datetime, zone: tzinfo) -> str:
    """Such as "26 November 2026"."""
    local = value.astimezone(zone)
    return f"{local.day} {local:%B %Y}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _joined(first: str, number: int, noun: str) -> str:
    return f"{first} {_counted(number, noun)}" if number else first
