from __future__ import annotations

from datetime import date, timedelta

import pytest

from adapters.schools import attendance
from adapters.schools.attendance import Mark
from adapters.schools.register import Register, longest

MONDAY = date(2026, 9, 7)
WEEKDAYS = [day for day in (MONDAY + timedelta(days=each) for each in range(60)) if day.weekday() < 5]


def mark(code: str) -> Mark:
    found = attendance.mark(code)
    assert found is not None
    return found


def register(*sessions: tuple[str, date, str]) -> dict[object, dict[date, int]]:
    made = Register()
    for pupil, day, code in sessions:
        made.note(pupil, day, mark(code))
    return dict(made.runs())


def test_ten_school_days_in_a_row_are_counted_over_weekends() -> None:
    runs = register(*(("a", day, code) for day in WEEKDAYS[:10] for code in "OG"))["a"]
    assert [runs[day] for day in WEEKDAYS[:10]] == list(range(1, 11))


def test_a_day_with_one_session_attended_ends_the_run() -> None:
    sessions = [("a", day, "O") for day in WEEKDAYS[:10]]
    assert max(register(*sessions, ("a", WEEKDAYS[5], "/"))["a"].values()) == 5


def test_the_order_of_the_rows_makes_no_difference() -> None:
    sessions = [("a", day, "O") for day in reversed(WEEKDAYS[:10])]
    assert register(*sessions)["a"][WEEKDAYS[9]] == 10


def test_closed_days_neither_count_nor_end_a_run() -> None:
    sessions = [("a", day, "#" if place in (3, 4) else "N") for place, day in enumerate(WEEKDAYS[:12])]
    assert register(*sessions)["a"][WEEKDAYS[11]] == 10


def test_a_holiday_of_everybody_goes_on_and_days_when_others_were_in_school_do_not() -> None:
    apart = [("a", day, "O") for day in (*WEEKDAYS[:5], *WEEKDAYS[15:20])]
    assert register(*apart)["a"][WEEKDAYS[19]] == 10
    assert register(*apart, ("b", WEEKDAYS[10], "/"))["a"][WEEKDAYS[19]] == 5


def test_pupils_are_kept_apart() -> None:
    runs = register(("a", MONDAY, "O"), ("b", MONDAY, "/"))
    assert runs == {"a": {MONDAY: 1}, "b": {}}


@pytest.mark.parametrize(
    "marks, count", [("O" * 20, 10), ("O" * 19, 9), ("OOOO/OO", 2), ("OO##OO", 2), ("", 0), ("//\\\\", 0)]
)
def test_a_row_of_sessions_counts_two_for_a_day(marks: str, count: int) -> None:
    assert longest(list(attendance.marks(marks))) == count
