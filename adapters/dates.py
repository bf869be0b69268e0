"""Dates and times as agencies write them, read without guessing.

A date is day first, as the United Kingdom writes it. A year of two digits names no century and is not read. A time
without a zone is Europe/London. Whatever cannot be read gives None: the caller keeps the native text and flags it.

Source: ISO 8601; HL7 v2 data types DT and TS; RFC 3339.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
        start=1,
    )
}
# Systems write the lowest or highest date that they can hold where they know none; those are not dates of people.
_FIRST_YEAR, _LAST_YEAR = 1850, 2150

_CLOCK = (
    r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,12}))?)?"
    r"(?:\s*(?P<half>am|pm))?(?:\s*(?P<zone>Z|UTC|GMT|BST|[+-][0-9]{2}:?[0-9]{2}))?"
)
_DAYS = (
    re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})"),
    re.compile(r"(?P<year>[0-9]{4})/(?P<month>[0-9]{1,2})/(?P<day>[0-9]{1,2})"),
    re.compile(r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"),
    re.compile(r"(?P<day>[0-9]{1,2})(?P<mark>[/.\-])(?P<month>[0-9]{1,2})(?P=mark)(?P<year>[0-9]{4})"),
    re.compile(
        r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?[ \-](?P<word>[a-z]{3,9})\.?,?[ \-](?P<year>[0-9]{4})",
        re.IGNORECASE,
    ),
)
_LESS_THAN_A_DAY = (
    re.compile(r"(?P<year>[0-9]{4})"),
    re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})"),
    re.compile(r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})"),
    re.compile(r"(?P<month>[0-9]{1,2})/(?P<year>[0-9]{4})"),
    re.compile(r"(?P<word>[a-z]{3,9})\.? (?P<year>[0-9]{4})", re.IGNORECASE),
)
_TIME = re.compile(_CLOCK, re.IGNORECASE)
_AFTER_A_DAY = re.compile(rf"(?:T|,?\s+)(?P<clock>{_CLOCK})$", re.IGNORECASE)
_PACKED = re.compile(
    r"(?P<ymd>[0-9]{8})(?P<hour>[0-9]{2})(?P<minute>[0-9]{2})"
    r"(?:(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]{1,9}))?)?(?P<zone>Z|[+-][0-9]{4})?",
)
_LONGEST = 64
# What most systems send, told apart at once: a day alone, and a moment that Python's own reader reads as we do.
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_BRITISH_DAY = re.compile(r"[0-9]{2}/[0-9]{2}/[0-9]{4}")
_ISO_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)
_TO_THE_SECOND = len("20260302101500+0000")


def full_date(text: str) -> date | None:
    """The day that ``text`` names, or None. A time of day after it is passed over."""
    if _ISO_DAY.fullmatch(text) is not None:
        return _in_range(int(text[:4]), int(text[5:7]), int(text[8:]))
    if _BRITISH_DAY.fullmatch(text) is not None:
        return _in_range(int(text[6:]), int(text[3:5]), int(text[:2]))
    day, _ = _split(text)
    return _day(day)


def partial_date(text: str) -> str | None:
    """The date as ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``, as far as ``text`` goes, or None."""
    trimmed = text.strip()
    if len(trimmed) == 8 and trimmed.isascii() and trimmed.isdigit():
        return f"{trimmed[:4]}-{trimmed[4:6]}-{trimmed[6:]}" if _day(trimmed) is not None else None
    whole = full_date(text)
    if whole is not None:
        return whole.isoformat()
    for form in _LESS_THAN_A_DAY:
        found = form.fullmatch(text.strip()[:_LONGEST])
        if found is None:
            continue
        parts = found.groupdict()
        year, month = int(parts["year"]), _month(parts)
        if not _FIRST_YEAR <= year <= _LAST_YEAR:
            return None
        if month is None and ("month" in parts or "word" in parts):
            return None
        return f"{year:04d}" if month is None else f"{year:04d}-{month:02d}"
    return None


def moment(text: str) -> datetime | None:
    """The moment that ``text`` names, in UTC to the microsecond, or None where it names no time of day.

    A local time that came twice, when the clocks went back, is read as the first of the two.
    """
    if _ISO_MOMENT.fullmatch(text) is not None:
        return _iso_moment(text)
    if _ISO_DAY.fullmatch(text) is not None or _BRITISH_DAY.fullmatch(text) is not None:
        return None
    trimmed = text.strip()[:_LONGEST]
    if len(trimmed) == _TO_THE_SECOND and trimmed[:14].isdigit() and trimmed[14] in "+-":
        with suppress(ValueError):
            if _FIRST_YEAR <= int(trimmed[:4]) <= _LAST_YEAR:
                return datetime.fromisoformat(f"{trimmed[:8]}T{trimmed[8:]}").astimezone(UTC)
    packed = _PACKED.fullmatch(trimmed)
    if packed is not None:
        return _moment(_day(packed["ymd"]), packed.groupdict())
    day, clock = _split(text)
    found = _TIME.fullmatch(clock)
    return _moment(_day(day), found.groupdict()) if found is not None else None


def _iso_moment(text: str) -> datetime | None:
    if not _FIRST_YEAR <= int(text[:4]) <= _LAST_YEAR:
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:  # such as an offset of more than a day, or one of ninety minutes past the hour
        day, clock = _split(text)
        found = _TIME.fullmatch(clock)
        return _moment(_day(day), found.groupdict()) if found is not None else None


def _split(text: str) -> tuple[str, str]:
    """The part before the time of day, and the time of day where there is one."""
    trimmed = text.strip()[:_LONGEST]
    if len(trimmed) == 8 and trimmed.isdigit():  # eight digits are a day, and nothing else that is read here
        return trimmed, ""
    packed = _PACKED.fullmatch(trimmed)
    if packed is not None:
        return packed["ymd"], ""
    clock = _AFTER_A_DAY.search(trimmed)
    return (trimmed[: clock.start()], clock["clock"]) if clock is not None else (trimmed, "")


def _day(text: str) -> date | None:
    if len(text) == 8 and text.isascii() and text.isdigit():
        return _in_range(int(text[:4]), int(text[4:6]), int(text[6:]))
    for form in _DAYS:
        found = form.fullmatch(text)
        if found is None:
            continue
        parts = found.groupdict()
        year, month = int(parts["year"]), _month(parts)
        return _in_range(year, month, int(parts["day"] or 0)) if month is not None else None
    return None


def _in_range(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if _FIRST_YEAR <= year <= _LAST_YEAR else None
    except ValueError:
        return None


def _month(parts: dict[str, str | None]) -> int | None:
    word, number = parts.get("word"), parts.get("month")
    if word:
        month = _MONTHS.get(word[:3].lower())
        return month if month is not None and _MONTH_NAMES[month].startswith(word.lower()) else None
    return int(number) if number and 1 <= int(number) <= len(_MONTHS) else None


_MONTH_NAMES = {
    1: "january",
    2: "february",
    3: "march",
    4: "april",
    5: "may",
    6: "june",
    7: "july",
    8: "august",
    9: "september",
    10: "october",
    11: "november",
    12: "december",
}


def _moment(day: date | None, clock: dict[str, str | None]) -> datetime | None:
    if day is None:
        return None
    hour = int(clock["hour"] or 0)
    half = (clock.get("half") or "").lower()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    try:
        local = datetime(  # noqa: DTZ001 - the zone is read next
            day.year,
            day.month,
            day.day,
            hour,
            int(clock["minute"] or 0),
            int(clock["second"] or 0),
            int((clock["fraction"] or "0")[:6].ljust(6, "0")),
        )
        return local.replace(tzinfo=_zone(clock["zone"] or "")).astimezone(UTC)
    except ValueError:
        return None


_ZONES: dict[str, tzinfo] = {"": LONDON, "Z": UTC, "UTC": UTC, "GMT": UTC, "BST": timezone(timedelta(hours=1))}


@lru_cache(maxsize=64)
def _zone(text: str) -> tzinfo:
    if text.upper() in _ZONES:
        return _ZONES[text.upper()]
    hours, minutes = int(text[1:3]), int(text[-2:])
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)
