"""The driver on SQLite: one connection in a thread of its own, beside the loop, so that a commit holds nobody up.

Each step crosses into the thread once, whatever number of statements it takes.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from gateway.store.direct.statement import Query, Write
from gateway.store.failure import translated

T = TypeVar("T")
_STATEMENTS = 256
"""Prepared statements that a connection keeps."""


class SqliteDriver:
    """Transactions on one file, one at a time: the caller holds the store's turn to write."""

    def __init__(self, path: str, pragmas: Sequence[str]) -> None:
        self._path = path
        self._pragmas = pragmas
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mash-store")
        self._connection: sqlite3.Connection | None = None

    @asynccontextmanager
    async def work(self) -> AsyncIterator[SqliteWork]:
        """One transaction, which takes the write lock at its first step."""
        work = SqliteWork(self)
        try:
            yield work
        finally:
            if work.begun and not work.finished:
                # Behind whatever is still running in the thread, and to its end even if we are told to stop.
                await asyncio.shield(asyncio.ensure_future(self.run(_roll_back)))

    async def close(self) -> None:
        """Close the connection and end its thread."""
        if self._connection is not None:
            await self.run(sqlite3.Connection.close)
            self._connection = None
        self._thread.shutdown(wait=False)

    async def run(self, step: Callable[[sqlite3.Connection], T]) -> T:
        """Run a step in the thread.

        Raises:
            Unavailable: the file can't be written now.
        """
        with translated():
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._step, step)

    def _step(self, step: Callable[[sqlite3.Connection], T]) -> T:
        if self._connection is None:
            self._connection = self._connect()
        return step(self._connection)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, isolation_level=None, check_same_thread=False, cached_statements=_STATEMENTS
        )
        try:
            for pragma in self._pragmas:
                connection.execute(pragma)
        except sqlite3.Error:
            connection.close()
            raise
        return connection


class SqliteWork:
    """One transaction."""

    dialect = "sqlite"

    def __init__(self, driver: SqliteDriver) -> None:
        self._driver = driver
        self.begun = False
        self.finished = False

    async def hold(self, numbers: Sequence[int]) -> None:
        """Nothing to do: whoever writes has the whole file."""

    async def read(self, *queries: Query) -> list[list[tuple[Any, ...]]]:
        """The rows of each query."""
        begin = self._begin()

        def step(connection: sqlite3.Connection) -> list[list[tuple[Any, ...]]]:
            begin(connection)
            return [connection.execute(one.statement.sqlite, one.for_sqlite()).fetchall() for one in queries]

        return await self._driver.run(step)

    async def write(self, *writes: Write) -> list[int]:
        """Write; how many rows each touched."""
        begin = self._begin()

        def step(connection: sqlite3.Connection) -> list[int]:
            begin(connection)
            return _write(connection, writes)

        return await self._driver.run(step)

    async def commit(self, *writes: Write) -> list[int]:
        """Write these and commit."""
        begin = self._begin()

        def step(connection: sqlite3.Connection) -> list[int]:
            begin(connection)
            counts = _write(connection, writes)
            connection.execute("COMMIT")
            return counts

        counts = await self._driver.run(step)
        self.finished = True
        return counts

    def _begin(self) -> Callable[[sqlite3.Connection], None]:
        if self.finished:
            raise RuntimeError("this work is committed: open another")
        first, self.begun = not self.begun, True

        def begin(connection: sqlite3.Connection) -> None:
            if first:
                connection.execute("BEGIN IMMEDIATE")

        return begin


def _write(connection: sqlite3.Connection, writes: Sequence[Write]) -> list[int]:
    return [
        one.require(connection.executemany(one.statement.sqlite, one.rows).rowcount) if one.rows else 0
        for one in writes
    ]


def _roll_back(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        connection.execute("ROLLBACK")
