from __future__ import annotations

from datetime import time
from typing import Any

import pytest

from routing.hub_rules import problems
from schemas.hub import (
    AgencySection,
    BrokerSection,
    DetailSection,
    FeedSection,
    Hub,
    HubSection,
    Listen,
    MeshSection,
    PeopleSection,
    RecipientSection,
    Tokens,
    Withhold,
)
from schemas.timing import Chase, Escalation, RatingRule, StepClock, WorkingHours
from schemas.vocabulary import DataCategory, Datum, Rating, Role, Sector
from tests.unit.routing.builders import COUNCIL, HEALTH, RULES

FEED = FeedSection(name="adt", agency="health", adapter="nhs.hl7v2")
LOCAL = FeedSection(name="b", agency="health", adapter="nhs.hl7v2", authentication="loopback")
MESH = MeshSection(url="https://mesh.example", mailbox="X26ABC1")
MESHED = FeedSection(name="m", agency="health", adapter="nhs.hl7v2", authentication="mesh", workflows=("W_1",))
FROM_A, FROM_B = (MESHED.model_copy(update={"name": name, "senders": (name.upper(),)}) for name in ("aaa", "bbb"))
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


def mesh(**changed: object) -> dict[str, object]:
    return {"feeds": (MESHED,), "mesh": MeshSection.model_validate(MESH.model_dump() | changed)}


def detail(**changed: object) -> dict[str, object]:
    section = DetailSection.model_validate({"url": "https://d.example/details"} | changed)
    return {"feeds": (FEED.model_copy(update={"detail": section}),)}


@pytest.mark.parametrize(
    "change",
    [
        {"feeds": (FROM_A, FROM_B), "mesh": MESH},
        mesh(url="http://127.0.0.1:8700"),
        detail(),
        {"steps": (StepClock(step="ask", hours=1), StepClock(step="ask", rating=Rating.RED, hours=0.5))},
        detail(url="http://localhost:9", network="loopback"),
        detail(authentication="client-credentials", client="hub", token_url="https://t.example/token"),
    ],
)
def test_a_mailbox_and_details_that_fit_are_no_problem(change: dict[str, object]) -> None:
    assert problems(GOOD.model_copy(update=change)) == ()


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
        ({"feeds": (MESHED,)}, "feeds[0].authentication: this hub has no [mesh] mailbox"),
        (
            {"feeds": (MESHED.model_copy(update={"workflows": ()}),), "mesh": MESH},
            "feeds[0].workflows: name the workflow ids that this feed takes",
        ),
        (
            {"feeds": (FEED.model_copy(update={"workflows": ("W_1",)}),)},
            "feeds[0].workflows: only a feed of authentication mesh takes them",
        ),
        (
            {"feeds": (FROM_A, MESHED.model_copy(update={"name": "c"})), "mesh": MESH},
            "feeds[1].workflows: another feed takes this from this sender",
        ),
        (mesh(url="http://mesh.example"), "mesh.url: use https; plain http is for this host alone"),
        (mesh(url="https://mesh.example/x"), "mesh.url: name the server alone, without a path"),
        (mesh(url="https://u:p@mesh.example"), "mesh.url: leave out user, query and fragment"),
        (mesh(url="ftp://mesh.example"), "mesh.url: write an address such as https://server.example"),
        (mesh(url="https://mesh.example:x"), "mesh.url: write an address such as https://server.example"),
        (mesh(url="https://[::1"), "mesh.url: write an address such as https://server.example"),
        (detail(url="https://[::1"), "feeds[0].detail.url: write an address such as https://server.example"),
        (mesh(certificate="a.pem"), "mesh.certificate: a certificate and its private key go together"),
        (detail(url="http://d.example"), "feeds[0].detail.url: use https; plain http is for this host alone"),
        (detail(url="http://127.0.0.1"), "feeds[0].detail.network: say loopback for an address of this host"),
        (
            detail(network="loopback"),
            "feeds[0].detail.url: the network is this host, and the address is another's",
        ),
        (
            detail(authentication="client-credentials", client="hub"),
            "feeds[0].detail.token_url: say where the token comes from, and for which client",
        ),
        (
            detail(authentication="client-credentials", client="hub", token_url="http://t.example"),
            "feeds[0].detail.token_url: use https; plain http is for this host alone",
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
            {"agencies": (HEALTH, COUNCIL.model_copy(update={"working_hours": WorkingHours(days=())}))},
            "agencies[1].working_hours.days: name working days, 0 (Monday) to 6",
        ),
        (
            {"agencies": (HEALTH.model_copy(update={"reply_hours": {Rating.BLUE: 1.0}}),)},
            "agencies[0].reply_hours.blue: the scheme has no such rating",
        ),
        (
            {"agencies": (HEALTH.model_copy(update={"reply_hours": {Rating.RED: 5.0}}),)},
            "agencies[0].reply_hours.red: replies come before the decision",
        ),
        (
            {"steps": (StepClock(step="ask", hours=1), StepClock(step="ask", hours=2))},
            "steps[1].rating: is there twice",
        ),
        (
            {"steps": (StepClock(step="ask", rating=Rating.BLUE, hours=1),)},
            "steps[0].rating: the scheme has no such rating",
        ),
        (
            {"steps": (StepClock(step="screen", rating=Rating.RED, hours=1),)},
            "steps[0].rating: most are screened before they are rated: leave it out",
        ),
        ({"steps": (StepClock(step="ask", hours=9000),)}, "steps[0].hours: no period is longer than a year"),
        ({"chase": Chase(at=(0.5, 0.5))}, "chase.at: name each part of the time once"),
        (
            {"escalation": Escalation(every_minutes=600_000)},
            "escalation: no period is longer than a year",
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


@pytest.mark.parametrize(
    "row, at",
    [
        ({"role": Role.COORDINATOR, "data": (Datum.CONTACTS,), "agency": "nowhere"}, "withholds[0].agency"),
        ({"role": Role.PROFESSIONAL_LEAD, "data": (Datum.NAMES,)}, "withholds[0].data"),
        ({"role": Role.RECEIVING_TEAM, "data": (DataCategory.HOUSING, Datum.NAMES)}, "withholds[0].data"),
    ],
)
def test_a_row_that_withholds_nothing_or_everything_is_told_with_its_place(row: dict[str, object], at: str) -> None:
    made = GOOD.model_copy(update={"withholds": (Withhold.model_validate(row | {"because": "the hub says so"}),)})
    assert [one.at for one in problems(made)] == [at]


def test_engineers_are_of_agencies_that_there_are() -> None:
    people = GOOD.people.model_copy(update={"engineers": {"council": ("health",), "health": ("nowhere",)}})
    assert [one.at for one in problems(GOOD.model_copy(update={"people": people}))] == ["people.engineers.health"]
