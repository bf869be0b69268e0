"""Managers' looks into cases that are not theirs, and their reviews."""

from __future__ import annotations

from datetime import datetime

from gateway.store.records import BreakGlassRecord
from gateway.store.shape import Shape
from gateway.store.tables.casework import break_glasses
from gateway.store.transaction import Transaction, unknown

BREAK_GLASSES = Shape(break_glasses, BreakGlassRecord)
_ORDER = (break_glasses.c.at, break_glasses.c.id)
_REVIEW = ("reviewed_at", "reviewed_by", "finding", "review_sealed")


class BreakGlasses:
    """Looks, each with its review once there is one."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, record: BreakGlassRecord) -> None:
        """Keep one."""
        await self._transaction.add(BREAK_GLASSES, record)

    async def lock(self, name: str) -> BreakGlassRecord:
        """Return one as it is now and keep it from other work until this one ends.

        Raises:
            Unknown: ``break_glass.unknown``.
        """
        found = await self._transaction.first(BREAK_GLASSES, break_glasses.c.id == name, lock=True)
        return found or unknown("break_glass")

    async def review(self, record: BreakGlassRecord) -> None:
        """Write a review."""
        await self._transaction.save(BREAK_GLASSES, record, _REVIEW, break_glasses.c.id == record.id)

    async def unreviewed(self, *, limit: int = 200) -> list[BreakGlassRecord]:
        """Return those that wait for a review, oldest first."""
        where = break_glasses.c.reviewed_at.is_(None)
        return await self._transaction.every(BREAK_GLASSES, where, order=_ORDER, limit=limit)

    async def standing(self, referral_id: str, by: str, now: datetime) -> BreakGlassRecord | None:
        """Return the look of this person into this case that holds now, or None."""
        where = (
            break_glasses.c.referral_id == referral_id,
            break_glasses.c.by == by,
            break_glasses.c.until > now,
            break_glasses.c.reviewed_at.is_(None),
        )
        found = await self._transaction.every(BREAK_GLASSES, *where, order=_ORDER, limit=1)
        return found[0] if found else None
