"""Links of persons with their reasons, and recalls of what wrong ones disclosed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, select, update

from gateway.store.records import LinkRecord, PersonRecord, RecallRecord
from gateway.store.repositories.persons import PERSONS
from gateway.store.shape import Shape
from gateway.store.tables.messages import item_persons, items
from gateway.store.tables.persons import links, persons, recalls
from gateway.store.tables.referrals import referral_persons
from gateway.store.transaction import Transaction, unknown

LINKS = Shape(links, LinkRecord)
RECALLS = Shape(recalls, RecallRecord)
_ORDER = (links.c.at, links.c.item_id, links.c.ref)


class Links:
    """Who somebody of an item is. The intake writes links, in sets; taking one back goes through here."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def get(self, item_id: str, ref: str) -> LinkRecord:
        """Return a link.

        Raises:
            Unknown: ``link.unknown``.
        """
        found = await self._transaction.first(LINKS, links.c.item_id == item_id, links.c.ref == ref)
        return found or unknown("link")

    async def of_person(self, person_id: str, *, limit: int = 200) -> list[LinkRecord]:
        """Return the newest links of a person, oldest first."""
        order = tuple(column.desc() for column in _ORDER)
        found = await self._transaction.every(LINKS, links.c.person_id == person_id, order=order, limit=limit)
        return found[::-1]

    async def since(self, person_id: str, at: datetime) -> list[LinkRecord]:
        """Return a person's links that were made at that time or later, oldest first."""
        return await self._transaction.every(LINKS, links.c.person_id == person_id, links.c.at >= at, order=_ORDER)

    async def move(self, link: LinkRecord) -> None:
        """Write whose link this is now, and how it reads."""
        names = ("person_id", "how", "doubts", "decided_by", "sealed", "before_sealed")
        await self._transaction.save(LINKS, link, names, links.c.item_id == link.item_id, links.c.ref == link.ref)

    async def add_recall(self, recall: RecallRecord) -> None:
        """Keep a recall."""
        await self._transaction.add(RECALLS, recall)

    async def recalls_of(self, person_id: str) -> list[RecallRecord]:
        """Return the recalls that this person was taken apart in, oldest first."""
        part = (recalls.c.kept_id == person_id) | (recalls.c.restored_id == person_id)
        return await self._transaction.every(RECALLS, part, order=(recalls.c.at, recalls.c.id))

    async def lock_persons(self, person_ids: Sequence[str]) -> dict[str, PersonRecord]:
        """Return these persons as they are now, merged or not, and keep them from other work."""
        found = {}
        for name in sorted(person_ids):  # one order, so that no two works wait for each other
            record = await self._transaction.first(PERSONS, persons.c.id == name, lock=True)
            found[name] = record or unknown("person")
        return found

    async def part(self, prior: str) -> None:
        """Let a person whose record gave way stand for themselves again."""
        await self._transaction.change(update(persons).where(persons.c.id == prior).values(merged_into=None))

    async def items_of(self, person_id: str) -> list[str]:
        """Return the items that name a person."""
        rows = await self._transaction.rows(
            select(item_persons.c.item_id).where(item_persons.c.person_id == person_id).order_by(item_persons.c.item_id)
        )
        return [item for (item,) in rows]

    async def move_items(self, names: Sequence[str], kept: str, other: str) -> None:
        """Let these items name ``other`` instead of ``kept``, as history sees them."""
        columns = item_persons.c
        twin = item_persons.alias()
        taken = exists(select(twin.c.item_id).where(twin.c.item_id == columns.item_id, twin.c.person_id == other))
        these = (columns.item_id.in_(names), columns.person_id == kept)
        await self._transaction.change(update(item_persons).where(*these, ~taken).values(person_id=other))
        await self._transaction.change(delete(item_persons).where(*these))

    async def move_part(self, referral_id: str, kept: str, other: str) -> None:
        """Let ``other`` stand on a referral where ``kept`` stood, unless both do."""
        await self._transaction.change(
            update(referral_persons)
            .where(*_stands(referral_id, kept), ~_there(referral_id, other))
            .values(person_id=other)
        )

    async def referrals_of(self, person_id: str) -> list[str]:
        """Return the referrals that a person stands on."""
        rows = await self._transaction.rows(
            select(referral_persons.c.referral_id)
            .where(referral_persons.c.person_id == person_id)
            .order_by(referral_persons.c.referral_id)
        )
        return [referral for (referral,) in rows]

    async def named_on(self, referral_id: str, person_id: str) -> bool:
        """Tell whether any item of a referral names a person."""
        statement = (
            select(items.c.id)
            .join(item_persons, item_persons.c.item_id == items.c.id)
            .where(items.c.referral_id == referral_id, item_persons.c.person_id == person_id)
            .limit(1)
        )
        return bool(await self._transaction.rows(statement))

    async def referrals_of_items(self, names: Sequence[str]) -> dict[str, str]:
        """Return the referral of each of these items that has one."""
        statement = select(items.c.id, items.c.referral_id).where(
            items.c.id.in_(names), items.c.referral_id.is_not(None)
        )
        return {item: referral for item, referral in await self._transaction.rows(statement)}  # noqa: C416 - rows are no pairs to the type checker


def _stands(referral_id: str, person_id: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return referral_persons.c.referral_id == referral_id, referral_persons.c.person_id == person_id


def _there(referral_id: str, person_id: str) -> ColumnElement[bool]:
    other = referral_persons.alias()
    return exists(select(other.c.ref).where(other.c.referral_id == referral_id, other.c.person_id == person_id))
