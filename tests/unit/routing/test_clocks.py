from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing import clocks
from schemas.errors import Rejected
from schemas.vocabulary import Rating
from tests.unit.routing.builders import CALENDAR, NOW, RULES

MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive by contract
RATINGS = st.sampled_from([Rating.RED, Rating.AMBER, Rating.GREEN])


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def test_red_gives_four_hours_from_receipt_even_overnight() -> None:
    evening = datetime(2026, 11, 6, 22, 0, tzinfo=UTC)
    assert clocks.due(Rating.RED, evening, RULES, CALENDAR) == datetime(2026, 11, 7, 2, 0, tzinfo=UTC)


def test_green_counts_working_hours_where_the_hub_says_so() -> None:
    assert clocks.due(Rating.GREEN, NOW, RULES, CALENDAR) == datetime(2026, 11, 9, 10, 32, tzinfo=UTC)


def test_a_rating_outside_the_scheme_is_rejected() -> None:
    with pytest.raises(Rejected) as caught:
        clocks.due(Rating.BLUE, NOW, RULES, CALENDAR)
    assert caught.value.code == "rating.unknown"


@given(MOMENTS, RATINGS, st.lists(st.tuples(RATINGS, st.floats(0, 200)), max_size=6))
def test_no_series_of_re_ratings_ever_moves_the_due_time_back(
    received: datetime, first: Rating, later: list[tuple[Rating, float]]
) -> None:
    current = clocks.due(first, received, RULES, CALENDAR)
    now = received
    for rating, wait in later:
        now += hours(wait)
        fresh = clocks.rerated_due(current, rating, now, RULES, CALENDAR, received=received)
        assert fresh <= current
        assert fresh in (current, clocks.due(rating, now, RULES, CALENDAR))
        current = fresh


@given(MOMENTS, RATINGS, st.floats(0, 200))
def test_a_first_rating_is_measured_from_receipt_however_late_it_comes(
    received: datetime, rating: Rating, wait: float
) -> None:
    now = received + hours(wait)
    first = clocks.rerated_due(None, rating, now, RULES, CALENDAR, received=received)
    assert first == clocks.due(rating, received, RULES, CALENDAR)


def test_a_manager_may_relax_the_due_time_with_a_reason() -> None:
    old = clocks.due(Rating.RED, NOW, RULES, CALENDAR)
    kept = clocks.rerated_due(old, Rating.AMBER, NOW, RULES, CALENDAR, received=NOW)
    relaxed = clocks.rerated_due(
        old, Rating.AMBER, NOW + hours(1), RULES, CALENDAR, received=NOW, relax_reason="the child is safe in hospital"
    )
    assert kept == old
    assert relaxed == NOW + hours(25)


def test_relaxing_without_a_reason_is_rejected() -> None:
    with pytest.raises(Rejected) as caught:
        clocks.rerated_due(NOW, Rating.AMBER, NOW, RULES, CALENDAR, received=NOW, relax_reason="  ")
    assert caught.value.code == "clock.relax_reason"


def test_a_reply_is_due_before_a_decision_that_is_still_to_come() -> None:
    assert clocks.reply_due(Rating.AMBER, NOW, RULES, CALENDAR) == NOW + hours(6)
    soon, past = NOW + hours(1), NOW - hours(1)
    assert clocks.reply_due(Rating.AMBER, NOW, RULES, CALENDAR, decision_due=soon) == soon
    assert clocks.reply_due(Rating.AMBER, NOW, RULES, CALENDAR, decision_due=past) == NOW + hours(6)


@given(MOMENTS, MOMENTS, RATINGS)
def test_open_requests_are_only_ever_brought_forward(old: datetime, now: datetime, rating: Rating) -> None:
    assert clocks.redated(old, rating, now, RULES, CALENDAR) == min(old, clocks.reply_due(rating, now, RULES, CALENDAR))


def test_feedback_is_due_at_the_end_of_the_next_working_day() -> None:
    friday = datetime(2026, 11, 6, 10, 0, tzinfo=UTC)
    assert clocks.feedback_due(friday, 1, CALENDAR) == datetime(2026, 11, 9, 17, 0, tzinfo=UTC)


@given(MOMENTS, st.integers(0, 10_000), st.one_of(st.none(), RATINGS), st.integers(1, 500))
def test_the_alarm_stands_over_the_unrated_and_over_nothing_else(
    received: datetime, waited: int, rating: Rating | None, minutes: int
) -> None:
    now = received + timedelta(minutes=waited)
    assert clocks.unrated_alarm(received, rating, now, minutes) is (rating is None and waited >= minutes)


@pytest.mark.parametrize("accepted, waited, alarm", [(False, 60, True), (False, 59, False), (True, 600, False)])
def test_a_product_that_nobody_accepts_raises_an_alarm(accepted: bool, waited: int, alarm: bool) -> None:
    now = NOW + timedelta(minutes=waited)
    assert clocks.unaccepted_alarm(NOW, accepted=accepted, now=now, minutes=60) is alarm


def test_something_is_late_only_after_its_due_time() -> None:
    assert not clocks.overdue(None, NOW)
    assert not clocks.overdue(NOW, NOW)
    assert clocks.overdue(NOW, NOW + timedelta(seconds=1))


def test_a_clock_explains_itself_on_the_wall_clock() -> None:
    assert clocks.explain(Rating.RED, NOW, RULES, CALENDAR) == "4 h from 10:32, red runs overnight"
    summer = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)
    assert clocks.explain(Rating.GREEN, summer, RULES, CALENDAR) == "24 working h from 09:00, green stops overnight"
