"""What owners released to more readers later."""

from __future__ import annotations

from collections.abc import Collection

from gateway.store.records import ReleaseRecord
from gateway.store.shape import Shape
from gateway.store.tables.exchange import releases
from gateway.store.transaction import Transaction

RELEASES = Shape(releases, ReleaseRecord)


class Releases:
    """Releases; the same bytes for the same disclosure are one."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, release: ReleaseRecord) -> bool:
        """Keep a release; False if its disclosure was given these bytes already."""
        return await self._transaction.add_new(RELEASES, release)

    async def of_disclosures(self, disclosure_ids: Collection[str]) -> list[ReleaseRecord]:
        """Return the releases of any of the disclosures, oldest first."""
        order = (releases.c.received_at, releases.c.id)
        return await self._transaction.every(RELEASES, releases.c.disclosure_id.in_(disclosure_ids), order=order)
