"""Escalation: each post of the chain once, in its time, for as long as the alarm stands."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.bootstrap import Gateway
from schemas.vocabulary import Rating, Role
from tests.gateway import borough
from tests.unit.gateway.case import asked, decided, opened, rated, standing
from tests.unit.gateway.conftest import Clock
from tests.unit.gateway.fixtures import gateway, hub_file, issuer
from tests.unit.gateway.whole import entries, person

__all__ = ["gateway", "hub_file", "issuer"]

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
GREEN_REPLY = 24 * HOUR


@pytest.fixture(autouse=True)
def chain(hub_file: borough.Document) -> None:
    """Two posts of the hub, one of health; the first is turned to half an hour after the alarm."""
    hub_file["escalation"] = {"chain": ["team manager", "head of service"], "after_minutes": 30, "every_minutes": 60}
    next(one for one in hub_file["agencies"] if one["id"] == "health")["escalation"] = ["designated doctor"]


async def turned(gateway: Gateway) -> list[tuple[str, str, int]]:
    """Who was turned to over the standing alarms, in order: alarm, post, level."""
    async with gateway.store.reading() as work:
        alarms = await work.alarms.standing()
        found = await work.timing.escalations_of([one.id for one in alarms])
    return [(alarm.kind, one.post, one.level) for alarm in alarms for one in found.get(alarm.id, ())]


async def test_an_unrated_referral_goes_from_post_to_post_until_somebody_rates_it(
    gateway: Gateway, clock: Clock
) -> None:
    referral = await opened(gateway)
    clock.pass_by(HOUR)
    await gateway.watch.round()
    clock.pass_by(29 * MINUTE)
    await gateway.watch.round()
    assert await turned(gateway) == []
    clock.pass_by(MINUTE)
    for _ in range(3):
        await gateway.watch.round()
    assert await turned(gateway) == [("unrated", "team manager", 1)]
    clock.pass_by(HOUR)
    for _ in range(3):
        await gateway.watch.round()
    assert await turned(gateway) == [("unrated", "team manager", 1), ("unrated", "head of service", 2)]
    told = await entries(gateway, "alarm.escalated")
    assert [(one["referral"], one["detail"]["level"], one["detail"]["kind"]) for one in told] == [
        (referral, 1, "unrated"),
        (referral, 2, "unrated"),
    ]
    shown = await gateway.viewing.referral(person("manager"), referral)
    assert [(one.kind, one.turned_to) for one in shown.alarms] == [("unrated", ("team manager", "head of service"))]
    await rated(gateway, referral)
    clock.pass_by(5 * HOUR)
    await gateway.watch.round()
    assert len(await entries(gateway, "alarm.escalated")) == 2


async def test_a_late_request_goes_along_its_agencys_chain_before_the_hubs(gateway: Gateway, clock: Clock) -> None:
    referral = await opened(gateway)
    await rated(gateway, referral)
    request = await asked(gateway, referral)
    clock.pass_by(GREEN_REPLY)
    await gateway.watch.round()
    clock.pass_by(30 * MINUTE + 2 * HOUR)
    await gateway.watch.round()
    mine = [one for one in await turned(gateway) if one[0] == "request_overdue"]
    assert mine == [
        ("request_overdue", "designated doctor", 1),
        ("request_overdue", "team manager", 2),
        ("request_overdue", "head of service", 3),
    ]
    told = await entries(gateway, "request.escalated")
    assert sorted((one["detail"]["level"], one["subject"], one["detail"]["sent"]) for one in told) == [
        (level, request, False) for level in (1, 2, 3)
    ]


async def test_a_post_that_receives_messages_is_sent_the_late_request(gateway: Gateway, clock: Clock) -> None:
    # The post is a recipient of health that its file names as a lead, beside the one that was asked.
    section = next(one for one in gateway.hub.agencies if one.id == "health")
    second = section.recipients[0].model_copy(update={"name": "gp", "role": Role.PROFESSIONAL_LEAD})
    changed = section.model_copy(update={"escalation": ("gp",), "recipients": (section.recipients[0], second)})
    hub = gateway.hub.model_copy(
        update={"agencies": tuple(changed if one.id == "health" else one for one in gateway.hub.agencies)}
    )
    gateway.configuration.take_up(hub, "digest", 99)
    referral = await opened(gateway)
    await rated(gateway, referral)
    request = await asked(gateway, referral)
    clock.pass_by(GREEN_REPLY)
    await gateway.watch.round()
    clock.pass_by(30 * MINUTE)
    for _ in range(2):
        await gateway.watch.round()
    async with gateway.store.reading() as work:
        about = [one for one in await work.envelopes.of_referral(referral) if one.subject == request]
    assert sorted(one.recipient for one in about) == ["health.gp", "health.lead"]
    (told,) = await entries(gateway, "request.escalated")
    assert told["detail"]["sent"] is True


async def test_posts_that_were_due_while_nobody_watched_are_all_turned_to(gateway: Gateway, clock: Clock) -> None:
    await opened(gateway)
    clock.pass_by(HOUR)
    await gateway.watch.round()
    clock.pass_by(10 * HOUR)
    await gateway.watch.round()
    assert [one[2] for one in await turned(gateway) if one[0] == "unrated"] == [1, 2]


async def test_an_alarm_whose_cause_is_gone_goes_to_nobody(gateway: Gateway, clock: Clock) -> None:
    referral = await opened(gateway)
    await rated(gateway, referral, Rating.RED)
    clock.pass_by(4 * HOUR)
    await gateway.watch.round()
    await decided(gateway, referral)
    clock.pass_by(3 * HOUR)
    await gateway.watch.round()
    assert await entries(gateway, "alarm.escalated") == []
    assert await standing(gateway) == []


async def test_at_night_the_post_on_duty_is_turned_to_instead(gateway: Gateway, clock: Clock) -> None:
    escalation = gateway.hub.escalation.model_copy(update={"out_of_hours": "duty team"})
    gateway.configuration.take_up(gateway.hub.model_copy(update={"escalation": escalation}), "digest", 99)
    clock.pass_by(9 * HOUR)  # half past six in the evening
    await opened(gateway)
    clock.pass_by(HOUR)
    await gateway.watch.round()
    clock.pass_by(30 * MINUTE)
    await gateway.watch.round()
    assert await turned(gateway) == [("unrated", "duty team", 1)]
