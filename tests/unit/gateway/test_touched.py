"""What a compromised key touched: named one by one, with the digest that the log has."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crypto.keys import Purpose
from gateway.bootstrap import Gateway
from gateway.touched import Touched, list_touched, note_touched
from tests.unit.gateway.case import asked, decided, opened, product, rated
from tests.unit.gateway.conftest import Clock
from tests.unit.gateway.fixtures import gateway, hub_file, issuer
from tests.unit.gateway.whole import entries

__all__ = ["gateway", "hub_file", "issuer"]


async def touched(gateway: Gateway, kid: str) -> Touched:
    async with gateway.store.reading() as work:
        return await list_touched(work, gateway.vault, await work.keys.get(kid))


async def test_what_each_signing_key_signed_is_told_apart(gateway: Gateway, clock: Clock) -> None:
    first = gateway.keys.ring.signing_key().kid
    referral = await opened(gateway)
    await rated(gateway, referral)
    request = await asked(gateway, referral)
    await gateway.keys.rotate(Purpose.SIGNING, clock(), compromise=True)
    second = gateway.keys.ring.signing_key().kid
    await decided(gateway, referral, acknowledged=[request])
    made, envelope = await product(gateway, referral)
    before, after = await touched(gateway, first), await touched(gateway, second)
    assert before.ids["requests"] == (request,)
    assert (before.ids["products"], after.ids["products"]) == ((), (made,))
    assert envelope in after.ids["envelopes"]
    assert len(before.ids["envelopes"]) == 1
    assert not set(before.ids["envelopes"]) & set(after.ids["envelopes"])


@pytest.mark.parametrize("purpose", [Purpose.AT_REST, Purpose.LOOKUP, Purpose.POLICY, Purpose.CHECKPOINT])
async def test_what_names_no_key_is_told_by_the_time_of_its_use(
    gateway: Gateway, clock: Clock, purpose: Purpose
) -> None:
    referral = await opened(gateway)
    await rated(gateway, referral)
    await asked(gateway, referral)
    await gateway.log.sequence()
    old = gateway.keys.ring.active(purpose).kid
    clock.pass_by(timedelta(minutes=1))
    await gateway.keys.rotate(purpose, clock(), compromise=True)
    before = await touched(gateway, old)
    assert all(before.counts.values()), before.counts
    clock.pass_by(timedelta(minutes=1))
    await asked(gateway, referral)
    await opened(gateway)
    assert await touched(gateway, old) == before, "what came after is not its"


async def test_the_log_has_the_digest_of_the_list_and_no_id_of_it(gateway: Gateway, clock: Clock) -> None:
    referral = await opened(gateway)
    await rated(gateway, referral)
    await asked(gateway, referral)
    found = await touched(gateway, gateway.keys.ring.signing_key().kid)
    async with gateway.store.work() as work:
        await note_touched(work, gateway.log, found, actor="operator", now=clock())
        await work.commit()
    (entry,) = await entries(gateway, "key.touched")
    assert entry["detail"]["digest"] == found.digest
    assert entry["detail"]["counts"] == found.counts
