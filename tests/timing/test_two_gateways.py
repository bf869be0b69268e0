"""What happens because time passes happens once, across two gateways on one database and across restarts."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

from sandbox.hub import free_ports
from sandbox.scenarios.stage import Case
from tests.gateway import borough
from tests.gateway.fixtures import Starter
from tests.gateway.natives import notice
from tests.gateway.town import Town

HOUR = timedelta(hours=1)
LOOKS = 4
LATE = timedelta(days=7)
"""Long enough for everything to be late that can be: weekends and bank holidays too."""


def clocks(made: borough.Document) -> None:
    """The hub's file with reminders, a chain and a clock for screening."""
    made["chase"] = {"at": [0.5, 1.0]}
    made["escalation"] = {"chain": ["team manager", "head of service"], "after_minutes": 30, "every_minutes": 30}
    made["steps"] = [{"step": "screen", "hours": 1.0, "clock": "elapsed"}]
    made["tokens"] = {"open_hours": 24 * 30}
    made["broker"]["queue_hours"] = 24 * 20
    next(one for one in made["agencies"] if one["id"] == "health")["escalation"] = ["designated doctor"]


async def asked(town: Town) -> Case:
    """A referral that health was asked about and has not answered."""
    case = await town.referral(notice())
    await case.rate("amber", 2, "A reason")
    await case.ask({"health": ("health_history",)}, "What do you know?")
    return case


async def happened(town: Town, case: Case) -> Counter[tuple[str, object]]:
    """How often each thing was done because time passed."""
    told = await town.events(referral=case.id)
    kinds = {"request.chased": "reminder", "request.escalated": "level", "alarm.escalated": "level", "alarm.raised": ""}
    return Counter(
        (f"{one['event']} {one['detail'].get('kind', '')}".strip(), one["detail"].get(kinds[one["event"]]))
        for one in told
        if one["event"] in kinds
    )


ONCE: dict[tuple[str, object], int] = {
    ("request.chased", 2): 1,
    ("alarm.raised unscreened", None): 1,
    ("alarm.raised decision_overdue", None): 1,
    ("alarm.raised request_overdue", None): 1,
    ("alarm.raised feedback_overdue", None): 1,
    **{("request.escalated request_overdue", level): 1 for level in (1, 2, 3)},
    **{
        (f"alarm.escalated {kind}", level): 1
        for kind in ("unscreened", "decision_overdue", "feedback_overdue")
        for level in (1, 2)
    },
}


async def test_two_gateways_that_look_at_once_remind_and_escalate_once(start: Starter) -> None:
    async with start(clocks) as town, start(clocks, enrol=False, listen=free_ports(1)[0]) as other:
        case = await asked(town)
        town.clock.pass_by(3 * HOUR)
        rounds = [one.gateway.watch.round() for _ in range(LOOKS) for one in (town, other)]
        await asyncio.gather(*rounds)
        assert {name: count for name, count in (await happened(town, case)).items() if "chased" in name[0]} == {
            ("request.chased", 1): 1
        }
        town.clock.pass_by(LATE)
        for _ in range(2):
            await asyncio.gather(*(one.gateway.watch.round() for _ in range(LOOKS) for one in (town, other)))
            town.clock.pass_by(2 * HOUR)
        await asyncio.gather(*(one.gateway.watch.round() for _ in range(LOOKS) for one in (town, other)))
        assert dict(await happened(other, case)) == {("request.chased", 1): 1, **ONCE}
        assert (await town.gateway.log.verify()).verified


async def test_what_a_gateway_did_is_not_done_again_by_the_next_and_what_it_missed_is(start: Starter) -> None:
    async with start(clocks) as town:
        case = await asked(town)
        town.clock.pass_by(3 * HOUR)
        await town.gateway.watch.round()
        before = await happened(town, case)
        assert before[("request.chased", 1)] == 1
    async with start(clocks, enrol=False) as again:
        await again.gateway.watch.round()
        assert await happened(again, case) == before
        again.clock.pass_by(LATE)
    async with start(clocks, enrol=False) as third:
        await third.gateway.watch.round()
        third.clock.pass_by(2 * HOUR)
        for _ in range(2):
            await third.gateway.watch.round()
        assert dict(await happened(third, case)) == {("request.chased", 1): 1, **ONCE}


async def test_a_reminder_reaches_the_lead_who_can_still_answer(start: Starter) -> None:
    async with start(clocks) as town:
        case = await asked(town)
        asked_for = (await case.shown())["requests"][0]["id"]
        lead = town.client("health.lead")
        first = await lead.next("request")
        await lead.settle(first)
        town.clock.pass_by(4 * HOUR)
        await town.gateway.watch.round()
        await town.sent()
        second = await lead.next("request")
        assert second.envelope != first.envelope
        assert (await lead.redeem(first)).status != 200, "the reminder took its place"
        opened = await lead.open(second)
        assert opened.content["reminder"] == 1
        request = await lead.asked(opened)
        assert request.claims["jti"] == asked_for
