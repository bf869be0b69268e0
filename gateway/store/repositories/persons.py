"""Persons, found again by keyed hashes, and what was notified about them before."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select

from gateway.store.records import PastNotification, PersonRecord
from gateway.store.shape import Shape
from gateway.store.tables.messages import item_persons, items, messages
from gateway.store.tables.persons import person_terms, persons
from gateway.store.transaction import Transaction, unknown

PERSONS = Shape(persons, PersonRecord)


class Persons:
    """Whom the hub knows."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, person: PersonRecord) -> None:
        """Keep a new person."""
        await self._transaction.add(PERSONS, person)

    async def update(self, person: PersonRecord) -> None:
        """Write a known person's sealed record and time anew.

        Raises:
            Unknown: ``person.unknown``.
        """
        changed = ("scope", "sealed", "updated_at")
        if not await self._transaction.save(PERSONS, person, changed, persons.c.id == person.id):
            unknown("person")

    async def lock(self, person_id: str) -> PersonRecord:
        """Return a person and keep it from other work, to be read, merged and written back.

        Raises:
            Unknown: ``person.unknown``.
        """
        return await self._transaction.first(PERSONS, persons.c.id == person_id, lock=True) or unknown("person")

    async def get_many(self, person_ids: Collection[str]) -> list[PersonRecord]:
        """Return those of the persons that are known, by id."""
        return await self._transaction.every(PERSONS, persons.c.id.in_(person_ids), order=(persons.c.id,))

    async def lock_terms(self, hashes: Sequence[str]) -> None:
        """Be the only work that links people by these keyed hashes until it ends; others wait.

        Two notifications about one child that arrive at once then open one referral, not two.
        """
        # In one order everywhere, so that no two works wait for each other.
        for number in sorted({_lock_number(value) for value in hashes}):
            await self._transaction.hold(number)

    async def add_terms(self, person_id: str, terms: Sequence[tuple[str, str]]) -> None:
        """Let a person be found by these (kind, keyed hash) too."""
        rows = [{"person_id": person_id, "kind": kind, "hash": value} for kind, value in dict.fromkeys(terms)]
        await self._transaction.add_missing(person_terms, rows)

    async def by_terms(self, hashes: Collection[str], *, limit: int = 500) -> list[tuple[str, str]]:
        """Return (person id, hash) for every person found by any of the hashes.

        At most ``limit`` of them: an answer of that length comes from a block that needs a second key.
        """
        statement = (
            select(person_terms.c.person_id, person_terms.c.hash)
            .distinct()
            .where(person_terms.c.hash.in_(hashes))
            .order_by(person_terms.c.person_id, person_terms.c.hash)
            .limit(limit)
        )
        return [(person_id, value) for person_id, value in await self._transaction.rows(statement)]

    async def history(
        self, person_ids: Collection[str], *, since: datetime | None = None, limit: int = 1000
    ) -> list[PastNotification]:
        """Return every item that named any of the persons, newest first, at most ``limit``."""
        statement = (
            select(
                item_persons.c.person_id,
                items.c.message_id,
                items.c.id.label("item_id"),
                items.c.kind,
                messages.c.agency,
                messages.c.received_at,
                items.c.referral_id,
            )
            .join(items, items.c.id == item_persons.c.item_id)
            .join(messages, messages.c.id == items.c.message_id)
            .where(item_persons.c.person_id.in_(person_ids))
            .order_by(messages.c.received_at.desc(), items.c.id, item_persons.c.person_id)
            .limit(limit)
        )
        if since is not None:
            statement = statement.where(messages.c.received_at >= since)
        rows = (await self._transaction.execute(statement)).mappings().all()
        return [PastNotification(**row) for row in rows]

    async def of_item(self, item_id: str) -> list[str]:
        """Return the ids of the persons that an item names."""
        statement = select(item_persons.c.person_id).where(item_persons.c.item_id == item_id)
        return [row[0] for row in await self._transaction.rows(statement.order_by(item_persons.c.person_id))]


def _lock_number(value: str) -> int:
    """A 63-bit number for a keyed hash, away from the small numbers of the store's named locks."""
    return int.from_bytes(hashlib.sha256(value.encode()).digest()[:8]) >> 2 | 1 << 62
