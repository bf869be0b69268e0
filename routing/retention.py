"""How long what the hub holds is kept: by the rows of the hub's file, the longest that fits, and with the reason.

What is due may be proposed for erasure, and nothing more: people decide. A period ends with its calendar year, so that
the day on which something falls due tells nobody's birthday.
"""

from __future__ import annotations

import calendar
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Literal

from schemas.persons import PartialDate, Person
from schemas.retention import RetentionClass
from schemas.vocabulary import Concern, Outcome

_LOOKED_AFTER = ("looked after", "looked-after", "in care")
_DECEMBER = 12


class Standing(StrEnum):
    """Where something stands on the way to its erasure."""

    OPEN = "open"
    HELD = "held"
    LINKED = "linked"
    KEPT = "kept"
    DUE = "due"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a referral's period hangs on. ``births`` are of its subjects, None where nobody knows.

    ``closed_at`` is None while it is open; ``links_open`` tells whether a referral that belongs to it is.
    """

    received_at: datetime
    closed_at: datetime | None
    outcomes: frozenset[Outcome]
    concerns: frozenset[Concern]
    births: Sequence[date | None]
    looked_after: bool
    held: bool = False
    links_open: bool = False


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Where it stands, by which class, kept until when (aware UTC; None of an open one), and why."""

    standing: Standing
    name: str
    until: datetime | None
    because: str


def judge(facts: Facts, classes: Sequence[RetentionClass], now: datetime) -> Verdict:
    """When a referral may be erased, and why. ``now`` is aware UTC."""
    if facts.closed_at is None:
        return Verdict(standing=Standing.OPEN, name="", until=None, because="it is open: its period has not begun")
    fitting = [one for one in classes if _fits(one, facts)]
    # Closed without an outcome that a row knows: nobody said that less would do.
    rows = fitting or [one for one in classes if one.of == "referral"]
    row, ends = max(((one, _ends(one, facts, facts.closed_at)) for one in rows), key=lambda pair: pair[1])
    return _verdict(row, ends, now, held=facts.held, linked=facts.links_open)


def judge_message(
    of: Literal["quarantined", "never_linked"],
    received_at: datetime,
    classes: Sequence[RetentionClass],
    now: datetime,
    *,
    held: bool = False,
) -> Verdict:
    """When a message may be erased that belongs to no referral, and why. ``now`` is aware UTC."""
    row = next(one for one in classes if one.of == of)
    return _verdict(row, _later(received_at.date(), row.years), now, held=held, linked=False)


@dataclass(frozen=True, kw_only=True)
class KekLife:
    """A version of the key-encryption key that wrapped what was erased.

    ``emptied_at`` is when it was found to wrap nothing any more, ``destroyed_at`` when its material was wiped.
    """

    version: int
    promoted_at: datetime
    retired: bool
    emptied_at: datetime | None
    destroyed_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class ForGood:
    """When no copy is left that could open what was erased. Not ``fixed``: no sooner than then."""

    at: datetime
    fixed: bool


def rotation_due(promoted_at: datetime, erased_at: datetime | None, *, every: timedelta) -> datetime | None:
    """When erasures ask for a new version of the key-encryption key; None where none did since the last."""
    if erased_at is None or erased_at < promoted_at:
        return None
    return max(erased_at, promoted_at + every)


def for_good(
    erased_at: datetime, keks: Sequence[KekLife], *, backups: timedelta, every: timedelta, now: datetime
) -> ForGood:
    """When what was erased then is gone for good: its last backup has ended, and so have the keys that wrapped it."""
    ends, fixed = [erased_at + backups], True
    for kek in keks:
        if kek.destroyed_at is not None:
            ends.append(kek.destroyed_at)
        elif kek.emptied_at is not None:
            ends.append(kek.emptied_at + backups)
        else:
            fixed = False
            rotated = now if kek.retired else max(erased_at, kek.promoted_at + every, now)
            ends.append(rotated + backups)
    return ForGood(at=max(ends), fixed=fixed)


def least_years(classes: Collection[RetentionClass], of: str) -> int:
    """How many whole years at least pass before anything of this kind is due."""
    return min(one.years for one in classes if one.of == of)


def begins(years: int, now: datetime) -> datetime:
    """Nothing that was closed or received at this time or later has been kept for so many years by ``now``."""
    return datetime(now.year - years, 1, 1, tzinfo=UTC)


def born(person: Person) -> date | None:
    """The last day on which this person may have been born or is to be; None where nobody knows."""
    return person.expected_date if person.birth_date is None else _last_day(person.birth_date)


def is_looked_after(person: Person) -> bool:
    """Whether a source said that a child is looked after."""
    said = person.legal_status.casefold()
    return any(words in said for words in _LOOKED_AFTER)


def _fits(row: RetentionClass, facts: Facts) -> bool:
    return row.of == "referral" and bool(
        facts.outcomes & set(row.outcomes)
        or facts.concerns & set(row.concerns)
        or (row.looked_after and facts.looked_after)
    )


def _ends(row: RetentionClass, facts: Facts, closed_at: datetime) -> date:
    ends = _later(closed_at.date(), row.years)
    if row.birthday is None:
        return ends
    # A child whose birth nobody knows was born on the day of the referral at the latest, or is nobody yet.
    births = [one if one is not None else facts.received_at.date() for one in facts.births]
    youngest = max(births, default=facts.received_at.date())
    return max(ends, _later(youngest, row.birthday))


def _verdict(row: RetentionClass, ends: date, now: datetime, *, held: bool, linked: bool) -> Verdict:
    until = datetime(ends.year + 1, 1, 1, tzinfo=UTC)
    standing = Standing.DUE if now >= until else Standing.KEPT
    because = f"{row.name}: {row.because}"
    if held:
        standing, because = Standing.HELD, "a legal hold stands"
    elif linked:
        standing, because = Standing.LINKED, "a referral that is linked to it, or about the same person, is open"
    return Verdict(standing=standing, name=row.name, until=until, because=because)


def _later(day: date, years: int) -> date:
    # 29 February has its day in every year that counts: periods end with the year.
    return date(day.year + years, day.month, min(day.day, calendar.monthrange(day.year + years, day.month)[1]))


def _last_day(text: PartialDate) -> date | None:
    parts = [int(part) for part in text.split("-")]
    year, month = parts[0], parts[1] if len(parts) > 1 else _DECEMBER
    try:
        last = calendar.monthrange(year, month)[1]
        return date(year, month, parts[2] if len(parts) > 2 else last)
    except ValueError:
        return None  # no day of the calendar, as sources do write
