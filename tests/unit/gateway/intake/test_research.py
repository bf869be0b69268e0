"""Research on every concern: repeats with their evidence, cumulative harm, and a suggestion that rates nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.bootstrap import Gateway
from gateway.store.records import AlertRecord
from schemas.notification import ConcernDetail, Notification
from schemas.persons import Person
from schemas.vocabulary import Concern, ItemKind
from tests.unit.gateway.conftest import Clock
from tests.unit.gateway.intake.sending import Sender, nhs, notification, person
from tests.unit.gateway.whole import entries

CHILD = person("child-1", nhs("9990000018"))


@pytest.fixture
def police(gateway: Gateway) -> Sender:
    return Sender(gateway=gateway)


async def alerts(gateway: Gateway, referral: str, kind: str) -> list[AlertRecord]:
    async with gateway.store.reading() as work:
        return [one for one in await work.alerts.of_referral(referral) if one.kind == kind]


async def test_the_third_notification_in_twelve_months_raises_one_alert_with_its_evidence(
    police: Sender, clock: Clock
) -> None:
    health = Sender(gateway=police.gateway, agency="health")
    messages: list[str] = []
    raised: list[AlertRecord] = []
    for number, sender in enumerate((police, health, police), start=1):
        answered = await sender.post(sender.write(notification(CHILD)))
        messages.append(answered.message_id)
        async with police.gateway.store.reading() as work:
            (item,) = await work.messages.items(answered.message_id)
        raised = await alerts(police.gateway, str(item.referral_id), "repeat")
        assert len(raised) == (1 if number == 3 else 0)
        clock.pass_by(timedelta(days=60))
    (alert,) = raised
    assert (alert.count, list(alert.evidence)) == (3, messages)
    (entry,) = await entries(police.gateway, "alert.raised")
    assert entry["detail"] == {"kind": "repeat", "count": 3, "evidence": messages}


def graded(grade: str, *children: Person) -> Notification:
    item = notification(*(children or (CHILD,)))
    concern = ConcernDetail(categories=(Concern.OTHER,), source_grade=grade)
    return item.model_copy(update={"concern": concern})


async def test_three_graded_green_within_three_months_suggest_escalation_on_the_referral_and_in_the_log(
    police: Sender, clock: Clock
) -> None:
    items = []
    for _ in range(3):
        items += await police.send(graded(" Green"))
        clock.pass_by(timedelta(days=40))
    referrals = [str(item.referral_id) for item in items]
    found = {one: await alerts(police.gateway, one, "greens") for one in referrals}
    (alert,) = [alert for several in found.values() for alert in several]
    messages = [item.message_id for item in items]
    assert (alert.referral_id, alert.count, list(alert.evidence)) == (referrals[-1], 3, messages)
    async with police.gateway.store.reading() as work:
        suggested = await work.suggestions.of_referral(referrals[-1])
        referral = await work.referrals.get(referrals[-1])
    told = [one["detail"] for one in await entries(police.gateway, "alert.raised")]
    assert {"kind": "greens", "count": 3, "evidence": messages} in told
    assert suggested[-1].rating == "amber"
    assert referral.rating is None, "software suggests and never rates"


@pytest.mark.parametrize("grades", [("green", "amber", "green"), ("green", "green", "amber"), ("", "green", "green")])
async def test_what_was_not_graded_green_does_not_count_as_green(police: Sender, grades: tuple[str, ...]) -> None:
    items = [item for grade in grades for item in await police.send(graded(grade))]
    for item in items:
        assert await alerts(police.gateway, str(item.referral_id), "greens") == []


async def test_greens_that_lie_further_apart_do_not_escalate(police: Sender, clock: Clock) -> None:
    for _ in range(4):
        (item,) = await police.send(graded("green"))
        assert await alerts(police.gateway, str(item.referral_id), "greens") == []
        clock.pass_by(timedelta(days=50))


async def test_three_greens_about_three_children_are_no_pattern_of_any(police: Sender) -> None:
    for number in ("9990000018", "9990000026", "9990000034"):
        (item,) = await police.send(graded("green", person("child-1", nhs(number))))
        assert await alerts(police.gateway, str(item.referral_id), "greens") == []


async def test_three_in_more_than_twelve_months_are_no_repeat(police: Sender, clock: Clock) -> None:
    for _ in range(2):
        await police.concern(CHILD)
        clock.pass_by(timedelta(days=200))
    referral = await police.concern(CHILD)
    assert await alerts(police.gateway, referral.id, "repeat") == []


async def test_the_fifth_in_a_lifetime_is_reviewed_however_far_apart(police: Sender, clock: Clock) -> None:
    for _ in range(4):
        referral = await police.concern(CHILD)
        assert await alerts(police.gateway, referral.id, "cumulative") == []
        clock.pass_by(timedelta(days=400))
    fifth = await police.concern(CHILD)
    (alert,) = await alerts(police.gateway, fifth.id, "cumulative")
    assert (alert.count, len(set(alert.evidence))) == (5, 5)


async def test_the_items_of_one_message_count_once(police: Sender) -> None:
    items = await police.send(*(notification(CHILD) for _ in range(4)))
    assert await alerts(police.gateway, str(items[0].referral_id), "repeat") == []


async def test_what_is_no_concern_does_not_count(police: Sender) -> None:
    referral = await police.concern(CHILD)
    for _ in range(5):
        await police.send(notification(CHILD, kind=ItemKind.UPDATE))
    assert await alerts(police.gateway, referral.id, "repeat") == []


async def test_the_same_message_again_does_not_count(police: Sender) -> None:
    payload = police.write(notification(CHILD))
    for _ in range(4):
        await police.post(payload)
    assert await entries(police.gateway, "alert.raised") == []


async def test_every_concern_gets_a_suggestion_that_is_recorded_as_one_and_rates_nothing(police: Sender) -> None:
    referral = await police.concern(CHILD)
    (entry,) = await entries(police.gateway, "rating.suggested")
    assert (entry["referral"], entry["actor"], entry["detail"]["rules"]) == (referral.id, "hub", "2")
    assert referral.rating is None
    assert await entries(police.gateway, "rating.given") == []


async def test_words_of_an_alert_are_sealed(police: Sender) -> None:
    for _ in range(2):
        await police.concern(CHILD)
    referral = await police.concern(CHILD)
    (alert,) = await alerts(police.gateway, referral.id, "repeat")
    assert b"notifications" not in alert.sealed
