"""The five core components shown from what a hub did; a row that was taken away shows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update

from crypto import opentoken
from gateway.bootstrap import Gateway
from gateway.conformance import Evidence, examine
from gateway.delivery.sealing import open_url
from gateway.store.tables.casework import alerts
from gateway.store.tables.envelopes import envelopes
from gateway.store.tables.log import log_entries
from gateway.store.tables.messages import feed_counters, items
from routing.components import COMPONENTS
from schemas.envelope import EnvelopeKind
from tests.gateway.natives import notice
from tests.unit.gateway.case import asked, decided, opened, product, rated
from tests.unit.gateway.conftest import Clock
from tests.unit.gateway.fixtures import gateway, hub_file, issuer

__all__ = ["gateway", "hub_file", "issuer"]


@pytest.fixture
async def busy(gateway: Gateway, clock: Clock) -> Gateway:
    """A hub that three notifications came to, that asked, decided and sent a product whose key was released."""
    referral = await opened(gateway)
    for _ in range(2):
        await gateway.intake.receive(gateway.feeds["police-ppn"], notice(), "police.desk")
    await rated(gateway, referral)
    request = await asked(gateway, referral)
    await decided(gateway, referral, acknowledged=[request])
    _, envelope = await product(gateway, referral)
    await release(gateway, envelope)
    clock.pass_by(timedelta(minutes=1))
    return gateway


async def release(gateway: Gateway, name: str) -> None:
    """Redeem an envelope's token."""
    async with gateway.store.reading() as work:
        (record,) = await work.envelopes.get_many([name])
    assert record.kind == EnvelopeKind.PRODUCT
    token = opentoken.verify_open_token(
        record.headers["access-token"],
        gateway.keys.ring.verification_keys(),
        iss=gateway.hub_id,
        aud=open_url(gateway.hub, name),
        now=gateway.world.now(),
        leeway=gateway.skew,
    )
    await gateway.opening.redeem(name, token, token.jkt)


def broken(found: tuple[Evidence, ...]) -> dict[int, list[str]]:
    return {
        one.component.number: [claim.text for claim in one.claims if claim.broken] for one in found if not one.holds
    }


async def test_a_hub_that_has_done_nothing_shows_five_components_that_nothing_breaks(gateway: Gateway) -> None:
    found = await examine(gateway)
    assert [one.component for one in found] == list(COMPONENTS)
    assert broken(found) == {}


async def test_a_hub_that_worked_shows_how_often_each_claim_was_looked_at(busy: Gateway) -> None:
    found = await examine(busy)
    assert broken(found) == {}
    seen = {claim.text: claim.seen for one in found for claim in one.claims}
    for text, least in {
        "arrivals counted at the one door": 3,
        "concerns that opened or joined a referral": 3,
        "requests recorded with purpose, ground and necessity": 1,
        "openings whose entry came before the key": 1,
        "ratings and decisions recorded with their person": 2,
        "suggestions recorded as suggestions": 3,
        "alerts that name their evidence": 1,
    }.items():
        assert seen[text] >= least, text
    assert seen["log entries verified in the tree"] > 20


async def executed(gateway: Gateway, statement: Any) -> int:  # noqa: ANN401 - any statement
    async with gateway.store.work() as work:
        transaction = work.referrals._transaction
        changed = await transaction.change(statement)
        await work.commit()
    return changed


Breaking = Callable[[Gateway], Awaitable[int]]


async def forgotten_opening(gateway: Gateway) -> int:
    async with gateway.store.work() as work:
        transaction = work.referrals._transaction
        await transaction.change(update(envelopes).values(entry_id=None))
        changed = await transaction.change(delete(log_entries).where(log_entries.c.event == "envelope.opened"))
        await work.commit()
    return changed


def without(event: str) -> Breaking:
    """The log's rows of this event are deleted."""

    async def breaking(gateway: Gateway) -> int:
        return await executed(gateway, delete(log_entries).where(log_entries.c.event == event))

    return breaking


async def lost_arrival(gateway: Gateway) -> int:
    name = "police-ppn"
    # The same twice: the second is counted and not kept.
    payload = notice()
    for _ in range(2):
        await gateway.intake.receive(gateway.feeds[name], payload, "police.desk")
    assert broken(await examine(gateway)) == {}
    return await executed(gateway, delete(feed_counters).where(feed_counters.c.feed == name))


async def stray_item(gateway: Gateway) -> int:
    return await executed(gateway, update(items).values(end_state="no_concern"))


async def no_evidence(gateway: Gateway) -> int:
    return await executed(gateway, update(alerts).values(evidence=()))


@pytest.mark.parametrize(
    "breaking, number",
    [
        (lost_arrival, 1),
        (stray_item, 1),
        (without("request.sent"), 2),
        (forgotten_opening, 3),
        (without("rating.given"), 4),
        (without("decision.made"), 4),
        (no_evidence, 5),
    ],
    ids=[
        "an arrival that is not counted",
        "a concern without a referral",
        "a request that is not in the log",
        "an opening that is not in the log",
        "a rating that is not in the log",
        "a decision that is not in the log",
        "an alert without evidence",
    ],
)
async def test_a_row_that_was_taken_away_breaks_its_component(busy: Gateway, breaking: Breaking, number: int) -> None:
    await busy.log.sequence()
    assert await breaking(busy) >= 1
    assert number in broken(await examine(busy))


async def test_an_entry_that_was_changed_breaks_the_sealed_hub(busy: Gateway) -> None:
    await busy.log.sequence()
    changed = update(log_entries).where(log_entries.c.event == "rating.given").values(actor="person:somebody-else")
    assert await executed(busy, changed) == 1
    assert broken(await examine(busy)) == {3: ["log entries verified in the tree"]}
