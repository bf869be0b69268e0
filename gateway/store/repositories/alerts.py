"""Repeat and cumulative patterns that research found."""

from __future__ import annotations

from gateway.store.records import AlertRecord
from gateway.store.shape import Shape
from gateway.store.tables.casework import alerts
from gateway.store.transaction import Transaction

ALERTS = Shape(alerts, AlertRecord)


class Alerts:
    """Alerts, each with its evidence."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def of_referral(self, referral_id: str) -> list[AlertRecord]:
        """Return a referral's alerts, oldest first."""
        order = (alerts.c.raised_at, alerts.c.id)
        return await self._transaction.every(ALERTS, alerts.c.referral_id == referral_id, order=order)
