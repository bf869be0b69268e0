"""Marks of handling, as far as they reach: from what was notified of a person to everybody beside that person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import Select, select

from gateway.store.tables.messages import item_persons, items
from gateway.store.tables.referrals import referral_persons
from gateway.store.transaction import Transaction

_NONE: tuple[str, ...] = ()
_here = referral_persons.alias("here")
_there = referral_persons.alias("there")
_beside = referral_persons.alias("beside")


class HandlingMarks:
    """Asked afresh each time, so that a notification that came later reaches what was there before it."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def of_persons(self, referral_id: str) -> Mapping[str, frozenset[str]]:
        """For each person of a referral, the marks of every item that names them, on whatever referral or on none."""
        statement = (
            select(_here.c.person_id, items.c.handling)
            .join(item_persons, item_persons.c.person_id == _here.c.person_id)
            .join(items, items.c.id == item_persons.c.item_id)
            .where(_here.c.referral_id == referral_id, items.c.handling != _NONE)
            .distinct()
        )
        return await self._marks(statement)

    async def beside(self, referral_id: str) -> Mapping[str, frozenset[str]]:
        """For each person of a referral, the marks of items that name anybody who shares a referral with them."""
        statement = (
            select(_here.c.person_id, items.c.handling)
            .join(_there, _there.c.person_id == _here.c.person_id)
            .join(_beside, _beside.c.referral_id == _there.c.referral_id)
            .join(item_persons, item_persons.c.person_id == _beside.c.person_id)
            .join(items, items.c.id == item_persons.c.item_id)
            .where(_here.c.referral_id == referral_id, items.c.handling != _NONE)
            .distinct()
        )
        return await self._marks(statement)

    async def _marks(self, statement: Select[tuple[str, tuple[str, ...]]]) -> Mapping[str, frozenset[str]]:
        found = defaultdict[str, frozenset[str]](frozenset)
        for person, marks in await self._transaction.rows(statement):
            found[person] |= frozenset(marks)
        return found
