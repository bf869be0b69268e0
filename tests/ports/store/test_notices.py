"""Notices of arrivals: kept many at once, claimed by one worker at a time, forgotten at once."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.exc import IntegrityError

from gateway.store import Store
from gateway.store.direct import intake as sets
from tests.ports.store import samples
from tests.ports.store.samples import HOUR, NOW, notice


async def test_notices_come_back_as_they_were_kept_the_oldest_first(store: Store) -> None:
    kept = [notice("msg_1"), notice("msg_2", subject=""), notice("msg_3", kind="quarantined", at=NOW - HOUR)]
    async with store.work() as work:
        await samples.announce(work, [])
        await samples.announce(work, kept)
        await work.commit()
    async with store.work() as work:
        assert await work.notices.pending() == 3
        found = await work.notices.claim(limit=9, now=NOW, lease=HOUR, worker="b")
    assert [(one.id, one.kind, one.subject, one.at) for one in found] == [
        ("msg_3", "quarantined", "ref_1", NOW - HOUR),
        ("msg_1", "accepted", "ref_1", NOW),
        ("msg_2", "accepted", "", NOW),
    ]
    assert {(one.claimed_by, one.next_at) for one in found} == {("b", NOW + HOUR)}


async def test_the_same_notice_twice_is_a_bug(store: Store) -> None:
    async with store.work() as work:
        with pytest.raises(IntegrityError):
            await samples.announce(work, [notice("msg_1"), notice("msg_1")])


async def test_what_its_worker_still_holds_is_nobody_elses(store: Store) -> None:
    async with store.work() as work:
        await samples.announce(work, [notice("msg_1", next_at=NOW + HOUR), notice("msg_2", next_at=NOW - HOUR)])
        await samples.announce(work, [notice("msg_3", next_at=NOW)])
        first = await work.notices.claim(limit=1, now=NOW, lease=HOUR, worker="b")
        assert [one.id for one in first] == ["msg_2"], "the longest lapsed goes first"
        assert [one.id for one in await work.notices.claim(limit=9, now=NOW, lease=HOUR, worker="b")] == ["msg_3"]
        assert await work.notices.claim(limit=9, now=NOW, lease=HOUR, worker="b") == []


async def test_two_workers_never_claim_the_same(store: Store, another_store: Store) -> None:
    names = [f"msg_{number:02}" for number in range(30)]
    async with store.work() as work:
        await samples.announce(work, [notice(name) for name in names])
        await work.commit()

    async def worker(through: Store, name: str) -> list[str]:
        held: list[str] = []
        while True:
            async with through.work() as work:
                claimed = await work.notices.claim(limit=4, now=NOW, lease=HOUR, worker=name)
                await asyncio.sleep(0.005)
                await work.commit()
            if not claimed:
                return held
            held += [one.id for one in claimed]

    held = await asyncio.gather(worker(store, "a"), worker(another_store, "b"))
    assert sorted(name for worker_held in held for name in worker_held) == names


@pytest.mark.parametrize("many", [1, 2000])
async def test_what_was_announced_is_forgotten_however_many_and_twice_does_no_harm(store: Store, many: int) -> None:
    async with store.work() as work:
        await samples.announce(work, [notice(f"msg_{number}") for number in range(many)])
        await samples.announce(work, [notice("msg_that_stays")])
        await work.commit()
    async with store.direct() as direct:
        assert await direct.write(sets.forget_notices([])) == [0]
        assert await direct.write(sets.forget_notices([f"msg_{number}" for number in range(many)])) == [many]
        assert await direct.commit(sets.forget_notices(["msg_0"])) == [0]
    async with store.reading() as reading:
        assert await reading.notices.pending() == 1
