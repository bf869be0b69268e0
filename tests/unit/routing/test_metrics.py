"""Each metric by hand: a few rounds whose figures can be counted on fingers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from routing.metrics import ROWS, Answer, Asked, Facts, Figure, Period, Rated, Round, figures, percentile_90
from schemas.vocabulary import Outcome, Rating, RefusalReason, ReplyDecision

BEGINS, ENDS = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
PERIOD = Period(begins=BEGINS, ends=ENDS)
RED, AMBER, GREEN = Rating.RED, Rating.AMBER, Rating.GREEN


def day(number: float, hour: float = 0) -> datetime:
    return BEGINS + timedelta(days=number, hours=hour)


def case(
    received: datetime,
    decided: datetime | None = None,
    *ratings: Rating,
    due: datetime | None = None,
    outcomes: tuple[Outcome, ...] | None = (Outcome.SECTION_17,),
) -> Round:
    """Rated an hour after receipt, then every half hour."""
    given = tuple(
        Rated(
            at=received + timedelta(hours=1 + place / 2),
            rating=rating,
            threshold=2,
            due_at=due or received + timedelta(hours=24),
        )
        for place, rating in enumerate(ratings)
    )
    return Round(
        referral=f"ref-{received}",
        received_at=received,
        ratings=given,
        decided_at=decided,
        outcomes=outcomes if decided else None,
        feedback_due_at=received + timedelta(days=1),
    )


def told(*rounds: Round, requests: tuple[Asked, ...] = (), answers: tuple[Answer, ...] = ()) -> dict[str, Figure]:
    """The figures by ``metric/group``."""
    found = figures(Facts(rounds=rounds, requests=requests, answers=answers), PERIOD)
    return {f"{one.metric}/{one.group}": one for one in found}


def shares(found: dict[str, Figure], name: str) -> tuple[int | None, int | None, float | None]:
    return found[name].count, found[name].of, found[name].value


def test_decided_on_time_by_the_due_time_of_the_rating_in_force() -> None:
    found = told(
        case(day(1), day(1, 10), RED),
        case(day(2), day(3), RED),  # due at this very moment
        case(day(4), day(6), AMBER),
        case(day(5), None, AMBER),
        case(day(-9), day(-8), RED),
        case(day(30), ENDS, RED),
    )
    assert shares(found, "decided_on_time/all") == (2, 3, 66.7)
    assert shares(found, "decided_on_time/red") == (2, 2, 100.0)
    assert shares(found, "decided_on_time/amber") == (0, 1, 0.0)


def test_a_rating_given_after_the_decision_does_not_change_what_was_due() -> None:
    late = Rated(at=day(3), rating=GREEN, threshold=1, due_at=day(9))
    one = case(day(1), day(2, 12), RED)
    found = told(replace(one, ratings=(*one.ratings, late)))
    assert shares(found, "decided_on_time/red") == (0, 1, 0.0)


def test_hours_from_receipt_to_decision_median_and_90th_by_rating() -> None:
    found = told(*(case(day(1), day(1, hours), GREEN) for hours in (2, 4, 6, 50)), case(day(1), day(1, 3), RED))
    assert (found["hours_to_decision_median/green"].value, found["hours_to_decision_median/green"].of) == (5.0, 4)
    assert found["hours_to_decision_90th/green"].value == 50.0
    assert (found["hours_to_decision_median/all"].value, found["hours_to_decision_median/red"].value) == (4.0, 3.0)


@pytest.mark.parametrize(
    "hours, expected", [([7.0], 7.0), (list(map(float, range(1, 11))), 9.0), (list(map(float, range(1, 12))), 10.0)]
)
def test_the_90th_percentile_is_the_nearest_rank(hours: list[float], expected: float) -> None:
    assert percentile_90(list(reversed(hours))) == expected


def test_replies_on_time_by_agency() -> None:
    found = told(
        requests=(
            Asked(agency="health", due_at=day(2), answered_at=day(2)),
            Asked(agency="health", due_at=day(2), answered_at=day(2, 1)),
            Asked(agency="police", due_at=day(2)),
            Asked(agency="police", due_at=day(-2), answered_at=day(-3)),
        )
    )
    assert shares(found, "replies_on_time/all") == (1, 3, 33.3)
    assert shares(found, "replies_on_time/health") == (1, 2, 50.0)
    assert shares(found, "replies_on_time/police") == (0, 1, 0.0)


def test_re_rated_up_and_down_a_round_that_went_both_ways_counts_in_both() -> None:
    found = told(
        case(day(1), day(2), AMBER, RED),
        case(day(1), day(2), AMBER, GREEN),
        case(day(1), day(2), GREEN, RED, AMBER),
        case(day(1), day(2), AMBER, AMBER),
        case(day(1), day(2), RED),
    )
    assert shares(found, "re_rated_up/all") == (2, 5, 40.0)
    assert shares(found, "re_rated_down/all") == (2, 5, 40.0)


def test_referred_again_within_twelve_months() -> None:
    found = told(
        replace(case(day(3)), earlier=day(3) - timedelta(days=365)),
        replace(case(day(3)), earlier=day(3) - timedelta(days=366)),
        replace(case(day(4)), earlier=day(2)),
        case(day(5)),
        replace(case(day(-3)), earlier=day(-4)),
    )
    assert shares(found, "referred_again/all") == (2, 4, 50.0)


def test_no_further_action_of_what_was_decided_and_can_be_read() -> None:
    nothing = (Outcome.NO_FURTHER_ACTION,)
    found = told(
        case(day(1), day(2), RED, outcomes=nothing),
        case(day(1), day(2), RED, outcomes=(Outcome.SECTION_47, Outcome.EARLY_HELP)),
        case(day(1), day(2), RED, outcomes=None),
        case(day(1), None, RED, outcomes=nothing),
    )
    assert shares(found, "no_further_action/all") == (1, 2, 50.0)


def test_feedback_on_time_what_was_never_given_is_late() -> None:
    found = told(
        replace(case(day(1)), told_at=day(2)),
        replace(case(day(1)), told_at=day(2, 1)),
        case(day(1)),
        case(day(30, 1)),  # due after the period
    )
    assert shares(found, "feedback_on_time/all") == (1, 3, 33.3)


def test_refused_by_reason_of_all_answers() -> None:
    third, live = RefusalReason.THIRD_PARTY, RefusalReason.LIVE_INVESTIGATION
    found = told(
        answers=(
            Answer(at=day(1), decision=ReplyDecision.REFUSE, reasons=frozenset({third, live})),
            Answer(at=day(1), decision=ReplyDecision.PARTIAL, reasons=frozenset({third})),
            Answer(at=day(1), decision=ReplyDecision.DISCLOSE),
            Answer(at=day(1), decision=ReplyDecision.NOTHING_HELD),
            Answer(at=day(1), decision=ReplyDecision.REFUSE, reasons=None),
            Answer(at=day(-1), decision=ReplyDecision.REFUSE, reasons=frozenset({third})),
        )
    )
    assert shares(found, "refused/all") == (2, 4, 50.0)
    assert shares(found, "refused/third_party") == (2, 4, 50.0)
    assert shares(found, "refused/live_police_investigation") == (1, 4, 25.0)
    assert shares(found, "refused/privilege") == (0, 4, 0.0)


def test_levels_agree_at_the_first_rating() -> None:
    found = told(
        replace(case(day(1), None, RED), level=2),
        replace(case(day(1), None, RED), level=3),
        case(day(1), None, RED),
        replace(case(day(1)), level=2),
    )
    assert shares(found, "levels_agree/all") == (1, 2, 50.0)


def test_without_any_case_there_is_no_value() -> None:
    found = told()
    assert {one.metric for one in found.values()} == {row.metric for row in ROWS}
    assert all(one.of == 0 and one.value is None for one in found.values())


def test_every_metric_has_a_formula() -> None:
    assert len({row.metric for row in ROWS}) == len({row.formula for row in ROWS}) == len(ROWS) == 11
