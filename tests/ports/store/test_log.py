"""The log's rows: appended with the work, given places by one sequencer, kept with nodes and checkpoints."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from gateway.store import Store
from gateway.store.records import CheckpointRecord
from schemas.errors import Conflict
from tests.ports.store import samples
from tests.ports.store.samples import HOUR, NOW


async def test_entries_wait_by_time_and_then_have_their_places(store: Store) -> None:
    async with store.work() as work:
        for number in (2, 0, 1):
            await work.log.append(samples.entry(f"log_{number}", at=NOW + number * HOUR, referral_id="ref_1"))
        assert await work.log.size() == 0
        waiting = await work.log.unsequenced(2)
        assert [entry.id for entry in waiting] == ["log_0", "log_1"]
        await work.log.sequence([])
        await work.log.sequence([(entry.id, place) for place, entry in enumerate(waiting)])
        await work.commit()
    async with store.reading() as reading:
        assert await reading.log.size() == 2
        assert [entry.id for entry in await reading.log.unsequenced(9)] == ["log_2"]
        assert [entry.position for entry in await reading.log.entries(0, 9)] == [0, 1]
        assert await reading.log.entries(1, 2) == [replace(waiting[1], position=1)]
        assert await reading.log.entry("log_0") == replace(waiting[0], position=0)
        assert [entry.id for entry in await reading.log.of_referral("ref_1")] == ["log_0", "log_1", "log_2"]


async def test_an_entry_is_never_given_a_second_place(store: Store) -> None:
    async with store.work() as work:
        await work.log.append(samples.entry("log_1"))
        await work.log.sequence([("log_1", 0)])
        for again in ([("log_1", 1)], [("no such entry", 1)]):
            with pytest.raises(Conflict):
                await work.log.sequence(again)
        assert (await work.log.entry("log_1")).position == 0


async def test_a_place_is_never_given_twice(store: Store) -> None:
    async with store.work() as work:
        await work.log.append(samples.entry("log_1"))
        await work.log.append(samples.entry("log_2"))
        await work.log.sequence([("log_1", 0)])
        with pytest.raises(IntegrityError):
            await work.log.sequence([("log_2", 0)])


async def test_sequencers_at_once_give_every_entry_one_place_without_a_gap(store: Store, another_store: Store) -> None:
    async def append(through: Store, number: int) -> None:
        async with through.work() as work:
            await work.log.append(samples.entry(f"log_{number:02}"))
            await work.commit()

    async def sequence(through: Store) -> None:
        async with through.work() as work:
            await work.log.lock_sequencer()
            start = await work.log.size()
            waiting = await work.log.unsequenced(100)
            await asyncio.sleep(0.005)
            await work.log.sequence([(entry.id, start + place) for place, entry in enumerate(waiting)])
            await work.commit()

    stores = (store, another_store)
    await asyncio.gather(
        *(append(stores[number % 2], number) for number in range(20)), *(sequence(stores[n % 2]) for n in range(6))
    )
    await sequence(store)
    async with store.reading() as reading:
        assert [entry.position for entry in await reading.log.entries(0, 99)] == list(range(20))
        assert await reading.log.unsequenced(9) == []


async def test_nodes_are_kept_by_level_and_index_and_never_change(store: Store) -> None:
    nodes = {(0, 0): b"a" * 32, (0, 1): b"b" * 32, (1, 0): b"c" * 32, (40, 2**40): b"d" * 32}
    async with store.work() as work:
        await work.log.add_nodes({})
        await work.log.add_nodes(nodes)
        await work.commit()
    async with store.work() as work:
        assert await work.log.nodes({(0, 1), (1, 0), (1, 1), (40, 2**40)}) == {
            place: nodes[place] for place in ((0, 1), (1, 0), (40, 2**40))
        }
        assert await work.log.nodes(set()) == {}
        with pytest.raises(IntegrityError):
            await work.log.add_nodes({(0, 0): b"x" * 32})


async def test_checkpoints_are_found_by_size_and_by_what_they_cover(store: Store) -> None:
    async with store.work() as work:
        assert await work.log.latest_checkpoint() is None
        for size in (3, 10, 7):
            assert await work.log.add_checkpoint(size, b"r" * 32, f"note {size}", NOW)
        assert not await work.log.add_checkpoint(7, b"x" * 32, "another note", NOW)
        await work.commit()
    async with store.reading() as reading:
        seven = CheckpointRecord(size=7, root=b"r" * 32, note="note 7", at=NOW)
        assert await reading.log.checkpoint_at(7) == seven
        assert await reading.log.checkpoint_at(8) is None
        assert await reading.log.checkpoint_covering(3) == seven
        assert await reading.log.checkpoint_covering(10) is None
        assert [checkpoint.size for checkpoint in await reading.log.checkpoints()] == [3, 7, 10]
        latest = await reading.log.latest_checkpoint()
        assert latest is not None
        assert latest.size == 10
