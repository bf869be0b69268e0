"""The hub's keys over both databases, where several processes change and use them at once."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from crypto.checkpoint import verify_checkpoint
from crypto.keys import Purpose
from gateway.keys import Keys, MasterKey
from gateway.keys.policy import PURPOSES
from gateway.log import Event, Log
from gateway.store import Store

ORIGIN = "demo.mash.log"
NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
def master() -> MasterKey:
    return MasterKey(os.urandom(32))


@pytest.fixture
async def another_store(store: Store, database_url: str) -> AsyncIterator[Store]:
    assert store.dialect in database_url
    another = Store.open(database_url)
    yield another
    await another.close()


async def process(store: Store, master: MasterKey) -> Keys:
    return await Keys.load(store, master, origin=ORIGIN, random=os.urandom)


async def test_two_processes_that_start_a_new_hub_together_make_one_set_of_keys(
    store: Store, another_store: Store, master: MasterKey
) -> None:
    first, second = await process(store, master), await process(another_store, master)
    await asyncio.gather(first.ensure(NOW), second.ensure(NOW))
    await first.refresh()
    await second.refresh()
    assert len(first.ring.records) == len(PURPOSES)
    assert first.rows == second.rows
    assert first.jwks() == second.jwks()


async def test_key_changes_take_turns_with_the_sequencer(store: Store, another_store: Store, master: MasterKey) -> None:
    keys = await process(another_store, master)
    async with store.work() as work:
        await work.log.lock_sequencer()
        waiting = asyncio.create_task(keys.rotate(Purpose.POLICY, NOW))
        await asyncio.sleep(0.5)
        assert not waiting.done()
    assert (await waiting).kid == "policy.1"


async def test_a_process_that_has_not_heard_that_its_checkpoint_key_was_revoked_signs_with_the_new_one(
    store: Store, another_store: Store, master: MasterKey
) -> None:
    serving = await process(store, master)
    await serving.ensure(NOW)
    log = Log(store, serving, origin=ORIGIN, random=os.urandom, clock=lambda: NOW)
    await log.sequence()
    officer = await process(another_store, master)
    await officer.rotate(Purpose.CHECKPOINT, NOW, compromise=True)
    async with store.work() as work:
        await log.append(work, event=Event.HUB_STARTED, actor="hub", now=NOW)
        await work.commit()
    await log.sequence()
    record = await log.checkpoint()
    assert record is not None
    assert verify_checkpoint(record.note, officer.checkpoint_key().verifier(), origin=ORIGIN).size == record.size
    assert (await log.verify()).verified
