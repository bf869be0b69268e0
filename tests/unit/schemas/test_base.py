from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.base import Frozen, Instant


class Sample(Frozen):
    at: Instant | None = None
    count: int = 0
    share: float = 0.0


OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1), timezones=OFFSETS))  # noqa: DTZ001 - the zone is drawn
def test_a_moment_is_kept_in_utc_and_stays_the_same_moment(at: datetime) -> None:
    kept = Sample(at=at).at
    assert kept == at
    assert kept is not None
    assert kept.tzinfo is UTC


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValidationError):
        Sample(at=datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point


def test_a_model_is_frozen() -> None:
    made = Sample(count=1)
    with pytest.raises(ValidationError):
        made.count = 2  # type: ignore[misc]


def test_a_field_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValidationError):
        Sample.model_validate({"counts": 1})


@pytest.mark.parametrize("text", ['{"count": "1"}', '{"count": true}', '{"count": 1.0}', '{"share": NaN}'])
def test_nothing_is_read_as_what_it_is_not(text: str) -> None:
    with pytest.raises(ValidationError):
        Sample.model_validate_json(text)


def test_an_error_does_not_quote_the_input() -> None:
    with pytest.raises(ValidationError) as caught:
        Sample.model_validate({"count": "Testcase"})
    assert "Testcase" not in str(caught.value)


def test_what_was_written_as_json_is_read_back_the_same() -> None:
    made = Sample(at=datetime(2026, 7, 1, 12, tzinfo=UTC), count=3, share=0.5)
    assert Sample.model_validate_json(made.model_dump_json()) == made


@pytest.mark.parametrize(
    "at",
    [
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
        datetime.max.replace(tzinfo=timezone(-timedelta(hours=1))),
    ],
)
def test_a_moment_beyond_the_calendar_is_refused_and_not_a_crash(at: datetime) -> None:
    with pytest.raises(ValidationError):
        Sample(at=at)
