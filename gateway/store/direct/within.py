"""The same sets within a transaction that SQLAlchemy began, for work that does more than the hot path does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.store.direct.postgres import HOLD
from gateway.store.direct.statement import Query, Write
from gateway.store.failure import translated


class Within:
    """Sets read and written through one connection of SQLAlchemy's; the transaction is its owner's.

    ``require_open`` raises once the owner has committed.
    """

    def __init__(self, connection: AsyncConnection, require_open: Callable[[], None]) -> None:
        self.dialect = connection.dialect.name
        self._connection = connection
        self._require_open = require_open

    async def hold(self, numbers: Sequence[int]) -> None:
        """Wait for, and keep to the end, the locks of these numbers."""
        if numbers and self.dialect == "postgresql":
            with translated():
                await self._connection.exec_driver_sql(HOLD.postgres, (list(numbers),))

    async def read(self, *queries: Query) -> list[list[Sequence[Any]]]:
        """The rows of each query."""
        self._require_open()
        found: list[list[Sequence[Any]]] = []
        for one in queries:
            sqlite = self.dialect == "sqlite"
            text = one.statement.sqlite if sqlite else one.statement.postgres
            values = one.for_sqlite() if sqlite else one.parameters
            with translated():
                found.append([tuple(row) for row in await self._connection.exec_driver_sql(text, values)])
        return found

    async def write(self, *writes: Write) -> list[int]:
        """Write; how many rows each touched."""
        self._require_open()
        return [await self._write(one) for one in writes]

    async def _write(self, write: Write) -> int:
        if not write.rows:
            return 0
        with translated():
            if self.dialect == "sqlite":
                done = await self._connection.exec_driver_sql(write.statement.sqlite, list(write.rows))
            else:
                columns = tuple(list(column) for column in zip(*write.rows, strict=True))
                done = await self._connection.exec_driver_sql(write.statement.postgres, columns)
        return write.require(done.rowcount)
