"""Small facts that the hub keeps about itself, such as the digest of the configuration that it last started with."""

from __future__ import annotations

from sqlalchemy import select

from gateway.store.shape import inserting
from gateway.store.tables.upkeep import settings
from gateway.store.transaction import Transaction


class Settings:
    """Texts by name."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def get(self, name: str) -> str | None:
        """Return a text, or None."""
        return (await self._transaction.execute(select(settings.c.text).where(settings.c.name == name))).scalar()

    async def put(self, name: str, text: str) -> None:
        """Write a text, over what was there."""
        insert = inserting(self._transaction.dialect, settings)
        statement = insert.on_conflict_do_update(index_elements=["name"], set_={"text": insert.excluded.text})
        await self._transaction.execute(statement, {"name": name, "text": text})
