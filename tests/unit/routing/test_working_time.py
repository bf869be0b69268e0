from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.working_time import Calendar
from schemas.errors import Rejected
from schemas.timing import WorkingHours
from tests.unit.routing.builders import CALENDAR, LONDON

MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive by contract
HOURS = st.floats(0.01, 200, allow_nan=False)
CALENDARS = st.builds(
    lambda days, opens, length, zone: Calendar(
        WorkingHours(days=tuple(days), opens=time(opens), closes=time(min(23, opens + length), 30)), ZoneInfo(zone)
    ),
    st.sets(st.integers(0, 6), min_size=1),
    st.integers(0, 22),
    st.integers(1, 20),
    st.sampled_from(["Europe/London", "America/New_York", "Australia/Lord_Howe", "UTC"]),
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


@pytest.mark.parametrize(
    "start, hours, end",
    [
        ("2026-11-04T10:00", 4, "2026-11-04T14:00"),
        ("2026-11-04T16:00", 2, "2026-11-05T10:00"),
        ("2026-11-06T16:00", 2, "2026-11-09T10:00"),
        ("2026-11-07T12:00", 1, "2026-11-09T10:00"),
        ("2026-11-04T03:00", 8, "2026-11-04T17:00"),
        ("2026-12-24T16:00", 2, "2026-12-28T10:00"),
        ("2026-11-04T17:00", 1, "2026-11-05T10:00"),
    ],
)
def test_working_hours_pause_over_nights_weekends_and_bank_holidays(start: str, hours: float, end: str) -> None:
    assert CALENDAR.add_working(at(start), hours) == at(end)


@pytest.mark.parametrize("friday", ["2026-03-27T16:00", "2026-10-23T16:00"])
def test_a_weekend_in_which_the_clocks_change_costs_no_working_time(friday: str) -> None:
    monday = datetime.fromisoformat(friday).date() + timedelta(days=3)
    assert CALENDAR.add_working(at(friday), 2) == at(f"{monday}T10:00")


@pytest.mark.parametrize("day, real_hours", [("2026-03-29", 22), ("2026-10-25", 24), ("2026-11-01", 23)])
def test_a_shift_over_the_change_of_the_clocks_is_measured_in_real_hours(day: str, real_hours: int) -> None:
    calendar = Calendar(WorkingHours(days=tuple(range(7)), opens=time(0), closes=time(23)), LONDON)
    assert calendar.add_working(at(f"{day}T00:00"), real_hours) == at(f"{day}T23:00")


def test_a_shift_in_the_hour_that_spring_skips_does_not_take_place() -> None:
    calendar = Calendar(WorkingHours(days=(6,), opens=time(1, 30), closes=time(2)), LONDON)
    assert calendar.add_working(at("2026-03-28T00:00"), 0.5) == at("2026-04-05T02:00")
    assert calendar.next_working_days(at("2026-03-28T00:00"), 1) == at("2026-04-05T02:00")


@pytest.mark.parametrize(
    "start, days, end",
    [
        ("2026-11-04T10:00", 1, "2026-11-05T17:00"),
        ("2026-11-06T23:00", 1, "2026-11-09T17:00"),
        ("2026-11-07T10:00", 2, "2026-11-10T17:00"),
        ("2026-12-24T10:00", 1, "2026-12-28T17:00"),
    ],
)
def test_working_days_count_from_the_day_after(start: str, days: int, end: str) -> None:
    assert CALENDAR.next_working_days(at(start), days) == at(end)


@given(CALENDARS, MOMENTS, HOURS)
def test_the_end_lies_after_the_start_and_inside_a_shift(calendar: Calendar, start: datetime, hours: float) -> None:
    end = calendar.add_working(start, hours)
    wall = end.astimezone(calendar.zone)
    assert end.tzinfo is UTC
    assert end >= start + timedelta(hours=hours) - timedelta(microseconds=1)
    assert wall.weekday() in calendar.hours.days
    assert wall.time() <= calendar.hours.closes


@given(CALENDARS, MOMENTS, HOURS, HOURS)
def test_a_period_can_be_worked_in_two_parts(calendar: Calendar, start: datetime, one: float, two: float) -> None:
    whole = calendar.add_working(start, one + two)
    parts = calendar.add_working(calendar.add_working(start, one), two)
    assert worked(calendar, min(whole, parts), max(whole, parts)) <= timedelta(microseconds=5)


@given(CALENDARS, MOMENTS, st.floats(0.01, 60))
def test_exactly_the_hours_asked_for_are_worked(calendar: Calendar, start: datetime, hours: float) -> None:
    end = calendar.add_working(start, hours)
    assert abs(worked(calendar, start, end) - timedelta(hours=hours)) <= timedelta(microseconds=1)


@given(CALENDARS, MOMENTS, MOMENTS, HOURS)
def test_whoever_starts_later_ends_no_earlier(calendar: Calendar, one: datetime, two: datetime, hours: float) -> None:
    assert calendar.add_working(min(one, two), hours) <= calendar.add_working(max(one, two), hours)


def worked(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """Counted another way: each local day's shift, clipped to the span."""
    total = timedelta()
    day: date = start.astimezone(calendar.zone).date()
    while day <= end.astimezone(calendar.zone).date():
        if day.weekday() in calendar.hours.days:
            opens = datetime.combine(day, calendar.hours.opens, calendar.zone).astimezone(UTC)
            closes = datetime.combine(day, calendar.hours.closes, calendar.zone).astimezone(UTC)
            total += max(min(closes, end) - max(opens, start), timedelta())
        day += timedelta(days=1)
    return total


@pytest.mark.parametrize(
    "hours, code",
    [
        (WorkingHours(days=()), "hours.none"),
        (WorkingHours(days=(9,)), "hours.none"),
        (WorkingHours(opens=time(17), closes=time(9)), "hours.order"),
    ],
)
def test_a_calendar_without_working_time_is_rejected(hours: WorkingHours, code: str) -> None:
    with pytest.raises(Rejected) as caught:
        Calendar(hours, LONDON)
    assert caught.value.code == code


def test_periods_of_nothing_are_bugs() -> None:
    with pytest.raises(ValueError, match="longer than nothing"):
        CALENDAR.add_working(at("2026-11-04T10:00"), 0)
    with pytest.raises(ValueError, match="at least one"):
        CALENDAR.next_working_days(at("2026-11-04T10:00"), 0)
