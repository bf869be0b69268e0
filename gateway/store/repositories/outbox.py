"""What waits to leave. It commits with the state that it tells of, and goes when the broker has confirmed it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update

from gateway.store.records import OutboxRecord
from gateway.store.shape import Shape
from gateway.store.tables.envelopes import outbox
from gateway.store.transaction import Transaction

OUTBOX = Shape(outbox, OutboxRecord)


class Outbox:
    """The queue between what was decided and what is delivered."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, message: OutboxRecord) -> None:
        """Let an envelope leave."""
        await self._transaction.add(OUTBOX, message)

    async def claim(self, *, limit: int, now: datetime, lease: timedelta, worker: str) -> list[OutboxRecord]:
        """Take up to ``limit`` that are due, the longest due first, for as long as ``lease``.

        No two workers hold the same; a claim of a worker that died lapses with its lease. Commit before delivering.
        """
        due = (
            select(outbox.c.id)
            .where(outbox.c.parked_reason.is_(None), outbox.c.next_at <= now)
            .order_by(outbox.c.next_at, outbox.c.created_at, outbox.c.id)
            .limit(limit)
            # A common table expression is worked out once; as a plain subquery it might be run, and lock, again.
            .with_for_update(skip_locked=True)
            .cte("due")
        )
        claim = (
            update(outbox)
            .where(outbox.c.id.in_(select(due.c.id)))
            .values(next_at=now + lease, claimed_by=worker, attempts=outbox.c.attempts + 1)
            .returning(*(outbox.c[name] for name in OUTBOX.names))
        )
        claimed = [OUTBOX.record(row) for row in await self._transaction.rows(claim)]
        return sorted(claimed, key=lambda message: (message.created_at, message.id))

    async def done(self, message_ids: Collection[str]) -> None:
        """Forget what was delivered. Twice does no harm."""
        await self._transaction.execute(delete(outbox).where(outbox.c.id.in_(message_ids)))

    async def retry(self, message_id: str, next_at: datetime) -> None:
        """Give a claim back, to be tried again from ``next_at`` on. Nothing happens to what was delivered meanwhile."""
        values = {"next_at": next_at, "claimed_by": None}
        await self._transaction.execute(update(outbox).where(outbox.c.id == message_id).values(values))

    async def park(self, message_id: str, reason: str) -> None:
        """Set aside what can't be delivered, with a code that says why, for a person to look at."""
        values = {"parked_reason": reason, "claimed_by": None}
        await self._transaction.execute(update(outbox).where(outbox.c.id == message_id).values(values))

    async def unpark(self, message_id: str, next_at: datetime) -> bool:
        """Try again what was set aside, its attempts counted anew; tell whether it was."""
        parked = (outbox.c.id == message_id, outbox.c.parked_reason.is_not(None))
        values = {"parked_reason": None, "attempts": 0, "next_at": next_at}
        return await self._transaction.change(update(outbox).where(*parked).values(values)) == 1

    async def pending(self) -> int:
        """Return how many wait to leave, those set aside not counted."""
        statement = select(func.count()).select_from(outbox).where(outbox.c.parked_reason.is_(None))
        return int((await self._transaction.execute(statement)).scalar_one())

    async def parked(self, *, limit: int = 200) -> list[OutboxRecord]:
        """Return what was set aside, oldest first."""
        order = (outbox.c.created_at, outbox.c.id)
        return await self._transaction.every(OUTBOX, outbox.c.parked_reason.is_not(None), order=order, limit=limit)
