from __future__ import annotations

from datetime import time
from typing import Any

import pytest

from routing.hub_rules import problems
from schemas.hub import (
    AgencySection,
    BrokerSection,
    FeedSection,
    Hub,
    HubSection,
    Listen,
    PeopleSection,
    RatingRule,
    RecipientSection,
    Tokens,
    WorkingHours,
)
from schemas.vocabulary import Rating, Role, Sector
from tests.unit.routing.builders import COUNCIL, HEALTH, RULES

FEED = FeedSection(name="adt", agency="health", adapter="nhs.hl7v2")
LOCAL = FeedSection(name="b", agency="health", adapter="nhs.hl7v2", authentication="loopback")
GOOD = Hub(
    hub=HubSection(id="borough", name="Borough", public_url="https://hub.example"),
    http=Listen(port=8443),
    people=PeopleSection(issuer="https://id.example", audience="hub", roles={"mgr": Role.SOCIAL_WORK_MANAGER}),
    ratings=RULES,
    agencies=(HEALTH, COUNCIL),
    feeds=(FEED,),
)
TWICE = AgencySection(
    id="twice",
    name="Twice",
    sector=Sector.POLICE,
    recipients=(RecipientSection(name="a", role=Role.REFERRER), RecipientSection(name="a", role=Role.RECEIVING_TEAM)),
)


def rated(rating: Rating, hours: float, reply_hours: float = 1) -> RatingRule:
    return RatingRule(rating=rating, hours=hours, reply_hours=reply_hours)


def test_a_hub_that_fits_together_has_no_problems() -> None:
    assert problems(GOOD) == ()


@pytest.mark.parametrize(
    "change, line",
    [
        ({"feeds": (FEED, FeedSection(name="b", agency="nobody", adapter="x"))}, "feeds[1].agency: no such agency"),
        ({"feeds": (FEED, FEED)}, "feeds[1].name: is there twice"),
        (
            {"feeds": (FEED.model_copy(update={"authentication": "mllp-tls"}),)},
            "feeds[0].authentication: this hub does not listen for MLLP",
        ),
        (
            {"feeds": (LOCAL,), "mllp": Listen(host="0.0.0.0", port=2575)},  # noqa: S104 - what is refused
            "feeds[0].authentication: listen for MLLP on this host alone, or use mllp-tls",
        ),
        (
            {"feeds": (LOCAL, LOCAL.model_copy(update={"name": "c"})), "mllp": Listen(port=2575)},
            "feeds[1].authentication: another feed takes what comes from this host already",
        ),
        ({"agencies": (HEALTH, COUNCIL, HEALTH)}, "agencies[2].id: is there twice"),
        ({"agencies": (HEALTH, TWICE)}, "agencies[1].recipients[1].name: is there twice"),
        ({"agencies": (TWICE,)}, "agencies: nobody could be asked: give some agency a professional_lead"),
        ({"ratings": RULES[:2]}, "ratings: the scheme needs green"),
        ({"ratings": (*RULES, RULES[0])}, "ratings[3].rating: is there twice"),
        (
            {"ratings": (rated(Rating.RED, 30), rated(Rating.AMBER, 24), rated(Rating.GREEN, 72))},
            "ratings: red must not give more time than amber",
        ),
        (
            {"ratings": (rated(Rating.RED, 4, 5), *RULES[1:])},
            "ratings[0].reply_hours: replies come before the decision",
        ),
        ({"ratings": (*RULES[:2], rated(Rating.GREEN, float("inf")))}, "ratings[2]: no period is longer than a year"),
        ({"working_hours": WorkingHours(days=(7,))}, "working_hours.days: name working days, 0 (Monday) to 6"),
        (
            {"working_hours": WorkingHours(opens=time(17), closes=time(9))},
            "working_hours.opens: the day must open before it closes",
        ),
        (
            {"working_hours": WorkingHours(opens=time.fromisoformat("09:00+00:00"))},
            "working_hours: times are on the hub's own wall clock, without a zone",
        ),
        (
            {"people": GOOD.people.model_copy(update={"roles": {"a": Role.ANALYST}})},
            "people.roles: nobody could rate: make some claim a social_work_manager",
        ),
        (
            {"broker": BrokerSection(queue_hours=72), "tokens": Tokens(open_hours=72)},
            "broker.queue_hours: a message must not outlive the token that opens it",
        ),
    ],
)
def test_each_problem_is_one_line_with_its_place(change: dict[str, Any], line: str) -> None:
    assert line in [str(problem) for problem in problems(GOOD.model_copy(update=change))]


def test_all_problems_are_told_in_one_go() -> None:
    broken = GOOD.model_copy(update={"feeds": (FEED, FEED), "ratings": RULES[:2]})
    assert len(problems(broken)) == 2
