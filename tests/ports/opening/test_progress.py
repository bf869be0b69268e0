"""What was delivered, recorded in sets: requests and products moved on, and an entry for each envelope."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.bootstrap import Gateway
from gateway.store.records import EnvelopeRecord
from schemas.errors import Conflict, Unknown
from tests.ports.store import samples
from tests.ports.store.samples import HOUR, NOW
from tests.unit.gateway.whole import entries


def brings(kind: str, subject: str, *, again: str = "") -> EnvelopeRecord:
    return replace(samples.envelope(f"env_{subject}{again}"), kind=kind, subject=subject)


@pytest.fixture
async def kept(gateway: Gateway) -> Gateway:
    """Requests as asked, opened and withdrawn; products as sent, delivered and revoked."""
    requests = [samples.request("req_1"), samples.request("req_2"), samples.request("req_3")]
    products = [samples.product(f"prd_{version}", version=version) for version in (1, 2, 3)]
    products[1] = replace(products[1], state="delivered", delivered_at=NOW)
    products[2] = replace(products[2], state="revoked")
    async with gateway.store.work() as work:
        await samples.keep(work, samples.referral("ref_1"))
        for request in (requests[0], replace(requests[1], state="opened"), replace(requests[2], state="withdrawn")):
            await work.requests.add(request)
        for product in products:
            await work.products.add(product)
        await work.commit()
    return gateway


async def test_each_thing_moves_on_as_its_own_state_allows_and_each_envelope_is_in_the_log(kept: Gateway) -> None:
    envelopes = [brings("request", f"req_{number}") for number in (3, 1, 2)]
    envelopes += [brings("product", f"prd_{number}") for number in (2, 3, 1)]
    envelopes += [brings("request", "req_1", again="_again"), brings("feedback", "fbk_1")]
    async with kept.store.work() as work:
        await kept.progress.delivered(work, envelopes, NOW + HOUR)
        await kept.progress.delivered(work, [], NOW + HOUR)
        await work.commit()
    async with kept.store.reading() as reading:
        requests = {one.id: one.state for one in await reading.requests.of_referral("ref_1")}
        products = {one.id: (one.state, one.delivered_at) for one in await reading.products.of_referral("ref_1")}
    assert requests == {"req_1": "delivered", "req_2": "opened", "req_3": "withdrawn"}
    assert products == {"prd_1": ("delivered", NOW + HOUR), "prd_2": ("delivered", NOW), "prd_3": ("revoked", None)}
    told = await entries(kept, "envelope.delivered")
    assert sorted(one["subject"] for one in told) == sorted(one.id for one in envelopes)
    assert {one["subject"]: one["detail"]["kind"] for one in told} == {one.id: one.kind for one in envelopes}


@pytest.mark.parametrize("kind", ["request", "product"])
async def test_what_is_not_there_was_not_delivered(kept: Gateway, kind: str) -> None:
    async with kept.store.work() as work:
        with pytest.raises(Unknown, match=f"{kind}.unknown"):
            await kept.progress.delivered(work, [brings("request", "req_1"), brings(kind, "nothing")], NOW)
    assert await entries(kept, "envelope.delivered") == []


async def test_a_request_that_somebody_changed_since_it_was_read_is_not_written_over(kept: Gateway) -> None:
    async with kept.store.work() as work:
        stale = await work.requests.lock("req_1")
        await kept.progress.delivered(work, [brings("request", "req_1")], NOW)
        with pytest.raises(Conflict, match=r"request\.stale"):
            await work.requests.save(stale)
