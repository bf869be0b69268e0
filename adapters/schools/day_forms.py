"""How a feed writes its dates, as its own options say; without them :mod:`adapters.dates` reads them alone.

Three things are never guessed: which of day and month comes first, the century of a year of two digits, and whether a
bare number is a spreadsheet's serial day. Each is read only where the feed's options say it.

Source: docs/formats/schools-csv.md; ECMA-376 part 1, 18.17.4.1 (serial days, the 1900 date base).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from adapters import dates

DAY_FIRST, MONTH_FIRST, EXCEL = "day-first", "month-first", "excel"
FORMS = (DAY_FIRST, MONTH_FIRST, EXCEL)
_NUMERIC = re.compile(r"([0-9]{1,2})([/.\-])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})(?![0-9/.\-])(.*)", re.DOTALL)
# Five digits are the days from 1927 on; four would be a year.
_SERIAL = re.compile(r"([0-9]{5})(?:\.([0-9]{1,12}))?")
_SERIAL_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - a day of the calendar


@dataclass(frozen=True, kw_only=True)
class DayForm:
    """One way of writing dates. ``years_from`` is the first of the hundred years that two digits stand for."""

    month_first: bool = False
    excel: bool = False
    years_from: int | None = None

    def partial(self, text: str) -> str | None:
        """The date as far as ``text`` goes, as :func:`adapters.dates.partial_date` gives it."""
        return dates.partial_date(self.iso(text))

    def day(self, text: str) -> date | None:
        """The day, as :func:`adapters.dates.full_date` gives it."""
        return dates.full_date(self.iso(text))

    def moment(self, text: str) -> datetime | None:
        """The moment in UTC, as :func:`adapters.dates.moment` gives it."""
        return dates.moment(self.iso(text))

    def iso(self, text: str) -> str:
        """``text`` in the spelling of ISO 8601 where this form says how to read it; else as it is."""
        if self == PLAIN:
            return text
        trimmed = text.strip()
        if self.excel and (serial := _SERIAL.fullmatch(trimmed)) is not None:
            return _from_serial(int(serial[1]), float(f"0.{serial[2] or 0}"))
        found = _NUMERIC.fullmatch(trimmed)
        if found is None:
            return text
        first, _, second, year, rest = found.groups()
        whole = self._year(year)
        if whole is None:
            return text
        day, month = (second, first) if self.month_first else (first, second)
        return f"{whole:04d}-{int(month):02d}-{int(day):02d}{rest}"

    def _year(self, text: str) -> int | None:
        if len(text) == 4:
            return int(text)
        if self.years_from is None:
            return None
        return self.years_from + (int(text) - self.years_from) % 100


PLAIN = DayForm()
"""Day first, four digits of the year, no serials: what every feed has that says nothing."""


@dataclass(frozen=True, kw_only=True)
class DayForms:
    """The form of each field's dates: the column's own, else the feed's."""

    feed: DayForm = PLAIN
    columns: Mapping[str, DayForm]

    def of(self, field: str) -> DayForm:
        """The form of ``field``."""
        return self.columns.get(field, self.feed) if self.columns else self.feed


def form(name: str, years_from: int | None) -> DayForm:
    """The form of this name, one of ``FORMS``."""
    return DayForm(month_first=name == MONTH_FIRST, excel=name == EXCEL, years_from=years_from)


def _from_serial(serial: int, fraction: float) -> str:
    at = _SERIAL_ZERO + timedelta(days=serial, seconds=round(fraction * 86_400))
    return at.date().isoformat() if not fraction else at.isoformat(timespec="seconds")
