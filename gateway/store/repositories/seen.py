"""What may be used once: the ids of assertions, proofs and tokens."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete

from gateway.store.shape import inserting
from gateway.store.tables.upkeep import seen
from gateway.store.transaction import Transaction


class Seen:
    """Values that were seen, until what they came in has expired."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def first(self, kind: str, value_hash: str, expires_at: datetime) -> bool:
        """Tell whether this is the first time. Of two at once, one gets True."""
        insert = inserting(self._transaction.dialect, seen).on_conflict_do_nothing()
        values = {"kind": kind, "value_hash": value_hash, "expires_at": expires_at}
        return await self._transaction.change(insert, values) == 1

    async def sweep(self, now: datetime) -> int:
        """Forget what has expired; return how many."""
        return await self._transaction.change(delete(seen).where(seen.c.expires_at <= now))
