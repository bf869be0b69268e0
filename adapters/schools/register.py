"""Marks of many sessions, by pupil: how long each was absent without authority, in school days in a row.

A day counts where every session of it that was possible was missed without authority. A day without a possible
session, such as a closure, neither counts nor ends a run. Nor does a stretch without any mark of the pupil's end it,
unless somebody else in the file has marks in it: then school was open, and the file lists absences alone.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable
from datetime import date
from itertools import pairwise

from adapters.schools.attendance import Counts, Mark

_WEEKEND = 4
"""Days between two marks that a weekend with a bank holiday explains."""


class Register:
    """The marks of one file, as they are met. Times are linear in the marks, but for sorting days."""

    def __init__(self) -> None:
        self._sessions: dict[Hashable, dict[date, set[Counts]]] = {}

    def note(self, pupil: Hashable, day: date, mark: Mark) -> None:
        """Note a mark of one session."""
        self._sessions.setdefault(pupil, {}).setdefault(day, set()).add(mark.counts)

    def runs(self) -> dict[Hashable, dict[date, int]]:
        """For each pupil the days that belong to a run: on each, the school days in a row so far."""
        open_days = sorted({day for days in self._sessions.values() for day in days})
        return {pupil: _runs(days, open_days) for pupil, days in self._sessions.items()}


def _runs(days: dict[date, set[Counts]], open_days: list[date]) -> dict[date, int]:
    found: dict[date, int] = {}
    ordered = sorted(days)
    length = 0
    for before, day in [(None, ordered[0]), *pairwise(ordered)]:
        if before is not None and (day - before).days > _WEEKEND and _between(before, day, open_days):
            length = 0
        possible = days[day] - {Counts.NONE}
        if not possible:
            continue
        length = length + 1 if possible == {Counts.UNAUTHORISED} else 0
        if length:
            found[day] = length
    return found


def _between(before: date, day: date, open_days: list[date]) -> bool:
    return bisect_left(open_days, day) > bisect_right(open_days, before)


def longest(marks: list[Mark | None]) -> int:
    """The longest run without authority in a row of sessions, in whole school days."""
    best = run = 0
    for mark in marks:
        if mark is None or mark.counts is Counts.NONE:
            continue
        run = run + 1 if mark.counts is Counts.UNAUTHORISED else 0
        best = max(best, run)
    return best // 2
