"""The driver on PostgreSQL: a few connections of its own, whose statements stay prepared, a column as one array."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from gateway.store.direct.statement import Query, Statement, Write
from gateway.store.failure import translated
from schemas.errors import Unavailable

_CONNECTIONS = 4
HOLD = Statement(
    sqlite="",
    # The inner query orders, so that no two works wait for each other.
    postgres="SELECT pg_advisory_xact_lock(number) FROM (SELECT unnest($1::bigint[]) AS number ORDER BY 1) AS wanted",
)


class PostgresDriver:
    """Transactions at READ COMMITTED on a handful of connections, which are made when they are needed."""

    def __init__(self, url: str, settings: Mapping[str, str], *, wait: float) -> None:
        self._url = url
        self._settings = dict(settings)
        self._wait = wait
        self._places = asyncio.Semaphore(_CONNECTIONS)
        self._idle: list[Any] = []

    @asynccontextmanager
    async def work(self) -> AsyncIterator[PostgresWork]:
        """One transaction.

        Raises:
            Unavailable: the server can't be reached, or no connection came free in time.
        """
        try:
            async with asyncio.timeout(self._wait):
                await self._places.acquire()
        except TimeoutError:
            raise Unavailable("store.busy", "no connection to the database came free in time; try again") from None
        try:
            with translated():
                connection = await self._connection()
            work = PostgresWork(connection)
            try:
                yield work
            finally:
                await asyncio.shield(asyncio.ensure_future(self._give_back(connection, work)))
        finally:
            self._places.release()

    async def close(self) -> None:
        """Close the connections that are at rest."""
        while self._idle:
            await self._idle.pop().close()

    async def _connection(self) -> Any:  # noqa: ANN401 - the driver has no types
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
        return await asyncpg.connect(self._url, server_settings=self._settings, timeout=self._wait)

    async def _give_back(self, connection: Any, work: PostgresWork) -> None:  # noqa: ANN401 - the driver has no types
        try:
            if work.begun and not work.finished and not connection.is_closed():
                await connection.execute("ROLLBACK")
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            connection.terminate()  # what it was in the middle of is rolled back by the server
            return
        if not connection.is_closed():
            self._idle.append(connection)


class PostgresWork:
    """One transaction."""

    dialect = "postgresql"

    def __init__(self, connection: Any) -> None:  # noqa: ANN401 - the driver has no types
        self._connection = connection
        self.begun = False
        self.finished = False

    async def hold(self, numbers: Sequence[int]) -> None:
        """Wait for, and keep to the end, these advisory locks."""
        if numbers:
            await self._begin()
            with translated():
                await self._connection.fetch(HOLD.postgres, list(numbers))

    async def read(self, *queries: Query) -> list[list[Any]]:
        """The rows of each query."""
        await self._begin()
        with translated():
            return [await self._connection.fetch(one.statement.postgres, *one.parameters) for one in queries]

    async def write(self, *writes: Write) -> list[int]:
        """Write; how many rows each touched."""
        await self._begin()
        return [await self._write(one) for one in writes]

    async def commit(self, *writes: Write) -> list[int]:
        """Write these and commit."""
        counts = await self.write(*writes)
        with translated():
            await self._connection.execute("COMMIT")
        self.finished = True
        return counts

    async def _begin(self) -> None:
        if self.finished:
            raise RuntimeError("this work is committed: open another")
        if not self.begun:
            self.begun = True
            with translated():
                await self._connection.execute("BEGIN")

    async def _write(self, write: Write) -> int:
        if not write.rows:
            return 0
        columns = [list(column) for column in zip(*write.rows, strict=True)]
        with translated():
            # With parameters the driver keeps the statement prepared, and gives the command's tag.
            return write.require(_touched(await self._connection.execute(write.statement.postgres, *columns)))


def _touched(tag: str) -> int:
    """The count at the end of a command tag such as ``INSERT 0 12`` or ``UPDATE 3``."""
    return int(tag.rsplit(" ", 1)[-1])
