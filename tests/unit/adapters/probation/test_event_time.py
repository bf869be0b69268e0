"""When an event happened, however it is written."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.probation.event_time import day, moment, of_parts

AT = datetime(2026, 7, 2, 9, 15, 30, tzinfo=UTC)
SECONDS = int(AT.timestamp())


@pytest.mark.parametrize(
    "text,micros",
    [
        (f"{SECONDS}", 0),
        (f"{SECONDS}.5", 500_000),
        (f"{SECONDS}.123456789", 123_456),
        (f"{SECONDS}123", 123_000),
        (f"{SECONDS}123456", 123_456),
        (f"{SECONDS}123456789", 123_456),
        ("2026-07-02T09:15:30Z", 0),
        ("2026-07-02T09:15:30.123456789Z", 123_456),
        ("2026-07-02T10:15:30", 0),  # summer time in London
        ("2026-07-02T11:15:30+02:00[Europe/Paris]", 0),
        ("Thu Jul 02 10:15:30 BST 2026", 0),
        ("Thu Jul 02 09:15:30 GMT 2026", 0),
    ],
)
def test_every_spelling_names_the_same_moment(text: str, micros: int) -> None:
    assert moment(text) == AT.replace(microsecond=micros)


@pytest.mark.parametrize(
    "text", ["", "1", "12345", "{createdDate}", "2026-07-02", "Thu Jul 02 10:15:30 XYZ 2026", "9" * 19 + "9", "x" * 999]
)
def test_what_names_no_moment_is_not_read(text: str) -> None:
    assert moment(text) is None


def test_a_day_may_be_in_javas_spelling() -> None:
    assert day("Mon Oct 16 14:30:00 BST 2023") == "2023-10-16"
    assert day("2023-10-16") == "2023-10-16"
    assert day("Mon Oct 36 14:30:00 BST 2023") is None


@pytest.mark.parametrize(
    "parts,expected",
    [
        (["2026", "7", "2", "10", "15"], AT.replace(second=0)),
        (["2026", "7", "2", "10", "15", "30"], AT),
        (["2026", "7", "2", "10", "15", "30", "5000000"], AT.replace(microsecond=5_000)),
        (["2026", "7", "2"], None),
        (["2026", "13", "2", "10", "15"], None),
        (["2026", "7", "2", "10", "15", "30", "1", "2"], None),
        (["2026", "7", "2", "ten", "15"], None),
    ],
)
def test_a_list_of_numbers_is_london_time(parts: list[str], expected: datetime | None) -> None:
    assert of_parts(parts) == expected


@given(st.text(alphabet="0123456789.-:TZ+ []JanGMT", max_size=40))
def test_nothing_raises(text: str) -> None:
    for said in (moment(text), of_parts(list(text))):
        assert said is None or said.tzinfo is UTC
    day(text)
