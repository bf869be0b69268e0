"""Persons are found by keyed hashes, and what was notified about them is remembered."""

from __future__ import annotations

from dataclasses import replace

from gateway.store import Store
from gateway.store.direct import intake as sets
from gateway.store.records import EndState, PastNotification
from tests.ports.store import samples
from tests.ports.store.samples import HOUR, NOW


async def test_persons_come_back_by_their_ids(store: Store) -> None:
    async with store.work() as work:
        for name in ("per_2", "per_1"):
            await samples.keep(work, samples.person(name))
        await work.commit()
    async with store.reading() as reading:
        found = await reading.persons.get_many(["per_1", "per_2", "per_3"])
    assert found == [samples.person("per_1"), samples.person("per_2")]


async def test_history_tells_every_item_that_named_a_person_newest_first(store: Store) -> None:
    async with store.work() as work:
        for name in ("per_1", "per_2"):
            await samples.keep(work, samples.person(name))
        for number in range(3):
            message = samples.message(f"msg_{number}", native=f"n{number}")
            await samples.keep(work, replace(message, received_at=NOW + number * HOUR))
            await samples.keep(work, samples.item(f"itm_{number}", of=f"msg_{number}"), people=["per_1"])
        await samples.keep(work, samples.referral())
        joined = samples.item("itm_9", of="msg_2", position=1, end=EndState.REFERRAL, referral="ref_1")
        await samples.keep(work, joined, people=["per_2"])
        await work.commit()
    async with store.direct() as direct:
        rows = await direct.read(sets.history_of(["per_1"]), sets.history_of(["per_2"]), sets.history_of([]))
        one, other, nobody = (sets.past(direct.dialect, found) for found in rows)
        (sealed,) = await direct.read(sets.items_sealed(["itm_1", "itm_9", "itm_none"]))
    scope = samples.message("msg_1").scope
    assert sorted(tuple(row) for row in sealed) == [
        ("itm_1", scope, b"sealed item"),
        ("itm_9", scope, b"sealed item"),
    ]
    assert [past.message_id for past in one] == ["msg_2", "msg_1", "msg_0"]
    assert nobody == []
    assert other == [
        PastNotification(
            person_id="per_2",
            message_id="msg_2",
            item_id="itm_9",
            kind="concern",
            agency="police",
            received_at=NOW + 2 * HOUR,
            referral_id="ref_1",
        )
    ]
