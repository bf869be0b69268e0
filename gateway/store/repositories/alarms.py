"""What is late and stands until somebody acts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from gateway.store.records import AlarmRecord
from gateway.store.shape import Shape
from gateway.store.tables.casework import alarms
from gateway.store.transaction import Transaction

ALARMS = Shape(alarms, AlarmRecord)
_ORDER = (alarms.c.raised_at, alarms.c.id)


class Alarms:
    """Alarms; of one kind, one stands per subject."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def raise_once(self, alarm: AlarmRecord) -> bool:
        """Raise an alarm; False if one of its kind stands for its subject already."""
        return await self._transaction.add_new(ALARMS, alarm)

    async def clear(self, kind: str, subject: str, at: datetime) -> bool:
        """Clear the alarm of this kind that stands for the subject; tell whether one did."""
        standing = (alarms.c.kind == kind, alarms.c.subject == subject, alarms.c.cleared_at.is_(None))
        return await self._transaction.change(update(alarms).where(*standing).values(cleared_at=at)) == 1

    async def standing(self, *, limit: int = 500) -> list[AlarmRecord]:
        """Return the alarms that stand, oldest first."""
        return await self._transaction.every(ALARMS, alarms.c.cleared_at.is_(None), order=_ORDER, limit=limit)

    async def of_referral(self, referral_id: str) -> list[AlarmRecord]:
        """Return a referral's alarms, those cleared too, oldest first."""
        return await self._transaction.every(ALARMS, alarms.c.referral_id == referral_id, order=_ORDER)
