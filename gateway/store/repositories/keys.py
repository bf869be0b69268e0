"""The hub's own keys."""

from __future__ import annotations

from gateway.store.records import KeyRow
from gateway.store.shape import Shape
from gateway.store.tables.keys import keys
from gateway.store.transaction import Transaction, unknown
from schemas.errors import Conflict

KEYS = Shape(keys, KeyRow)
KEYS_LOCK = 0x6D617368_0003
_CHANGE = ("state", "published_at", "promoted_at", "retired_at", "revoked_at", "wrapped", "changed_at")


class HubKeys:
    """Keys by purpose and version."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def lock(self) -> None:
        """Be the only one to make or change keys until this work ends; others wait."""
        await self._transaction.hold(KEYS_LOCK)

    async def add(self, key: KeyRow) -> None:
        """Keep a new key.

        Raises:
            Conflict: ``key.exists``: this kid, or this version for this purpose, is there already.
        """
        if not await self._transaction.add_new(KEYS, key):
            raise Conflict("key.exists", "another process made this key meanwhile: read the keys again")

    async def get(self, kid: str) -> KeyRow:
        """Return a key.

        Raises:
            Unknown: ``key.unknown``.
        """
        return await self._transaction.first(KEYS, keys.c.kid == kid) or unknown("key")

    async def save(self, key: KeyRow) -> None:
        """Write a key's state and times, and its wrapped form (None destroys it).

        Raises:
            Unknown: ``key.unknown``.
        """
        if not await self._transaction.save(KEYS, key, _CHANGE, keys.c.kid == key.kid):
            unknown("key")

    async def all(self) -> list[KeyRow]:
        """Return every key, by purpose and version."""
        return await self._transaction.every(KEYS, order=(keys.c.purpose, keys.c.version))
