"""Information products and what became of them."""

from __future__ import annotations

from datetime import datetime

from gateway.store.records import ProductRecord
from gateway.store.repositories.alarms import stands
from gateway.store.shape import Shape
from gateway.store.tables.exchange import products
from gateway.store.transaction import Transaction, unknown
from schemas.errors import Conflict

PRODUCTS = Shape(products, ProductRecord)
_ORDER = (products.c.created_at, products.c.id)
_CHANGE = (
    "state",
    "envelope_id",
    "delivered_at",
    "accepted_at",
    "accepted_by",
    "acted_at",
    "acceptance_sealed",
)


class Products:
    """Versions of products, per referral and recipient."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, product: ProductRecord) -> None:
        """Keep a product.

        Raises:
            Conflict: ``product.version``: this recipient has this version already.
        """
        if not await self._transaction.add_new(PRODUCTS, product):
            raise Conflict("product.version", "this version exists already: count on from the newest")

    async def get(self, product_id: str) -> ProductRecord:
        """Return a product.

        Raises:
            Unknown: ``product.unknown``.
        """
        return await self._transaction.first(PRODUCTS, products.c.id == product_id) or unknown("product")

    async def lock(self, product_id: str) -> ProductRecord:
        """Return a product as it is now and keep it from other work until this one ends.

        Raises:
            Unknown: ``product.unknown``.
        """
        return await self._transaction.first(PRODUCTS, products.c.id == product_id, lock=True) or unknown("product")

    async def save(self, product: ProductRecord) -> None:
        """Write a locked product's state, envelope and the times of its three facts; its content never changes.

        Raises:
            Unknown: ``product.unknown``.
        """
        if not await self._transaction.save(PRODUCTS, product, _CHANGE, products.c.id == product.id):
            unknown("product")

    async def of_referral(self, referral_id: str) -> list[ProductRecord]:
        """Return a referral's products, oldest first."""
        return await self._transaction.every(PRODUCTS, products.c.referral_id == referral_id, order=_ORDER)

    async def unaccepted(self, created_before: datetime, *, limit: int = 500) -> list[ProductRecord]:
        """Return products made by then that nobody has accepted and that have no alarm of it yet, oldest first."""
        fresh = ~stands("product_unaccepted", products.c.id)
        where = (products.c.accepted_at.is_(None), products.c.created_at <= created_before, fresh)
        return await self._transaction.every(PRODUCTS, *where, order=_ORDER, limit=limit)
