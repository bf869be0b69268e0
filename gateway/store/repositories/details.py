"""Thin messages whose detail is asked for: committed with them, and kept as the link to what completed them."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import func, literal_column, select, update

from gateway.store.records import DetailRecord, DetailState
from gateway.store.shape import Shape
from gateway.store.tables.details import details
from gateway.store.transaction import Transaction

DETAILS = Shape(details, DetailRecord)
# Spelled out, so that the database sees that the partial indexes serve.
_WAITING = details.c.state == literal_column(f"'{DetailState.WAITING}'")
_PARKED = details.c.state == literal_column(f"'{DetailState.PARKED}'")


class Details:
    """What is asked for, by message."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, record: DetailRecord) -> bool:
        """Ask for a message's detail; False if it was asked for before."""
        return await self._transaction.add_new(DETAILS, record)

    async def get(self, message_id: str) -> DetailRecord | None:
        """Return what is known of a message's detail, or None where none is asked for."""
        return await self._transaction.first(DETAILS, details.c.message_id == message_id)

    async def completes(self, message_id: str) -> DetailRecord | None:
        """Return that of the message which this one completed, or None."""
        found = await self._transaction.every(
            DETAILS, details.c.completed_by == message_id, order=(details.c.message_id,), limit=1
        )
        return found[0] if found else None

    async def due(self, now: datetime) -> bool:
        """Tell whether any is due: a look, before a claim is worth its commit."""
        statement = select(details.c.message_id).where(_WAITING, details.c.next_at <= now).limit(1)
        return (await self._transaction.execute(statement)).first() is not None

    async def claim(self, *, limit: int, now: datetime, lease: timedelta, worker: str) -> list[DetailRecord]:
        """Take up to ``limit`` that are due, the longest due first, for as long as ``lease``.

        No two workers hold the same; a claim of a worker that died lapses with its lease. Commit before asking.
        """
        due = (
            select(details.c.message_id)
            .where(_WAITING, details.c.next_at <= now)
            .order_by(details.c.next_at, details.c.message_id)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("due")
        )
        claim = (
            update(details)
            .where(details.c.message_id.in_(select(due.c.message_id)))
            .values(next_at=now + lease, claimed_by=worker, attempts=details.c.attempts + 1)
            .returning(*(details.c[name] for name in DETAILS.names))
        )
        claimed = [DETAILS.record(row) for row in await self._transaction.rows(claim)]
        return sorted(claimed, key=lambda one: one.message_id)

    async def done(self, message_id: str, completed_by: str) -> None:
        """Say which message the detail came in as."""
        values = {"state": DetailState.DONE, "completed_by": completed_by, "claimed_by": None, "reason": None}
        await self._transaction.execute(update(details).where(details.c.message_id == message_id).values(values))

    async def retry(self, message_id: str, next_at: datetime, reason: str) -> None:
        """Give a claim back, to be tried again from ``next_at`` on; ``reason`` is the failure's code."""
        values = {"next_at": next_at, "claimed_by": None, "reason": reason}
        await self._transaction.execute(
            update(details).where(details.c.message_id == message_id, _WAITING).values(values)
        )

    async def park(self, message_id: str, reason: str) -> bool:
        """Set aside what can't be had, with a code that says why, for a person; False where that was done."""
        values = {"state": DetailState.PARKED, "reason": reason, "claimed_by": None}
        waiting = (details.c.message_id == message_id, _WAITING)
        return await self._transaction.change(update(details).where(*waiting).values(values)) == 1

    async def unpark(self, message_id: str, next_at: datetime) -> bool:
        """Try again what was set aside, its attempts counted anew; tell whether it was."""
        values = {"state": DetailState.WAITING, "attempts": 0, "next_at": next_at}
        parked = (details.c.message_id == message_id, _PARKED)
        return await self._transaction.change(update(details).where(*parked).values(values)) == 1

    async def parked(self, *, limit: int = 200) -> list[DetailRecord]:
        """Return what was set aside, in the order of the messages."""
        return await self._transaction.every(DETAILS, _PARKED, order=(details.c.message_id,), limit=limit)

    async def counts(self) -> dict[str, dict[str, int]]:
        """Return how many wait and how many were set aside, by feed."""
        found: dict[str, Counter[str]] = {}
        for state in (_WAITING, _PARKED):
            statement = select(details.c.feed, details.c.state, func.count()).where(state).group_by("feed", "state")
            for feed, name, number in await self._transaction.rows(statement):
                found.setdefault(feed, Counter())[name] = number
        return {feed: dict(counted) for feed, counted in found.items()}
