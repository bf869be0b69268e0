"""The keys of scopes: what is sealed together can be destroyed together."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from gateway.store.records import ScopeKey
from gateway.store.shape import Shape
from gateway.store.tables.keys import scopes
from gateway.store.transaction import Transaction, unknown
from schemas.errors import Conflict

SCOPES = Shape(scopes, ScopeKey)


class Scopes:
    """Wrapped scope keys."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, scope: ScopeKey) -> None:
        """Keep a new scope's key.

        Raises:
            Conflict: ``scope.exists``.
        """
        if not await self._transaction.add_new(SCOPES, scope):
            raise Conflict("scope.exists", "this scope has a key already")

    async def get(self, scope_id: str) -> ScopeKey:
        """Return a scope's key; ``wrapped`` is None once it was destroyed.

        Raises:
            Unknown: ``scope.unknown``.
        """
        return await self._transaction.first(SCOPES, scopes.c.id == scope_id) or unknown("scope")

    async def rewrap(self, scope_id: str, kek_version: int, wrapped: bytes) -> bool:
        """Write a scope's key as wrapped under another version; False if it was destroyed meanwhile."""
        alive = (scopes.c.id == scope_id, scopes.c.destroyed_at.is_(None))
        values = {"kek_version": kek_version, "wrapped": wrapped}
        return await self._transaction.change(update(scopes).where(*alive).values(values)) == 1

    async def destroy(self, scope_id: str, at: datetime) -> bool:
        """Destroy a scope's key for good; False if it was destroyed before.

        Backups that still hold it are read no more once the key-encryption key of its version is destroyed too.
        """
        alive = (scopes.c.id == scope_id, scopes.c.destroyed_at.is_(None))
        values = {"wrapped": None, "destroyed_at": at}
        return await self._transaction.change(update(scopes).where(*alive).values(values)) == 1

    async def list_by_kek(self, kek_version: int, *, limit: int = 500) -> list[ScopeKey]:
        """Return scopes whose key is still wrapped under this version, oldest first."""
        where = (scopes.c.kek_version == kek_version, scopes.c.destroyed_at.is_(None))
        return await self._transaction.every(SCOPES, *where, order=(scopes.c.created_at, scopes.c.id), limit=limit)
