"""Arrivals that are still to be announced, claimed for whoever lost them.

They commit with their message, and go when the broker has confirmed them, in sets: see ``gateway.store.direct.intake``.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from gateway.store.records import NoticeRecord
from gateway.store.shape import Shape
from gateway.store.tables.notices import notices
from gateway.store.transaction import Transaction

NOTICES = Shape(notices, NoticeRecord)


class Notices:
    """The narrow outbox of arrivals."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def claim(self, *, limit: int, now: datetime, lease: timedelta, worker: str) -> list[NoticeRecord]:
        """Take up to ``limit`` whose claim has lapsed, the longest first, for as long as ``lease``.

        No two workers hold the same. Commit before publishing.
        """
        due = (
            select(notices.c.id)
            .where(notices.c.next_at <= now)
            .order_by(notices.c.next_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("due")
        )
        claim = (
            update(notices)
            .where(notices.c.id.in_(select(due.c.id)))
            .values(next_at=now + lease, claimed_by=worker)
            .returning(*(notices.c[name] for name in NOTICES.names))
        )
        claimed = [NOTICES.record(row) for row in await self._transaction.rows(claim)]
        return sorted(claimed, key=lambda notice: (notice.at, notice.id))

    async def pending(self) -> int:
        """Return how many were not announced yet."""
        return int((await self._transaction.execute(select(func.count()).select_from(notices))).scalar_one())
