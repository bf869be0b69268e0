"""A database that is away, or busy with another process, is Unavailable; when it is back, work goes on."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from gateway.store import Store, connections
from schemas.errors import Unavailable
from tests.ports.store import samples
from tests.services.postgres import PrivatePostgres


async def add(store: Store, name: str) -> None:
    async with store.work() as work:
        await samples.keep(work, samples.message(name, native=name))
        await work.commit()


async def received(store: Store) -> int:
    async with store.reading() as reading:
        return (await reading.messages.counts("police-ppn")).received


@pytest.mark.slow
async def test_a_postgresql_that_dies_is_unavailable_and_what_it_committed_is_there_when_it_is_back(
    private_postgres: Callable[[], PrivatePostgres],
) -> None:
    server = await asyncio.to_thread(private_postgres)
    store = Store.open(server.url)
    await store.upgrade()
    await add(store, "before")
    async with store.work() as work:
        await samples.keep(work, samples.message("during", native="during"))
        await asyncio.to_thread(server.kill)
        with pytest.raises(Unavailable):
            await work.commit()
    with pytest.raises(Unavailable):
        await add(store, "away")
    assert not await store.ready()
    await asyncio.to_thread(server.start)
    await add(store, "after")  # at once: connections that died are known for dead
    assert await store.ready()
    assert await received(store) == 2
    await store.close()


@pytest.mark.slow
async def test_a_postgresql_that_was_started_again_while_nobody_asked_is_simply_there(
    private_postgres: Callable[[], PrivatePostgres],
) -> None:
    server = await asyncio.to_thread(private_postgres)
    store = Store.open(server.url)
    await store.upgrade()
    await asyncio.gather(*(add(store, f"before-{number}") for number in range(3)))
    await asyncio.to_thread(server.kill)
    await asyncio.to_thread(server.start)
    await asyncio.gather(*(add(store, f"after-{number}") for number in range(3)))
    assert await received(store) == 6
    await store.close()


@pytest.mark.sqlite
async def test_a_sqlite_file_that_another_process_writes_to_for_too_long_is_unavailable(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "WAIT_SECONDS", 0.05)
    store = Store.open(sqlite_url)
    await store.upgrade()
    other = sqlite3.connect(make_url(sqlite_url).database or "", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable) as refused:
        await add(store, "blocked")
    assert refused.value.code == "store.busy"
    assert await received(store) == 0  # readers go on meanwhile
    other.execute("ROLLBACK")
    other.close()
    await add(store, "after")
    assert await received(store) == 1
    await store.close()


@pytest.mark.sqlite
async def test_a_sqlite_file_that_can_not_be_opened_is_unavailable(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    store = Store.open(f"sqlite:///{tmp_path}/no-such-folder/hub.sqlite3")
    assert not await store.ready()
    with pytest.raises(Unavailable) as refused:
        await store.upgrade()
    assert refused.value.code == "store.disk"
    await store.close()
    # The driver's thread of a failed opening ends by itself and tells the loop of it, which must still be there.
    for thread in set(threading.enumerate()) - before:
        await asyncio.to_thread(thread.join, 10)
        assert not thread.is_alive()


@pytest.mark.sqlite
async def test_sqlite_is_as_durable_as_promised_and_its_file_is_nobody_elses(sqlite_url: str) -> None:
    store = Store.open(sqlite_url)
    await store.upgrade()
    async with store.work() as work:
        found = {
            name: (await work._transaction.execute(text(f"PRAGMA {name}"))).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    await store.close()
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    mode = os.stat(make_url(sqlite_url).database or "").st_mode  # noqa: PTH116 - the file is the test's own, and small
    assert mode & 0o077 == 0


@pytest.mark.postgres
async def test_works_that_lock_one_another_out_are_unavailable_not_stuck(postgres_store: Store) -> None:
    async with postgres_store.work() as work:
        await samples.keep(work, samples.referral("ref_1"))
        await samples.keep(work, samples.referral("ref_2"))
        await work.commit()
    both = asyncio.Barrier(2)

    async def lock(first: str, second: str) -> str:
        try:
            async with postgres_store.work() as work:
                await work.referrals.lock(first)
                await both.wait()
                await work.referrals.lock(second)
                await work.commit()
        except Unavailable as error:
            return error.code
        return "done"

    answers = await asyncio.gather(lock("ref_1", "ref_2"), lock("ref_2", "ref_1"))
    assert sorted(answers) == ["done", "store.busy"]


@pytest.mark.postgres
async def test_a_wrong_password_or_database_is_said_to_be_that(postgres_url: str) -> None:
    wrong = make_url(postgres_url).set(database="mash_no_such_database").render_as_string(hide_password=False)
    store = Store.open(wrong)
    with pytest.raises(Unavailable) as refused:
        await store.upgrade()
    assert refused.value.code == "store.sign_in"
    await store.close()
