"""Reminders: each is given once, in its time, and nobody is reminded who need not answer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.bootstrap import Gateway
from gateway.store.records import EnvelopeState
from schemas.vocabulary import Rating
from tests.gateway import borough
from tests.unit.gateway.case import asked, opened, rated
from tests.unit.gateway.conftest import Clock
from tests.unit.gateway.fixtures import gateway, hub_file, issuer
from tests.unit.gateway.whole import entries, person

__all__ = ["gateway", "hub_file", "issuer"]

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def chasing(hub_file: borough.Document) -> None:
    """Reminded at half the time and at its end: amber gives six hours to reply."""
    hub_file["chase"] = {"at": [0.5, 1.0]}


async def reminders(gateway: Gateway) -> list[tuple[int, bool]]:
    return [(one["detail"]["reminder"], one["detail"]["sent"]) for one in await entries(gateway, "request.chased")]


async def waiting(gateway: Gateway) -> tuple[str, str]:
    """A referral and the request that health has not answered."""
    referral = await opened(gateway)
    await rated(gateway, referral, Rating.AMBER)
    return referral, await asked(gateway, referral)


async def test_an_agency_is_reminded_at_half_its_time_and_at_its_end_once_each(gateway: Gateway, clock: Clock) -> None:
    referral, request = await waiting(gateway)
    clock.pass_by(3 * HOUR - timedelta(seconds=1))
    await gateway.watch.round()
    assert await reminders(gateway) == []
    clock.pass_by(timedelta(seconds=1))
    for _ in range(3):
        await gateway.watch.round()
    assert await reminders(gateway) == [(1, True)]
    clock.pass_by(3 * HOUR)
    for _ in range(3):
        await gateway.watch.round()
    assert await reminders(gateway) == [(1, True), (2, True)]
    async with gateway.store.reading() as work:
        states = [one.state for one in await work.envelopes.of_referral(referral)]
        record = await work.requests.get(request)
    assert sorted(states) == [EnvelopeState.REPLACED] * 2 + [EnvelopeState.SEALED], "one of them opens"
    assert record.due_at == record.created_at + 6 * HOUR, "a reminder moves no clock"


async def test_reminders_that_nobody_gave_in_time_are_made_up_for_by_one(gateway: Gateway, clock: Clock) -> None:
    await waiting(gateway)
    clock.pass_by(20 * HOUR)
    for _ in range(2):
        await gateway.watch.round()
    assert await reminders(gateway) == [(2, True)]


async def test_an_owner_who_asked_what_is_meant_is_not_reminded_until_the_hub_has_said(
    gateway: Gateway, clock: Clock
) -> None:
    _, request = await waiting(gateway)
    async with gateway.store.work() as work:
        record = await work.requests.lock(request)
        await work.requests.save(
            type(record)(**{name: getattr(record, name) for name in record.__slots__} | {"state": "clarifying"})
        )
        await work.commit()
    clock.pass_by(4 * HOUR)
    await gateway.watch.round()
    assert await reminders(gateway) == []
    await gateway.asking.clarify(person("manager"), request, ["What is meant"])
    await gateway.watch.round()
    assert await reminders(gateway) == [(1, True)]


async def test_nobody_is_reminded_of_what_was_withdrawn(gateway: Gateway, clock: Clock) -> None:
    _, request = await waiting(gateway)
    await gateway.asking.withdraw(person("manager"), request)
    clock.pass_by(20 * HOUR)
    await gateway.watch.round()
    assert await reminders(gateway) == []


async def test_a_graver_rating_brings_the_reminders_forward_with_the_due_time(gateway: Gateway, clock: Clock) -> None:
    referral, _ = await waiting(gateway)
    await rated(gateway, referral, Rating.RED)
    clock.pass_by(HOUR)
    await gateway.watch.round()
    assert await reminders(gateway) == [(1, True)]


async def test_an_agency_that_can_not_be_reached_is_noted_once_and_holds_nobody_up(
    gateway: Gateway, clock: Clock
) -> None:
    await waiting(gateway)
    await gateway.agencies.suspend("health", clock())
    clock.pass_by(3 * HOUR)
    for _ in range(2):
        await gateway.watch.round()
    assert await reminders(gateway) == [(1, False)]
