"""Whose turn it is with work that one process of a hub does at a time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select, update

from gateway.store.shape import inserting
from gateway.store.tables.rounds import rounds
from gateway.store.transaction import Transaction


class Rounds:
    """Rounds by name. A claim of a process that died lapses by itself."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def due(self, name: str, now: datetime) -> bool:
        """Tell whether nobody has the round and it is time for it: a look, before a claim is worth its commit."""
        next_at = (await self._transaction.execute(select(rounds.c.next_at).where(rounds.c.name == name))).scalar()
        return next_at is None or next_at <= now

    async def claim(self, name: str, worker: str, *, now: datetime, until: datetime) -> bool:
        """Take the round, or keep it where it is the worker's already; False where it is another's or not due."""
        insert = inserting(self._transaction.dialect, rounds)
        statement = insert.on_conflict_do_update(
            index_elements=["name"],
            set_={"claimed_by": insert.excluded.claimed_by, "next_at": insert.excluded.next_at},
            where=or_(rounds.c.next_at <= now, rounds.c.claimed_by == insert.excluded.claimed_by),
        )
        row = {"name": name, "claimed_by": worker, "next_at": until}
        return await self._transaction.change(statement, row) == 1

    async def finish(self, name: str, worker: str, next_at: datetime) -> None:
        """Give the round back, to be anybody's from ``next_at`` on. Nothing happens where another has it by now."""
        mine = (rounds.c.name == name, rounds.c.claimed_by == worker)
        await self._transaction.execute(update(rounds).where(*mine).values(claimed_by=None, next_at=next_at))
