from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.schools.day_forms import EXCEL, FORMS, MONTH_FIRST, PLAIN, DayForms, form


@pytest.mark.parametrize(
    "name, years_from, text, read",
    [
        ("day-first", None, "02/01/2010", "2010-01-02"),
        ("day-first", None, "2010-01-02", "2010-01-02"),
        ("day-first", None, "02/01/10", None),
        ("day-first", 1990, "02/01/10", "2010-01-02"),
        ("day-first", 1990, "2.1.89", "2089-01-02"),
        ("day-first", 1990, "02-01-90", "1990-01-02"),
        ("day-first", 1990, "31/02/10", None),
        ("month-first", None, "02/01/2010", "2010-02-01"),
        ("month-first", None, "13/01/2010", None),
        ("month-first", None, "2010-01-02", "2010-01-02"),
        ("month-first", 2000, "2/1/10", "2010-02-01"),
        ("day-first", None, "40180", None),
        ("excel", None, "40180", "2010-01-02"),
        ("excel", None, "40180.5", "2010-01-02"),
        ("excel", None, "02/01/2010", "2010-01-02"),
        ("excel", None, "60", None),
        ("excel", None, "999999", None),
        ("excel", None, "2010", "2010"),
    ],
)
def test_a_date_is_read_only_as_the_feed_says(name: str, years_from: int | None, text: str, read: str | None) -> None:
    assert form(name, years_from).partial(text) == read


def test_a_time_after_the_date_is_kept() -> None:
    assert form(MONTH_FIRST, None).moment("11/02/2026 08:55") == datetime(2026, 11, 2, 8, 55, tzinfo=UTC)
    assert form(EXCEL, None).moment("46328.5") == datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


def test_a_column_goes_before_the_feed() -> None:
    forms = DayForms(feed=form(MONTH_FIRST, None), columns={"birth_date": form(EXCEL, None)})
    assert (forms.of("birth_date").excel, forms.of("occurred").month_first) == (True, True)
    assert DayForms(columns={}).of("birth_date") == PLAIN


@given(st.text(max_size=40), st.sampled_from(FORMS), st.sampled_from([None, 1990]))
def test_no_text_makes_a_reader_raise(text: str, name: str, years_from: int | None) -> None:
    for reader in (form(name, years_from).partial, form(name, years_from).day, form(name, years_from).moment):
        reader(text)
