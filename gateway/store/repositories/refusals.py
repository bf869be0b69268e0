"""Callers without a valid credential, counted by the minute: they may not fill the log one by one."""

from __future__ import annotations

from datetime import datetime

from gateway.store.records import RefusalCount
from gateway.store.shape import Shape
from gateway.store.tables.messages import refusals
from gateway.store.transaction import Transaction

REFUSALS = Shape(refusals, RefusalCount)


class Refusals:
    """How many were turned away, when, where and why."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, minute: datetime, feed: str, code: str, number: int = 1) -> None:
        """Count so many refusals within the minute that begins at ``minute``."""
        await self._transaction.count(refusals, {"minute": minute, "feed": feed, "code": code}, number)

    async def since(self, start: datetime) -> list[RefusalCount]:
        """Return the counts of every minute from ``start`` on."""
        order = (refusals.c.minute, refusals.c.feed, refusals.c.code)
        return await self._transaction.every(REFUSALS, refusals.c.minute >= start, order=order)
