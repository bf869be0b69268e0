"""Merges of persons: which were made, and which wait for a person."""

from __future__ import annotations

from gateway.store.records import MergeRecord, MergeState
from gateway.store.shape import Shape
from gateway.store.tables.persons import merges
from gateway.store.transaction import Transaction, unknown

MERGES = Shape(merges, MergeRecord)
_ORDER = (merges.c.at, merges.c.id)


class Merges:
    """What sources said of two of their records. The intake writes them, in sets."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def waiting(self, *, limit: int = 500) -> list[MergeRecord]:
        """Return the merges that a person must look at, oldest first."""
        return await self._transaction.every(
            MERGES, merges.c.state == MergeState.WAITING.value, order=_ORDER, limit=limit
        )

    async def get(self, merge_id: str) -> MergeRecord:
        """Return a merge, kept from other work.

        Raises:
            Unknown: ``merge.unknown``.
        """
        return await self._transaction.first(MERGES, merges.c.id == merge_id, lock=True) or unknown("merge")

    async def save(self, merge: MergeRecord) -> None:
        """Write a merge's state."""
        await self._transaction.save(MERGES, merge, ("state",), merges.c.id == merge.id)

    async def of_person(self, person_id: str) -> list[MergeRecord]:
        """Return every merge that this person is a part of, oldest first."""
        part = (merges.c.surviving_id == person_id) | (merges.c.prior_id == person_id)
        return await self._transaction.every(MERGES, part, order=_ORDER)
