"""Column types mean the same on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import make_url

from gateway.store.columns import Headers, Instant, Names

SQLITE = make_url("sqlite://").get_dialect()()
POSTGRES = make_url("postgresql+asyncpg://").get_dialect()()
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=ZONES)  # noqa: DTZ001 - zones are drawn beside


@given(MOMENTS)
def test_a_moment_survives_either_database_to_the_microsecond(moment: datetime) -> None:
    for dialect in (SQLITE, POSTGRES):
        back = Instant().process_result_value(Instant().process_bind_param(moment, dialect), dialect)
        assert back == moment
        assert back is not None
        assert back.utcoffset() == timedelta(0)


@given(MOMENTS, MOMENTS)
def test_moments_sort_in_sqlite_as_they_do_in_time(one: datetime, other: datetime) -> None:
    first, second = (Instant().process_bind_param(moment, SQLITE) for moment in (one, other))
    assert isinstance(first, int)
    assert isinstance(second, int)
    assert (first < second) == (one < other)


def test_a_moment_is_a_number_in_sqlite_and_a_zoned_time_in_postgresql() -> None:
    assert Instant().process_bind_param(datetime(1970, 1, 1, 0, 0, 1, 5, tzinfo=UTC), SQLITE) == 1_000_005
    assert Instant().compile(dialect=SQLITE) == "BIGINT"
    assert Instant().compile(dialect=POSTGRES) == "TIMESTAMP WITH TIME ZONE"


def test_a_time_without_a_zone_is_refused() -> None:
    for dialect in (SQLITE, POSTGRES):
        with pytest.raises(ValueError, match="zone"):
            Instant().process_bind_param(datetime(2026, 1, 1), dialect)  # noqa: DTZ001 - the point of the test


@given(st.lists(st.text()).map(tuple))
def test_a_list_keeps_its_order(names: tuple[str, ...]) -> None:
    assert Names().process_result_value(Names().process_bind_param(names, SQLITE), SQLITE) == names


@given(st.dictionaries(st.text(), st.text()))
def test_headers_come_back_whole(headers: dict[str, str]) -> None:
    assert Headers().process_result_value(Headers().process_bind_param(headers, POSTGRES), POSTGRES) == headers


@pytest.mark.parametrize("column", [Instant(), Names(), Headers()])
def test_nothing_stays_nothing(column: Instant | Names | Headers) -> None:
    assert column.process_bind_param(None, SQLITE) is None
    assert column.process_result_value(None, SQLITE) is None
