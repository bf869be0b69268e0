"""What may be used once, and what the hub notes about itself."""

from __future__ import annotations

import asyncio

from gateway.store import Store
from tests.ports.store.samples import HOUR, NOW


async def test_of_many_that_use_a_proof_at_once_one_is_the_first(store: Store, another_store: Store) -> None:
    async def use(through: Store) -> bool:
        async with through.work() as work:
            first = await work.seen.first("dpop", "hash-1", NOW + HOUR)
            await work.commit()
            return first

    answers = await asyncio.gather(*(use(through) for through in (store, another_store) * 4))
    assert answers.count(True) == 1


async def test_kinds_are_apart_and_what_has_expired_is_forgotten(store: Store) -> None:
    async with store.work() as work:
        assert await work.seen.first("dpop", "hash-1", NOW)
        assert await work.seen.first("assertion", "hash-1", NOW + HOUR)
        assert await work.seen.sweep(NOW) == 1
        assert await work.seen.first("dpop", "hash-1", NOW + HOUR)
        assert not await work.seen.first("assertion", "hash-1", NOW + HOUR)


async def test_a_setting_is_what_was_written_last(store: Store) -> None:
    async with store.work() as work:
        assert await work.settings.get("hub.digest") is None
        await work.settings.put("hub.digest", "one")
        await work.settings.put("hub.digest", "two")
        await work.settings.put("other", "three")
        assert await work.settings.get("hub.digest") == "two"
