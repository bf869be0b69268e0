from __future__ import annotations

from datetime import date, time

import pytest

from routing.effect import Area, effect
from schemas.asking import AskingRow
from schemas.hub import BreakGlass, BrokerSection, Hub
from schemas.timing import Chase, Clocks, Escalation, RatingRule, StepClock, WorkingHours
from schemas.vocabulary import Rating, Role
from tests.unit.routing.builders import COUNCIL, HEALTH, RULES
from tests.unit.routing.test_hub_rules import GOOD

SLOWER = (RatingRule(rating=Rating.RED, hours=6, reply_hours=3, clock="working"), *RULES[1:])
ROW = AskingRow.model_validate(
    {
        "asks": "health",
        "about": "children",
        "categories": ["health_history"],
        "concerns": ["drugs"],
        "ratings": ["red"],
        "because": "agreed",
    }
)
NARROWED = "health is asked about children where the concern is drugs and it is rated red for health_history: agreed"
LEADLESS = HEALTH.model_copy(update={"recipients": ()})


def told(before: Hub, **change: object) -> list[tuple[Area, str | None, str | None]]:
    return [(one.area, one.before, one.after) for one in effect(before, before.model_copy(update=change))]


def test_a_file_that_means_the_same_has_no_effect() -> None:
    assert effect(GOOD, GOOD) == ()
    assert told(GOOD, ratings=tuple(reversed(RULES))) == []


@pytest.mark.parametrize(
    "change, sentence",
    [
        (
            {"ratings": SLOWER},
            (
                Area.CLOCKS,
                "red is decided in 4 h, answered in 2 h, runs through nights",
                "red is decided in 6 h, answered in 3 h, stops while closed",
            ),
        ),
        (
            {"working_hours": WorkingHours(days=(0, 1), opens=time(8), bank_holidays=(date(2026, 12, 25),))},
            (Area.CLOCKS, None, "the hub is closed on 2026-12-25"),
        ),
        (
            {"working_hours": WorkingHours(days=(0, 1), opens=time(8))},
            (
                Area.CLOCKS,
                "the hub works 09:00 to 17:00 on Monday, Tuesday, Wednesday, Thursday, Friday",
                "the hub works 08:00 to 17:00 on Monday, Tuesday",
            ),
        ),
        (
            {"agencies": (HEALTH.model_copy(update={"reply_hours": {Rating.RED: 1.0}}), COUNCIL)},
            (Area.CLOCKS, None, "health answers red in 1 h"),
        ),
        (
            {"steps": (StepClock(step="ask", hours=2),)},
            (Area.CLOCKS, None, "ask: 2 h for everything, stops while closed"),
        ),
        (
            {"chase": Chase(at=(1.0, 0.5))},
            (Area.CLOCKS, "agencies are not reminded", "agencies are reminded at 50% and 100% of their time"),
        ),
        (
            {"escalation": Escalation(chain=("head", "director"))},
            (Area.CLOCKS, None, "the hub: late things go to head, then director"),
        ),
        (
            {"clocks": Clocks(feedback_working_days=2)},
            (
                Area.CLOCKS,
                "the referrer is told by the end of working day 1 after receipt",
                "the referrer is told by the end of working day 2 after receipt",
            ),
        ),
        (
            {"asking": (ROW,)},
            (
                Area.ASKED,
                None,
                NARROWED,
            ),
        ),
        (
            {"asking": (ROW,)},
            (Area.ASKED, "health is asked for maternity: a child is expected", None),
        ),
        ({"agencies": (LEADLESS, COUNCIL)}, (Area.ASKED, "health is asked through lead", "health can't be asked")),
        (
            {"agencies": (LEADLESS, COUNCIL)},
            (Area.READS, "health.lead reads as professional_lead over amqp", None),
        ),
        (
            {"people": GOOD.people.model_copy(update={"roles": {**GOOD.people.roles, "aud": Role.AUDITOR}})},
            (Area.READS, None, "who signs in with roles aud is auditor"),
        ),
        (
            {"break_glass": BreakGlass(minutes=5)},
            (
                Area.READS,
                "a manager who breaks the glass looks for 60 minutes",
                "a manager who breaks the glass looks for 5 minutes",
            ),
        ),
        ({"broker": BrokerSection(queue_hours=24)}, (Area.REST, "broker.queue_hours = 48", "broker.queue_hours = 24")),
        (
            {"agencies": (HEALTH, COUNCIL.model_copy(update={"la_code": "123"}))},
            (Area.REST, "agencies.council.la_code = ", "agencies.council.la_code = 123"),
        ),
        ({"feeds": ()}, (Area.REST, "feeds.adt.adapter = nhs.hl7v2", None)),
    ],
)  # fmt: skip
def test_each_change_is_a_sentence_under_its_heading(
    change: dict[str, object], sentence: tuple[Area, str | None, str | None]
) -> None:
    assert sentence in told(GOOD, **change)


def test_a_change_of_one_thing_tells_of_nothing_else() -> None:
    assert len(told(GOOD, ratings=SLOWER)) == 1
    assert len(told(GOOD, break_glass=BreakGlass(minutes=5))) == 1
