"""Messages are kept once, conflicts are kept beside, and every arrival is counted."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from gateway.store import Store
from gateway.store.direct import intake as sets
from gateway.store.records import EndState, Fate
from schemas.errors import Conflict, Unknown
from tests.ports.store import samples
from tests.ports.store.samples import HOUR, NOW


async def test_a_message_comes_back_as_it_was_kept(store: Store) -> None:
    kept = replace(samples.message(), reason_code="nhs.hl7v2.framing", reason_at="PID-5.1", client=None)
    async with store.work() as work:
        assert await samples.keep(work, kept)
        await work.commit()
    async with store.reading() as reading:
        assert await reading.messages.get("msg_1") == kept
        assert await reading.messages.find("police-ppn", "native-1") == kept
        assert await reading.messages.get_many(["msg_1", "msg_2"]) == [kept]
        assert await reading.messages.find("another-feed", "native-1") is None


@pytest.mark.invariant(2)
async def test_invariant_02_of_two_works_that_add_the_same_message_the_second_finds_the_first(store: Store) -> None:
    first_holds = asyncio.Event()
    answers: dict[str, bool] = {}

    async def first() -> None:
        async with store.work() as work:
            answers["first"] = await samples.keep(work, samples.message("msg_1"))
            first_holds.set()
            await asyncio.sleep(0.05)
            await work.commit()

    async def second() -> None:
        await first_holds.wait()
        async with store.work() as work:
            answers["second"] = await samples.keep(work, samples.message("msg_2"))
            there = await work.messages.find("police-ppn", "native-1")
            assert there is not None
            assert there.id == "msg_1"

    await asyncio.gather(first(), second())
    assert answers == {"first": True, "second": False}


@pytest.mark.invariant(2)
async def test_invariant_02_when_the_first_of_two_is_rolled_back_the_second_is_kept(store: Store) -> None:
    first_holds = asyncio.Event()

    async def first() -> None:
        async with store.work() as work:
            assert await samples.keep(work, samples.message("msg_1"))
            first_holds.set()
            await asyncio.sleep(0.05)

    async def second() -> bool:
        await first_holds.wait()
        async with store.work() as work:
            new = await samples.keep(work, samples.message("msg_2"))
            await work.commit()
            return new

    _, new = await asyncio.gather(first(), second())
    assert new


async def test_many_at_once_across_two_processes_keep_one(store: Store, another_store: Store) -> None:
    async def add(into: Store, number: int) -> bool:
        async with into.work() as work:
            new = await samples.keep(work, samples.message(f"msg_{number}"))
            await work.commit()
            return new

    stores = (store, another_store)
    answers = await asyncio.gather(*(add(stores[number % 2], number) for number in range(16)))
    assert answers.count(True) == 1


@pytest.mark.invariant(2)
async def test_invariant_02_a_conflict_is_kept_once_beside_the_message_that_has_the_id(store: Store) -> None:
    other = replace(samples.message("msg_2", native=None, digest="d2", fate=Fate.QUARANTINED), conflict_with="msg_1")
    async with store.work() as work:
        assert await samples.keep(work, samples.message())
        assert await samples.keep(work, other)
        assert not await samples.keep(work, replace(other, id="msg_3"))
        assert await samples.keep(work, replace(other, id="msg_4", digest="d4"))
        await work.commit()
    async with store.reading() as reading:
        assert [message.id for message in await reading.messages.quarantined("police-ppn")] == ["msg_2", "msg_4"]
        assert await reading.messages.quarantined("another-feed") == []
        assert len(await reading.messages.quarantined()) == 2


async def test_a_replay_moves_the_fate_and_keeps_identity_bytes_and_receipt(store: Store) -> None:
    async with store.work() as work:
        await samples.keep(
            work, replace(samples.message(native=None, fate=Fate.QUARANTINED), reason_code="schools.csv.header")
        )
        await work.commit()
    async with store.work() as work:
        waiting = await work.messages.lock("msg_1")
        mended = replace(
            waiting,
            fate=Fate.ACCEPTED,
            reason_code=None,
            native_hash="native-9",
            adapter_version="2",
            answer_status=202,
        )
        await work.messages.replace_fate(replace(mended, sealed=b"other", received_at=NOW + HOUR, digest="other"))
        await work.commit()
    async with store.reading() as reading:
        assert await reading.messages.get("msg_1") == mended
        assert await reading.messages.find("police-ppn", "native-9") == mended


async def test_a_replay_into_an_id_that_is_taken_is_a_conflict_and_the_work_goes_on(store: Store) -> None:
    async with store.work() as work:
        await samples.keep(work, samples.message())
        await samples.keep(work, samples.message("msg_2", native=None, digest="d2", fate=Fate.QUARANTINED))
        waiting = await work.messages.get("msg_2")
        with pytest.raises(Conflict) as refused:
            await work.messages.replace_fate(replace(waiting, native_hash="native-1"))
        with pytest.raises(Unknown):
            await work.messages.replace_fate(replace(waiting, id="msg_3"))
        await work.messages.replace_fate(replace(waiting, reason_code="message.conflict"))
        await work.commit()
    assert refused.value.code == "message.native_id"
    async with store.reading() as reading:
        assert (await reading.messages.get("msg_2")).reason_code == "message.conflict"


async def test_items_keep_their_order_their_end_and_their_persons(store: Store) -> None:
    second = samples.item("itm_2", position=1, end=EndState.REFERRAL, referral="ref_1")
    async with store.work() as work:
        await samples.keep(work, second, people=["per_2", "per_1", "per_2"])
        await samples.keep(work, samples.item("itm_1"))
        for name in ("per_1", "per_2"):
            await samples.keep(work, samples.person(name))
        await samples.keep(work, samples.referral())
        await samples.keep(work, samples.message())
        await work.commit()
    async with store.reading() as reading:
        assert [item.id for item in await reading.messages.items("msg_1")] == ["itm_1", "itm_2"]
        assert await reading.messages.items_of_referral("ref_1") == [second]
    async with store.work() as work:
        (rows,) = await work.sets.read(sets.history_of(["per_1", "per_2", "per_3"]))
        named = [(past.person_id, past.item_id) for past in sets.past(work.sets.dialect, rows)]
    assert named == [("per_1", "itm_2"), ("per_2", "itm_2")]


@pytest.mark.invariant(1)
async def test_invariant_01_counts_reconcile_per_feed_and_an_arrival_without_an_end_shows(store: Store) -> None:
    async with store.work() as work:
        for number, fate in enumerate([Fate.ACCEPTED, Fate.ACCEPTED, Fate.QUARANTINED]):
            await samples.keep(work, samples.message(f"msg_{number}", native=f"n{number}", fate=fate))
        await samples.keep(work, samples.item("itm_1", of="msg_0", end=EndState.REFERRAL, referral="ref_1"))
        await samples.keep(work, samples.item("itm_2", of="msg_0", position=1, end=EndState.REFRESHED))
        await samples.keep(work, samples.item("itm_3", of="msg_1", end=EndState.NO_CONCERN))
        await samples.keep(work, samples.referral())
        for fate in (Fate.DUPLICATE, Fate.REFUSED, Fate.DUPLICATE):
            await work.messages.count("police-ppn", fate)
        await work.messages.count("another-feed", Fate.REFUSED)
        await work.commit()
    async with store.reading() as reading:
        counts = await reading.messages.counts("police-ppn")
        assert (counts.received, counts.accepted, counts.duplicate) == (6, 2, 2)
        assert (counts.quarantined, counts.refused) == (1, 1)
        assert (counts.items, counts.referral, counts.refreshed, counts.no_concern) == (3, 1, 1, 1)
        assert counts.reconciled
        assert (await reading.messages.counts("silent-feed")).reconciled
    async with store.work() as work:
        await samples.keep(work, samples.message("msg_9", native="n9", fate="pending"))
        assert not (await work.messages.counts("police-ppn")).reconciled


async def test_unauthenticated_refusals_are_counted_by_the_minute(store: Store, another_store: Store) -> None:
    async def refuse(into: Store) -> None:
        async with into.work() as work:
            await work.refusals.add(NOW.replace(second=0, microsecond=0), "police-ppn", "dpop.nonce", 2)
            await work.commit()

    await asyncio.gather(refuse(store), refuse(another_store), refuse(store))
    async with store.reading() as reading:
        (counted,) = await reading.refusals.since(NOW - HOUR)
        assert (counted.feed, counted.code, counted.count) == ("police-ppn", "dpop.nonce", 6)
        assert await reading.refusals.since(NOW) == []
