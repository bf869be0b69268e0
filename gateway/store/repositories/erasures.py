"""Legal holds, erasures, and what hangs on a referral alone."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, func, select, update

from gateway.store.records import ErasureRecord, HoldRecord
from gateway.store.shape import Shape
from gateway.store.tables.erasures import erasures, holds
from gateway.store.tables.log import log_entries
from gateway.store.tables.messages import item_persons, items
from gateway.store.tables.persons import person_terms, persons
from gateway.store.tables.referrals import referral_persons
from gateway.store.transaction import Transaction

HOLDS = Shape(holds, HoldRecord)
ERASURES = Shape(erasures, ErasureRecord)


class Erasures:
    """What may not be erased, and what was."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def place_hold(self, hold: HoldRecord) -> bool:
        """Keep a referral from erasure; False if it is held already."""
        return await self._transaction.add_new(HOLDS, hold)

    async def lift_hold(self, referral_id: str) -> bool:
        """Lift a referral's hold; False if there is none."""
        return await self._transaction.change(delete(holds).where(holds.c.referral_id == referral_id)) == 1

    async def hold(self, referral_id: str) -> HoldRecord | None:
        """Return a referral's hold, or None; nobody changes it until this work ends."""
        return await self._transaction.first(HOLDS, holds.c.referral_id == referral_id, lock=True)

    async def put(self, erasure: ErasureRecord) -> None:
        """Keep an erasure, over what was there of this referral."""
        await self._transaction.put(ERASURES, erasure)

    async def get(self, referral_id: str) -> ErasureRecord | None:
        """Return the erasure of a referral, or None."""
        return await self._transaction.first(ERASURES, erasures.c.referral_id == referral_id)

    async def every(self) -> list[ErasureRecord]:
        """Return all erasures, the oldest first."""
        order = (erasures.c.proposed_at, erasures.c.referral_id)
        return await self._transaction.every(ERASURES, order=order)

    async def last_number(self) -> int:
        """Return the last line of the ledger that this database knows; 0: none."""
        return (await self._transaction.execute(select(func.max(erasures.c.number)))).scalar_one() or 0

    async def alone(self, referral_id: str) -> list[str]:
        """Return the scopes of messages and persons that no other referral needs, by name."""
        here = select(items.c.message_id).where(items.c.referral_id == referral_id)
        elsewhere = select(items.c.message_id).where(items.c.referral_id != referral_id)
        messages = select(items.c.message_id).where(items.c.message_id.in_(here), items.c.message_id.not_in(elsewhere))
        on = select(referral_persons.c.person_id).where(referral_persons.c.referral_id == referral_id)
        others = select(referral_persons.c.person_id).where(referral_persons.c.referral_id != referral_id)
        people = select(persons.c.scope).where(persons.c.id.in_(on), persons.c.id.not_in(others))
        found = {row[0] for row in await self._transaction.rows(messages.distinct())}
        return sorted(found | {row[0] for row in await self._transaction.rows(people)})

    async def forget(self, referral_id: str, scopes: Sequence[str]) -> None:
        """Delete who was on this referral and in the messages of these scopes, and the look-up hashes of its persons.

        What comes in later then neither joins nor reopens what nobody can read any more.
        """
        in_them = select(items.c.id).where(items.c.message_id.in_(scopes))
        await self._transaction.change(delete(item_persons).where(item_persons.c.item_id.in_(in_them)))
        await self._transaction.change(delete(referral_persons).where(referral_persons.c.referral_id == referral_id))
        gone = select(persons.c.id).where(persons.c.scope.in_(scopes))
        await self._transaction.change(delete(person_terms).where(person_terms.c.person_id.in_(gone)))

    async def blank(self, entries: Sequence[str]) -> list[int]:
        """Destroy text and salt of these entries of the log; the places of those that there are."""
        named = log_entries.c.id.in_(entries)
        await self._transaction.change(update(log_entries).where(named).values(entry=b"", salt=b""))
        rows = await self._transaction.rows(select(log_entries.c.position).where(named))
        return sorted(row[0] for row in rows if row[0] is not None)
