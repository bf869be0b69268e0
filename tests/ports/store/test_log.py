"""The log's rows: appended with the work, given places by one sequencer, kept with nodes and checkpoints."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from sqlite3 import IntegrityError

import pytest
from asyncpg import IntegrityConstraintViolationError

from gateway.store import Store
from gateway.store.direct import DriverWork, places
from gateway.store.direct.statement import NotWhole
from gateway.store.records import CheckpointRecord, LogRecord
from tests.ports.store import samples
from tests.ports.store.samples import HOUR, NOW

TAKEN = (IntegrityError, IntegrityConstraintViolationError)


def checkpoint(size: int, note: str = "note") -> CheckpointRecord:
    return CheckpointRecord(size=size, root=b"r" * 32, note=note, at=NOW)


async def place(
    work: DriverWork,
    size: int,
    *waited: tuple[int, str],
    entries: Sequence[LogRecord] = (),
    nodes: Mapping[tuple[int, int], bytes] | None = None,
) -> None:
    await work.commit(*places.save(work.dialect, entries, nodes or {}, checkpoint(size), waited=waited))


async def append(store: Store, *entries: LogRecord) -> None:
    async with store.work() as work:
        for entry in entries:
            await work.log.append(entry)
        await work.commit()


async def test_entries_wait_by_time_and_then_have_their_places(store: Store) -> None:
    entries = [samples.entry(f"log_{number}", at=NOW + number * HOUR, referral_id="ref_1") for number in range(4)]
    async with store.reading() as reading:
        assert (await reading.log.size(), await reading.log.is_waiting()) == (0, False)
    await append(store, *(entries[number] for number in (2, 0, 1)))
    async with store.direct() as work:
        ahead = await places.take_over(work, 2)
        assert (ahead.size, ahead.root, ahead.entries, ahead.keys) == (0, None, 0, ())
        assert ahead.waiting == [(one.id, one.commitment) for one in entries[:2]]
        await place(work, 3, (0, "log_0"), (1, "log_1"), entries=[replace(entries[3], position=2)])
    async with store.reading() as reading:
        assert (await reading.log.size(), await reading.log.is_waiting()) == (3, True)
        assert [entry.id for entry in await reading.log.unsequenced(9)] == ["log_2"]
        assert [entry.id for entry in await reading.log.entries(0, 9)] == ["log_0", "log_1", "log_3"]
        assert await reading.log.entries(1, 2) == [replace(entries[1], position=1)]
        assert await reading.log.entry("log_0") == replace(entries[0], position=0)
        assert [entry.id for entry in await reading.log.of_referral("ref_1")] == [one.id for one in entries]
    async with store.direct() as work:
        ahead = await places.take_over(work, 9)
        assert (ahead.size, ahead.root, ahead.entries) == (3, b"r" * 32, 3)
        await place(work, 4, (3, "log_2"))
    async with store.reading() as reading:
        assert (await reading.log.size(), await reading.log.is_waiting()) == (4, False)


async def test_many_that_wait_are_told_in_the_order_of_their_times(store: Store) -> None:
    entries = [samples.entry(f"log_{number * 37 % 300:03}", at=NOW + number % 7 * HOUR) for number in range(300)]
    await append(store, *entries)
    async with store.direct() as work:
        told = (await places.take_over(work, 250)).waiting
    assert [name for name, _ in told] == [one.id for one in sorted(entries, key=lambda one: (one.at, one.id))][:250]


@pytest.mark.parametrize("again", [(1, "log_1"), (1, "no such entry")])
async def test_an_entry_is_never_given_a_second_place(store: Store, again: tuple[int, str]) -> None:
    await append(store, samples.entry("log_1"))
    async with store.direct() as work:
        await place(work, 1, (0, "log_1"))
    with pytest.raises(NotWhole):
        async with store.direct() as work:
            await place(work, 2, again)
    async with store.reading() as reading:
        assert (await reading.log.entry("log_1")).position == 0
        assert len(await reading.log.checkpoints()) == 1


async def test_a_place_is_never_given_twice(store: Store) -> None:
    await append(store, samples.entry("log_1"), samples.entry("log_2"))
    async with store.direct() as work:
        await place(work, 1, (0, "log_1"))
    with pytest.raises(TAKEN):
        async with store.direct() as work:
            await place(work, 2, (0, "log_2"))


async def test_sequencers_at_once_give_every_entry_one_place_without_a_gap(store: Store, another_store: Store) -> None:
    async def sequence(through: Store) -> None:
        async with through.direct() as work:
            ahead = await places.take_over(work, 100)
            await asyncio.sleep(0.005)
            if ahead.waiting:
                waited = [(ahead.size + offset, name) for offset, (name, _) in enumerate(ahead.waiting)]
                await place(work, ahead.size + len(waited), *waited)

    stores = (store, another_store)
    await asyncio.gather(
        *(append(stores[number % 2], samples.entry(f"log_{number:02}")) for number in range(20)),
        *(sequence(stores[n % 2]) for n in range(6)),
    )
    await sequence(store)
    async with store.reading() as reading:
        assert [entry.position for entry in await reading.log.entries(0, 99)] == list(range(20))
        assert await reading.log.unsequenced(9) == []


async def test_nodes_are_kept_by_level_and_index_and_never_change(store: Store) -> None:
    nodes = {(0, 0): b"a" * 32, (0, 1): b"b" * 32, (1, 0): b"c" * 32, (40, 2**40): b"d" * 32}
    async with store.direct() as work:
        await place(work, 2, nodes=nodes)
    wanted = {(0, 1), (1, 0), (1, 1), (40, 2**40), (40, 0)}
    found = {one: nodes[one] for one in ((0, 1), (1, 0), (40, 2**40))}
    async with store.direct() as work:
        assert await places.nodes(work, wanted) == found
        assert await places.nodes(work, set()) == {}
    async with store.reading() as reading:
        assert await reading.log.nodes(wanted) == found
        assert await reading.log.nodes(set()) == {}
    with pytest.raises(TAKEN):
        async with store.direct() as work:
            await place(work, 3, nodes={(0, 0): b"x" * 32})


async def test_checkpoints_are_found_by_size_and_by_what_they_cover(store: Store) -> None:
    async with store.reading() as reading:
        assert await reading.log.latest_checkpoint() is None
    for size in (3, 10, 7):
        async with store.direct() as work:
            await place(work, size)
    with pytest.raises(TAKEN):
        async with store.direct() as work:
            await place(work, 7)
    async with store.reading() as reading:
        assert await reading.log.checkpoint_at(7) == checkpoint(7)
        assert await reading.log.checkpoint_at(8) is None
        assert await reading.log.checkpoint_covering(3) == checkpoint(7)
        assert await reading.log.checkpoint_covering(10) is None
        assert [one.size for one in await reading.log.checkpoints()] == [3, 7, 10]
        assert await reading.log.latest_checkpoint() == checkpoint(10)
