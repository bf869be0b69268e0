"""The driver on PostgreSQL: a few connections of its own, whose statements stay prepared, a column as one array."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
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
        # A statement is planned once, for batches of any size. All of them are look-ups by keys, and inserts: of a new
        # hub's empty tables the planner would think that they are quicker read from end to end, and keep to it.
        self._settings = {**settings, "plan_cache_mode": "force_generic_plan", "enable_seqscan": "off"}
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
        if numbers and not self.begun:
            # One round trip with the beginning; what is written into the text is numbers alone.
            await self._begin(HOLD.postgres.replace("$1", "'{" + ",".join(str(int(one)) for one in numbers) + "}'"))
        elif numbers:
            with translated():
                await self._connection.fetch(HOLD.postgres, list(numbers))

    async def read(self, *queries: Query) -> list[list[Any]]:
        """The rows of each query."""
        await self._begin()
        with translated():
            return [await self._connection.fetch(one.statement.postgres, *one.parameters) for one in queries]

    async def write(self, *writes: Write) -> list[int]:
        """Write, all of it in one statement; how many rows each touched."""
        await self._begin()
        if not any(one.rows for one in writes):
            return [0] * len(writes)
        columns = [column for one in writes for column in _columns(one)]
        with translated():
            counts = await self._connection.fetchrow(_together(tuple(one.statement for one in writes)), *columns)
        return [one.require(count) for one, count in zip(writes, counts, strict=True)]

    async def commit(self, *writes: Write) -> list[int]:
        """Write these and commit."""
        counts = await self.write(*writes)
        with translated():
            await self._connection.execute("COMMIT")
        self.finished = True
        return counts

    async def _begin(self, more: str = "") -> None:
        if self.finished:
            raise RuntimeError("this work is committed: open another")
        if not self.begun:
            self.begun = True
            with translated():
                await self._connection.execute(f"BEGIN; {more}")


@lru_cache(maxsize=64)
def _together(statements: tuple[Statement, ...]) -> str:
    """One statement that runs all of these, which write, and tells how many rows each touched.

    They see one snapshot and none sees what another wrote; references are checked at commit. Those that have nothing to
    write are among them, so that one text, prepared once, serves every batch.
    """
    parts, before = [], 0
    for place, one in enumerate(statements):
        parts.append(f"w{place} AS ({one.moved(before)} RETURNING 1)")
        before += one.parameters
    counts = ", ".join(f"(SELECT count(*) FROM w{place})" for place in range(len(statements)))
    return f"WITH {', '.join(parts)} SELECT {counts}"


def _columns(write: Write) -> list[list[Any]]:
    if not write.rows:
        return [[]] * write.statement.parameters
    return [list(column) for column in zip(*write.rows, strict=True)]
