"""Analysts' questions whom an alert is about, and managers' approvals."""

from __future__ import annotations

from gateway.store.records import ReidentificationRecord
from gateway.store.shape import Shape
from gateway.store.tables.research import reidentifications
from gateway.store.transaction import Transaction, unknown

REIDENTIFICATIONS = Shape(reidentifications, ReidentificationRecord)
_ORDER = (reidentifications.c.asked_at, reidentifications.c.id)
_APPROVAL = ("approved_by", "approved_at", "until")


class Reidentifications:
    """Questions, each with its approval once there is one."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, record: ReidentificationRecord) -> None:
        """Keep one."""
        await self._transaction.add(REIDENTIFICATIONS, record)

    async def lock(self, name: str) -> ReidentificationRecord:
        """Return one as it is now and keep it from other work until this one ends.

        Raises:
            Unknown: ``reidentification.unknown``.
        """
        found = await self._transaction.first(REIDENTIFICATIONS, reidentifications.c.id == name, lock=True)
        return found or unknown("reidentification")

    async def approve(self, record: ReidentificationRecord) -> None:
        """Write an approval."""
        await self._transaction.save(REIDENTIFICATIONS, record, _APPROVAL, reidentifications.c.id == record.id)

    async def waiting(self, *, limit: int = 200) -> list[ReidentificationRecord]:
        """Return those that wait for an approval, oldest first."""
        where = reidentifications.c.approved_at.is_(None)
        return await self._transaction.every(REIDENTIFICATIONS, where, order=_ORDER, limit=limit)
