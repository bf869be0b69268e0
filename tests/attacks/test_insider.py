"""An insider who opens in bulk, and a manager who looks into a case that is not theirs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sandbox.person import Person
from tests.gateway import borough
from tests.gateway.fixtures import Starter
from tests.gateway.natives import child, notice
from tests.gateway.town import Town

pytestmark = pytest.mark.parametrize("both", ["embedded"], indirect=True)
COUNT = 4


def few(made: borough.Document) -> None:
    """Four different cases in half an hour are many, here."""
    made["bulk_openings"] = [
        {"who": "person", "count": COUNT, "minutes": 30},
        {"who": "system", "count": COUNT, "minutes": 30},
    ]


async def standing(town: Town) -> list[tuple[str, str]]:
    await town.gateway.watch.round()
    rows = (await town.person("security").get("/v1/alarms"))["alarms"]
    return [(row["kind"], row["subject"]) for row in rows]


async def look(person: Person, *cases: str) -> None:
    for case in cases:
        (await person.call("GET", f"/v1/referrals/{case}")).expect("a view", 200)


async def test_an_insider_who_opens_in_bulk_raises_an_alarm_that_somebody_else_clears(start: Starter) -> None:
    async with start(few) as town:
        cases = [(await town.referral(notice(child(number)))).id for number in range(1, COUNT + 1)]
        assert len(set(cases)) == COUNT
        screener = town.person("screener")
        # The same one again and again is work, not bulk.
        await look(screener, *[cases[0]] * COUNT, *cases[1:-1])
        assert await standing(town) == []
        await look(screener, cases[-1])
        ((kind, who),) = await standing(town)
        assert (kind, who.partition(":")[0]) == ("bulk_opening", "person")
        assert len(await standing(town)) == 1
        raised = [one for one in await town.events() if one["event"] == "alarm.raised"]
        assert raised[-1]["detail"]["kind"] == "bulk_opening"
        assert (raised[-1]["subject"], raised[-1]["detail"]["opened"]) == (who, COUNT)
        (alarm,) = (await town.person("security").get("/v1/alarms"))["alarms"]
        path = f"/v1/alarms/{alarm['id']}/clearance"
        assert (await screener.call("POST", path)).status == 403
        assert (await town.person("auditor").call("POST", path)).status == 403
        assert (await town.person("security").call("POST", path)).status == 204
        # What was looked at raises no second one; more of the same does.
        assert await standing(town) == []
        town.clock.pass_by(timedelta(minutes=1))
        await look(screener, *cases)
        assert await standing(town) == [("bulk_opening", who)]


async def test_openings_apart_from_each_other_are_no_bulk(start: Starter) -> None:
    async with start(few) as town:
        screener = town.person("screener")
        for number in range(1, COUNT + 1):
            await look(screener, (await town.referral(notice(child(number)))).id)
            town.clock.pass_by(timedelta(minutes=11))
        assert await standing(town) == []


async def test_a_file_that_lets_somebody_open_in_bulk_unseen_is_refused(start: Starter) -> None:
    def unseen(made: borough.Document) -> None:
        made["bulk_openings"] = [{"who": "system", "count": 10, "minutes": 30}]

    with pytest.raises(Exception, match="bulk_openings") as refused:
        async with start(unseen):
            pass
    assert getattr(refused.value, "code", "") == "config.inconsistent"


async def test_a_manager_breaks_the_glass_with_a_reason_an_alarm_and_a_review_by_another(town: Town) -> None:
    case = await town.referral(notice())
    await town.disclosed(case)
    disclosure = f"/v1/disclosures/{case.given[0].disclosure}"
    other, glass = town.person("other_manager"), f"/v1/referrals/{case.id}/break-glass"
    assert (await other.call("GET", disclosure)).status == 404
    # Without a reason, by anybody else, or into one's own case: no.
    assert (await other.call("POST", glass, {"reason": " "})).code == "break_glass.no_reason"
    for name in ("screener", "coordinator", "police_lead", "security", "auditor", "administrator"):
        assert (await town.person(name).call("POST", glass, {"reason": "I want to know"})).status == 403, name
    assert (await town.manager.call("POST", glass, {"reason": "Mine"})).code == "break_glass.own_case"
    made = (await other.call("POST", glass, {"reason": "The child is at the door"})).expect("a look", 201).json()
    # The alarm stands before anything is seen: on the board, in the case, with the security officer.
    board = await town.person("coordinator").get("/v1/referrals")
    assert [row["alarms"] for row in board["referrals"] if row["id"] == case.id] == [["break_glass"]]
    assert ("break_glass", made["id"]) in await standing(town)
    seen = (await other.call("GET", disclosure)).expect("a view", 200).json()
    assert {group["category"] for group in seen["groups"]} == {"health_history", "health_mental"}
    viewed = [one for one in await town.events() if one["event"] == "disclosure.viewed"]
    assert viewed[-1]["detail"]["break_glass"] == made["id"]
    # It looks and changes nothing.
    assert (await case_rating(other, case.id)).code == "referral.not_assigned"
    # The review is another's, and closes it.
    path, body = f"/v1/break-glass/{made['id']}/review", {"finding": "justified", "text": "A child was there"}
    (waiting,) = (await town.manager.get("/v1/break-glass"))["break_glass"]
    assert (waiting["id"], waiting["reason"]) == (made["id"], "The child is at the door")
    assert (await other.call("POST", path, body)).code == "break_glass.own"
    assert (await town.person("security").call("POST", path, body)).status == 403
    assert (await town.manager.call("POST", path, body)).status == 204
    assert (await town.manager.call("POST", path, body)).code == "break_glass.reviewed"
    assert await standing(town) == []
    assert (await other.call("GET", disclosure)).status == 404
    names = await town.event_names(referral=case.id)
    assert [one for one in names if one.startswith("glass.")] == ["glass.broken", "glass.reviewed"]
    assert "The child is at the door" not in str(await town.events())


async def test_a_look_into_a_case_ends_by_itself_and_its_review_stays_due(start: Starter) -> None:
    def short(made: borough.Document) -> None:
        made["break_glass"] = {"minutes": 5}

    async with start(short) as town:
        case = await town.referral(notice())
        await town.disclosed(case)
        disclosure = f"/v1/disclosures/{case.given[0].disclosure}"
        other, glass = town.person("other_manager"), f"/v1/referrals/{case.id}/break-glass"
        (await other.call("POST", glass, {"reason": "At once"})).expect("a look", 201)
        assert (await other.call("POST", glass, {"reason": "Again"})).code == "break_glass.standing"
        assert (await other.call("GET", disclosure)).status == 200
        town.clock.pass_by(timedelta(minutes=6))
        assert (await other.call("GET", disclosure)).status == 404
        assert [kind for kind, _ in await standing(town) if kind == "break_glass"] == ["break_glass"]


async def case_rating(person: Person, case: str) -> Any:  # noqa: ANN401 - the answer, whatever it is
    body = {"rating": "green", "threshold": 1, "reasons": ["Nothing in it"]}
    return await person.call("POST", f"/v1/referrals/{case}/ratings", body)
