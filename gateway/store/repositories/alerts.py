"""Repeat and cumulative patterns that research found."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from gateway.store.records import AlertRecord
from gateway.store.shape import Shape
from gateway.store.tables.casework import alerts
from gateway.store.transaction import Transaction, unknown

ALERTS = Shape(alerts, AlertRecord)
_ORDER = (alerts.c.raised_at, alerts.c.id)


class Alerts:
    """Alerts, each with its evidence."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def of_referral(self, referral_id: str) -> list[AlertRecord]:
        """Return a referral's alerts, oldest first."""
        return await self._transaction.every(ALERTS, alerts.c.referral_id == referral_id, order=_ORDER)

    async def raise_new(self, record: AlertRecord) -> bool:
        """Keep an alert; False if this referral has it already."""
        return await self._transaction.add_new(ALERTS, record)

    async def get(self, alert_id: str) -> AlertRecord:
        """Return an alert.

        Raises:
            Unknown: ``alert.unknown``.
        """
        return await self._transaction.first(ALERTS, alerts.c.id == alert_id) or unknown("alert")

    async def of_kinds(self, kinds: Collection[str], referral_ids: Collection[str]) -> list[AlertRecord]:
        """Return the alerts of these kinds on these referrals, oldest first."""
        where = (alerts.c.referral_id.in_(sorted(referral_ids)), alerts.c.kind.in_(sorted(kinds)))
        return await self._transaction.every(ALERTS, *where, order=_ORDER)

    async def raised(
        self, kinds: Collection[str], *, since: datetime, until: datetime, limit: int
    ) -> list[AlertRecord]:
        """Return the alerts of these kinds from ``since`` to before ``until``, the newest first."""
        where = (alerts.c.kind.in_(sorted(kinds)), alerts.c.raised_at >= since, alerts.c.raised_at < until)
        newest = (alerts.c.raised_at.desc(), alerts.c.id)
        return await self._transaction.every(ALERTS, *where, order=newest, limit=limit)
