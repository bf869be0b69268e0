"""Reasons that people give are kept, sealed, and show in the case's history to whoever carries it."""

from __future__ import annotations

from datetime import timedelta

from gateway.bootstrap import Gateway
from tests.gateway.clock import Clock
from tests.unit.gateway.case import decided, opened, product, rated
from tests.unit.gateway.whole import person

WHY, MISTAKE, DONE = "The manager is on leave", "It went to the wrong team", "The family moved away"


async def test_why_a_case_was_taken_over_closed_and_an_envelope_called_back_shows_in_its_history(
    gateway: Gateway,
    clock: Clock,
) -> None:
    referral = await opened(gateway)
    await rated(gateway, referral)
    await decided(gateway, referral)
    _, envelope = await product(gateway, referral)
    await gateway.revoking.revoke(person("security"), envelope, MISTAKE)
    clock.pass_by(timedelta(minutes=1))
    await gateway.involving.take_over(person("other_manager"), referral, WHY)
    clock.pass_by(timedelta(minutes=1))
    await gateway.deciding.close(person("other_manager"), referral, DONE)
    seen = await gateway.viewing.referral(person("other_manager"), referral)
    assert [(str(one.act), one.subject, one.by, one.reason) for one in seen.reasons or ()] == [
        ("envelope_revoked", envelope, "t.security", MISTAKE),
        ("taken_over", referral, "t.other_manager", WHY),
        ("closed", referral, "t.other_manager", DONE),
    ]
    for other in ("manager", "coordinator", "screener"):
        assert (await gateway.viewing.referral(person(other), referral)).reasons is None


async def test_what_they_say_is_sealed_with_the_referral(gateway: Gateway) -> None:
    referral = await opened(gateway)
    await gateway.involving.take_over(person("other_manager"), referral, WHY)
    async with gateway.store.reading() as work:
        (kept,) = await work.reasons.of_referral(referral)
        assert WHY.encode() not in kept.sealed
        assert all(WHY.encode() not in entry.entry for entry in await work.log.of_referral(referral))
