"""Details of thin messages: asked for once, claimed by one worker at a time, and kept as the link to what completed."""

from __future__ import annotations

from datetime import timedelta

from gateway.store import Store
from gateway.store.direct import intake as sets
from gateway.store.records import DetailRecord, DetailState
from tests.ports.store import samples
from tests.ports.store.samples import HOUR, NOW


async def asked(store: Store, *names: str, next_at: timedelta = timedelta(0)) -> None:
    """Keep these messages with their details asked for, in one set, as the intake does."""
    records = [DetailRecord(message_id=name, feed="thin", next_at=NOW + next_at) for name in names]
    async with store.work() as work:
        for name in names:
            await samples.keep(work, samples.message(name, native=f"native-{name}"))
        await work.sets.write(sets.DETAILS.insert(work.sets.dialect, records))
        await work.commit()


async def claimed(store: Store, worker: str, *, after: timedelta = timedelta(0)) -> list[DetailRecord]:
    async with store.work() as work:
        found = await work.details.claim(limit=9, now=NOW + after, lease=HOUR, worker=worker)
        await work.commit()
    return found


async def test_what_is_asked_for_once_stays_as_it_is(store: Store) -> None:
    await asked(store, "msg_1")
    async with store.work() as work:
        assert not await work.details.add(DetailRecord(message_id="msg_1", feed="thin", next_at=NOW))
    assert [one.attempts for one in await claimed(store, "a")] == [1]


async def test_two_workers_never_hold_the_same_and_a_dead_ones_claim_lapses(store: Store, another_store: Store) -> None:
    await asked(store, "msg_1", "msg_2")
    await asked(store, "msg_3", next_at=HOUR)
    assert [one.message_id for one in await claimed(store, "a")] == ["msg_1", "msg_2"]
    assert await claimed(another_store, "b") == []
    again = await claimed(another_store, "b", after=HOUR)
    assert [(one.message_id, one.attempts, one.claimed_by) for one in again] == [
        ("msg_1", 2, "b"),
        ("msg_2", 2, "b"),
        ("msg_3", 1, "b"),
    ]


async def test_what_was_completed_is_found_from_both_messages(store: Store) -> None:
    await asked(store, "msg_1", "msg_2")
    async with store.work() as work:
        await work.details.done("msg_1", "msg_2")
        await work.commit()
    async with store.reading() as work:
        first, second = await work.details.get("msg_1"), await work.details.completes("msg_2")
        assert first is not None
        assert first == second
        assert (first.state, first.completed_by) == (DetailState.DONE, "msg_2")
        assert await work.details.completes("msg_1") is None
    assert [one.message_id for one in await claimed(store, "a")] == ["msg_2"]


async def test_what_is_parked_waits_for_a_person(store: Store) -> None:
    await asked(store, "msg_1", "msg_2")
    async with store.work() as work:
        assert await work.details.park("msg_1", "detail.host")
        assert not await work.details.park("msg_1", "detail.host")
        await work.details.retry("msg_1", NOW, "detail.away")  # a late word about what was parked changes nothing
        await work.details.retry("msg_2", NOW + HOUR, "detail.away")
        await work.commit()
    assert await claimed(store, "a") == []
    async with store.work() as work:
        assert [(one.message_id, one.reason) for one in await work.details.parked()] == [("msg_1", "detail.host")]
        assert await work.details.counts() == {"thin": {"waiting": 1, "parked": 1}}
        assert not await work.details.due(NOW)
        assert await work.details.unpark("msg_1", NOW)
        assert not await work.details.unpark("msg_2", NOW)
        assert await work.details.due(NOW)
        await work.commit()
    assert [(one.message_id, one.attempts) for one in await claimed(store, "a")] == [("msg_1", 1)]
