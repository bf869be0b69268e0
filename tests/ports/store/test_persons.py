"""Persons are found by keyed hashes, and what was notified about them is remembered."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.store import Store
from gateway.store.records import EndState, PastNotification
from schemas.errors import Unknown
from tests.ports.store import samples
from tests.ports.store.samples import HOUR, NOW


async def test_a_person_is_found_by_any_of_its_terms(store: Store) -> None:
    async with store.work() as work:
        for name in ("per_1", "per_2", "per_3"):
            await work.persons.add(samples.person(name))
        await work.persons.add_terms("per_1", [("nhs_number", "h1"), ("upn", "h2"), ("upn", "h2")])
        await work.persons.add_terms("per_1", [("nhs_number", "h1")])
        await work.persons.add_terms("per_2", [("upn", "h2"), ("old_upn", "h2")])
        await work.persons.add_terms("per_3", [])
        await work.commit()
    async with store.reading() as reading:
        assert await reading.persons.by_terms(["h1", "h2", "h3"]) == [("per_1", "h1"), ("per_1", "h2"), ("per_2", "h2")]
        assert await reading.persons.by_terms(["h2"], limit=1) == [("per_1", "h2")]
        assert await reading.persons.by_terms([]) == []


async def test_a_person_is_refreshed_in_place(store: Store) -> None:
    fresh = replace(samples.person("per_1"), sealed=b"fresh", updated_at=NOW + HOUR)
    async with store.work() as work:
        await work.persons.add(samples.person("per_1"))
        known = await work.persons.lock("per_1")
        await work.persons.update(replace(known, sealed=b"fresh", updated_at=NOW + HOUR))
        with pytest.raises(Unknown):
            await work.persons.update(samples.person("per_2"))
        with pytest.raises(Unknown):
            await work.persons.lock("per_2")
        await work.commit()
    async with store.reading() as reading:
        assert await reading.persons.get_many(["per_1", "per_2"]) == [fresh]


async def test_history_tells_every_item_that_named_a_person_newest_first(store: Store) -> None:
    async with store.work() as work:
        for name in ("per_1", "per_2"):
            await work.persons.add(samples.person(name))
        for number in range(3):
            message = samples.message(f"msg_{number}", native=f"n{number}")
            await work.messages.add(replace(message, received_at=NOW + number * HOUR))
            await work.messages.add_item(samples.item(f"itm_{number}", of=f"msg_{number}"), ["per_1"])
        await work.referrals.add(samples.referral())
        joined = samples.item("itm_9", of="msg_2", position=1, end=EndState.REFERRAL, referral="ref_1")
        await work.messages.add_item(joined, ["per_2"])
        await work.commit()
    async with store.reading() as reading:
        history = await reading.persons.history(["per_1"])
        assert [past.message_id for past in history] == ["msg_2", "msg_1", "msg_0"]
        assert await reading.persons.history(["per_1"], since=NOW + HOUR) == history[:2]
        assert await reading.persons.history(["per_1"], limit=1) == history[:1]
        assert await reading.persons.history(["per_2"]) == [
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
