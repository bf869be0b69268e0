"""Whose turn it is: one process at a time, whoever comes first, and another once its claim has lapsed."""

from __future__ import annotations

from datetime import timedelta

from gateway.store import Store
from tests.ports.store.samples import NOW

LEASE = timedelta(minutes=2)


async def claimed(store: Store, worker: str, after: timedelta = timedelta(0)) -> bool:
    async with store.work() as work:
        mine = await work.rounds.claim("poll", worker, now=NOW + after, until=NOW + after + LEASE)
        await work.commit()
    return mine


async def due(store: Store, after: timedelta = timedelta(0)) -> bool:
    async with store.reading() as work:
        return await work.rounds.due("poll", NOW + after)


async def test_a_round_is_one_workers_at_a_time(store: Store, another_store: Store) -> None:
    assert await due(store)
    assert await claimed(store, "one")
    assert not await due(another_store)
    assert not await claimed(another_store, "two")
    assert await claimed(store, "one", LEASE / 2)  # who has it may keep it longer
    assert not await claimed(another_store, "two", LEASE)


async def test_a_claim_of_a_worker_that_died_lapses(store: Store, another_store: Store) -> None:
    assert await claimed(store, "one")
    assert await claimed(another_store, "two", LEASE)
    assert not await claimed(store, "one", LEASE)


async def test_a_round_that_is_over_is_anybodys_from_its_next_time_on(store: Store, another_store: Store) -> None:
    assert await claimed(store, "one")
    async with store.work() as work:
        await work.rounds.finish("poll", "two", NOW)  # not its holder
        await work.rounds.finish("poll", "one", NOW + timedelta(minutes=5))
        await work.commit()
    assert not await claimed(another_store, "two", LEASE)
    assert await due(another_store, timedelta(minutes=5))
    assert await claimed(another_store, "two", timedelta(minutes=5))
