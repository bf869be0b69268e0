"""One transaction: all of it or none of it, on both databases."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError

from gateway.store import Reading, Store, connections
from schemas.errors import Unavailable, Unknown
from tests.ports.store import samples
from tests.ports.store.samples import NOW

WRITER = """
import asyncio, sys
from gateway.store import Store
from tests.ports.store import samples

async def write() -> None:
    store = Store.open(sys.argv[1])
    async with store.work() as work:
        await samples.keep(work, samples.message())
        await samples.keep(work, samples.referral())
        await samples.add_envelopes(work, "env_1")
        await work.log.append(samples.entry())
        if sys.argv[2] == "commit":
            await work.commit()
        print("written", flush=True)
        await asyncio.sleep(60)

asyncio.run(write())
"""


async def kept(store: Store) -> tuple[bool, bool, int, int]:
    """Tell what of the one change is there: message, referral, outbox, log."""
    async with store.reading() as reading:
        message = await reading.messages.find("police-ppn", "native-1")
        referrals = await reading.referrals.page()
        return (
            message is not None,
            bool(referrals),
            await reading.outbox.pending(),
            len(await reading.log.unsequenced(9)),
        )


async def write(store: Store, *, commit: bool) -> None:
    async with store.work() as work:
        await samples.keep(work, samples.message())
        await samples.keep(work, samples.referral())
        await samples.add_envelopes(work, "env_1")
        await work.log.append(samples.entry())
        if commit:
            await work.commit()


@pytest.mark.invariant(3)
async def test_invariant_03_state_outbox_and_log_commit_together(store: Store) -> None:
    await write(store, commit=False)
    assert await kept(store) == (False, False, 0, 0)
    await write(store, commit=True)
    assert await kept(store) == (True, True, 1, 1)


@pytest.mark.invariant(3)
async def test_invariant_03_an_error_on_the_way_leaves_nothing_behind(store: Store) -> None:
    async with store.work() as work:
        await work.outbox.add(samples.leaving(of="no such envelope"))
        await samples.keep(work, samples.message())
        with pytest.raises(IntegrityError):
            await work.commit()
    with contextlib.suppress(LookupError):
        async with store.work() as work:
            await samples.keep(work, samples.message())
            raise LookupError
    assert await kept(store) == (False, False, 0, 0)


@pytest.mark.invariant(3)
@pytest.mark.parametrize("last", ["nothing", "commit"])
async def test_invariant_03_a_process_killed_at_any_time_leaves_all_or_nothing(
    store: Store, database_url: str, last: str
) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITER, database_url, last, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": "."}
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"written\n"
    process.send_signal(signal.SIGKILL)
    await process.communicate()
    there = last == "commit"
    assert await kept(store) == (there, there, int(there), int(there))


async def test_a_committed_work_takes_nothing_more(store: Store) -> None:
    async with store.work() as work:
        await samples.keep(work, samples.message())
        await work.commit()
        with pytest.raises(RuntimeError):
            await samples.keep(work, samples.message("msg_2", native="native-2"))
        with pytest.raises(RuntimeError):
            await work.commit()
    assert (await kept(store))[0]


async def test_a_cancelled_work_leaves_nothing_and_blocks_nobody(store: Store) -> None:
    begun = asyncio.Event()

    async def hang() -> None:
        async with store.work() as work:
            await samples.keep(work, samples.message())
            begun.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(hang())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not (await kept(store))[0]
    await write(store, commit=True)
    assert (await kept(store))[0]


async def test_a_statement_that_is_cancelled_midway_leaves_a_store_that_works(store: Store) -> None:
    for delay in (0, 1, 2, 4, 8):
        task = asyncio.create_task(write(store, commit=False))
        for _ in range(delay * 20):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await write(store, commit=True)
    assert await kept(store) == (True, True, 1, 1)


async def test_a_reading_sees_one_moment_and_waits_for_nobody(store: Store) -> None:
    async with store.reading() as reading:
        assert await reading.messages.find("police-ppn", "native-1") is None
        await write(store, commit=True)
        assert await reading.messages.find("police-ppn", "native-1") is None
    assert (await kept(store))[0]


async def test_a_reading_does_not_see_what_is_not_committed(store: Store) -> None:
    async with store.work() as work:
        await samples.keep(work, samples.message())
        assert not (await kept(store))[0]


async def test_a_reading_can_not_write(store: Store) -> None:
    reading: Reading
    async with store.reading() as reading:
        with pytest.raises(DBAPIError):
            await reading.messages.count("police-ppn", "refused")
    assert not (await kept(store))[0]


async def test_many_works_at_once_all_get_their_turn(store: Store) -> None:
    async def add(number: int) -> None:
        async with store.work() as work:
            await samples.keep(work, samples.message(f"msg_{number}", native=f"native-{number}"))
            await work.commit()

    await asyncio.gather(*(add(number) for number in range(40)))
    async with store.reading() as reading:
        assert (await reading.messages.counts("police-ppn")).received == 40


@pytest.mark.parametrize(
    "moment",
    [
        datetime(1912, 6, 23, 12, 0, 0, 1, tzinfo=UTC),
        datetime(2026, 3, 29, 0, 59, 59, 999999, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, tzinfo=timezone(timedelta(hours=1))),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    ],
)
async def test_a_time_comes_back_as_the_same_moment_in_utc(store: Store, moment: datetime) -> None:
    async with store.work() as work:
        await work.scopes.add(samples.scope(created_at=moment))
        await work.commit()
    async with store.reading() as reading:
        back = (await reading.scopes.get("scope-1")).created_at
    assert back == moment
    assert back.utcoffset() == timedelta(0)


async def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    async with store.work() as work:
        with pytest.raises(Exception, match="zone"):
            await work.scopes.add(samples.scope(created_at=NOW.replace(tzinfo=None)))


async def test_what_is_not_there_is_unknown(store: Store) -> None:
    async with store.reading() as reading:
        for get in (
            reading.messages.get,
            reading.referrals.get,
            reading.requests.get,
            reading.disclosures.get,
            reading.products.get,
            reading.envelopes.get,
            reading.ratings.get,
            reading.scopes.get,
            reading.keys.get,
            reading.log.entry,
        ):
            with pytest.raises(Unknown):
                await get("nothing")


@pytest.mark.sqlite
async def test_work_inside_work_is_given_up_not_waited_for_without_end(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "WAIT_SECONDS", 0.05)
    store = Store.open(sqlite_url)
    await store.upgrade()
    async with store.work():
        with pytest.raises(Unavailable) as refused:
            async with store.work():
                pass
    assert refused.value.code == "store.busy"
    await store.close()
