"""What is written into a case once and never changed: screenings, suggestions, ratings, decisions, feedback."""

from __future__ import annotations

from typing import Generic

from gateway.store.shape import R, Shape
from gateway.store.transaction import Transaction, unknown


class CaseNotes(Generic[R]):
    """Records of one kind, each of one referral, in the order of their times."""

    def __init__(self, transaction: Transaction, shape: Shape[R], noun: str) -> None:
        self._transaction = transaction
        self._shape = shape
        self._noun = noun

    async def add(self, record: R) -> None:
        """Write one."""
        await self._transaction.add(self._shape, record)

    async def get(self, record_id: str) -> R:
        """Return one.

        Raises:
            Unknown: ``{noun}.unknown``.
        """
        found = await self._transaction.first(self._shape, self._shape.table.c.id == record_id)
        return found or unknown(self._noun)

    async def of_referral(self, referral_id: str) -> list[R]:
        """Return all of one referral, oldest first."""
        columns = self._shape.table.c
        where = columns.referral_id == referral_id
        return await self._transaction.every(self._shape, where, order=(columns.at, columns.id))
