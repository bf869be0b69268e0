"""Legal holds, what is due to be erased, erasures, and what hangs on a referral or a message alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, exists, func, or_, select, update

from gateway.store.records import DueRecord, ErasureRecord, Fate, HoldRecord
from gateway.store.shape import Shape
from gateway.store.tables.erasures import due, erasures, holds
from gateway.store.tables.log import log_entries
from gateway.store.tables.messages import item_persons, items, messages
from gateway.store.tables.persons import links, person_blocks, person_terms, persons
from gateway.store.tables.referrals import referral_persons, referrals
from gateway.store.tables.research import trace_places, traces
from gateway.store.transaction import Transaction

HOLDS = Shape(holds, HoldRecord)
ERASURES = Shape(erasures, ErasureRecord)
DUE = Shape(due, DueRecord)
_DONE = select(erasures.c.subject).where(erasures.c.number.is_not(None))


class Erasures:
    """What may not be erased, and what was."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def place_hold(self, hold: HoldRecord) -> bool:
        """Keep something from erasure; False if it is held already."""
        return await self._transaction.add_new(HOLDS, hold)

    async def lift_hold(self, subject: str) -> bool:
        """Lift a hold; False if there is none."""
        return await self._transaction.change(delete(holds).where(holds.c.subject == subject)) == 1

    async def hold(self, subject: str) -> HoldRecord | None:
        """Return a hold, or None; nobody changes it until this work ends."""
        return await self._transaction.first(HOLDS, holds.c.subject == subject, lock=True)

    async def put(self, erasure: ErasureRecord) -> None:
        """Keep an erasure, over what was there of the same."""
        await self._transaction.put(ERASURES, erasure)

    async def get(self, subject: str) -> ErasureRecord | None:
        """Return the erasure of a referral or message, or None."""
        return await self._transaction.first(ERASURES, erasures.c.subject == subject)

    async def every(self) -> list[ErasureRecord]:
        """Return all erasures, the oldest first."""
        order = (erasures.c.proposed_at, erasures.c.subject)
        return await self._transaction.every(ERASURES, order=order)

    async def of_bulk(self, bulk: str) -> list[ErasureRecord]:
        """Return those that were proposed as one list, by their subjects."""
        return await self._transaction.every(ERASURES, erasures.c.bulk == bulk, order=(erasures.c.subject,))

    async def note_due(self, found: DueRecord) -> bool:
        """Keep that something is due; False if that was known."""
        return await self._transaction.add_new(DUE, found)

    async def forget_due(self, subject: str) -> None:
        """It is due no more, or erased."""
        await self._transaction.execute(delete(due).where(due.c.subject == subject))

    async def forget_moved_on(self) -> None:
        """Due no more are referrals that were opened again, and messages that came to belong to one."""
        opened = exists().where(referrals.c.id == due.c.subject, referrals.c.closed_at.is_(None))
        linked = exists().where(items.c.message_id == due.c.subject, items.c.referral_id.is_not(None))
        await self._transaction.execute(delete(due).where(or_(opened, linked)))

    async def all_due(self, retention_class: str | None = None, *, limit: int) -> list[DueRecord]:
        """Return what is due and not erased yet, the longest known first."""
        where = () if retention_class is None else (due.c.retention_class == retention_class,)
        return await self._transaction.every(DUE, *where, order=(due.c.found_at, due.c.subject), limit=limit)

    async def held_of(self, subjects: Sequence[str]) -> set[str]:
        """Return those that are under hold."""
        rows = await self._transaction.rows(select(holds.c.subject).where(holds.c.subject.in_(subjects)))
        return {row[0] for row in rows}

    async def known_of(self, subjects: Sequence[str]) -> dict[str, ErasureRecord]:
        """Return the erasures of these, by subject."""
        found = await self._transaction.every(ERASURES, erasures.c.subject.in_(subjects), order=(erasures.c.subject,))
        return {one.subject: one for one in found}

    async def closed_before(self, before: datetime, *, after: str, limit: int) -> list[str]:
        """Return referrals that were closed before then and not erased, by id, those after this one."""
        where = (referrals.c.closed_at < before, referrals.c.id > after, referrals.c.id.not_in(_DONE))
        rows = await self._transaction.rows(select(referrals.c.id).where(*where).order_by(referrals.c.id).limit(limit))
        return [row[0] for row in rows]

    async def unlinked_before(self, fate: Fate, before: datetime, *, after: str, limit: int) -> list[str]:
        """Return messages of this fate that belong to no referral and were not erased, as ``closed_before``."""
        linked = exists().where(items.c.message_id == messages.c.id, items.c.referral_id.is_not(None))
        where = (
            messages.c.fate == fate,
            messages.c.received_at < before,
            messages.c.id > after,
            messages.c.id.not_in(_DONE),
            ~linked,
        )
        rows = await self._transaction.rows(select(messages.c.id).where(*where).order_by(messages.c.id).limit(limit))
        return [row[0] for row in rows]

    async def links_open(self, referral_id: str) -> bool:
        """Tell whether a referral is open that this one is linked to, or that has a person of its own subjects."""
        other, mine, theirs = referrals.alias(), referral_persons.alias(), referral_persons.alias()
        linked = select(referrals.c.linked_to).where(referrals.c.id == referral_id, referrals.c.linked_to.is_not(None))
        same = (
            select(theirs.c.referral_id)
            .join(mine, mine.c.person_id == theirs.c.person_id)
            .where(mine.c.referral_id == referral_id, mine.c.part == "subject")
        )
        belongs = or_(other.c.linked_to == referral_id, other.c.id.in_(linked), other.c.id.in_(same))
        where = (other.c.id != referral_id, other.c.closed_at.is_(None), belongs)
        return bool(await self._transaction.rows(select(other.c.id).where(*where).limit(1)))

    async def alone_in(self, message_id: str) -> list[str]:
        """Return the scopes of a message that belongs to no referral, and of the persons whom it alone named."""
        here = select(item_persons.c.person_id).join(items).where(items.c.message_id == message_id)
        elsewhere = select(item_persons.c.person_id).join(items).where(items.c.message_id != message_id)
        on = select(referral_persons.c.person_id)
        people = select(persons.c.scope).where(
            persons.c.id.in_(here), persons.c.id.not_in(elsewhere), persons.c.id.not_in(on)
        )
        own = select(messages.c.scope).where(messages.c.id == message_id)
        return sorted({row[0] for query in (own, people) for row in await self._transaction.rows(query)})

    async def last_number(self) -> int:
        """Return the last line of the ledger that this database knows; 0: none."""
        return (await self._transaction.execute(select(func.max(erasures.c.number)))).scalar_one() or 0

    async def last_done(self, *, but: str) -> datetime | None:
        """Return when something was erased last, for another reason than ``but``."""
        statement = select(func.max(erasures.c.done_at)).where(erasures.c.reason != but)
        found: datetime | None = (await self._transaction.execute(statement)).scalar_one()
        return found

    async def alone_on(self, referral_id: str) -> list[str]:
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
        """Delete who was on this referral and in the messages of these scopes, its persons' look-up hashes and traces.

        What comes in later then neither joins nor reopens what nobody can read any more.
        """
        in_them = select(items.c.id).where(items.c.message_id.in_(scopes))
        for table in (traces, trace_places, item_persons, links):
            await self._transaction.change(delete(table).where(table.c.item_id.in_(in_them)))
        await self._transaction.change(delete(referral_persons).where(referral_persons.c.referral_id == referral_id))
        gone = select(persons.c.id).where(persons.c.scope.in_(scopes))
        for table in (person_terms, person_blocks, links):
            await self._transaction.change(delete(table).where(table.c.person_id.in_(gone)))

    async def blank(self, entries: Sequence[str]) -> list[int]:
        """Destroy text and salt of these entries of the log; the places of those that there are."""
        named = log_entries.c.id.in_(entries)
        await self._transaction.change(update(log_entries).where(named).values(entry=b"", salt=b""))
        rows = await self._transaction.rows(select(log_entries.c.position).where(named))
        return sorted(row[0] for row in rows if row[0] is not None)
