"""When a domain event happened, in each of the ways in which HMPPS services write it.

Besides text with or without a zone: numbers of seconds (with a fraction), milliseconds, microseconds or nanoseconds
since 1970, told apart by their digits (all since 2001); lists of year, month, day and so on to nanoseconds; Java's own
spelling of a date.

Source: RFC 3339; Jackson (WRITE_DATES_AS_TIMESTAMPS); java.util.Date.toString.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from adapters import dates

_ZONE_NAME = re.compile(r"\[[A-Za-z_/+\-]{1,40}\]$")
_NUMBER = re.compile(r"([0-9]{10})(?:\.([0-9]{1,9}))?|([0-9]{13}|[0-9]{16}|[0-9]{19})")
_JAVA = re.compile(
    r"[A-Za-z]{3} (?P<month>[A-Za-z]{3}) (?P<day>[0-9]{1,2}) (?P<clock>[0-9:]{8})"
    r" (?P<zone>[A-Z]{3,4}) (?P<year>[0-9]{4})"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST = 80


def moment(text: str) -> datetime | None:
    """The moment in UTC to the microsecond, or None."""
    said = text.strip()
    if len(said) > _LONGEST:
        return None
    number = _NUMBER.fullmatch(said)
    if number is not None:
        return _since_epoch(number)
    java = _JAVA.fullmatch(said)
    if java is not None:
        zone = java["zone"] if java["zone"] in ("GMT", "UTC", "BST") else None
        spelt = f"{java['day']} {java['month']} {java['year']} {java['clock']} {zone}"
        return dates.moment(spelt) if zone is not None else None
    return dates.moment(_ZONE_NAME.sub("", said))


def day(text: str) -> str | None:
    """The day as an ISO date, as far as ``text`` goes, or None."""
    java = _JAVA.fullmatch(text.strip()[:_LONGEST])
    if java is not None:
        return dates.partial_date(f"{java['day']} {java['month']} {java['year']}")
    return dates.partial_date(text)


def of_parts(parts: Sequence[str]) -> datetime | None:
    """The moment that a list of numbers names: year, month, day, hour, minute, second, nanosecond; Europe/London."""
    if not 5 <= len(parts) <= 7 or not all(part.isascii() and part.isdigit() and len(part) <= 9 for part in parts):
        return None
    year, month, of_month, hour, minute, *rest = parts
    second, nano = (*rest, "0", "0")[:2]
    fraction = nano.zfill(9)
    return dates.moment(f"{year}-{month}-{of_month}T{hour}:{minute:0>2}:{second:0>2}.{fraction}")


def _since_epoch(number: re.Match[str]) -> datetime | None:
    seconds, fraction, scaled = number.groups()
    if scaled is not None:
        digits = {13: 3, 16: 6, 19: 9}[len(scaled)]
        seconds, fraction = scaled[:-digits], scaled[-digits:]
    micros = int((fraction or "0").ljust(6, "0")[:6])
    return _EPOCH + timedelta(seconds=int(seconds), microseconds=micros)
