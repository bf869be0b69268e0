from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.dates import full_date, moment, partial_date

DAYS = st.dates(min_value=date(1850, 1, 1), max_value=date(2150, 12, 31))


@given(DAYS)
def test_every_common_form_of_a_day_is_read_as_that_day(day: date) -> None:
    forms = (
        day.isoformat(),
        day.strftime("%d/%m/%Y"),
        day.strftime("%d.%m.%Y"),
        day.strftime("%d-%b-%Y"),
        day.strftime("%d %B %Y"),
        f"{day.year}{day.month:02d}{day.day:02d}",
        f"{day.day}/{day.month}/{day.year} 00:00:00",
        f" {day.isoformat()}T00:00:00 ",
    )
    assert {full_date(form) for form in forms} == {day}
    assert {partial_date(form) for form in forms} == {day.isoformat()}


@pytest.mark.parametrize(
    "text, read",
    [
        ("2010", "2010"),
        ("2010-05", "2010-05"),
        ("201005", "2010-05"),
        ("05/2010", "2010-05"),
        ("May 2010", "2010-05"),
        ("Sept. 2010", "2010-09"),
        ("1st February 2011", "2011-02-01"),
    ],
)
def test_a_date_is_kept_as_far_as_it_goes(text: str, read: str) -> None:
    assert partial_date(text) == read


@pytest.mark.parametrize(
    "text",
    [
        "",
        "unknown",
        "02/01/10",
        "31/02/2010",
        "31/12/1849",
        "2010-02-30",
        "2010-13-01",
        "13/2010",
        "2010-00",
        "Maybe 2010",
        "0001-01-01",
        "9999",
        "01/01/1753",
        "2010-01/01",
        "1/2-2010",
        "\u0662\u0660\u0661\u0660-\u0660\u0661-\u0660\u0661",
        "2010-01-01; 2010-01-02",
        "9" * 10_000,
    ],
)
def test_what_names_no_date_is_not_guessed(text: str) -> None:
    assert partial_date(text) is None
    assert full_date(text) is None


def test_a_part_of_a_date_is_no_day() -> None:
    assert full_date("2010-05") is None


@pytest.mark.parametrize(
    "text, read",
    [
        ("2026-07-01T10:00:00", "2026-07-01T09:00:00+00:00"),
        ("2026-12-01T10:00:00", "2026-12-01T10:00:00+00:00"),
        ("02/07/2026 14:30", "2026-07-02T13:30:00+00:00"),
        ("2 July 2026, 2:30 pm", "2026-07-02T13:30:00+00:00"),
        ("2026-07-02 12:15 am", "2026-07-01T23:15:00+00:00"),
        ("2026-07-01T10:00:00Z", "2026-07-01T10:00:00+00:00"),
        ("2026-07-01T10:00:00+01:00", "2026-07-01T09:00:00+00:00"),
        ("2026-07-01T10:00:00.123456789Z", "2026-07-01T10:00:00.123456+00:00"),
        ("202607011430", "2026-07-01T13:30:00+00:00"),
        ("20260701143000.5+0100", "2026-07-01T13:30:00.500000+00:00"),
        ("01/07/2026 14:30 BST", "2026-07-01T13:30:00+00:00"),
        ("2026-07-01T10:00:00.5+05:75", "2026-07-01T03:45:00.500000+00:00"),
        ("1850-01-01T00:00:00.000000321+14:00", "1849-12-31T10:00:00+00:00"),
    ],
)
def test_a_moment_is_read_in_utc_and_a_bare_one_as_europe_london(text: str, read: str) -> None:
    assert moment(text) == datetime.fromisoformat(read)


def test_a_local_time_that_came_twice_is_the_first_of_the_two() -> None:
    assert moment("2026-10-25 01:30") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["", "2026-07-01", "10:00", "2026-07-01T25:00", "2026-07-01T10:61", "2026-02-30T10:00", "13:00 pm 2026-01-01",
     "2026-07-01 13:00 pm", "2026-07-01T10:00+99:99", "0001-01-01T00:00:00+14:00", "01/07/2026", "2026-07-01T10:00:60Z",
     "1849-12-31T23:59:59Z", "2026-07-01T24:00:00Z", "2026-07-01T10:00:00+24:00"],
)  # fmt: skip
def test_what_names_no_moment_is_not_guessed(text: str) -> None:
    assert moment(text) is None


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2100, 1, 1)), st.integers(-720, 720))  # noqa: DTZ001 - the zone is drawn
def test_a_moment_with_an_offset_is_the_same_moment(local: datetime, minutes: int) -> None:
    sign = "-" if minutes < 0 else "+"
    offset = f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
    wanted = local.replace(tzinfo=UTC) - timedelta(minutes=minutes)
    assert moment(f"{local.isoformat(timespec='microseconds')}{offset}") == wanted


@given(st.text(max_size=80))
def test_no_text_makes_a_reader_raise(text: str) -> None:
    partial_date(text)
    moment(text)


@given(day=st.dates(date(1800, 1, 1), date(2200, 1, 1)), month=st.integers(0, 13), number=st.integers(0, 32))
def test_eight_digits_are_a_day_as_any_other_form_of_it(day: date, month: int, number: int) -> None:
    assert full_date(f"{day.year}{month:02}{number:02}") == full_date(f"{day.year}-{month:02}-{number:02}")
    assert full_date(f"{day:%Y%m%d}") == full_date(day.isoformat())


@given(
    at=st.datetimes(datetime(1800, 1, 1), datetime(2200, 1, 1)),  # noqa: DTZ001 - the zone is drawn beside it
    zone=st.tuples(st.sampled_from("+-"), st.integers(0, 30), st.integers(0, 99)),
)
def test_a_packed_moment_is_read_as_any_other_form_of_it(at: datetime, zone: tuple[str, int, int]) -> None:
    offset = f"{zone[0]}{zone[1]:02}{zone[2]:02}"
    assert moment(f"{at:%Y%m%d%H%M%S}{offset}") == moment(f"{at:%Y-%m-%dT%H:%M:%S}{offset}")


def test_digits_that_are_not_ours_are_no_date() -> None:
    assert full_date("\u0662\u0660\u0662\u0660\u0660\u0661\u0660\u0661") is None
    assert moment("\u0662\u0660\u0662\u0660" + "0101101500+0000") is None
