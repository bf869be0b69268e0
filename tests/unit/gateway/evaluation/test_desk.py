"""Figures out of a hub's own records, on both databases: every metric from cases that were worked on as people do."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from gateway.bootstrap import Gateway
from gateway.casework.dossier import DISCLOSURE_PLACE
from gateway.store.records import DisclosureRecord
from gateway.strongbox import Strongbox
from routing.metrics import Figure, Period, figures
from schemas import opaque
from schemas.disclosure import Reply
from schemas.errors import Rejected
from schemas.notification import ConcernDetail
from schemas.vocabulary import Concern, Outcome, Rating, RefusalReason, ReplyDecision
from tests.unit.gateway import case as work_on
from tests.unit.gateway.conftest import NOW, Clock
from tests.unit.gateway.intake.sending import Sender, nhs, notification, person
from tests.unit.gateway.research.telling import NUMBERS
from tests.unit.gateway.whole import entries
from tests.unit.gateway.whole import person as signed_in
from tests.unit.routing.builders import disclosure

MANAGER = signed_in("manager")
MONTH = Period(begins=NOW - timedelta(days=2), ends=NOW + timedelta(days=29))


async def received(gateway: Gateway, number: int, level: int | None = None) -> str:
    """A referral about one of five children, whose referrer may name a level of need."""
    concern = ConcernDetail(categories=(Concern.NEGLECT,), level_of_need=level)
    item = notification(person("child-1", nhs(NUMBERS[number]), family=f"Sample{number}"))
    (record,) = await Sender(gateway=gateway).send(item.model_copy(update={"concern": concern}))
    return str(record.referral_id)


async def decide(gateway: Gateway, referral: str, *outcomes: Outcome) -> None:
    await gateway.deciding.decide(
        MANAGER, referral, outcomes=outcomes, rationale="r", evidence=["the notification"], acknowledged=[]
    )


async def answer(gateway: Gateway, clock: Clock, request: str, reply: Reply) -> None:
    """An owner's answer, as the hub keeps it once it was verified."""
    async with gateway.store.work() as work:
        asked = await work.requests.get(request)
        case = await work.referrals.get(asked.referral_id)
        name = gateway.world.name(opaque.Prefix.DISCLOSURE)
        said = disclosure("health", reply=reply)
        sealed = await Strongbox(gateway.vault).put(work, case.scope, DISCLOSURE_PLACE, name, said)
        await work.disclosures.add(
            DisclosureRecord(
                id=name, request_id=request, referral_id=case.id, agency="health", decision=reply.decision,
                received_at=clock(), digest=name, sealed=sealed,
            )
        )  # fmt: skip
        await work.commit()


async def told(gateway: Gateway, period: Period = MONTH) -> dict[str, Figure]:
    facts = await gateway.evaluation.gathering.facts(period)
    return {f"{one.metric}/{one.group}": one for one in figures(facts, period)}


async def test_every_metric_of_three_cases(gateway: Gateway, clock: Clock) -> None:
    first, second = await received(gateway, 0, level=2), await received(gateway, 1, level=3)
    # The first: rated green, then red; decided within the hour, told, closed.
    await work_on.rated(gateway, first)
    clock.pass_by(timedelta(minutes=30))
    await work_on.rated(gateway, first, Rating.RED)
    request = await work_on.asked(gateway, first)
    clock.pass_by(timedelta(minutes=30))
    await answer(gateway, clock, request, Reply(decision=ReplyDecision.REFUSE, reasons=(RefusalReason.THIRD_PARTY,)))
    await gateway.deciding.decide(
        MANAGER,
        first,
        outcomes=[Outcome.NO_FURTHER_ACTION],
        rationale="r",
        evidence=["the notification"],
        acknowledged=[request],
    )
    await gateway.deciding.feed_back(MANAGER, first, "thank you")
    await gateway.deciding.close(MANAGER, first, "nothing more to do")
    # The second: rated amber, decided three days later, nobody told.
    await work_on.rated(gateway, second, Rating.AMBER)
    clock.pass_by(timedelta(days=3))
    await decide(gateway, second, Outcome.SECTION_17)
    # The third is about the first child again.
    third = await received(gateway, 0)
    found = await told(gateway)
    shares = {name: (one.count, one.of) for name, one in found.items() if one.count is not None}
    assert shares["decided_on_time/all"] == (1, 2)
    assert shares["decided_on_time/red"] == (1, 1)
    assert shares["decided_on_time/amber"] == (0, 1)
    assert (found["hours_to_decision_median/red"].value, found["hours_to_decision_90th/all"].value) == (1.0, 73.0)
    assert shares["replies_on_time/health"] == shares["replies_on_time/all"] == (1, 1)
    assert (shares["re_rated_up/all"], shares["re_rated_down/all"]) == ((1, 2), (0, 2))
    assert shares["referred_again/all"] == (1, 3), third
    assert shares["no_further_action/all"] == (1, 2)
    assert shares["feedback_on_time/all"] == (1, 3)
    assert shares["refused/third_party"] == (1, 1)
    assert shares["levels_agree/all"] == (1, 2)


async def test_nothing_of_another_period_is_counted(gateway: Gateway, clock: Clock) -> None:
    await work_on.rated(gateway, await received(gateway, 0))
    later = Period(begins=clock() + timedelta(days=40), ends=clock() + timedelta(days=70))
    assert all(one.of == 0 for one in (await told(gateway, later)).values())


async def test_a_request_taken_back_is_not_due(gateway: Gateway) -> None:
    referral = await received(gateway, 0)
    await work_on.rated(gateway, referral)
    request = await work_on.asked(gateway, referral)
    assert (await told(gateway))["replies_on_time/all"].of == 1
    await gateway.asking.withdraw(MANAGER, request)
    assert (await told(gateway))["replies_on_time/all"].of == 0


async def test_what_was_erased_counts_as_far_as_its_times_tell(gateway: Gateway, clock: Clock) -> None:
    referral = await received(gateway, 0, level=2)
    await work_on.rated(gateway, referral)
    await decide(gateway, referral, Outcome.NO_FURTHER_ACTION)
    async with gateway.store.work() as work:
        await gateway.vault.destroy(work, (await work.referrals.get(referral)).scope, now=clock())
        await work.commit()
    found = await told(gateway)
    assert (found["decided_on_time/all"].of, found["no_further_action/all"].of) == (1, 0)


async def test_an_export_leaves_small_counts_out_and_is_in_the_log(gateway: Gateway) -> None:
    await work_on.rated(gateway, await received(gateway, 0))
    found = await gateway.evaluation.figures(date(2026, 11, 1), date(2026, 11, 30), actor="person:t.analyst")
    assert (found.marking, found.hub) == ("OFFICIAL-SENSITIVE", gateway.hub_id)
    assert found.figures
    assert all(one.suppressed and one.count is one.of is one.value is None for one in found.figures)
    (entry,) = await entries(gateway, "metrics.viewed")
    assert (entry["actor"], entry["detail"]) == ("person:t.analyst", {"from": "2026-11-01", "to": "2026-11-30"})


async def test_a_period_ends_on_or_after_its_first_day(gateway: Gateway) -> None:
    with pytest.raises(Rejected) as refused:
        await gateway.evaluation.figures(date(2026, 11, 2), date(2026, 11, 1), actor="operator")
    assert refused.value.at == "to"
