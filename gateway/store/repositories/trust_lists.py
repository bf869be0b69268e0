"""The trust lists that were applied, one row a version."""

from __future__ import annotations

from gateway.store.records import TrustListRow
from gateway.store.shape import Shape
from gateway.store.tables.identities import trust_lists
from gateway.store.transaction import Transaction

TRUST_LISTS = Shape(trust_lists, TrustListRow)


class TrustLists:
    """What officers signed, kept as it came."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, row: TrustListRow) -> None:
        """Keep the next version.

        Raises:
            Conflict: ``trust.replayed``: another of this version came first.
        """
        async with self._transaction.unless_taken("trust.replayed", "another list of this version came first"):
            await self._transaction.add(TRUST_LISTS, row)

    async def every(self) -> list[TrustListRow]:
        """Return all versions, the first one first."""
        return await self._transaction.every(TRUST_LISTS, order=(trust_lists.c.version,))

    async def version(self, number: int) -> TrustListRow | None:
        """Return this version, or None."""
        return await self._transaction.first(TRUST_LISTS, trust_lists.c.version == number)

    async def latest(self) -> TrustListRow | None:
        """Return the list in force, or None."""
        found = await self._transaction.every(TRUST_LISTS, order=(trust_lists.c.version.desc(),), limit=1)
        return found[0] if found else None
