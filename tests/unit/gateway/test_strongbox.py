"""Models sealed for one place of one record, and opened from there alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from crypto.failure import SealFailed
from gateway.keys import Keys
from gateway.store import Store
from gateway.strongbox import Strongbox
from gateway.vault import Vault
from schemas.errors import Unknown
from schemas.persons import Name, Person

PERSON = Person(ref="child-1", names=(Name(given=("Zephyrine",), family="Žoë"),), birth_date="2015-02")
PLACE = "persons.sealed"


@pytest.fixture
async def strongbox(keys: Keys, store: Store, random: Callable[[int], bytes], now: datetime) -> Strongbox:
    vault = Vault(keys, random)
    async with store.work() as work:
        for scope in ("per_1", "per_2"):
            await vault.new_scope(work, scope, now=now)
        await work.commit()
    return Strongbox(vault)


async def test_what_was_put_is_taken_whole_and_was_unreadable_meanwhile(strongbox: Strongbox, store: Store) -> None:
    async with store.work() as work:
        sealed = await strongbox.put(work, "per_1", PLACE, "per_1", PERSON)
        assert await strongbox.take(work, "per_1", PLACE, "per_1", sealed, Person) == PERSON
    assert b"Zephyrine" not in sealed


@pytest.mark.parametrize(
    "scope, place, record",
    [("per_2", PLACE, "per_1"), ("per_1", "items.sealed", "per_1"), ("per_1", PLACE, "per_2")],
    ids=["another scope", "another column", "another record"],
)
async def test_it_opens_nowhere_else(strongbox: Strongbox, store: Store, scope: str, place: str, record: str) -> None:
    async with store.work() as work:
        sealed = await strongbox.put(work, "per_1", PLACE, "per_1", PERSON)
        with pytest.raises(SealFailed):
            await strongbox.take(work, scope, place, record, sealed, Person)


async def test_after_erasure_it_opens_no_more(
    strongbox: Strongbox, store: Store, keys: Keys, random: Callable[[int], bytes], now: datetime
) -> None:
    async with store.work() as work:
        sealed = await strongbox.put(work, "per_1", PLACE, "per_1", PERSON)
        await Vault(keys, random).destroy(work, "per_1", now=now)
        await work.commit()
    async with store.reading() as work:
        with pytest.raises(Unknown):
            await strongbox.take(work, "per_1", PLACE, "per_1", sealed, Person)
