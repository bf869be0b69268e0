"""Working time: the hub's own opening hours, measured in real hours and answered in UTC.

Shifts are laid out on the wall clock of the hub's zone and measured between the moments that they really begin and
end, so a change to or from summer time neither gives nor takes an hour.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from schemas.errors import Rejected
from schemas.timing import WorkingHours

_WEEK = frozenset(range(7))


@dataclass(frozen=True)
class Calendar:
    """When the hub works: its opening hours and bank holidays, read in ``zone``.

    Raises:
        Rejected: there is no working time at all, or a shift ends before it begins.
    """

    hours: WorkingHours
    zone: tzinfo

    def __post_init__(self) -> None:
        if not _WEEK.intersection(self.hours.days):
            raise Rejected("hours.none", "name at least one working day, 0 (Monday) to 6", at="working_hours.days")
        if self.hours.opens >= self.hours.closes:
            raise Rejected("hours.order", "the day must open before it closes", at="working_hours.opens")

    def add_working(self, start: datetime, hours: float) -> datetime:
        """The moment, in UTC, at which ``hours`` of working time have passed since ``start`` (aware).

        A full day ends at its closing time, not at the next opening.
        """
        left = timedelta(hours=hours)
        if left <= timedelta():
            raise ValueError("a period of working time is longer than nothing")
        for opens, closes in self._shifts(self.local(start).date()):
            begins = max(opens, start.astimezone(UTC))
            if begins < closes:
                if left <= closes - begins:
                    return begins + left
                left -= closes - begins
        raise AssertionError("working days never run out")

    def next_working_days(self, start: datetime, n: int) -> datetime:
        """The end, in UTC, of the ``n``-th working day after the day of ``start`` (aware)."""
        if n < 1:
            raise ValueError("count at least one working day")
        shifts = self._shifts(self.local(start).date() + timedelta(days=1))
        for _ in range(n - 1):
            next(shifts)
        return next(shifts)[1]

    def open_at(self, moment: datetime) -> bool:
        """Whether the hub works at ``moment`` (aware); the moment of closing is closed."""
        return self.next_open(moment) <= moment

    def next_open(self, moment: datetime) -> datetime:
        """The first moment, in UTC, from ``moment`` (aware) on at which there is working time."""
        for opens, closes in self._shifts(self.local(moment).date()):
            if moment < closes:
                return max(opens, moment.astimezone(UTC))
        raise AssertionError("working days never run out")

    def local(self, moment: datetime) -> datetime:
        """The same moment on the hub's wall clock."""
        return moment.astimezone(self.zone)

    def _shifts(self, first: date) -> Iterator[tuple[datetime, datetime]]:
        """Every shift from the day ``first`` on: when it opens and when it closes, in UTC."""
        day = first
        while True:
            if day.weekday() in self.hours.days and day not in self.hours.bank_holidays:
                opens = datetime.combine(day, self.hours.opens, tzinfo=self.zone).astimezone(UTC)
                closes = datetime.combine(day, self.hours.closes, tzinfo=self.zone).astimezone(UTC)
                # A shift that falls into the hour which spring skips does not take place.
                if opens < closes:
                    yield opens, closes
            day += timedelta(days=1)
