"""Times in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gateway.console import times

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "at,said",
    [
        (datetime(2026, 7, 1, 9, 2, tzinfo=UTC), "10:02"),
        (datetime(2026, 6, 30, 22, 59, tzinfo=UTC), "yesterday 23:59"),
        (datetime(2026, 6, 30, 23, 1, tzinfo=UTC), "00:01"),
        (datetime(2026, 7, 2, 8, 0, tzinfo=UTC), "tomorrow 09:00"),
        (datetime(2026, 2, 3, 14, 5, tzinfo=UTC), "Tue 3 Feb 14:05"),
        (datetime(2025, 12, 25, 0, 0, tzinfo=UTC), "25 Dec 2025 00:00"),
    ],
)
def test_a_moment_is_said_on_the_hubs_own_clock(at: datetime, said: str) -> None:
    assert times.moment(at, NOW, LONDON) == said


@pytest.mark.parametrize(
    "span,said",
    [
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=18, seconds=59), "18 minutes"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(hours=3, minutes=20), "3 hours 20 minutes"),
        (timedelta(days=2, hours=4, minutes=59), "2 days 4 hours"),
        (timedelta(days=1), "1 day"),
    ],
)
def test_a_length_is_said_in_two_steps_at_most(span: timedelta, said: str) -> None:
    assert times.length(span) == said


def test_what_is_left_turns_into_overdue_at_the_moment_itself() -> None:
    assert times.left(NOW + timedelta(minutes=18), NOW) == "18 minutes left"
    assert times.left(NOW, NOW) == "overdue by less than a minute"
    assert times.left(NOW - timedelta(minutes=18), NOW) == "overdue by 18 minutes"
