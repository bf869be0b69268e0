"""Referrals: locked, versioned, listed, and tied to their persons."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from gateway.store import Store
from schemas.errors import Conflict, Unknown
from tests.ports.store import samples
from tests.ports.store.samples import HOUR, NOW


async def test_a_referral_is_saved_over_the_version_that_was_read(store: Store) -> None:
    async with store.work() as work:
        await samples.keep(work, samples.referral())
        await work.commit()
    async with store.work() as work:
        read = await work.referrals.lock("ref_1")
        saved = await work.referrals.save(replace(read, state="rated", rating="amber", due_at=NOW + HOUR))
        assert saved.version == read.version + 1
        with pytest.raises(Conflict):
            await work.referrals.save(replace(read, rating="green"))
        await work.commit()
    async with store.reading() as reading:
        assert await reading.referrals.get("ref_1") == saved


@pytest.mark.invariant(9)
async def test_invariant_09_the_time_of_the_first_receipt_never_moves(store: Store) -> None:
    async with store.work() as work:
        await samples.keep(work, samples.referral())
        await work.referrals.save(replace(samples.referral(), received_at=NOW + HOUR, rating="red"))
        assert (await work.referrals.get("ref_1")).received_at == NOW


async def test_the_lock_lets_works_change_a_referral_one_after_the_other(store: Store, another_store: Store) -> None:
    async with store.work() as work:
        await samples.keep(work, samples.referral())
        await work.commit()

    async def change(through: Store) -> None:
        async with through.work() as work:
            read = await work.referrals.lock("ref_1")
            await asyncio.sleep(0.01)
            await work.referrals.save(replace(read, state=read.state + "+"))
            await work.commit()

    await asyncio.gather(*(change(through) for through in (store, another_store) * 3))
    async with store.reading() as reading:
        referral = await reading.referrals.get("ref_1")
    assert (referral.state, referral.version) == ("received" + 6 * "+", 7)


async def test_pages_follow_one_another_without_gap_or_repeat(store: Store) -> None:
    async with store.work() as work:
        for number in (5, 3, 1, 4, 2):
            state = "rated" if number == 4 else "received"
            received = NOW + (number // 2) * HOUR  # some arrive at the very same time
            await samples.keep(work, samples.referral(f"ref_{number}", state=state, received_at=received))
        await work.commit()
    async with store.reading() as reading:
        names, after = [], None
        while page := await reading.referrals.page(limit=2, after=after):
            names += [referral.id for referral in page]
            after = names[-1]
        assert names == ["ref_1", "ref_2", "ref_3", "ref_4", "ref_5"]
        assert [referral.id for referral in await reading.referrals.page(states=["rated"])] == ["ref_4"]
        assert await reading.referrals.page(states=[]) == []
        with pytest.raises(Unknown):
            await reading.referrals.page(after="ref_9")


async def test_what_is_late_and_what_nobody_rated_is_found(store: Store) -> None:
    async with store.work() as work:
        await samples.keep(work, samples.referral("ref_unrated"))
        await samples.keep(work, samples.referral("ref_fresh", received_at=NOW + HOUR))
        await samples.keep(work, replace(samples.referral("ref_late"), rating="red", due_at=NOW + HOUR))
        await samples.keep(work, replace(samples.referral("ref_later"), rating="red", due_at=NOW + 2 * HOUR))
        closed = replace(samples.referral("ref_closed"), due_at=NOW, closed_at=NOW)
        await samples.keep(work, closed)
        assert [found.id for found in await work.referrals.overdue(NOW + HOUR)] == ["ref_late"]
        assert [found.id for found in await work.referrals.unrated(NOW)] == ["ref_unrated"]


async def test_a_person_is_on_a_referral_once_and_its_part_may_change(store: Store) -> None:
    async with store.work() as work:
        await samples.keep(work, samples.referral())
        for name in ("per_1", "per_2"):
            await samples.keep(work, samples.person(name))
        assert await work.referrals.link_person(samples.part("ref_1", "per_1"))
        assert await work.referrals.link_person(samples.part("ref_1", "per_2", part="household", ref="p2"))
        assert not await work.referrals.link_person(samples.part("ref_1", "per_2", part="adult", ref="p3"))
        await work.referrals.set_part("ref_1", "per_2", "subject")
        with pytest.raises(Unknown):
            await work.referrals.set_part("ref_1", "per_3", "subject")
        await work.commit()
    async with store.reading() as reading:
        persons = await reading.referrals.persons("ref_1")
        assert [(person.person_id, person.part, person.ref) for person in persons] == [
            ("per_1", "subject", "p1"),
            ("per_2", "subject", "p2"),
        ]
