"""Requests, disclosures, releases and products."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.store import Store, Work
from gateway.store.records import ReleaseRecord
from schemas.errors import Conflict, Unknown
from tests.ports.store import samples
from tests.ports.store.samples import HOUR, NOW


async def open_case(work: Work) -> None:
    await samples.keep(work, samples.referral())
    await work.requests.add(samples.request())


async def test_a_request_changes_state_and_due_time_and_nothing_else(store: Store) -> None:
    async with store.work() as work:
        await open_case(work)
        read = await work.requests.lock("req_1")
        saved = await work.requests.save(replace(read, state="delivered", due_at=NOW, pseudonym="another"))
        with pytest.raises(Conflict):
            await work.requests.save(replace(read, state="answered"))
        await work.commit()
    async with store.reading() as reading:
        assert await reading.requests.get("req_1") == replace(saved, pseudonym=read.pseudonym)


async def test_open_and_overdue_requests_are_found(store: Store) -> None:
    async with store.work() as work:
        await open_case(work)
        await work.requests.add(samples.request("req_2", due_at=NOW + 3 * HOUR))
        await work.requests.add(replace(samples.request("req_3"), state="answered", closed_at=NOW))
        assert [request.id for request in await work.requests.of_referral("ref_1")] == ["req_1", "req_2", "req_3"]
        assert [request.id for request in await work.requests.open_of_referral("ref_1")] == ["req_1", "req_2"]
        assert [request.id for request in await work.requests.due_before(NOW + HOUR)] == ["req_1"]


async def test_the_same_answer_is_kept_once_and_another_beside_it(store: Store) -> None:
    async with store.work() as work:
        await open_case(work)
        assert await work.disclosures.add(samples.disclosure())
        assert not await work.disclosures.add(samples.disclosure("dis_2"))
        assert await work.disclosures.add(samples.disclosure("dis_3", digest="d3"))
        await work.commit()
    async with store.reading() as reading:
        assert await reading.disclosures.find("req_1", "d1") == samples.disclosure()
        assert await reading.disclosures.find("req_1", "d2") is None
        both = [samples.disclosure(), samples.disclosure("dis_3", digest="d3")]
        assert await reading.disclosures.of_request("req_1") == both
        assert await reading.disclosures.of_referral("ref_1") == both
        assert await reading.disclosures.get_many(["dis_3", "dis_2"]) == both[1:]
        assert await reading.disclosures.get("dis_1") == both[0]


async def test_a_release_is_kept_once_with_its_audiences(store: Store) -> None:
    release = ReleaseRecord(
        id="rel_1",
        disclosure_id="dis_1",
        agency="health",
        received_at=NOW,
        digest="r1",
        audiences=("receiving_team", "professional_leads"),
        sealed=b"sealed release",
    )
    async with store.work() as work:
        await open_case(work)
        await work.disclosures.add(samples.disclosure())
        assert await work.releases.add(release)
        assert not await work.releases.add(replace(release, id="rel_2"))
        await work.commit()
    async with store.reading() as reading:
        assert await reading.releases.of_disclosures(["dis_1"]) == [release]


async def test_a_product_keeps_its_content_while_its_three_facts_come_in(store: Store) -> None:
    async with store.work() as work:
        await open_case(work)
        await work.products.add(samples.product())
        with pytest.raises(Conflict):
            await work.products.add(samples.product("prd_2"))
        await work.products.add(samples.product("prd_3", version=2))
        read = await work.products.lock("prd_1")
        accepted = replace(
            read, state="accepted", accepted_at=NOW, accepted_by="council.assessment-team", acceptance_sealed=b"who"
        )
        await work.products.save(replace(accepted, sealed=b"other"))
        with pytest.raises(Unknown):
            await work.products.save(samples.product("prd_9"))
        await work.commit()
    async with store.reading() as reading:
        assert await reading.products.get("prd_1") == accepted
        assert [product.id for product in await reading.products.of_referral("ref_1")] == ["prd_1", "prd_3"]
        assert [product.id for product in await reading.products.unaccepted(NOW)] == ["prd_3"]
        assert await reading.products.unaccepted(NOW - HOUR) == []
