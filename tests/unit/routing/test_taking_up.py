from __future__ import annotations

import pytest

from routing.taking_up import LIVE, take_up
from schemas.hub import BreakGlass, BrokerSection, Hub, RecipientSection, RepeatRule
from schemas.timing import Chase, Clocks, Escalation, RatingRule, StepClock, WorkingHours
from schemas.vocabulary import Rating, Role
from tests.unit.routing.builders import COUNCIL, HEALTH, POLICE, RULES
from tests.unit.routing.test_hub_rules import GOOD

DESK = RecipientSection(name="desk", role=Role.REFERRER)
SLOWER = (RatingRule(rating=Rating.RED, hours=6, reply_hours=3), *RULES[1:])


def changed(**to: object) -> Hub:
    return GOOD.model_copy(update=to)


@pytest.mark.parametrize(
    "change",
    [
        {"ratings": SLOWER},
        {"working_hours": WorkingHours(days=(0,))},
        {"steps": (StepClock(step="ask", hours=1),)},
        {"chase": Chase(at=(0.5,))},
        {"escalation": Escalation(chain=("head",))},
        {"repeats": RepeatRule(count=4)},
        {"break_glass": BreakGlass(minutes=5)},
        {"clocks": Clocks(unrated_alarm_minutes=5)},
        {"agencies": (HEALTH.model_copy(update={"escalation": ("matron",)}), COUNCIL)},
        {"agencies": (HEALTH.model_copy(update={"recipients": (*HEALTH.recipients, DESK)}), COUNCIL)},
    ],
)  # fmt: skip
def test_what_can_change_while_a_gateway_runs_is_taken_up_whole(change: dict[str, object]) -> None:
    taken = take_up(GOOD, changed(**change))
    assert taken.hub == changed(**change)
    assert taken.restart == ()


@pytest.mark.parametrize(
    "change, place",
    [
        ({"broker": BrokerSection(queue_hours=5)}, "broker"),
        ({"feeds": ()}, "feeds"),
        ({"http": GOOD.http.model_copy(update={"port": 1})}, "http"),
        ({"clocks": Clocks(watch_seconds=9)}, "clocks.watch_seconds"),
        ({"clocks": Clocks(skew_seconds=9)}, "clocks.skew_seconds"),
        ({"agencies": (HEALTH, COUNCIL, POLICE)}, "agencies.police"),
    ],
)
def test_what_can_not_is_named_and_stays(change: dict[str, object], place: str) -> None:
    taken = take_up(GOOD, changed(**change, ratings=SLOWER))
    assert taken.restart == (place,)
    assert taken.hub == changed(ratings=SLOWER)


def test_parts_that_make_no_whole_wait_together() -> None:
    # Only the agency that waits for a restart has a lead: until then nobody could be asked.
    leadless = HEALTH.model_copy(update={"recipients": ()})
    started = changed(agencies=(HEALTH,))
    taken = take_up(started, changed(agencies=(leadless, POLICE), ratings=SLOWER))
    assert taken.hub == started
    assert set(taken.restart) == {"agencies.police", "ratings", "agencies"}


def test_what_is_live_is_a_table_of_the_file() -> None:
    assert set(LIVE) <= set(Hub.model_fields)
