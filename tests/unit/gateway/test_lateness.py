"""Alarms on steps: each stands while its cause does, and no longer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.bootstrap import Gateway
from gateway.casework.notes import ScreeningNote
from schemas.vocabulary import Rating
from tests.gateway import borough
from tests.unit.gateway.case import accepted, asked, decided, opened, product, rated, standing
from tests.unit.gateway.conftest import Clock
from tests.unit.gateway.fixtures import gateway, hub_file, issuer
from tests.unit.gateway.whole import entries, person

__all__ = ["gateway", "hub_file", "issuer"]

HOUR = timedelta(hours=1)
TO_TUESDAY_EVENING = timedelta(days=1, hours=7, minutes=30)
"""From half past nine on a Monday to the end of the next working day."""


@pytest.fixture(autouse=True)
def steps(hub_file: borough.Document) -> None:
    """Every step that may have a clock has one, in real hours."""
    hub_file["steps"] = [
        {"step": step, "hours": hours, "clock": "elapsed"}
        for step, hours in {"screen": 2.0, "ask": 3.0, "act": 4.0, "close": 50.0}.items()
    ]
    hub_file["steps"].append({"step": "ask", "rating": "red", "hours": 0.5, "clock": "elapsed"})


async def of(gateway: Gateway, kind: str) -> list[str]:
    return [subject for found, subject in await standing(gateway) if found == kind]


async def test_the_referrer_must_have_been_told_by_the_end_of_the_next_working_day(
    gateway: Gateway, clock: Clock
) -> None:
    referral = await opened(gateway)
    await rated(gateway, referral)
    clock.pass_by(TO_TUESDAY_EVENING - timedelta(seconds=1))
    await gateway.watch.round()
    assert await of(gateway, "feedback_overdue") == []
    clock.pass_by(timedelta(seconds=1))
    for _ in range(2):
        await gateway.watch.round()
    assert await of(gateway, "feedback_overdue") == [referral]
    await decided(gateway, referral)
    await gateway.watch.round()
    assert await of(gateway, "feedback_overdue") == [referral], "a decision is not yet news to the referrer"
    await gateway.deciding.feed_back(person("manager"), referral, "")
    await gateway.watch.round()
    assert await of(gateway, "feedback_overdue") == []


async def test_whoever_was_told_in_time_has_no_alarm(gateway: Gateway, clock: Clock) -> None:
    referral = await opened(gateway)
    await rated(gateway, referral)
    await decided(gateway, referral)
    await gateway.deciding.feed_back(person("manager"), referral, "")
    clock.pass_by(10 * TO_TUESDAY_EVENING)
    await gateway.watch.round()
    assert await of(gateway, "feedback_overdue") == []


async def test_closing_with_a_reason_ends_the_feedbacks_alarm(gateway: Gateway, clock: Clock) -> None:
    referral = await opened(gateway)
    await rated(gateway, referral)
    await decided(gateway, referral)
    clock.pass_by(TO_TUESDAY_EVENING)
    await gateway.watch.round()
    assert await of(gateway, "feedback_overdue") == [referral]
    await gateway.deciding.close(person("manager"), referral, "the referrer wants to hear nothing")
    assert await of(gateway, "feedback_overdue") == []


async def test_what_is_not_screened_in_its_time_has_an_alarm_until_it_is(gateway: Gateway, clock: Clock) -> None:
    referral = await opened(gateway)
    clock.pass_by(2 * HOUR)
    for _ in range(2):
        await gateway.watch.round()
    assert await of(gateway, "unscreened") == [referral]
    note = ScreeningNote(history="none", consent="sought", already_open=False)
    await gateway.involving.screen(person("screener"), referral, note)
    await gateway.watch.round()
    assert await of(gateway, "unscreened") == []
    raised = [one for one in await entries(gateway, "alarm.raised") if one["detail"]["kind"] == "unscreened"]
    assert len(raised) == 1


@pytest.mark.parametrize("rating, hours", [(Rating.RED, 0.5), (Rating.AMBER, 3.0)])
async def test_whoever_was_rated_is_asked_about_in_the_time_of_that_rating(
    gateway: Gateway, clock: Clock, rating: Rating, hours: float
) -> None:
    referral = await opened(gateway)
    await rated(gateway, referral, rating)
    clock.pass_by(hours * HOUR - timedelta(seconds=1))
    await gateway.watch.round()
    assert await of(gateway, "unasked") == []
    clock.pass_by(timedelta(seconds=1))
    await gateway.watch.round()
    assert await of(gateway, "unasked") == [referral]
    await asked(gateway, referral)
    await gateway.watch.round()
    assert await of(gateway, "unasked") == []


async def test_a_product_that_was_accepted_is_acted_on_in_its_time(gateway: Gateway, clock: Clock) -> None:
    referral = await opened(gateway)
    await rated(gateway, referral)
    await decided(gateway, referral)
    name, envelope = await product(gateway, referral)
    client = await gateway.agencies.standing("council.assessment-team")
    assert client is not None
    await gateway.mailbox.acknowledge(client, envelope)
    await accepted(gateway, name)
    clock.pass_by(4 * HOUR)
    await gateway.watch.round()
    assert await of(gateway, "product_not_acted_on") == [name]


async def test_what_is_decided_is_closed_in_its_time(gateway: Gateway, clock: Clock) -> None:
    referral = await opened(gateway)
    await rated(gateway, referral)
    await decided(gateway, referral)
    clock.pass_by(50 * HOUR)
    await gateway.watch.round()
    assert await of(gateway, "unclosed") == [referral]
    await gateway.deciding.close(person("manager"), referral, "nobody to tell")
    await gateway.watch.round()
    assert await standing(gateway) == []


async def test_a_step_whose_clock_the_hub_takes_away_has_no_alarm_any_more(gateway: Gateway, clock: Clock) -> None:
    await opened(gateway)
    clock.pass_by(2 * HOUR)
    await gateway.watch.round()
    assert len(await of(gateway, "unscreened")) == 1
    gateway.configuration.take_up(gateway.hub.model_copy(update={"steps": ()}), "digest", 99)
    await gateway.watch.round()
    assert await of(gateway, "unscreened") == []


async def test_a_red_at_night_is_for_the_post_on_duty_at_once_and_until_the_morning(
    gateway: Gateway, clock: Clock
) -> None:
    escalation = gateway.hub.escalation.model_copy(update={"out_of_hours": "duty team"})
    gateway.configuration.take_up(gateway.hub.model_copy(update={"escalation": escalation}), "digest", 99)
    referral = await opened(gateway)
    await rated(gateway, referral, Rating.RED)
    await gateway.watch.round()
    assert await of(gateway, "red_out_of_hours") == [], "the hub is open"
    clock.pass_by(8 * HOUR)
    for _ in range(2):
        await gateway.watch.round()
    assert await of(gateway, "red_out_of_hours") == [referral]
    shown = await gateway.viewing.referral(person("manager"), referral)
    assert ("red_out_of_hours", ("duty team",)) in [(one.kind, one.turned_to) for one in shown.alarms]
    clock.pass_by(16 * HOUR)
    await gateway.watch.round()
    assert await of(gateway, "red_out_of_hours") == []


async def test_a_look_that_began_before_the_alarm_does_not_take_it_back(gateway: Gateway, clock: Clock) -> None:
    referral = await opened(gateway)
    before = gateway.world.now()
    clock.pass_by(2 * HOUR)
    await gateway.watch.round()
    assert await of(gateway, "unscreened") == [referral]
    async with gateway.store.work() as work:
        await gateway.watch.lateness.steps(work, before)
        await work.commit()
    assert await of(gateway, "unscreened") == [referral]
