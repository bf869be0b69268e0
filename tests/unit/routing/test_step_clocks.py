from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing import step_clocks
from schemas.timing import StepClock
from schemas.vocabulary import Rating
from tests.unit.routing.builders import CALENDAR, NOW

MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive by contract
ALL = StepClock(step="screen", hours=8)
RED = StepClock(step="screen", rating=Rating.RED, hours=1, clock="elapsed")
ASK = StepClock(step="ask", hours=2, clock="elapsed")


@pytest.mark.parametrize("rows", [(ALL, RED, ASK), (RED, ASK, ALL)])
def test_a_row_for_the_rating_goes_before_one_for_all_wherever_it_stands(rows: tuple[StepClock, ...]) -> None:
    assert step_clocks.row_for("screen", Rating.RED, rows) is RED
    assert step_clocks.row_for("screen", Rating.GREEN, rows) is ALL
    assert step_clocks.row_for("screen", None, rows) is ALL
    assert step_clocks.row_for("close", Rating.RED, rows) is None


def test_a_row_for_another_rating_counts_for_nobody_else() -> None:
    assert step_clocks.due("screen", Rating.GREEN, NOW, (RED,), CALENDAR) is None
    assert step_clocks.due("screen", None, NOW, (RED,), CALENDAR) is None


def test_what_may_not_be_taken_yet_is_not_due() -> None:
    assert step_clocks.due("ask", Rating.RED, None, (ASK,), CALENDAR) is None


@given(MOMENTS, st.floats(0.1, 100))
def test_a_step_has_real_or_working_hours_as_its_row_says(since: datetime, hours: float) -> None:
    elapsed = StepClock(step="act", hours=hours, clock="elapsed")
    working = StepClock(step="act", hours=hours)
    assert step_clocks.due("act", None, since, (elapsed,), CALENDAR) == since + timedelta(hours=hours)
    assert step_clocks.due("act", None, since, (working,), CALENDAR) == CALENDAR.add_working(since, hours)
