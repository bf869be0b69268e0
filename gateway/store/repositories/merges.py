"""Merges of persons: which were made, and which wait for a person."""

from __future__ import annotations

from gateway.store.records import MergeRecord, MergeState
from gateway.store.shape import Shape
from gateway.store.tables.persons import merges
from gateway.store.transaction import Transaction

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

    async def of_person(self, person_id: str) -> list[MergeRecord]:
        """Return every merge that this person is a part of, oldest first."""
        part = (merges.c.surviving_id == person_id) | (merges.c.prior_id == person_id)
        return await self._transaction.every(MERGES, part, order=_ORDER)
