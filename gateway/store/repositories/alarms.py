"""What is late and stands until somebody acts."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update

from gateway.store.records import AlarmRecord
from gateway.store.shape import Shape
from gateway.store.tables.casework import alarms
from gateway.store.transaction import Transaction, unknown

ALARMS = Shape(alarms, AlarmRecord)
_ORDER = (alarms.c.raised_at, alarms.c.id)


def stands(kind: str, subject: ColumnElement[str]) -> ColumnElement[bool]:
    """The condition that an alarm of this kind stands for the row whose id is in this column.

    What has its alarm is not looked for again, so that many which stand hide no new one behind a page's end.
    """
    where = (alarms.c.kind == kind, alarms.c.subject == subject, alarms.c.cleared_at.is_(None))
    return select(alarms.c.id).where(*where).exists()


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

    async def get(self, alarm_id: str) -> AlarmRecord:
        """Return an alarm.

        Raises:
            Unknown: ``alarm.unknown``.
        """
        return await self._transaction.first(ALARMS, alarms.c.id == alarm_id) or unknown("alarm")

    async def of_kinds(self, kinds: Collection[str], *, limit: int | None = 500) -> list[AlarmRecord]:
        """Return the alarms of these kinds that stand, oldest first; all of them with ``limit`` None."""
        where = (alarms.c.cleared_at.is_(None), alarms.c.kind.in_(sorted(kinds)))
        return await self._transaction.every(ALARMS, *where, order=_ORDER, limit=limit)

    async def standing_kinds(self, referral_ids: Collection[str]) -> dict[str, tuple[str, ...]]:
        """Return the kinds of alarms that stand for each of these referrals, sorted; those without one are left out."""
        statement = (
            select(alarms.c.referral_id, alarms.c.kind)
            .where(alarms.c.referral_id.in_(sorted(referral_ids)), alarms.c.cleared_at.is_(None))
            .distinct()
        )
        found: dict[str, list[str]] = {}
        for referral, kind in await self._transaction.rows(statement):
            found.setdefault(referral, []).append(kind)
        return {referral: tuple(sorted(kinds)) for referral, kinds in found.items()}

    async def last_cleared(self, kind: str) -> dict[str, datetime]:
        """Return when an alarm of this kind was last cleared, by subject."""
        statement = (
            select(alarms.c.subject, func.max(alarms.c.cleared_at))
            .where(alarms.c.kind == kind, alarms.c.cleared_at.is_not(None))
            .group_by(alarms.c.subject)
        )
        return {row[0]: row[1] for row in await self._transaction.rows(statement)}

    async def of_referral(self, referral_id: str) -> list[AlarmRecord]:
        """Return a referral's alarms, those cleared too, oldest first."""
        return await self._transaction.every(ALARMS, alarms.c.referral_id == referral_id, order=_ORDER)
